//! The lexical score of a query: BM25F of the chunk and BM25F of its section, with the statistics of the view (D4).
//!
//! 1. Of each group of terms, the weighted frequencies of every row of the view, as whole numbers.
//! 2. The group's rows and sections are counted: that is its document frequency on both levels.
//! 3. Its BM25F is added to each row and to each section; a section's frequencies and lengths are the sums over its rows,
//!    but title and headings, which all its rows have in common, count once.
//! 4. In the end `a * chunk + (1 - a) * section * (best chunk / best section)`, in units of the chunk's score.
//!
//! Sums of frequencies are exact, sums of scores follow the order of the query: the same bits whatever the segments.

use crate::clause::{ALL_FIELDS, Occur};
use crate::rows::Rows;
use crate::shard::Shard;
use crate::terms::Group;
use crate::view::{Level, View};
use aetherv_core::Bits;
use aetherv_segment::lengths::length_of;
use aetherv_segment::list::Frequencies;
use aetherv_text::bm25::{idf, length_norm, saturate};
use aetherv_text::tuning::{BODY, CHUNK_SHARE, CODE, FIELDS, HEADINGS, TITLE, Tuning, WHOLE};

/// Scores of the rows and sections that hold a term, and buffers that queries share.
#[derive(Default)]
pub struct Lexical {
    /// Rows that are found by a term.
    pub rows: Vec<u32>,
    sections: Vec<u32>,
    /// By vno.
    chunk: Vec<f32>,
    /// By number of the section.
    section: Vec<f32>,
    /// Share of a section's score in units of a chunk's.
    ratio: f32,
    row_tf: Sparse,
    section_tf: Sparse,
    /// Rows of the group in hand with its weighted frequencies.
    found: Vec<(u32, Frequencies)>,
}

/// Frequencies by number, most of them none.
#[derive(Default)]
struct Sparse {
    tf: Vec<Frequencies>,
    held: Vec<u32>,
}

const NOTHING: Frequencies = [0; FIELDS];

impl Sparse {
    #[inline]
    fn slot(&mut self, at: u32) -> Option<&mut Frequencies> {
        let slot = self.tf.get_mut(at as usize)?;
        if *slot == NOTHING {
            self.held.push(at);
        }
        Some(slot)
    }

    /// Adds frequencies of rows of a section.
    #[inline]
    fn join(&mut self, section: u32, tf: Frequencies) {
        if tf != NOTHING
            && let Some(slot) = self.slot(section)
        {
            *slot = joined(*slot, tf);
        }
    }
}

/// What a step of frequency is worth in a field of each length class, and the saturation of their sum.
struct Worth {
    fields: [Vec<f32>; FIELDS],
    k1: f32,
}

impl Worth {
    fn new(tuning: &Tuning, level: &Level) -> Self {
        let fields = std::array::from_fn(|field| {
            let at = |values: &[f32; FIELDS]| values.get(field).copied().unwrap_or_default();
            let step = at(&tuning.boosts) / f32::from(WHOLE);
            let longest = level.longest.get(field).copied().unwrap_or_default();
            let norm = |class| length_norm(at(&tuning.b), length_of(class) as f32, at(&level.averages));
            (0..=longest).map(|class| step / norm(class)).collect()
        });
        Self { fields, k1: tuning.k1 }
    }

    /// BM25F of frequencies in a unit with these length classes.
    #[inline]
    fn of(&self, tf: Frequencies, classes: [u8; FIELDS]) -> f32 {
        let mut sum = 0.0;
        for ((&tf, class), worth) in tf.iter().zip(classes).zip(&self.fields) {
            if tf > 0 {
                sum += f32::from(tf) * worth.get(usize::from(class)).copied().unwrap_or_default();
            }
        }
        saturate(self.k1, sum)
    }
}

impl Lexical {
    /// Makes room.
    pub fn resize(&mut self, rows: usize, sections: usize) {
        self.chunk.resize(rows, 0.0);
        self.row_tf.tf.resize(rows, NOTHING);
        self.section.resize(sections, 0.0);
        self.section_tf.tf.resize(sections, NOTHING);
    }

