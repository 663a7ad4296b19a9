//! From rows with two scores to groups in order: best of each channel, fusion by score.

use crate::rows::NONE;
use aetherv_core::Bits;
use aetherv_core::order::sort_by;
use aetherv_text::tuning::RANK_CONSTANT;
use std::cmp::Ordering;

/// A group found: its best row and the scores of the group.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Found {
    /// The row shown.
    pub vno: u32,
    /// Fused score, or the raw score of the only channel.
    pub score: f32,
    /// Best lexical score in the group.
    pub lexical: f32,
    /// Best cosine in the group.
    pub cosine: f32,
    /// Best BM25F of a chunk of the group.
    pub chunk: f32,
    /// Best BM25F of a section of the group.
    pub section: f32,
    /// One more than how many groups have a better lexical score; 0 when it has none, or was not asked for.
    pub lexical_rank: u32,
    /// The same of the cosine.
    pub cosine_rank: u32,
}

/// The best of scores as they come: once there are enough, a heap whose root is the least of them.
pub struct Best {
    kept: Vec<(f32, u32)>,
    count: usize,
    floor: f32,
}

impl Best {
    /// Room for the best `count`, at least 1.
    pub const fn new(count: usize) -> Self {
        Self { kept: Vec::new(), count, floor: f32::NEG_INFINITY }
    }

    /// Takes a row's score in.
    #[inline]
    pub fn add(&mut self, score: f32, row: u32) {
        if score > self.floor {
            self.keep(score, row);
        }
    }

    #[inline(never)]
    fn keep(&mut self, score: f32, row: u32) {
        if self.kept.len() < self.count {
            self.kept.push((score, row));
            if self.kept.len() < self.count {
                return;
            }
            (1..self.count / 2).rev().for_each(|at| self.sink(at));
        } else if let Some(least) = self.kept.first_mut() {
            *least = (score, row);
        }
        self.sink(0);
        self.floor = self.score(0);
    }

    /// Moves what is not the least of its part of the heap down to where it is.
    fn sink(&mut self, mut at: usize) {
        loop {
            let (left, right) = (2 * at + 1, 2 * at + 2);
            let least = if self.score(right) < self.score(left) { right } else { left };
            if self.score(least) >= self.score(at) {
                return;
            }
            self.kept.swap(at, least);
            at = least;
        }
    }

    fn score(&self, at: usize) -> f32 {
        self.kept.get(at).map_or(f32::INFINITY, |(score, _)| *score)
    }

    /// No score up to this one is kept any more.
    #[inline]
    pub fn floor(&self) -> f32 {
        self.floor
    }

    /// The score that rows left out do not pass, and the best `count` rows, or all that there are.
    pub fn finish(self) -> (f32, Vec<(f32, u32)>) {
        (self.floor, self.kept)
    }
}

/// Best score of each group in one channel; room that queries share.
#[derive(Default)]
pub struct Channel {
    /// By group; minus infinity where it has none.
    top: Vec<f32>,
    /// The groups that have a score, in no order.
    pub seen: Vec<u32>,
}

impl Channel {
    /// Forgets what it held and takes (group, score) pairs in; groups below `groups`.
    pub fn fill(&mut self, groups: usize, scores: impl Iterator<Item = (u32, f32)>) {
        for group in self.seen.drain(..) {
            self.top.get_mut(group as usize).into_iter().for_each(|top| *top = f32::NEG_INFINITY);
        }
        if self.top.len() < groups {
            self.top.resize(groups, f32::NEG_INFINITY);
        }
        for (group, score) in scores {
            if let Some(best) = self.top.get_mut(group as usize) {
                if *best == f32::NEG_INFINITY {
                    self.seen.push(group);
                }
                *best = best.max(score);
            }
        }
    }

    /// Best score of a group, minus infinity where it has none.
    #[inline]
    pub fn of(&self, group: u32) -> f32 {
        self.top.get(group as usize).copied().unwrap_or(f32::NEG_INFINITY)
    }

