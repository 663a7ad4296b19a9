//! Walks over the postings of all parts: attached segments by their slots, and the memtable, which has none.

use crate::rows::NONE;
use crate::shard::Shard;
use crate::view::View;
use aetherv_core::Bits;
use aetherv_segment::list::{Frequencies, Occurrence};

impl Shard {
    /// Calls `f(vno, frequencies)` for the rows that hold `term`, of all parts but those that hold no row of the view.
    #[inline]
    pub(crate) fn each_posting(&self, view: &View, term: &str, mut f: impl FnMut(u32, Frequencies)) {
        for slot in view.parts.iter() {
            if let Some(Some(part)) = self.text.get(slot as usize) {
                part.segment.find(term.as_bytes()).each(|row, tf| {
                    if part.shows(&self.rows, slot, row) {
                        f(part.chunks.vno(row as usize), tf);
                    }
                });
            }
        }
        self.mem.postings.each(term.as_bytes(), |row, tf| {
            if self.mem.shows(&self.rows, row) {
                f(self.mem.vno(row), tf);
            }
        });
    }

    /// Calls `f(row, frequencies)` for the rows of one part that hold `term` and are found there.
    pub(crate) fn part_rows(&self, part: Option<u32>, term: &str, f: &mut dyn FnMut(u32, Frequencies)) {
        match part.map(|slot| (slot, self.text.get(slot as usize))) {
            Some((slot, Some(Some(part)))) => part.segment.find(term.as_bytes()).each(|row, tf| {
                if part.shows(&self.rows, slot, row) {
                    f(row, tf);
                }
            }),
            Some(_) => {}
            None => self.mem.postings.each(term.as_bytes(), |row, tf| {
                if self.mem.shows(&self.rows, row) {
                    f(row, tf);
                }
            }),
        }
    }

    /// Calls `f` for the occurrences of `term` in the rows of one part that are wanted.
    pub(crate) fn part_occurrences(&self, part: Option<u32>, term: &str, wanted: &Bits, f: &mut dyn FnMut(Occurrence)) {
        match part.map(|slot| self.text.get(slot as usize)) {
            Some(Some(Some(part))) => part.segment.find(term.as_bytes()).each_occurrence(Some(wanted), f),
            Some(_) => {}
            None => self.mem.postings.find(term.as_bytes()).iter().copied().filter(|o| wanted.has(o.row())).for_each(f),
        }
    }

    /// The chunk version of a row of a part.
    pub(crate) fn part_vno(&self, part: Option<u32>, row: u32) -> u32 {
        match part {
            None => self.mem.vno(row),
            Some(slot) => match self.text.get(slot as usize) {
                Some(Some(part)) => part.chunks.vno(row as usize),
                _ => NONE,
            },
        }
    }

    /// Calls `f(term)` for the terms of each part from `first` on, in the order of their bytes, until it returns false;
    /// then those of the next part.
    pub(crate) fn each_term_from(&self, view: &View, first: &str, f: &mut dyn FnMut(&str) -> bool) {
        // No query finds a term that is not UTF-8.
        let mut go = |term: &[u8]| str::from_utf8(term).map_or(true, &mut *f);
        for slot in view.parts.iter() {
            if let Some(Some(part)) = self.text.get(slot as usize) {
                part.segment.dictionary().each_from(first.as_bytes(), &mut |term, _| go(term));
            }
        }
        self.mem.postings.each_from(first.as_bytes(), &mut |term, _| go(term));
    }
}
