//! The lexical score of a query: BM25F of the chunk and BM25F of its section, with the statistics of the view (D4).
//!
//! 1. Of each group of terms, the weighted frequencies of every row of the view, as whole numbers.
//! 2. The group's rows and sections are counted: that is its document frequency on both levels.
//! 3. Its BM25F is added to each row and to each section; a section's frequencies and lengths are the sums over its rows,
//!    but title and headings, which all its rows have in common, count once.
//! 4. In the end `a * chunk + (1 - a) * section * (best chunk / best section)`, in units of the chunk's score.
//!
//! Sums of frequencies are exact, sums of scores follow the order of the query: the same bits whatever the segments.

use crate::clause::Occur;
use crate::found::{Found, Run, Sparse};
use crate::rank::Best;
use crate::rows::{Rows, Unit};
use crate::shard::Shard;
use crate::terms::Group;
use crate::view::{Level, View};
use aetherv_core::Bits;
use aetherv_core::lanes::F32s;
use aetherv_segment::Frequencies;
use aetherv_segment::lengths::length_of;
use aetherv_text::bm25::{idf, length_norm, saturate};
use aetherv_text::tuning::{BODY, CHUNK_SHARE, CODE, FIELDS, HEADINGS, TITLE, Tuning, WHOLE};
use std::borrow::Cow;

/// Scores of the rows and sections that hold a term, and buffers that queries share.
#[derive(Default)]
pub struct Lexical {
    /// Rows that are found by a term.
    pub rows: Vec<u32>,
    sections: Vec<u32>,
    /// By vno.
    chunk: Vec<f32>,
    /// By number of the section.
    section: Vec<Sum>,
    /// The best BM25F of a row and of a section.
    best: [f32; 2],
    /// Share of a section's score in units of a chunk's.
    ratio: f32,
    row_tf: Sparse,
    held: Vec<u32>,
    found: Found,
}

/// What is known of a section.
#[derive(Clone, Copy, Default)]
struct Sum {
    /// Frequencies of the group in hand.
    tf: Sums,
    /// BM25F.
    score: f32,
}

/// Frequencies summed over the rows of a section.
#[derive(Clone, Copy, Default)]
struct Sums {
    body: u32,
    code: u32,
    /// Title and headings are those of all its rows.
    title: u16,
    headings: u16,
}

impl Sums {
    /// Are there none? Without a branch, as chance says.
    #[inline]
    fn is_none(self) -> bool {
        self.body | self.code | u32::from(self.title) | u32::from(self.headings) == 0
    }

    /// Takes those of one more row in; its sums are below 2^32, as a row has 2^16 at most.
    #[inline]
    fn add<const IN_BODY_ALONE: bool>(&mut self, tf: Frequencies) {
        self.body = self.body.wrapping_add(u32::from(tf.of(BODY)));
        if !IN_BODY_ALONE {
            self.code = self.code.wrapping_add(u32::from(tf.of(CODE)));
            self.title = self.title.max(tf.of(TITLE));
            self.headings = self.headings.max(tf.of(HEADINGS));
        }
    }

    fn get(self) -> Frequencies {
        let most = |times: u32| times.min(u32::from(u16::MAX)) as u16;
        Frequencies::new([self.title, self.headings, most(self.body), most(self.code)])
    }
}

/// What a step of frequency is worth in a field of each length class, and the saturation of their sum.
struct Worth {
    fields: Box<[[f32; CLASSES]; FIELDS]>,
    k1: f32,
}

const CLASSES: usize = 256;

/// Rows that are scored together.
const BLOCK: usize = 128;

impl Worth {
    fn new(tuning: &Tuning, level: &Level) -> Self {
        let mut fields = Box::new([[0.0; CLASSES]; FIELDS]);
        for (field, worth) in fields.iter_mut().enumerate() {
            let at = |values: &[f32; FIELDS]| values.get(field).copied().unwrap_or_default();
            let step = at(&tuning.boosts) / f32::from(WHOLE);
            let longest = level.longest.get(field).copied().unwrap_or_default();
            for (class, worth) in (0..=longest).zip(worth) {
                let norm = length_norm(at(&tuning.b), length_of(class) as f32, at(&level.averages));
                // Finite, so that a frequency of 0 is worth 0.
                *worth = (step / norm).min(f32::MAX);
            }
        }
        Self { fields, k1: tuning.k1 }
    }

