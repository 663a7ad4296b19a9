//! The lexical score of a query: BM25F of the chunk and BM25F of its section, with the statistics of the view (D4).
//!
//! 1. Of each group of terms, the weighted frequencies of every row of the view, as whole numbers.
//! 2. The group's rows and sections are counted: that is its document frequency on both levels.
//! 3. Its BM25F is added to each row and to each section; a section's frequencies and lengths are the sums over its rows,
//!    but title and headings, which all its rows have in common, count once.
//! 4. In the end `a * chunk + (1 - a) * section * (best chunk / best section)`, in units of the chunk's score.
//!
//! Sums of frequencies are exact, sums of scores follow the order of the query: the same bits whatever the segments.

use crate::batch::{BLOCK, Batch, Noted, Places, Worth};
use crate::clause::Occur;
use crate::found::{Found, Run, Sparse};
use crate::rank::Best;
use crate::rows::{NONE, Rows};
use crate::shard::Shard;
use crate::terms::Group;
use crate::view::{Level, View};
use aetherv_core::Bits;
use aetherv_core::lanes::U32s;
use aetherv_segment::Frequencies;
use aetherv_text::bm25::idf;
use aetherv_text::tuning::{CHUNK_SHARE, Tuning, WHOLE};
use std::borrow::Cow;

/// Scores of the rows and sections that hold a term, and buffers that queries share.
#[derive(Default)]
pub struct Lexical {
    /// Rows that are found by a term.
    pub rows: Vec<u32>,
    sections: Vec<u32>,
    /// By vno.
    chunk: Vec<f32>,
    /// BM25F by number of the section.
    section: Vec<f32>,
    places: Places,
    /// The best BM25F of a row and of a section.
    best: [f32; 2],
    /// Share of a section's score in units of a chunk's.
    ratio: f32,
    row_tf: Sparse,
    held: Vec<u32>,
    found: Found,
    /// Of rows and of sections, for the queries that follow.
    worth: Option<[Worth; 2]>,
}

impl Lexical {
    /// Makes room.
    pub fn resize(&mut self, rows: usize, sections: usize) {
        self.chunk.resize(rows, 0.0);
        self.row_tf.tf.resize(rows, Frequencies::NONE);
        self.section.resize(sections, 0.0);
        self.places.of.resize(sections, 0);
    }

    /// Forgets all scores.
    pub fn clear(&mut self) {
        for vno in self.rows.drain(..) {
            self.chunk.get_mut(vno as usize).into_iter().for_each(|score| *score = 0.0);
        }
        for section in self.sections.drain(..) {
            self.section.get_mut(section as usize).into_iter().for_each(|score| *score = 0.0);
        }
        self.best = [0.0; 2];
    }

    /// BM25F of a row, 0 where no term was found.
    #[inline]
    pub fn chunk_of(&self, vno: u32) -> f32 {
        self.chunk.get(vno as usize).copied().unwrap_or_default()
    }

    /// BM25F of a section.
    #[inline]
    pub fn section_of(&self, section: u32) -> f32 {
        self.section.get(section as usize).copied().unwrap_or_default()
    }

    /// The best `count` of the rows that are found by a term.
    pub fn best(&self, rows: &Rows, count: usize) -> Best {
        let mut best = Best::new(count);
        let [_, most] = self.best;
        for &vno in &self.rows {
            // No section is better than the best: most rows need not be asked for theirs.
            let chunk = self.chunk_of(vno);
            if self.sum(chunk, most) > best.floor() {
                best.add(self.of(chunk, rows.section_of(vno)), vno);
            }
        }
        best
    }

    /// The lexical score of a row in a section; 0 where no term was found.
    #[inline]
    pub fn score(&self, vno: u32, section: u32) -> f32 {
        match self.chunk_of(vno) {
            0.0 => 0.0,
            chunk => self.of(chunk, section),
        }
    }

    #[inline]
    fn of(&self, chunk: f32, section: u32) -> f32 {
        self.sum(chunk, self.section_of(section))
    }

    #[inline]
    fn sum(&self, chunk: f32, section: f32) -> f32 {
        CHUNK_SHARE * chunk + (1.0 - CHUNK_SHARE) * (section * self.ratio)
    }
}

