//! Finds the words of a text that a query meant, for highlighting.

use crate::analyze::Analyzer;

/// The places of the words in `text` whose term is among `query_terms` (terms as [`Analyzer::terms`] gives them).
///
/// Half-open ranges in UTF-16 code units, as JavaScript counts, sorted and without overlap: one per word, never
/// inside a surrogate pair. Words side by side stay apart; only the overlapping pairs of an unspaced script are
/// joined. Offsets beyond `u32::MAX` are cut to it.
#[must_use]
pub fn highlights<S: AsRef<str>>(analyzer: &mut Analyzer, text: &str, query_terms: &[S]) -> Vec<(u32, u32)> {
    let mut wanted: Vec<&str> = query_terms.iter().map(AsRef::as_ref).collect();
    wanted.sort_unstable();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    // How far the text has been counted: in bytes and in UTF-16 units. Starts never go back.
    let (mut byte, mut unit) = (0, 0);
    analyzer.terms(text, |term, start, end| {
        if wanted.binary_search(&term).is_err() {
            return;
        }
        unit += utf16_len(text, byte, start);
        byte = start;
        let (from, to) = (cut(unit), cut(unit + utf16_len(text, start, end)));
        match ranges.last_mut() {
            Some(last) if from < last.1 => last.1 = to,
            _ => ranges.push((from, to)),
        }
    });
    ranges
}

/// Number of UTF-16 code units of the chars between two bytes of a text.
fn utf16_len(text: &str, from: usize, to: usize) -> usize {
    let bytes = text.as_bytes().get(from..to).unwrap_or(&[]);
    // One unit for each first byte of a char, a second one for chars of four bytes.
    bytes.iter().map(|&b| usize::from(b & 0xc0 != 0x80) + usize::from(b >= 0xf0)).sum()
}

/// A length as `u32`, at most `u32::MAX`.
fn cut(units: usize) -> u32 {
    u32::try_from(units).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, query: &str) -> Vec<String> {
        let mut analyzer = Analyzer::new();
        let mut terms = Vec::new();
        analyzer.terms(query, |t, _, _| terms.push(t.to_string()));
        let units: Vec<u16> = text.encode_utf16().collect();
        let ranges = highlights(&mut analyzer, text, &terms);
        assert!(ranges.windows(2).all(|w| w[0].1 <= w[1].0));
        ranges.iter().map(|&(a, b)| String::from_utf16(&units[a as usize..b as usize]).unwrap()).collect()
    }

    #[test]
    fn marks_the_words_of_the_query() {
        assert_eq!(marked("The indexed indexes, an Index.", "index"), ["indexed", "indexes", "Index"]);
        assert_eq!(marked("😀𝒳 Café — the cafés 😀cafe", "café"), ["Café", "cafés", "cafe"]);
        assert!(marked("the and of", "the and of").is_empty() && marked("", "x").is_empty());
        assert!(marked("some words", "").is_empty());
    }

    #[test]
    fn joins_overlapping_pairs_only() {
        assert_eq!(marked("日本語と日本", "日本語"), ["日本語", "日本"]);
        assert_eq!(marked("𠀀𠀁𠀂", "𠀁𠀂"), ["𠀁𠀂"]);
        let none: [&str; 0] = [];
        assert!(highlights(&mut Analyzer::new(), "a b", &none).is_empty());
    }
}
