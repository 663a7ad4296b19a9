//! The exact scan: all codes, then full precision for every row that could be among the best.

use crate::codes::{Codes, Probe};
use crate::pool::{Entry, Pool};
use crate::prune::Scored;
use crate::rerank::{Values, rerank};
use aetherv_core::Bits;

/// Rows scored at a time.
const BLOCK: usize = 256;

/// Up to so many rows are kept sorted while others are scored: of more, each that gets in moves too many. Measured.
pub const KEPT_MAX: usize = 512;

/// Buffers of scans.
#[derive(Default)]
pub struct Scanner {
    pool: Pool,
    rows: Vec<u32>,
    scores: Vec<f32>,
    /// Of several queries the scores of all rows, by [`Scanner::look_ahead`].
    ahead: Vec<Vec<f32>>,
    candidates: Vec<Entry>,
    /// Scores while one of them is looked for.
    shuffled: Vec<f32>,
}

impl Scanner {
    /// Scores all rows for several queries, block by block: each block comes from memory once.
    pub fn look_ahead(&mut self, codes: &Codes<'_>, probes: &[Probe]) {
        self.ahead.resize(self.ahead.len().max(probes.len()), Vec::new());
        self.ahead.iter_mut().for_each(|scores| scores.resize(codes.len(), 0.0));
        for first in (0..codes.len()).step_by(BLOCK) {
            for (probe, scores) in probes.iter().zip(&mut self.ahead) {
                let end = codes.len().min(first + BLOCK);
                codes.scan(probe, first, scores.get_mut(first..end).unwrap_or_default());
            }
        }
    }

    /// The best `k` rows, of a mask or of all, exactly; into `best`. `ahead`: which query of the last look ahead, at the same rows, it is; `lacks` as of
    /// [`rerank`]. Returns how many were scored at full precision.
    #[expect(clippy::too_many_arguments, reason = "a query, its rows and where the answer goes")]
    pub fn search(
        &mut self,
        codes: &Codes<'_>,
        probe: &Probe,
        values: &dyn Values,
        query: &[f32],
        k: usize,
        mask: Option<&Bits>,
        ahead: Option<usize>,
        lacks: &mut Vec<u32>,
        best: &mut Vec<Scored>,
    ) -> u32 {
        best.clear();
        if k == 0 {
            return 0;
        }
        self.rows.clear();
        let count = match mask {
            Some(mask) => {
                self.rows.extend(mask.iter());
                self.rows.len()
            }
            None => codes.len(),
        };
        let known = ahead.filter(|_| mask.is_none()).and_then(|query| self.ahead.get_mut(query));
        let known = known.filter(|scores| scores.len() == count);
        let is_known = known.is_some();
        known.into_iter().for_each(|scores| std::mem::swap(scores, &mut self.scores));
        self.scores.resize(count, 0.0);
        let keeps = k <= KEPT_MAX;
        self.pool.reset(if keeps { k } else { 0 });
        for first in (0..count).step_by(BLOCK) {
            let out = self.scores.get_mut(first..count.min(first + BLOCK)).unwrap_or_default();
            if is_known {
                // Scored ahead.
            } else if mask.is_some() {
                codes.score(probe, self.rows.get(first..first + out.len()).unwrap_or_default(), out);
            } else {
                codes.scan(probe, first, out);
            }
            if !keeps {
                continue;
            }
            let floor = self.pool.floor();
            // The common block has nothing to offer, and to find that out takes one pass in vector registers.
            if out.iter().fold(false, |any, &score| any | (score > floor)) {
                for (at, &score) in (first as u32..).zip(&*out) {
                    self.pool.push(at, score);
                }
            }
        }
        // The k-th approximate score can be too high by the error, and that of one of the exact k too low.
        let error = codes.error_bound(probe, query);
        let last = if keeps { self.pool.floor() } else { self.kth(k) };
        let floor = codes.at_worst(last, 2.0 * error);
        self.candidates.clear();
        let rows = &self.rows;
        let row = |at: usize| if mask.is_some() { rows.get(at).copied().unwrap_or_default() } else { at as u32 };
        for (block, scores) in self.scores.chunks(BLOCK).enumerate() {
            if scores.iter().fold(false, |any, &score| any | (score >= floor)) {
                let near = scores.iter().enumerate().filter(|(_, score)| **score >= floor);
                self.candidates.extend(near.map(|(at, &score)| Entry::new(row(block * BLOCK + at), score)));
            }
        }
        self.candidates.sort_unstable();
        rerank(
            query,
            codes,
            probe,
            self.candidates.iter().map(|near| (near.place(), near.score())),
            k,
            Some(error),
            values,
            lacks,
            best,
        )
    }

    /// The k-th of the scores, the best first; none where there are not more.
    fn kth(&mut self, k: usize) -> f32 {
        if self.scores.len() <= k {
            return f32::NEG_INFINITY;
        }
        self.shuffled.clear();
        self.shuffled.extend_from_slice(&self.scores);
        *self.shuffled.select_nth_unstable_by(k - 1, |a, b| b.total_cmp(a)).1
    }
}
