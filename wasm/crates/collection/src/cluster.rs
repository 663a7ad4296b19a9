//! K-means of contents (Lloyd 1982), step by step: whoever calls says which contents, some at a time, and gives others their turn in between.
//!
//! 1. Seeds are drawn from a sample, each the likelier the farther it is from those before (k-means++, Arthur and Vassilvitskii 2007).
//! 2. Each content belongs to the centroid with the least squared distance, of equals the one with the lower number. Where another processor says
//!    which two are nearest, these are scored exactly, and the first is taken if no other can be as near; else all are.
//! 3. A centroid moves to the mean of what belongs to it; under cosine it is brought to length 1, where the least distance is the largest cosine
//!    (spherical k-means, Dhillon and Modha 2001). One that nothing belongs to moves to the content that is farthest from its own.
//!
//! Sums are of f64, in the order of the contents: the answer does not depend on how they were cut into calls, nor on who found what is near.

use crate::candidates::{Bound, Tally};
use crate::paging::Lack;
use crate::rows::Column;
use crate::{Collection, NONE};
use aetherv_ann::codes::Metric;
use aetherv_ann::kernels::l2_f32;
use aetherv_ann::sq7::half_steps;

/// Contents that are scored against a centroid while it is near.
const BLOCK: usize = 8;

/// Centroids on their way.
pub struct Clusters {
    dims: usize,
    count: usize,
    spherical: bool,
    chance: u64,
    /// Values that seeds are drawn from, row-major, and of each the squared distance from the nearest seed.
    sample: Vec<u8>,
    gaps: Vec<f32>,
    centroids: Vec<f32>,
    /// Of what was assigned since the last move: sums of values by cluster, how many they are, and the one that is farthest from its centroid.
    sums: Vec<f64>,
    weights: Vec<f64>,
    farthest: Vec<(f32, Vec<u8>)>,
    inertia: f64,
}

/// Of contents the two nearest centroids by another processor: numbers and scores, two a content, [`NONE`] where there is one centroid alone.
#[derive(Clone, Copy)]
pub struct Near<'a> {
    /// Numbers of centroids.
    pub numbers: &'a [u32],
    /// Minus the squared distances, in any order of summing.
    pub scores: &'a [f32],
}

impl Clusters {
    /// `count` clusters of vectors of `dims` values; `spherical`: of unit length, and so are the centroids.
    pub fn new(dims: usize, spherical: bool, count: usize, seed: u32) -> Self {
        Self {
            dims,
            count,
            spherical,
            chance: u64::from(seed),
            sample: Vec::new(),
            gaps: Vec::new(),
            centroids: Vec::with_capacity(dims * count),
            sums: vec![0.0; dims * count],
            weights: vec![0.0; count],
            farthest: vec![(0.0, Vec::new()); count],
            inertia: 0.0,
        }
    }

    /// Places of `count` among `of`, spread over all: one from each stretch of equal length.
    pub fn picks(&mut self, of: u32, count: u32) -> Vec<u32> {
        if count >= of {
            return (0..of).collect();
        }
        let stretch = f64::from(of) / f64::from(count);
        (0..count).map(|i| (((f64::from(i) + self.draw()) * stretch) as u32).min(of - 1)).collect()
    }

    /// Adds contents to the sample. False: their values are not in memory, which the collection says, or not there.
    pub fn sample(&mut self, from: &mut Collection, cnos: &[u32]) -> bool {
        let Some(rows) = from.values_of(cnos) else { return false };
        rows.iter().for_each(|row| self.sample.extend_from_slice(row));
        true
    }

    /// Draws seeds from the sample until so many products are done or all are there; returns how many there are. Nothing is drawn from no sample.
    pub fn seed(&mut self, products: usize) -> usize {
        let width = 4 * self.dims.max(1);
        let rows = self.sample.len() / width;
        self.gaps.resize(rows, f32::INFINITY);
        let at_once = (products / (rows * self.dims).max(1)).max(1);
        let known = self.centroids.len() / self.dims.max(1);
        for _ in known..self.count.min(known + at_once) {
            let place = self.draw_far(rows);
            let Some(seed) = self.sample.chunks_exact(width).nth(place) else { break };
            let seed: Vec<f32> = floats(seed).collect();
            for (row, gap) in self.sample.chunks_exact(width).zip(&mut self.gaps) {
                *gap = gap.min(l2_f32(&seed, row));
            }
            self.centroids.extend(seed);
        }
        let seeds = self.centroids.len() / self.dims.max(1);
        if seeds == self.count {
            (self.sample, self.gaps) = (Vec::new(), Vec::new());
        }
        seeds
    }