    /// The weighted, normalised frequency of a term in a unit with these length classes.
    #[inline]
    fn frequency<const IN_BODY_ALONE: bool>(&self, tf: Frequencies, classes: [u8; FIELDS]) -> f32 {
        // A table of as many places as a byte has values: no check is left of these.
        let worth = |field: usize| {
            let (table, class) = (self.fields.get(field), classes.get(field).copied().unwrap_or_default());
            let worth = table.and_then(|table| table.get(usize::from(class))).copied().unwrap_or_default();
            f32::from(tf.of(field)) * worth
        };
        // The other fields would add 0.
        if IN_BODY_ALONE { worth(BODY) } else { worth(TITLE) + worth(HEADINGS) + worth(BODY) + worth(CODE) }
    }

    /// Makes BM25F of frequencies in `steps` each.
    fn saturate(&self, steps: f32, weight: f32, frequencies: &mut [f32; BLOCK]) {
        let [steps, weight, none] = [steps, weight, 0.0].map(F32s::all);
        for four in frequencies.as_chunks_mut::<4>().0 {
            *four = (weight * saturate(self.k1, F32s::new(*four) * steps)).above(none).get();
        }
    }
}

impl Lexical {
    /// Makes room.
    pub fn resize(&mut self, rows: usize, sections: usize) {
        self.chunk.resize(rows, 0.0);
        self.row_tf.tf.resize(rows, Frequencies::NONE);
        self.section.resize(sections, Sum::default());
    }

    /// Forgets all scores.
    pub fn clear(&mut self) {
        for vno in self.rows.drain(..) {
            self.chunk.get_mut(vno as usize).into_iter().for_each(|score| *score = 0.0);
        }
        for section in self.sections.drain(..) {
            self.section.get_mut(section as usize).into_iter().for_each(|sum| sum.score = 0.0);
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
        self.section.get(section as usize).map_or(0.0, |sum| sum.score)
    }

    /// The best `count` of the rows that are found by a term.
    pub fn best(&self, rows: &Rows, count: usize) -> Best {
        let [_, section] = self.best;
        // With the best section of all most rows would not be among them: theirs is not looked up.
        let most = (1.0 - CHUNK_SHARE) * (section * self.ratio);
        let mut best = Best::new(count);
        for &vno in &self.rows {
            if CHUNK_SHARE * self.chunk_of(vno) + most > best.floor() {
                best.add(self.score(vno, rows.section_of(vno)), vno);
            }
        }
        best
    }

    /// The lexical score of a row in a section; 0 where no term was found.
    #[inline]
    pub fn score(&self, vno: u32, section: u32) -> f32 {
        match self.chunk_of(vno) {
            0.0 => 0.0,
            chunk => CHUNK_SHARE * chunk + (1.0 - CHUNK_SHARE) * (self.section_of(section) * self.ratio),
        }
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
        let worth = [Worth::new(tuning, &view.rows), Worth::new(tuning, &view.sections)];
        for group in groups {
            self.gather(group, view, &mut lexical.row_tf, &mut lexical.found);
            if group.occur == Occur::Not {
                mask = Cow::Owned(mask.without(&held(&lexical.found.rows)));
                continue;
            }
            if group.occur == Occur::Must {
                mask = Cow::Owned(mask.and(&held(&lexical.found.rows)));
            }
            self.add(group, &worth, view, lexical);
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
                self.each_posting(view, &member.term, &mut |vnos, tf| {
                    found.rows.extend_from_slice(vnos);
                    found.tf.extend_from_slice(tf);
                });
                run(found, start, member.weight);
            }
        }
        found.merge(&runs, sums);
    }

