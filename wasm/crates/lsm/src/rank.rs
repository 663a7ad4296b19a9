//! From rows with two scores to groups in order: best of each channel, fusion by score.

use crate::rows::NONE;
use aetherv_core::Bits;
use std::cmp::Ordering;

/// A group found: its best row and the scores of the group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// The row shown.
    pub vno: u32,
    /// Fused score, or the raw score of the only channel.
    pub score: f32,
    /// Best BM25 in the group.
    pub lexical: f32,
    /// Best cosine in the group.
    pub cosine: f32,
}

/// Best score of each group in one channel, best first on demand.
pub struct Channel {
    /// (score, group), in no order.
    pub best: Vec<(f32, u32)>,
}

impl Channel {
    /// From (group, score) pairs; groups below `groups`.
    pub fn new(groups: usize, scores: impl Iterator<Item = (u32, f32)>) -> Self {
        let mut top = vec![f32::NEG_INFINITY; groups];
        let mut seen = Vec::new();
        for (group, score) in scores {
            if let Some(best) = top.get_mut(group as usize) {
                if *best == f32::NEG_INFINITY {
                    seen.push(group);
                }
                *best = best.max(score);
            }
        }
        Self { best: seen.into_iter().filter_map(|group| Some((*top.get(group as usize)?, group))).collect() }
    }

    /// Marks the `count` best groups and all that tie with the last; the score that those left out cannot pass.
    pub fn mark_best(&mut self, count: usize, marks: &mut Bits) -> f32 {
        let floor = if count < self.best.len() {
            self.best.select_nth_unstable_by(count, |a, b| b.0.total_cmp(&a.0)).1.0
        } else {
            f32::NEG_INFINITY
        };
        self.best.iter().filter(|(score, _)| *score >= floor).for_each(|&(_, group)| marks.set(group));
        floor
    }
}

/// How the scores of the two channels become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fusion {
    /// BM25 alone.
    Lexical,
    /// Cosine alone.
    Cosine,
    /// Both, with this weight of the lexical one.
    Both(f32),
}

impl Fusion {
    /// By which channels there is anything to rank.
    pub fn new(weight: f32, lexical: bool, dense: bool) -> Self {
        match (lexical, dense) {
            (true, true) => Self::Both(weight),
            (false, true) => Self::Cosine,
            _ => Self::Lexical,
        }
    }

    /// The fused score, given the largest score of each channel.
    pub fn score(self, lexical: f32, cosine: f32, (max_lexical, max_cosine): (f32, f32)) -> f32 {
        let share = |value: f32, max: f32| if max > 0.0 { value.max(0.0) / max } else { 0.0 };
        match self {
            Self::Lexical => lexical,
            Self::Cosine => cosine,
            Self::Both(w) => w * share(lexical, max_lexical) + (1.0 - w) * share(cosine, max_cosine),
        }
    }

    /// Groups best first, and the largest score of each channel. Ties: smaller version id, then chunk id.
    pub fn groups(self, rows: &[(u32, Found)], by_version: &dyn Fn(u32, u32) -> Ordering) -> (Vec<Found>, (f32, f32)) {
        let top =
            rows.iter().fold((0.0f32, f32::NEG_INFINITY), |top, (_, f)| (top.0.max(f.lexical), top.1.max(f.cosine)));
        let size = rows.iter().map(|(group, _)| *group as usize + 1).max().unwrap_or_default();
        let mut slots = vec![NONE; size];
        // The score of the row shown stands in `score` until the group's own takes its place.
        let mut groups: Vec<Found> = Vec::new();
        for &(group, row) in rows {
            let row = Found { score: self.score(row.lexical, row.cosine, top), ..row };
            let Some(slot) = slots.get_mut(group as usize) else {
                continue;
            };
            if let Some(best) = groups.get_mut(*slot as usize) {
                if row.score.total_cmp(&best.score).reverse().then_with(|| by_version(row.vno, best.vno))
                    == Ordering::Less
                {
                    (best.vno, best.score) = (row.vno, row.score);
                }
                best.lexical = best.lexical.max(row.lexical);
                best.cosine = best.cosine.max(row.cosine);
            } else {
                *slot = groups.len() as u32;
                groups.push(row);
            }
        }
        for group in &mut groups {
            group.score = self.score(group.lexical, group.cosine, top);
            // No row of the group has a vector yet: its cosine is 0 (D17).
            group.cosine = if group.cosine == f32::NEG_INFINITY { 0.0 } else { group.cosine };
        }
        if matches!(self, Self::Lexical) {
            groups.retain(|group| group.lexical > 0.0);
        }
        groups.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then_with(|| by_version(a.vno, b.vno)));
        (groups, top)
    }
}