    /// A place, by its gap; the first one, and where all are 0, any.
    fn draw_far(&mut self, rows: usize) -> usize {
        let total: f64 = self.gaps.iter().map(|gap| f64::from(*gap)).sum();
        let share = self.draw();
        if total.is_infinite() || total == 0.0 {
            return (share * rows as f64) as usize;
        }
        let (mut rest, mut place) = (share * total, 0);
        for (at, gap) in self.gaps.iter().enumerate().filter(|(_, gap)| **gap > 0.0) {
            place = at;
            rest -= f64::from(*gap);
            if rest < 0.0 {
                break;
            }
        }
        place
    }

    /// From 0 to below 1 (SplitMix64, Steele, Lea and Flood 2014).
    fn draw(&mut self) -> f64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.chance ^ (self.chance >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// The cluster of each content, each of which counts as often as its weight says. None: their values are not in memory, which the collection
    /// says, or not there; then nothing was counted.
    pub fn assign(
        &mut self,
        from: &mut Collection,
        cnos: &[u32],
        weights: &[u32],
        near: Option<Near<'_>>,
    ) -> Option<(Vec<u32>, Tally)> {
        // How long vectors can be is known when all codes are there.
        let near = near.filter(|_| from.contents.parts.iter().all(|part| part.rows.is_whole()));
        let longest = if near.is_some() { from.longest() } else { 0.0 };
        let rows = from.values_of(cnos)?;
        let mut tally = Tally::default();
        let mut found: Vec<Option<(f32, u32)>> = vec![None; rows.len()];
        if let Some(near) = near {
            let own = self.centroids.chunks(self.dims.max(1)).map(length_of).fold(0.0, f32::max);
            let bound = Bound::between(Metric::L2, self.dims, own, longest);
            let pairs = near.numbers.as_chunks::<2>().0.iter().zip(near.scores.as_chunks::<2>().0);
            for ((row, found), (numbers, scores)) in rows.iter().zip(&mut found).zip(pairs) {
                match self.proved(row, *numbers, *scores, &bound) {
                    Some(Ok(nearest)) => {
                        tally.proved += 1;
                        *found = Some(nearest);
                    }
                    Some(Err(())) => tally.scanned += 1,
                    None => tally.wrong += 1,
                }
            }
        }
        let open: Vec<usize> =
            found.iter().enumerate().filter(|(_, found)| found.is_none()).map(|(at, _)| at).collect();
        for places in open.chunks(BLOCK) {
            let block: Vec<&[u8]> = places.iter().filter_map(|at| rows.get(*at).copied()).collect();
            for (&at, nearest) in places.iter().zip(self.scan(&block)) {
                found.get_mut(at).into_iter().for_each(|found| *found = Some(nearest));
            }
        }
        let clusters: Vec<(f32, u32)> = found.into_iter().flatten().collect();
        for ((row, nearest), weight) in rows.iter().zip(&clusters).zip(weights) {
            self.count_in(row, *nearest, f64::from(*weight));
        }
        Some((clusters.into_iter().map(|(_, cluster)| cluster).collect(), tally))
    }

    /// The nearest centroid by what another processor says; an error where another one may be as near, none where it cannot be right.
    fn proved(&self, row: &[u8], numbers: [u32; 2], scores: [f32; 2], bound: &Bound) -> Option<Result<(f32, u32), ()>> {
        let exact = |number: u32, score: f32| {
            let at = number as usize * self.dims;
            let exact = -l2_f32(self.centroids.get(at..at + self.dims)?, row);
            (score.is_finite() && bound.admits(score, exact)).then_some((exact, number))
        };
        let first = exact(numbers[0], scores[0])?;
        if self.count == 1 {
            return (numbers[1] == NONE).then_some(Ok(first));
        }
        let second = exact(numbers[1], scores[1]).filter(|_| numbers[0] != numbers[1] && scores[0] >= scores[1])?;
        let isnt_first = second.0 > first.0 || (second.0 == first.0 && second.1 < first.1);
        let nearest = if isnt_first { second } else { first };
        // All others are at most as near as the second is said to be.
        let is_sure = self.count == 2 || nearest.0 > bound.at_best(scores[1]);
        Some(if is_sure { Ok(nearest) } else { Err(()) })
    }

    /// The nearest centroid of each, and its score.
    fn scan(&self, rows: &[&[u8]]) -> Vec<(f32, u32)> {
        let mut best = vec![(f32::NEG_INFINITY, 0); rows.len()];
        for (centroid, number) in self.centroids.chunks(self.dims.max(1)).zip(0..) {
            for (row, best) in rows.iter().zip(&mut best) {
                let score = -l2_f32(centroid, row);
                if score > best.0 {
                    *best = (score, number);
                }
            }
        }
        best
    }

    fn count_in(&mut self, row: &[u8], (score, cluster): (f32, u32), weight: f64) {
        let cluster = cluster as usize;
        let own = self.sums.iter_mut().skip(cluster * self.dims);
        own.zip(floats(row)).for_each(|(sum, value)| *sum += weight * f64::from(value));
        self.weights.get_mut(cluster).into_iter().for_each(|sum| *sum += weight);
        self.inertia -= weight * f64::from(score);
        if let Some(farthest) = self.farthest.get_mut(cluster).filter(|farthest| -score > farthest.0) {
            farthest.0 = -score;
            farthest.1.clear();
            farthest.1.extend_from_slice(row);
        }
    }

    /// Moves the centroids to where what was assigned to them since the last time is.
    pub fn update(&mut self) {
        let mut far: Vec<&(f32, Vec<u8>)> = self.farthest.iter().filter(|farthest| farthest.0 > 0.0).collect();
        far.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut far = far.into_iter();
        let dims = self.dims.max(1);
        let all = self.centroids.chunks_mut(dims).zip(self.sums.chunks(dims)).zip(&self.weights);
        for ((centroid, sums), &weight) in all {
            if weight > 0.0 {
                let squares = sums.iter().map(|sum| sum * sum).sum::<f64>();
                let scale = if self.spherical { squares.sqrt() } else { weight };
                // Vectors that point everywhere have no mean direction: it stays.
                if scale > 0.0 {
                    centroid.iter_mut().zip(sums).for_each(|(value, sum)| *value = (sum / scale) as f32);
                }
            } else if let Some((_, row)) = far.next() {
                centroid.iter_mut().zip(floats(row)).for_each(|(value, own)| *value = own);
            }
        }
        self.sums.fill(0.0);
        self.weights.fill(0.0);
        self.farthest.iter_mut().for_each(|farthest| farthest.0 = 0.0);
        self.inertia = 0.0;
    }

    /// Centroids, row-major.
    pub fn centroids(&self) -> &[f32] {
        &self.centroids
    }

    /// The sum of squared distances of all that was assigned since the last move from their centroids.
    pub const fn inertia(&self) -> f64 {
        self.inertia
    }
}

impl Collection {
    /// Values of contents; none where one is not in memory, which [`Self::lacking`] names then, or not there at all.
    pub(crate) fn values_of(&mut self, cnos: &[u32]) -> Option<Vec<&[u8]>> {
        self.refresh();
        let (contents, lacking) = (&self.contents, &mut self.lacking);
        let found: Option<Vec<_>> = cnos.iter().map(|cno| contents.find(*cno)).collect();
        let (mut rows, known) = (Vec::with_capacity(cnos.len()), lacking.len());
        for (part, row) in found? {
            let value = part.rows.value(row);
            if value.is_empty() {
                lacking.push(Lack { segment: part.id, column: Column::Values, row: row as u32 });
            }
            rows.push(value);
        }
        (lacking.len() == known).then_some(rows)
    }

    /// At least the length of the longest vector.
    fn longest(&self) -> f32 {
        let all = self.contents.parts.iter().map(|part| part.rows.codes());
        all.map(|codes| codes.longest() + half_steps(self.dims, codes.coarsest)).fold(0.0, f32::max)
    }
}

fn floats(row: &[u8]) -> impl Iterator<Item = f32> + '_ {
    row.as_chunks::<4>().0.iter().map(|value| f32::from_le_bytes(*value))
}

/// At least, however it is rounded.
fn length_of(vector: &[f32]) -> f32 {
    vector.iter().map(|x| x * x).sum::<f32>().sqrt() * 1.001
}
