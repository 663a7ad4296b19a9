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
use aetherv_core::lanes::{F32s, U32s};
use aetherv_segment::Frequencies;
use aetherv_segment::lengths::length_of;
use aetherv_text::bm25::{idf, length_norm, saturate};
use aetherv_text::tuning::{CHUNK_SHARE, FIELDS, Tuning, WHOLE};
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
    /// Frequencies of the group in hand by number of the section.
    sums: Vec<[u32; FIELDS]>,
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

/// What a step of frequency is worth in a field of each length class, and the saturation of their sum.
struct Worth {
    fields: Box<[[f32; CLASSES]; FIELDS]>,
    tuning: Tuning,
    level: Level,
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
        Self { fields, tuning: *tuning, level: *level }
    }
}

/// Rows or sections that are scored together.
struct Batch {
    times: [[f32; FIELDS]; BLOCK],
    classes: [[u8; FIELDS]; BLOCK],
    scores: [f32; BLOCK],
}

impl Batch {
    const NEW: Self = Self { times: [[0.0; FIELDS]; BLOCK], classes: [[0; FIELDS]; BLOCK], scores: [0.0; BLOCK] };

    /// Adds what the frequencies in a field are worth, to nothing if it is the first.
    #[inline(never)]
    fn column(&mut self, field: usize, table: &[f32; CLASSES], count: usize, is_first: bool) {
        for ((score, times), classes) in self.scores.iter_mut().zip(&self.times).zip(&self.classes).take(count) {
            let (times, class) = (times.get(field).copied(), classes.get(field).copied().unwrap_or_default());
            // A table of as many places as a byte has values: no check is left of this.
            let more = times.unwrap_or_default() * table.get(usize::from(class)).copied().unwrap_or_default();
            *score = if is_first { more } else { *score + more };
        }
    }

    /// BM25F of the first `count`, whose frequencies are in `steps` each and none outside the fields that are `seen`.
    fn score(&mut self, worth: &Worth, count: usize, seen: U32s, steps: f32, weight: f32) {
        let mut is_first = true;
        // Field by field, and most terms are in few: a field that has none would add 0. If none has any, the last one says so.
        for (field, (table, seen)) in worth.fields.iter().zip(seen.get()).enumerate() {
            if seen > 0 || (is_first && field + 1 == FIELDS) {
                self.column(field, table, count, is_first);
                is_first = false;
            }
        }
        let [steps, weight, none] = [steps, weight, 0.0].map(F32s::all);
        for four in self.scores.as_chunks_mut::<4>().0 {
            *four = (weight * saturate(worth.tuning.k1, F32s::new(*four) * steps)).above(none).get();
        }
    }
}

impl Lexical {
    /// Makes room.
    pub fn resize(&mut self, rows: usize, sections: usize) {
        self.chunk.resize(rows, 0.0);
        self.row_tf.tf.resize(rows, Frequencies::NONE);
        self.section.resize(sections, 0.0);
        self.sums.resize(sections, [0; FIELDS]);
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
        for &vno in &self.rows {
            best.add(self.of(self.chunk_of(vno), rows.section_of(vno)), vno);
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
        CHUNK_SHARE * chunk + (1.0 - CHUNK_SHARE) * (self.section_of(section) * self.ratio)
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
    fn add(&self, group: &Group, view: &View, lexical: &mut Lexical) {
        let Lexical { rows, sections, chunk, section, sums, best: [best, best_section], held, found, worth, .. } =
            lexical;
        let Some([of_row, of_section]) = worth else {
            return;
        };
        let Found { rows: vnos, tf, steps } = found;
        let [rows_more, sections_more] = presumed(group, view);
        let weight = idf(view.rows.units, vnos.len() as u32 + rows_more) * group.weight;
        let (mut noted, mut touched) = (Noted::new(rows, vnos.len()), Noted::new(held, vnos.len()));
        let (mut batch, mut seen) = (Batch::NEW, U32s::all(0));
        // Step by step for a block of rows: what is found in memory, what is computed, where it goes.
        for (vnos, tf) in vnos.chunks(BLOCK).zip(tf.chunks(BLOCK)) {
            let own = look_up(&self.rows.units, vnos, tf, &mut batch, sums, &mut touched);
            batch.score(of_row, vnos.len(), own, *steps, weight);
            seen = seen | own;
            *best = spread(&batch.scores, vnos, chunk, &mut noted, *best);
        }
        let (of_rows, of_held) = (noted.count, touched.count);
        rows.truncate(of_rows);
        held.truncate(of_held);
        let weight = idf(view.sections.units, held.len() as u32 + sections_more) * group.weight;
        let mut noted = Noted::new(sections, held.len());
        for held in held.chunks(BLOCK) {
            for ((&section, times), own) in held.iter().zip(&mut batch.times).zip(&mut batch.classes) {
                let at = section as usize;
                if let (Some(sum), Some(classes)) = (sums.get_mut(at), view.classes.get(at)) {
                    (*times, *own) = (U32s::new(std::mem::take(sum)).as_halves().get(), *classes);
                }
            }
            batch.score(of_section, held.len(), seen, *steps, weight);
            *best_section = spread(&batch.scores, held, section, &mut noted, *best_section);
        }
        let count = noted.count;
        sections.truncate(count);
        held.clear();
    }
}

/// Leaves what rows hold a term with, adds it to their sections and notes those that had none. Returns in which fields it is.
#[inline(never)]
fn look_up(
    units: &[Unit],
    vnos: &[u32],
    tf: &[Frequencies],
    batch: &mut Batch,
    sums: &mut [[u32; FIELDS]],
    touched: &mut Noted<'_>,
) -> U32s {
    let (mut seen, mut count, room) = (U32s::all(0), touched.count, &mut *touched.room);
    for (((&vno, &tf), times), own) in vnos.iter().zip(tf).zip(&mut batch.times).zip(&mut batch.classes) {
        let more = tf.lanes();
        (*times, seen) = (more.as_halves().get(), seen | more);
        let Some(&Unit { section, classes }) = units.get(vno as usize) else {
            continue;
        };
        *own = classes;
        if let Some(sum) = sums.get_mut(section as usize) {
            let before = U32s::new(*sum);
            room.get_mut(count).into_iter().for_each(|slot| *slot = section);
            count += usize::from(before.is_zero() & (tf != Frequencies::NONE));
            // Title and headings are those of all its rows. A sum is below 2^32, as a row has 2^16 at most.
            *sum = before.larger_or_sum(more).get();
        }
    }
    touched.count = count;
    seen
}

/// Adds scores to the totals of these numbers and notes those that had none. Returns the best total, or `best`.
#[inline(never)]
fn spread(scores: &[f32; BLOCK], numbers: &[u32], totals: &mut [f32], noted: &mut Noted<'_>, mut best: f32) -> f32 {
    let (mut count, room) = (noted.count, &mut *noted.room);
    for (&number, &own) in numbers.iter().zip(scores) {
        if let Some(total) = totals.get_mut(number as usize) {
            room.get_mut(count).into_iter().for_each(|slot| *slot = number);
            count += usize::from((*total == 0.0) & (own > 0.0));
            *total += own;
            best = above(*total, best);
        }
    }
    noted.count = count;
    best
}

/// Numbers noted one after another, without a branch: whether one is new cannot be foretold.
struct Noted<'a> {
    room: &'a mut [u32],
    count: usize,
}

impl<'a> Noted<'a> {
    /// Room for `more` numbers behind those there are.
    fn new(all: &'a mut Vec<u32>, more: usize) -> Self {
        let count = all.len();
        all.resize(count + more, 0);
        Self { room: all, count }
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
