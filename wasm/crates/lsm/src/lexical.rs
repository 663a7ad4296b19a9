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
use crate::found::{Found, NOTHING, Run, Sparse};
use crate::rows::{Rows, Unit};
use crate::shard::Shard;
use crate::terms::Group;
use crate::view::{Level, View};
use aetherv_core::Bits;
use aetherv_segment::lengths::length_of;
use aetherv_segment::list::Frequencies;
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
    /// Share of a section's score in units of a chunk's.
    ratio: f32,
    row_tf: Sparse,
    held: Vec<u32>,
    found: Found,
}

/// What is known of a section.
#[derive(Clone, Copy, Default)]
struct Sum {
    /// Packed frequencies of the group in hand.
    tf: u64,
    /// BM25F.
    score: f32,
}

/// What a step of frequency is worth in a field of each length class, and the saturation of their sum.
struct Worth {
    fields: Box<[[f32; CLASSES]; FIELDS]>,
    k1: f32,
}

const CLASSES: usize = 256;

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

    /// BM25F of a term in the body alone: the other fields would add 0.
    #[inline]
    fn of_body(&self, times: u16, weight: u16, [_, _, class, _]: [u8; FIELDS]) -> f32 {
        let [_, _, body, _] = &*self.fields;
        let worth = body.get(usize::from(class)).copied().unwrap_or_default();
        saturate(self.k1, f32::from(times.saturating_mul(weight)) * worth)
    }

    /// BM25F of frequencies, in `weight` steps each, in a unit with these length classes.
    #[inline]
    fn of(&self, [title, headings, body, code]: Frequencies, weight: u16, classes: [u8; FIELDS]) -> f32 {
        // A table of as many places as a byte has values: no check is left of these.
        let worth = |field: usize, tf: u16| {
            let (table, class) = (self.fields.get(field), classes.get(field).copied().unwrap_or_default());
            let worth = table.and_then(|table| table.get(usize::from(class))).copied().unwrap_or_default();
            f32::from(tf.saturating_mul(weight)) * worth
        };
        let sum = worth(TITLE, title) + worth(HEADINGS, headings) + worth(BODY, body) + worth(CODE, code);
        saturate(self.k1, sum)
    }
}

impl Lexical {
    /// Makes room.
    pub fn resize(&mut self, rows: usize, sections: usize) {
        self.chunk.resize(rows, 0.0);
        self.row_tf.tf.resize(rows, NOTHING);
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

    /// Calls `f(vno, score)` for the rows that are found by a term.
    #[inline]
    pub fn each(&self, rows: &Rows, mut f: impl FnMut(u32, f32)) {
        self.rows.iter().for_each(|&vno| f(vno, self.score(vno, rows.section_of(vno))));
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
        let Lexical { rows, sections, chunk, section, ratio, .. } = lexical;
        // Over the whole view: a filter changes no score.
        let most = |most: f32, score: f32| above(score, most);
        let best = rows.iter().filter_map(|&at| chunk.get(at as usize).copied()).fold(0.0, most);
        let best_section = sections.iter().filter_map(|&at| Some(section.get(at as usize)?.score)).fold(0.0, most);
        *ratio = if best_section > 0.0 { best / best_section } else { 0.0 };
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
        let Lexical { rows, sections, chunk, section: sums, held, found, .. } = lexical;
        let Found { rows: vnos, tf, weight: steps } = found;
        let [rows_more, sections_more] = presumed(group, view);
        let weight = idf(view.rows.units, vnos.len() as u32 + rows_more) * group.weight;
        let (mut noted, mut touched) = (Noted::new(rows, vnos.len()), Noted::new(held, vnos.len()));
        for (&vno, &tf) in vnos.iter().zip(&*tf) {
            let at = vno as usize;
            let (Some(total), Some(&Unit { section, classes })) = (chunk.get_mut(at), self.rows.units.get(at)) else {
                continue;
            };
            // By far most rows have a term in the body alone.
            let packed = pack(tf);
            let body = if packed & !IN_BODY == 0 { Some(tf[BODY]) } else { None };
            if let Some(Sum { tf: sum, .. }) = sums.get_mut(section as usize) {
                touched.note(section, *sum == 0 && packed != 0);
                *sum = match body {
                    Some(times) => *sum & !IN_BODY | (in_body(*sum).saturating_add(times) as u64) << BODY_SHIFT,
                    None => pack(joined(unpack(*sum), tf)),
                };
            }
            let own = match body {
                Some(times) => of_row.of_body(times, *steps, classes),
                None => of_row.of(tf, *steps, classes),
            };
            let own = above(weight * own, 0.0);
            noted.note(vno, *total == 0.0 && own > 0.0);
            *total += own;
        }
        noted.finish();
        touched.finish();
        let weight = idf(view.sections.units, held.len() as u32 + sections_more) * group.weight;
        let mut noted = Noted::new(sections, held.len());
        for section in held.drain(..) {
            let at = section as usize;
            let (Some(Sum { tf, score }), Some(&classes)) = (sums.get_mut(at), view.classes.get(at)) else {
                continue;
            };
            let tf = std::mem::take(tf);
            let own = match tf & !IN_BODY {
                0 => of_section.of_body(in_body(tf), *steps, classes),
                _ => of_section.of(unpack(tf), *steps, classes),
            };
            let own = above(weight * own, 0.0);
            noted.note(section, *score == 0.0 && own > 0.0);
            *score += own;
        }
        noted.finish();
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

/// Where the body's frequency is in packed ones.
const BODY_SHIFT: u32 = 16 * BODY as u32;
const IN_BODY: u64 = 0xffff << BODY_SHIFT;

/// Frequencies as one number, in which one test tells whether the body alone has any.
#[inline]
fn pack([title, headings, body, code]: Frequencies) -> u64 {
    u64::from(title) | u64::from(headings) << 16 | u64::from(body) << 32 | u64::from(code) << 48
}

/// Rows and sections that count as if they held the group's terms: at most those of the view.
fn presumed(group: &Group, view: &View) -> [u32; 2] {
    let rows = group.presumed.min(view.rows.units);
    let sections = u64::from(rows) * u64::from(view.sections.units) / u64::from(view.rows.units.max(1));
    [rows, sections as u32]
}

#[inline]
fn unpack(packed: u64) -> Frequencies {
    [packed as u16, (packed >> 16) as u16, in_body(packed), (packed >> 48) as u16]
}

#[inline]
fn in_body(packed: u64) -> u16 {
    (packed >> BODY_SHIFT) as u16
}

/// Frequencies of more rows of a section: title and headings are those of all its rows.
#[inline]
fn joined(a: Frequencies, b: Frequencies) -> Frequencies {
    let ([title, headings, body, code], [title_b, headings_b, body_b, code_b]) = (a, b);
    [title.max(title_b), headings.max(headings_b), body.saturating_add(body_b), code.saturating_add(code_b)]
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