impl Shard {
    /// Scores groups. Returns the rows of `mask` (borrowed: all of the view) that hold what they must and nothing that they
    /// must not, and leaves the scores of those that hold a term in `lexical`.
    pub(crate) fn score_groups<'a>(
        &self,
        groups: &[Group],
        tuning: &Tuning,
        view: &View,
        mut mask: Cow<'a, Bits>,
        lexical: &mut Lexical,
    ) -> Cow<'a, Bits> {
        let levels = [&view.rows, &view.sections];
        let fits = |(worth, level): (&Worth, &Level)| worth.tuning == *tuning && worth.level == *level;
        if !lexical.worth.iter().flatten().zip(levels).map(fits).eq([true; 2]) {
            lexical.worth = Some(levels.map(|level| Worth::new(tuning, level)));
        }
        for group in groups {
            self.gather(group, view, &mut lexical.row_tf, &mut lexical.found);
            if group.occur == Occur::Not {
                mask = Cow::Owned(mask.without(&held(&lexical.found.rows)));
                continue;
            }
            if group.occur == Occur::Must {
                mask = Cow::Owned(mask.and(&held(&lexical.found.rows)));
            }
            self.add(group, view, lexical);
        }
        let Lexical { rows, chunk, best: [best, best_section], ratio, .. } = lexical;
        // Over the whole view: a filter changes no score.
        *ratio = if *best_section > 0.0 { *best / *best_section } else { 0.0 };
        if let Cow::Owned(mask) = &mask {
            rows.retain(|&vno| {
                let stays = mask.has(vno);
                if !stays && let Some(score) = chunk.get_mut(vno as usize) {
                    *score = 0.0;
                }
                stays
            });
        }
        mask
    }

    /// Leaves the rows of the view that hold the group.
    fn gather(&self, group: &Group, view: &View, sums: &mut Sparse, found: &mut Found) {
        found.rows.clear();
        found.tf.clear();
        let mut runs = Vec::with_capacity(group.terms.len());
        let mut run = |found: &mut Found, start: usize, weight: u16| {
            found.keep(start, group.fields);
            if found.rows.len() > start {
                runs.push(Run { start, end: found.rows.len(), weight });
            }
        };
        if group.slop.is_some() {
            self.each_phrase(view, group, &mut |vno, tf| {
                if view.bits.has(vno) {
                    found.rows.push(vno);
                    found.tf.push(tf);
                }
            });
            run(found, 0, WHOLE);
        } else {
            for member in &group.terms {
                let start = found.rows.len();
                self.each_posting(view, &member.term, found);
                run(found, start, member.weight);
            }
        }
        found.merge(&runs, sums);
    }

    /// Adds the group's BM25F to the rows found and to their sections.
    fn add(&self, group: &Group, view: &View, lexical: &mut Lexical) {
        let Lexical { rows, sections, chunk, section, places, best: [best, best_section], held, found, worth, .. } =
            lexical;
        let Some([of_row, of_section]) = worth else {
            return;
        };
        let Found { rows: vnos, tf, steps } = found;
        let [rows_more, sections_more] = presumed(group, view);
        let weight = idf(view.rows.units, vnos.len() as u32 + rows_more) * group.weight;
        vnos.resize(vnos.len().next_multiple_of(4), NONE);
        tf.resize(vnos.len(), Frequencies::NONE);
        let mut noted = Noted::new(rows, vnos.len());
        held.resize(vnos.len(), 0);
        let mut touched = places.begin(held);
        let (mut batch, mut seen) = (Batch::NEW, U32s::all(0));
        // Step by step for a block of rows: what is found in memory, what is computed, where it goes.
        for (vnos, tf) in vnos.chunks(BLOCK).zip(tf.chunks(BLOCK)) {
            let own = batch.look_up(&self.rows.units, vnos, tf, &mut touched);
            batch.score(of_row, own, *steps, weight);
            seen = seen | own;
            *best = batch.spread(vnos, chunk, &mut noted, *best);
        }
        let (of_rows, of_held) = (noted.count, touched.count);
        rows.truncate(of_rows);
        held.truncate(of_held);
        let weight = idf(view.sections.units, held.len() as u32 + sections_more) * group.weight;
        held.resize(held.len().next_multiple_of(4), NONE);
        let mut noted = Noted::new(sections, held.len());
        for (held, sums) in held.chunks(BLOCK).zip(places.end(of_held)) {
            batch.take_sums(&view.classes, held, sums);
            batch.score(of_section, seen, *steps, weight);
            *best_section = batch.spread(held, section, &mut noted, *best_section);
        }
        let count = noted.count;
        sections.truncate(count);
        held.clear();
    }
}

/// Rows and sections that count as if they held the group's terms: at most those of the view.
fn presumed(group: &Group, view: &View) -> [u32; 2] {
    let rows = group.presumed.min(view.rows.units);
    let sections = u64::from(rows) * u64::from(view.sections.units) / u64::from(view.rows.units.max(1));
    [rows, sections as u32]
}

/// The rows that were found.
fn held(found: &[u32]) -> Bits {
    let mut rows = Bits::default();
    found.iter().for_each(|&vno| rows.set(vno));
    rows
}