    /// Marks the `count` best groups at least, and all that tie with the last.
    pub fn mark_best(&self, count: usize, marks: &mut Bits) {
        let mut best = Best::new(count);
        self.seen.iter().for_each(|&group| best.add(self.of(group), group));
        let (floor, _) = best.finish();
        self.seen.iter().filter(|group| self.of(**group) >= floor).for_each(|&group| marks.set(group));
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
    /// `slots` is room that queries share, [`NONE`] everywhere.
    pub fn groups(
        self,
        slots: &mut Vec<u32>,
        rows: &[(u32, Found)],
        by_version: &dyn Fn(u32, u32) -> Ordering,
    ) -> (Vec<Found>, (f32, f32)) {
        let top =
            rows.iter().fold((0.0f32, f32::NEG_INFINITY), |top, (_, f)| (top.0.max(f.lexical), top.1.max(f.cosine)));
        let own: Vec<u32> = rows.iter().map(|(group, _)| *group).collect();
        if let Some(most) = own.iter().max().filter(|most| slots.len() <= **most as usize) {
            slots.resize(*most as usize + 1, NONE);
        }
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
                (best.chunk, best.section) = (best.chunk.max(row.chunk), best.section.max(row.section));
            } else {
                *slot = groups.len() as u32;
                groups.push(row);
            }
        }
        for group in own {
            slots.get_mut(group as usize).into_iter().for_each(|slot| *slot = NONE);
        }
        for group in &mut groups {
            group.score = self.score(group.lexical, group.cosine, top);
            // No row of the group has a vector yet: its cosine is 0 (D17).
            group.cosine = if group.cosine == f32::NEG_INFINITY { 0.0 } else { group.cosine };
        }
        if matches!(self, Self::Lexical) {
            groups.retain(|group| group.lexical > 0.0);
        }
        sort(&mut groups, by_version);
        (groups, top)
    }

    /// Ranks all groups in each channel; if `fuse` and there are two, their scores become those of reciprocal rank fusion,
    /// `61 / 2 * (1 / (60 + rank) + 1 / (60 + rank))`, a channel that lacks the group adding nothing (Cormack, Clarke and
    /// Büttcher, 2009).
    pub fn rank(self, groups: &mut Vec<Found>, fuse: bool, by_version: &dyn Fn(u32, u32) -> Ordering) {
        ranks(groups, |f| f.lexical, |f| &mut f.lexical_rank);
        ranks(groups, |f| f.cosine, |f| &mut f.cosine_rank);
        if fuse && matches!(self, Self::Both(_)) {
            let share = |rank: u32| if rank > 0 { 1.0 / (RANK_CONSTANT + rank as f32) } else { 0.0 };
            for group in groups.iter_mut() {
                group.score = (RANK_CONSTANT + 1.0) / 2.0 * (share(group.lexical_rank) + share(group.cosine_rank));
            }
        }
        sort(groups, by_version);
    }
}

fn sort(groups: &mut Vec<Found>, by_version: &dyn Fn(u32, u32) -> Ordering) {
    sort_by(groups, &|a, b| b.score.total_cmp(&a.score).then_with(|| by_version(a.vno, b.vno)));
}

/// Leaves the rank of each group's value; 0 is no value.
fn ranks(groups: &mut [Found], value: fn(&Found) -> f32, rank: fn(&mut Found) -> &mut u32) {
    let mut values: Vec<f32> = groups.iter().map(value).filter(|value| *value != 0.0).collect();
    sort_by(&mut values, &|a, b| b.total_cmp(a));
    for group in groups {
        let own = value(group);
        *rank(group) = if own == 0.0 { 0 } else { values.partition_point(|v| *v > own) as u32 + 1 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_are_those_that_sorting_finds_and_no_other_passes_the_floor() {
        let mut seed = 9u32;
        for count in [1, 2, 3, 7, 16, 40] {
            for offered in [0, 1, 6, 40, 41, 300] {
                let mut best = Best::new(count);
                let mut all: Vec<f32> = (0..offered)
                    .map(|row| {
                        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        let score = (seed >> 26) as f32;
                        best.add(score, row);
                        score
                    })
                    .collect();
                all.sort_by(|a, b| b.total_cmp(a));
                let (floor, kept) = best.finish();
                let mut kept: Vec<f32> = kept.into_iter().map(|(score, _)| score).collect();
                kept.sort_by(|a, b| b.total_cmp(a));
                assert_eq!(kept, all[..count.min(all.len())]);
                assert!(all[kept.len()..].iter().all(|left| *left <= floor), "{count} of {offered}");
            }
        }
    }
}