    /// Adds the group's BM25F to the rows found and to their sections.
    fn add(&self, group: &Group, [of_row, of_section]: &[Worth; 2], view: &View, lexical: &mut Lexical) {
        let Lexical { rows, sections, chunk, section: sums, best: [best, best_section], held, found, .. } = lexical;
        let Found { rows: vnos, tf, steps } = found;
        let [rows_more, sections_more] = presumed(group, view);
        let weight = idf(view.rows.units, vnos.len() as u32 + rows_more) * group.weight;
        let (mut noted, mut touched) = (Noted::new(rows, vnos.len()), Noted::new(held, vnos.len()));
        let mut own = [0.0; BLOCK];
        // Step by step for a block of rows: what is found in memory, what is computed, where it goes.
        for (vnos, tf) in vnos.chunks(BLOCK).zip(tf.chunks(BLOCK)) {
            if Frequencies::in_body_alone(tf) {
                look_up::<true>(of_row, &self.rows.units, vnos, tf, &mut own, sums, &mut touched);
            } else {
                look_up::<false>(of_row, &self.rows.units, vnos, tf, &mut own, sums, &mut touched);
            }
            of_row.saturate(*steps, weight, &mut own);
            for (&vno, &own) in vnos.iter().zip(&own) {
                if let Some(total) = chunk.get_mut(vno as usize) {
                    noted.note(vno, (*total == 0.0) & (own > 0.0));
                    *total += own;
                    *best = above(*total, *best);
                }
            }
        }
        noted.finish();
        touched.finish();
        let weight = idf(view.sections.units, held.len() as u32 + sections_more) * group.weight;
        let mut noted = Noted::new(sections, held.len());
        for held in held.chunks(BLOCK) {
            for (&section, own) in held.iter().zip(&mut own) {
                let at = section as usize;
                if let (Some(sum), Some(classes)) = (sums.get_mut(at), view.classes.get(at)) {
                    *own = of_section.frequency::<false>(std::mem::take(&mut sum.tf).get(), *classes);
                }
            }
            of_section.saturate(*steps, weight, &mut own);
            for (&section, &own) in held.iter().zip(&own) {
                if let Some(Sum { score, .. }) = sums.get_mut(section as usize) {
                    noted.note(section, (*score == 0.0) & (own > 0.0));
                    *score += own;
                    *best_section = above(*score, *best_section);
                }
            }
        }
        noted.finish();
        held.clear();
    }
}

/// Leaves what rows hold a term with, adds it to their sections and notes those that had none.
#[inline]
fn look_up<const IN_BODY_ALONE: bool>(
    of_row: &Worth,
    units: &[Unit],
    vnos: &[u32],
    tf: &[Frequencies],
    own: &mut [f32; BLOCK],
    sums: &mut [Sum],
    touched: &mut Noted<'_>,
) {
    for ((&vno, &tf), own) in vnos.iter().zip(tf).zip(own) {
        let Some(&Unit { section, classes }) = units.get(vno as usize) else {
            *own = 0.0;
            continue;
        };
        *own = of_row.frequency::<IN_BODY_ALONE>(tf, classes);
        if let Some(Sum { tf: sum, .. }) = sums.get_mut(section as usize) {
            touched.note(section, sum.is_none() & (tf != Frequencies::NONE));
            sum.add::<IN_BODY_ALONE>(tf);
        }
    }
}

/// Numbers noted one after another, without a branch: whether one is new cannot be foretold.
struct Noted<'a> {
    all: &'a mut Vec<u32>,
    count: usize,
}

impl<'a> Noted<'a> {
    /// Room for `more` numbers.
    fn new(all: &'a mut Vec<u32>, more: usize) -> Self {
        let count = all.len();
        all.resize(count + more, 0);
        Self { all, count }
    }

    #[inline]
    fn note(&mut self, number: u32, is_new: bool) {
        self.all.get_mut(self.count).into_iter().for_each(|slot| *slot = number);
        self.count += usize::from(is_new);
    }

    fn finish(self) {
        self.all.truncate(self.count);
    }
}

/// Rows and sections that count as if they held the group's terms: at most those of the view.
fn presumed(group: &Group, view: &View) -> [u32; 2] {
    let rows = group.presumed.min(view.rows.units);
    let sections = u64::from(rows) * u64::from(view.sections.units) / u64::from(view.rows.units.max(1));
    [rows, sections as u32]
}

/// The value if it is above the floor, else the floor: one instruction, where `max` has to look for what is no number.
#[inline(always)]
fn above(value: f32, floor: f32) -> f32 {
    if value > floor { value } else { floor }
}

/// The rows that were found.
fn held(found: &[u32]) -> Bits {
    let mut rows = Bits::default();
    found.iter().for_each(|&vno| rows.set(vno));
    rows
}
