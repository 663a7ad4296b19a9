//! Walks over the postings of all parts: attached segments by their slots, and the memtable, which has none.

use crate::found::Found;
use crate::rows::NONE;
use crate::shard::Shard;
use crate::view::View;
use aetherv_core::Bits;
use aetherv_segment::Frequencies;
use aetherv_segment::list::{List, Occurrence, each_row};

impl Shard {
    /// Appends the rows of the view that hold `term` to those found.
    pub(crate) fn each_posting(&self, view: &View, term: &str, found: &mut Found) {
        for slot in view.parts.iter() {
            let (Some(Some(part)), Some(shown)) = (self.text.get(slot as usize), view.shown.get(slot as usize)) else {
                continue;
            };
            let (vnos, is_whole) = (part.chunks.vnos(), view.whole.has(slot));
            let vno = |row: u32| vnos.get(row as usize).map_or(NONE, |vno| u32::from_le_bytes(*vno));
            part.segment.find(term.as_bytes()).each_block((!is_whole).then_some(shown), &mut |rows, tf| {
                match part.run {
                    Some(first) => found.rows.extend(rows.iter().map(|row| row + first)),
                    None => found.rows.extend(rows.iter().map(|row| vno(*row))),
                }
                found.tf.extend_from_slice(tf);
            });
        }
        self.mem.postings.each(term.as_bytes(), |row, tf| {
            let vno = self.mem.vno(row);
            if view.bits.has(vno) && self.mem.shows(&self.rows, row) {
                found.rows.push(vno);
                found.tf.push(tf);
            }
        });
    }

    /// In how many rows of the view a term is.
    pub(crate) fn df(&self, view: &View, term: &str) -> u32 {
        let count = |(slot, list): (u32, List<'_>)| match view.shown.get(slot as usize) {
            Some(shown) if !view.whole.has(slot) => list.count(shown),
            _ => list.df,
        };
        self.lists(view, term).map(count).sum::<u32>() + self.in_mem(view, term).count() as u32
    }

    /// Is a term in any row of the view? One row is enough, where [`Self::df`] reads them all.
    pub(crate) fn holds(&self, view: &View, term: &str) -> bool {
        let any = |(slot, list): (u32, List<'_>)| match view.shown.get(slot as usize) {
            Some(shown) if !view.whole.has(slot) => list.any(shown),
            _ => list.df > 0,
        };
        self.lists(view, term).any(any) || self.in_mem(view, term).next().is_some()
    }

    /// The list of a term in each attached segment that the view has rows of, by its slot.
    fn lists<'a>(&'a self, view: &'a View, term: &'a str) -> impl Iterator<Item = (u32, List<'a>)> {
        let part = |slot: u32| Some((slot, self.text.get(slot as usize)?.as_ref()?.segment.find(term.as_bytes())));
        view.parts.iter().filter_map(part)
    }

    /// The rows of the view in the memtable that hold a term.
    fn in_mem(&self, view: &View, term: &str) -> impl Iterator<Item = u32> {
        let all = self.mem.postings.find(term.as_bytes()).chunk_by(|a, b| a.row() == b.row());
        let rows = all.filter_map(|own| Some(own.first()?.row()));
        rows.filter(|&row| view.bits.has(self.mem.vno(row)) && self.mem.shows(&self.rows, row))
    }

    /// Calls `f(row, frequencies)` for the rows of one part that hold `term` and are found there.
    pub(crate) fn part_rows(&self, part: Option<u32>, term: &str, f: &mut dyn FnMut(u32, Frequencies)) {
        match part.map(|slot| (slot, self.text.get(slot as usize))) {
            Some((slot, Some(Some(part)))) => part.segment.find(term.as_bytes()).each(&mut |row, tf| {
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

    /// Calls `f(term, rows)` for the terms of each part from `first` on, in the order of their bytes, until it returns
    /// false; then those of the next part. `rows` counts the rows of the view in that part that hold the term.
    pub(crate) fn each_term_from(&self, view: &View, first: &str, f: &mut dyn FnMut(&str, &dyn Fn() -> u32) -> bool) {
        // No query finds a term that is not UTF-8.
        let mut go = |term: &[u8], rows: &dyn Fn() -> u32| str::from_utf8(term).map_or(true, |term| f(term, rows));
        for slot in view.parts.iter() {
            if let Some(Some(part)) = self.text.get(slot as usize) {
                let (shown, is_whole) = (view.shown.get(slot as usize), view.whole.has(slot));
                part.segment.dictionary().each_from(first.as_bytes(), &mut |term, list| {
                    go(term, &|| if is_whole { list.df } else { shown.map_or(0, |shown| list.count(shown)) })
                });
            }
        }
        self.mem.postings.each_from(first.as_bytes(), &mut |term, all| {
            go(term, &|| {
                let mut count = 0;
                each_row(all, |row, _, _| {
                    count += u32::from(view.bits.has(self.mem.vno(row)) && self.mem.shows(&self.rows, row));
                });
                count
            })
        });
    }
}
