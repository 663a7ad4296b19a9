//! The terms of all attached segments in the order of their bytes, each once: what is near a word is looked for here, and not
//! in one dictionary after another that begin alike.

use crate::parts::TextPart;
use aetherv_segment::dictionary::Dictionary;

/// Made when it is first asked for; from then on new segments are added.
#[derive(Default)]
pub struct Vocabulary {
    /// Ids of the segments that it has the terms of.
    parts: Vec<u32>,
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Vocabulary {
    /// Takes in the terms of segments that came, and lets go of those of segments that went.
    pub fn refresh(&mut self, parts: &[Option<TextPart>]) {
        let is_there = |id: &u32| parts.iter().flatten().any(|part| part.id == *id);
        if !self.parts.iter().all(is_there) {
            *self = Self::default();
        }
        for part in parts.iter().flatten() {
            if !self.parts.contains(&part.id) {
                self.parts.push(part.id);
                self.merge(&part.segment.dictionary());
            }
        }
    }

    fn merge(&mut self, more: &Dictionary<'_>) {
        let old =
            Self { bytes: std::mem::take(&mut self.bytes), ends: std::mem::take(&mut self.ends), parts: Vec::new() };
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
