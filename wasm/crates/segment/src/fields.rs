//! Which words of a row belong to which field, and where in it they stand.

use aetherv_text::tuning::{BODY, CODE, FIELDS, HEADINGS, TITLE};
use aetherv_text::{Analyzer, Language, Term};

use crate::chunks::PATH_SEPARATOR;

/// Positions left free between headings, so that no phrase reaches from one into the next.
const GAP: u32 = 16;

/// Gives each term of a row of `language` to `f(field, position, term)`, fields and positions never falling within a part
/// of the row; returns the number of words with a term in each field: a name and its parts are one.
///
/// The title is the first element of the heading path, the headings are the rest of it, code is what stands in fences,
/// the body is everything else. Positions count words of the whole text, stop words included.
pub fn each_term(
    analyzer: &mut Analyzer,
    language: Language,
    path: &str,
    text: &str,
    mut f: impl FnMut(usize, u32, &str),
) -> [u32; FIELDS] {
    let mut lens = [0; FIELDS];
    let mut take = |field: usize, base: u32, text: &str| {
        let (mut count, mut last) = (0, u32::MAX);
        let words = analyzer.terms(language, text, |Term { term, position, .. }| {
            count += u32::from(position != last);
            last = position;
            f(field, base.saturating_add(position), term);
        });
        if let Some(len) = lens.get_mut(field) {
            *len += count;
        }
        base.saturating_add(words)
    };
    let mut at = 0;
    for (level, heading) in path.split(PATH_SEPARATOR).enumerate() {
        at = take(if level == 0 { TITLE } else { HEADINGS }, at, heading).saturating_add(GAP);
    }
    at = 0;
    each_run(text, |code, run| at = take(if code { CODE } else { BODY }, at, run));
    lens
}

/// Gives the runs of a text outside and inside fences to `f`, in order; fence lines belong to the code.
pub fn each_run<'a>(text: &'a str, mut f: impl FnMut(bool, &'a str)) {
    if !text.contains("```") && !text.contains("~~~") {
        return f(false, text);
    }
    let (mut from, mut at, mut code) = (0, 0, false);
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let bare = line.trim_start();
        if bare.starts_with("```") || bare.starts_with("~~~") {
            // An opening line goes with what follows, a closing one with what came before.
            let cut = if code { end } else { at };
            f(code, text.get(from..cut).unwrap_or_default());
            (from, code) = (cut, !code);
        }
        at = end;
    }
    f(code, text.get(from..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(path: &str, text: &str) -> (Vec<(usize, u32, String)>, [u32; FIELDS]) {
        let mut out = Vec::new();
        let lens = each_term(&mut Analyzer::new(), Language::ENGLISH, path, text, |field, position, term| {
            out.push((field, position, term.to_owned()));
        });
        (out, lens)
    }

    #[test]
    fn title_headings_body_and_code_are_told_apart() {
        let (terms, lens) = all("Big Guide\u{1f}The start\u{1f}Deep", "Run it:\n```sh\nnpm start\n```\nand wait");
        let want = [
            (TITLE, 0, "big"),
            (TITLE, 1, "guid"),
            (HEADINGS, 19, "start"),
            (HEADINGS, 36, "deep"),
            (BODY, 0, "run"),
            (CODE, 2, "sh"),
            (CODE, 3, "npm"),
            (CODE, 4, "start"),
            (BODY, 6, "wait"),
        ];
        assert_eq!(terms, want.map(|(field, position, term)| (field, position, term.to_owned())));
        assert_eq!(lens, [2, 2, 2, 3]);
    }

    #[test]
    fn runs_cover_the_text_whatever_fences_do() {
        for text in
            ["", "a", "```", "```\n", "x\n~~~\ny", "```\na\n```\n```b\nc\n~~~\nd\n", "  ```\r\ncode\r\n```\r\nx"]
        {
            let mut whole = String::new();
            each_run(text, |_, run| whole.push_str(run));
            assert_eq!(whole, text);
        }
    }
}
