//! Walks over the postings of all parts: attached segments by their slots, and the memtable, which has none.

use crate::rows::NONE;
use crate::shard::Shard;
use crate::view::View;
use aetherv_core::Bits;
use aetherv_segment::list::{Frequencies, Occurrence, each_row};

impl Shard {
    /// Calls `f(vnos, frequencies)` for blocks of the rows of the view that hold `term`.
    pub(crate) fn each_posting(&self, view: &View, term: &str, f: &mut dyn FnMut(&[u32], &[Frequencies])) {
        self.each_in(view, view.parts.iter(), term, f);
    }

    /// [`Self::each_posting`] of these parts and the memtable.
    fn each_in(
        &self,
        view: &View,
        parts: impl Iterator<Item = u32>,
        term: &str,
        f: &mut dyn FnMut(&[u32], &[Frequencies]),
    ) {
        let (mut own, mut own_tf): (Vec<u32>, Vec<Frequencies>) = (Vec::new(), Vec::new());
        for slot in parts {
            let Some(Some(part)) = self.text.get(slot as usize) else {
                continue;
            };
            let (vnos, is_whole) = (part.chunks.vnos(), view.whole.has(slot));
            let Some(shown) = view.shown.get(slot as usize) else {
                continue;
            };
            let vno = |row: u32| vnos.get(row as usize).map_or(NONE, |vno| u32::from_le_bytes(*vno));
            part.segment.find(term.as_bytes()).each_block(&mut |rows, tf| {
                own.clear();
                if is_whole {
                    own.extend(rows.iter().map(|&row| vno(row)));
                    return f(&own, tf);
                }
                own_tf.clear();
                for (&row, &tf) in rows.iter().zip(tf) {
                    if shown.has(row) {
                        own.push(vno(row));
                        own_tf.push(tf);
                    }
                }
                f(&own, &own_tf);
            });
        }
        own.clear();
        own_tf.clear();
        self.mem.postings.each(term.as_bytes(), |row, tf| {
            if view.bits.has(self.mem.vno(row)) && self.mem.shows(&self.rows, row) {
                own.push(self.mem.vno(row));
                own_tf.push(tf);
            }
        });
        if !own.is_empty() {
            f(&own, &own_tf);
        }
    }

    /// In how many rows of the view a term is.
    pub(crate) fn df(&self, view: &View, term: &str) -> u32 {
        let mut df = 0;
        for slot in view.whole.iter() {
            let part = self.text.get(slot as usize).and_then(Option::as_ref);
            df += part.map_or(0, |part| part.segment.find(term.as_bytes()).df);
        }
        let others = view.parts.without(&view.whole);
        self.each_in(view, others.iter(), term, &mut |vnos, _| df += vnos.len() as u32);
        df
    }

    /// Is a term in any row of the view? One row is enough, where [`Self::df`] reads them all.
    pub(crate) fn holds(&self, view: &View, term: &str) -> bool {
        let part = |slot: u32| self.text.get(slot as usize).and_then(Option::as_ref);
        let in_whole = |slot| part(slot).is_some_and(|part| part.segment.find(term.as_bytes()).df > 0);
        let in_view = |slot| {
            let shown = view.shown.get(slot as usize);
            part(slot).zip(shown).is_some_and(|(part, shown)| {
                part.segment.find(term.as_bytes()).any_block(&mut |rows| rows.iter().any(|row| shown.has(*row)))
            })
        };
        let in_mem = |o: &Occurrence| view.bits.has(self.mem.vno(o.row())) && self.mem.shows(&self.rows, o.row());
        view.whole.iter().any(in_whole)
            || view.parts.without(&view.whole).iter().any(in_view)
            || self.mem.postings.find(term.as_bytes()).iter().any(in_mem)
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
                    go(term, &|| {
                        let mut count = 0;
                        let mut add = |row: u32, _| count += u32::from(shown.is_some_and(|shown| shown.has(row)));
                        if is_whole {
                            return list.df;
                        }
                        list.each(&mut add);
                        count
                    })
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
