//! The terms of all attached segments in the order of their bytes, each once: what is near a word is looked for here, and not
//! in one dictionary after another that begin alike.

use crate::parts::TextPart;
use aetherv_segment::dictionary::Dictionary;

/// Made when it is first asked for; from then on new segments are added.
#[derive(Default)]
pub struct Vocabulary {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Vocabulary {
    /// Takes in the terms of segments that it does not have yet.
    pub fn refresh(&mut self, parts: &[Option<TextPart>]) {
        for part in parts.iter().flatten().filter(|part| !part.is_known.replace(true)) {
            self.merge(&part.segment.dictionary());
        }
    }

    fn merge(&mut self, more: &Dictionary<'_>) {
        let old = std::mem::take(self);
        let mut at = 0;
        let mut known_before = |all: &mut Self, term: Option<&[u8]>| {
            while let Some(known) = old.term(at).filter(|known| term.is_none_or(|term| *known <= term)) {
                at += 1;
                if term != Some(known) {
                    all.push(known);
                }
            }
        };
        more.each_from(&[], &mut |term, _| {
            known_before(self, Some(term));
            self.push(term);
            true
        });
        known_before(self, None);
    }

    fn push(&mut self, term: &[u8]) {
        self.bytes.extend_from_slice(term);
        self.ends.push(self.bytes.len() as u32);
    }

    fn term(&self, at: usize) -> Option<&[u8]> {
        let start = at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.bytes.get(start as usize..*self.ends.get(at)? as usize)
    }

    /// Calls `f(term)` for the terms that begin with `first`, in order. Those that share as many bytes with the one given as it
    /// returns are passed over.
    pub fn each(&self, first: &str, f: &mut dyn FnMut(&str) -> Option<usize>) {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.term(middle) < Some(first.as_bytes()) { low = middle + 1 } else { high = middle }
        }
        let mut passed: Option<&[u8]> = None;
        for term in (low..).map_while(|at| self.term(at)).take_while(|term| term.starts_with(first.as_bytes())) {
            // No query finds a term that is not UTF-8.
            if passed.is_none_or(|passed| !term.starts_with(passed))
                && let Ok(text) = str::from_utf8(term)
            {
                passed = f(text).and_then(|shared| term.get(..shared));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aetherv_segment::dictionary::Writer;

    #[test]
    fn terms_of_all_parts_come_once_and_in_order() {
        let mut vocabulary = Vocabulary::default();
        for words in [&["apple", "apply", "bee"][..], &[], &["ant", "apply", "apricot", "zoo"]] {
            let mut writer = Writer::default();
            words.iter().for_each(|word| writer.add(word.as_bytes(), 1, 0, 0));
            vocabulary.merge(&Dictionary { terms: &writer.finish(0), lists: &[], rows: 1 });
        }
        let seen = |first: &str, shared: Option<usize>| {
            let mut seen = Vec::new();
            vocabulary.each(first, &mut |term| {
                seen.push(term.to_owned());
                shared
            });
            seen
        };
        assert_eq!(seen("", None), ["ant", "apple", "apply", "apricot", "bee", "zoo"]);
        assert_eq!(seen("ap", None), ["apple", "apply", "apricot"]);
        assert_eq!(seen("a", Some(2)), ["ant", "apple"]);
        assert_eq!(seen("ap", Some(3)), ["apple", "apricot"]);
        assert!(seen("c", None).is_empty());
    }
}