    /// Forgets all scores.
    pub fn clear(&mut self) {
        for vno in self.rows.drain(..) {
            self.chunk.get_mut(vno as usize).into_iter().for_each(|score| *score = 0.0);
        }
        for section in self.sections.drain(..) {
            self.section.get_mut(section as usize).into_iter().for_each(|score| *score = 0.0);
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
        self.section.get(section as usize).copied().unwrap_or_default()
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
    /// Scores groups. Returns the rows of `mask` that hold what they must and nothing that they must not, and leaves the
    /// scores of those that hold a term in `lexical`.
    pub(crate) fn score_groups(
        &self,
        groups: &[Group],
        tuning: &Tuning,
        view: &View,
        mask: Bits,
        lexical: &mut Lexical,
    ) -> Bits {
        let mut mask = mask;
        let worth = [Worth::new(tuning, &view.rows), Worth::new(tuning, &view.sections)];
        for group in groups {
            self.gather(group, view, &mut lexical.row_tf, &mut lexical.found);
            if group.occur == Occur::Not {
                mask = mask.without(&held(&lexical.found));
                continue;
            }
            if group.occur == Occur::Must {
                mask = mask.and(&held(&lexical.found));
            }
            self.add(group, &worth, view, lexical);
        }
        let Lexical { rows, sections, chunk, section, ratio, .. } = lexical;
        let most = |noted: &[u32], totals: &[f32]| {
            noted.iter().filter_map(|&at| totals.get(at as usize)).fold(0.0f32, |most, total| most.max(*total))
        };
        // Over the whole view: a filter changes no score.
        let (best, best_section) = (most(rows, chunk), most(sections, section));
        *ratio = if best_section > 0.0 { best / best_section } else { 0.0 };
        rows.retain(|&vno| {
            let stays = mask.has(vno);
            if !stays && let Some(score) = chunk.get_mut(vno as usize) {
                *score = 0.0;
            }
            stays
        });
        mask
    }

    /// Leaves the group's weighted frequencies in the rows of the view, each row once.
    fn gather(&self, group: &Group, view: &View, sums: &mut Sparse, found: &mut Vec<(u32, Frequencies)>) {
        found.clear();
        if let (None, [member], ALL_FIELDS) = (group.slop, group.terms.as_slice(), group.fields) {
            // By far the most common: nothing to add up, and nothing to leave out.
            return self.each_posting(view, &member.term, |vno, tf| {
                if view.bits.has(vno) {
                    found.push((vno, tf.map(|tf| tf.saturating_mul(member.weight))));
                }
            });
        }
        let on = |field: usize| u16::from(group.fields >> field & 1);
        let on = [on(TITLE), on(HEADINGS), on(BODY), on(CODE)];
        let mut add = |vno: u32, tf: Frequencies, weight: u16| {
            let mut own = NOTHING;
            for ((own, tf), on) in own.iter_mut().zip(tf).zip(on) {
                *own = tf.saturating_mul(weight * on);
            }
            if own != NOTHING
                && view.bits.has(vno)
                && let Some(slot) = sums.slot(vno)
            {
                slot.iter_mut().zip(own).for_each(|(slot, own)| *slot = slot.saturating_add(own));
            }
        };
        if group.slop.is_some() {
            self.each_phrase(view, group, &mut |vno, tf| add(vno, tf, WHOLE));
        } else {
            for member in &group.terms {
                self.each_posting(view, &member.term, |vno, tf| add(vno, tf, member.weight));
            }
        }
        let Sparse { tf, held } = sums;
        let mut take = |vno: u32| Some((vno, std::mem::take(tf.get_mut(vno as usize)?)));
        found.extend(held.drain(..).filter_map(&mut take));
    }

    /// Adds the group's BM25F to the rows found and to their sections.
    fn add(&self, group: &Group, [of_row, of_section]: &[Worth; 2], view: &View, lexical: &mut Lexical) {
        let Lexical { rows, sections, chunk, section: totals, section_tf, found, .. } = lexical;
        let [rows_more, sections_more] = presumed(group, view);
        let weight = idf(view.rows.units, found.len() as u32 + rows_more) * group.weight;
        // Rows of a section mostly follow each other: their sum goes to its place when the next section begins.
        let (mut last, mut sum) = (u32::MAX, NOTHING);
        for &(vno, tf) in found.iter() {
            let section = Rows::at(&self.rows.section, vno);
            if section != last {
                section_tf.join(last, sum);
                (last, sum) = (section, NOTHING);
            }
            sum = joined(sum, tf);
            grow(chunk, rows, vno, weight * of_row.of(tf, self.rows.classes_of(vno)));
        }
        section_tf.join(last, sum);
        let weight = idf(view.sections.units, section_tf.held.len() as u32 + sections_more) * group.weight;
        let Sparse { tf, held } = section_tf;
        for section in held.drain(..) {
            let tf = tf.get_mut(section as usize).map(std::mem::take).unwrap_or_default();
            let classes = view.classes.get(section as usize).copied().unwrap_or_default();
            grow(totals, sections, section, weight * of_section.of(tf, classes));
        }
    }
}

/// Frequencies of more rows of a section: title and headings are those of all its rows.
#[inline]
fn joined(a: Frequencies, b: Frequencies) -> Frequencies {
    let more = |field: usize| (a.get(field).copied().unwrap_or_default(), b.get(field).copied().unwrap_or_default());
    let (most, sum) = (|(a, b): (u16, u16)| a.max(b), |(a, b): (u16, u16)| a.saturating_add(b));
    [most(more(TITLE)), most(more(HEADINGS)), sum(more(BODY)), sum(more(CODE))]
}

/// Rows and sections that count as if they held the group's terms: at most those of the view.
fn presumed(group: &Group, view: &View) -> [u32; 2] {
    let rows = group.presumed.min(view.rows.units);
    let sections = u64::from(rows) * u64::from(view.sections.units) / u64::from(view.rows.units.max(1));
    [rows, sections as u32]
}

/// Adds a score above 0; what has its first one is noted.
#[inline]
fn grow(totals: &mut [f32], noted: &mut Vec<u32>, at: u32, own: f32) {
    if let Some(total) = totals.get_mut(at as usize)
        && own > 0.0
    {
        if *total == 0.0 {
            noted.push(at);
        }
        *total += own;
    }
}

/// The rows that were found.
fn held(found: &[(u32, Frequencies)]) -> Bits {
    let mut rows = Bits::default();
    found.iter().for_each(|&(vno, _)| rows.set(vno));
    rows
}
