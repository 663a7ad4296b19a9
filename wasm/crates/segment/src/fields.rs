//! Which words of a row belong to which field, and where in it they stand.

use aetherv_core::sixteen::Sixteen;
use aetherv_text::tuning::{BODY, CODE, FIELDS, HEADINGS, TITLE};
use aetherv_text::{Analyzer, Heard, Language, Term, Votes};

use crate::chunks::PATH_SEPARATOR;

/// Positions left free between headings, so that no phrase reaches from one into the next.
const GAP: u32 = 16;

/// Gives each term of a row of `language` to `f(field, position, term)`, positions never falling within a field; returns
/// the number of words with a term in each field: a name and its parts are one.
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
    let (votes, mut lens, mut last) = (&mut Votes::default(), [0; FIELDS], (FIELDS, 0));
    let mut give = |field: usize, term: Term<'_>| {
        if term.term.is_empty() {
            return;
        }
        lens.get_mut(field).into_iter().for_each(|len| *len += u32::from(last != (field, term.position)));
        last = (field, term.position);
        f(field, term.position, term.term);
    };
    read_text(analyzer, language, votes, text, &mut give);
    read_path(analyzer, language, votes, path, &mut Vec::new(), &mut give);
    lens
}

/// The text's part of [`each_term`]; hears what the words tell of the row's language.
#[inline]
pub(crate) fn read_text<F: FnMut(usize, Term<'_>)>(
    analyzer: &mut Analyzer,
    language: Language,
    votes: &mut Votes,
    text: &str,
    give: &mut F,
) {
    // No word reaches over the end of a line, so all runs are read at once.
    let ends = ends_of_runs(text);
    let mut run = 0;
    analyzer.read_by(language, votes, text, &mut |term| {
        while ends.get(run).is_some_and(|end| *end <= term.start) {
            run += 1;
        }
        let field = if run % 2 == 1 { CODE } else { BODY };
        give(field, term);
    });
}

/// The heading path's part, which comes after the text's; `notes`: what was heard.
pub(crate) fn read_path(
    analyzer: &mut Analyzer,
    language: Language,
    votes: &mut Votes,
    path: &str,
    notes: &mut Vec<Heard>,
    give: &mut dyn FnMut(usize, Term<'_>),
) {
    let (mut level, mut seen) = (0, 0);
    let mut f = |term: Term<'_>| {
        let between = path.get(seen..term.start).unwrap_or_default();
        level += between.bytes().filter(|byte| *byte == PATH_SEPARATOR as u8).count() as u32;
        seen = term.start;
        let position = term.position.saturating_add(level * GAP);
        let field = if level == 0 { TITLE } else { HEADINGS };
        give(field, Term { position, ..term });
    };
    analyzer.read(language, votes, path, Some(notes), &mut f);
}

/// Where the runs of a text outside and inside fences end, in turn; nothing when it has no fences.
fn ends_of_runs(text: &str) -> Vec<usize> {
    let (mut ends, mut at) = (Vec::new(), 0);
    if may_have_fences(text.as_bytes()) {
        each_run(text, |_, run| {
            at += run.len();
            ends.push(at);
        });
    }
    ends
}

/// Are there three signs in a row that fences are made of? Sixteen bytes at a time: no text is without this look.
fn may_have_fences(text: &[u8]) -> bool {
    let (whole, rest) = text.as_chunks::<16>();
    let mut last = [0; 16];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    // With the last two signs of the bytes before.
    let (mut signs, mut found) = (0, 0);
    for bytes in whole.iter().chain([&last]) {
        let bytes = Sixteen::new(*bytes);
        signs = signs >> 16 | (bytes.between(b'`', b'`' + 1) | bytes.between(b'~', b'~' + 1)) << 2;
        found |= signs & signs >> 1 & signs >> 2;
    }
    found != 0
}

/// Gives the runs of a text outside and inside fences to `f`, in order; fence lines belong to the code.
pub fn each_run<'a>(text: &'a str, mut f: impl FnMut(bool, &'a str)) {
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
            (BODY, 0, "run"),
            (CODE, 2, "sh"),
            (CODE, 3, "npm"),
            (CODE, 4, "start"),
            (BODY, 6, "wait"),
            (TITLE, 0, "big"),
            (TITLE, 1, "guid"),
            (HEADINGS, 19, "start"),
            (HEADINGS, 36, "deep"),
        ];
        assert_eq!(terms, want.map(|(field, position, term)| (field, position, term.to_owned())));
        assert_eq!(lens, [2, 2, 2, 3]);
    }

    #[test]
    fn fences_are_seen_wherever_they_are() {
        for at in 0..40 {
            for sign in [b'`', b'~'] {
                let mut text = *b"abc\x7f\xff}_|\x61\x00def abcdefg \xe0\xde_a1234567890123456";
                for count in 1..=3 {
                    assert!(!may_have_fences(&text));
                    text[at + count - 1] = sign;
                }
                assert!(may_have_fences(&text), "{at}");
            }
        }
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
