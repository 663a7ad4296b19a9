//! Answers from candidates that another processor found by approximate scores: its word is taken for which rows may be near, never for how near
//! they are.
//!
//! 1. A candidate must be a content that view and filter admit, and its score must be within the bound that any order of summing f32 keeps.
//! 2. All candidates are scored exactly. If the worst candidate's score, at its best, is below the k-th exact score, no row that is not a
//!    candidate can be among the first k: then the answer is the scan's, bit for bit.
//! 3. A query of which this cannot be shown is answered by a scan.

use crate::Collection;
use crate::NONE;
use crate::contents::VectorPart;
use crate::pages::Pages;
use crate::search::{Query, Report, SCANNED, Take};
use aetherv_ann::codes::Metric;
use aetherv_ann::half;
use aetherv_ann::kernels::{dot_f32, l2_f32};
use aetherv_ann::sq7::{self, half_steps};
use aetherv_core::Result;
use std::ops::Range;

/// What approximate scores are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// The values.
    Whole,
    /// The values at half precision, see [`half`].
    Half,
    /// The codes.
    Codes,
}

/// Candidates of several queries: `each` a query, the best first, [`NONE`] behind the last.
pub struct Candidates<'a> {
    /// How many a query.
    pub each: usize,
    /// Contents.
    pub cnos: &'a [u32],
    /// Their approximate scores.
    pub scores: &'a [f32],
    /// What those are of.
    pub precision: Precision,
}

/// What became of the queries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Answered from candidates.
    pub proved: u32,
    /// Answered by a scan, as the candidates might have left one out.
    pub scanned: u32,
    /// Answered by a scan, as the candidates were wrong.
    pub wrong: u32,
}

/// Item versions and scores.
type Hits = Vec<(u32, f32)>;

/// How far the sum of products on the other processor can be off ours.
#[derive(Clone, Copy)]
pub(crate) struct Bound {
    metric: Metric,
    /// Of a dot product; and of a squared distance what does not shrink with it.
    most: f32,
    /// Of a squared distance, relative to it.
    share: f32,
}

impl Bound {
    /// Two sums of n products, each in an order of its own and each step rounded to one of its neighbours, are apart by at most
    /// `2 n u / (1 - n u)` times the sum of the products' sizes, u = 2^-23 (Higham 2002, section 4.2). `longest`: of all rows.
    /// Numbers below the normal ones may be taken for zero.
    fn of(metric: Metric, query: &[f32], longest: f32) -> Self {
        let length = sq7::length_of(query.iter().copied()) * 1.001;
        Self::between(metric, query.len(), length, longest)
    }

    /// The same of vectors that are at most so long.
    pub(crate) fn between(metric: Metric, dims: usize, length: f32, longest: f32) -> Self {
        let dims = dims as f32;
        let share = 2.1 * (dims + 4.0) * f32::EPSILON;
        let tiny = dims * f32::MIN_POSITIVE * (4.0 + length + longest);
        // Where a sum could overflow on its way, nothing is known.
        let size = if metric == Metric::L2 { (length + longest) * (length + longest) } else { length * longest };
        let most =
            if size < 1e37 { tiny + if metric == Metric::L2 { 0.0 } else { share * size } } else { f32::INFINITY };
        Self { metric, most, share }
    }

    /// The best that the exact score of an approximate one can be.
    pub(crate) fn at_best(&self, score: f32) -> f32 {
        let share = if self.metric == Metric::L2 { self.share } else { 0.0 };
        score + score.abs() * share + self.most
    }

    pub(crate) fn admits(&self, approximate: f32, exact: f32) -> bool {
        exact <= self.at_best(approximate) && approximate <= self.at_best(exact)
    }
}

impl Collection {
    /// Answers several queries, row-major, each to `f`, from candidates.
    ///
    /// # Errors
    /// Those of [`Self::search_each`].
    pub fn search_from(
        &mut self,
        vectors: &[f32],
        query: &Query<'_>,
        candidates: &Candidates<'_>,
        f: &mut Take<'_>,
    ) -> Result<Tally> {
        let mut tally = Tally::default();
        let each = candidates.each.max(1);
        let lists = candidates.cnos.chunks(each).zip(candidates.scores.chunks(each));
        for (vector, (cnos, scores)) in vectors.chunks(self.dims.max(1)).zip(lists) {
            let length = cnos.iter().position(|cno| *cno == NONE).unwrap_or(cnos.len());
            let list = cnos.iter().copied().zip(scores.iter().copied()).take(length);
            match self.proved(vector, query, list, (length == each, candidates.precision))? {
                Some((report, near)) if report.exact => {
                    tally.proved += 1;
                    f(report, &near);
                }
                unproved => {
                    *(if unproved.is_some() { &mut tally.scanned } else { &mut tally.wrong }) += 1;
                    self.search_each(vector, &Query { exact: true, ..*query }, f)?;
                }
            }
        }
        Ok(tally)
    }

    /// The answer from candidates; not exact where another row might belong to it, none where they cannot be right. `full`: there may be more.
    fn proved(
        &mut self,
        vector: &[f32],
        query: &Query<'_>,
        list: impl Iterator<Item = (u32, f32)>,
        (full, precision): (bool, Precision),
    ) -> Result<Option<(Report, Hits)>> {
        let metric = self.metric;
        let (selection, contents, ..) = self.selected(query.view, query.filter)?;
        if !contents.parts.iter().all(|part| part.rows.is_whole()) {
            // Codes are not all there: the scan says what it lacks.
            return Ok(Some(Default::default()));
        }
        let codes = || contents.parts.iter().map(|part| part.rows.codes());
        let longest =
            codes().map(|codes| codes.longest() + half_steps(vector.len(), codes.coarsest)).fold(0.0, f32::max);
        let mut bound = Bound::of(metric, vector, longest);
        bound.most += match precision {
            Precision::Whole => 0.0,
            // Of squared distances these bounds say nothing.
            _ if metric == Metric::L2 => f32::INFINITY,
            // Rows are longer by so little then that the bound of sums has room for it.
            Precision::Half => half::error_bound(vector, longest),
            Precision::Codes => {
                let probe = sq7::Query::new(vector);
                codes().map(|own| probe.error_bound(vector, own.coarsest, own.longest())).fold(0.0, f32::max)
            }
        };
        let (mut near, mut floor) = (Vec::new(), f32::INFINITY);
        for (cno, approximate) in list {
            let Some(row) = contents.row(cno, &mut 0) else { return Ok(None) };
            if selection.owners(row).next().is_none() || !approximate.is_finite() || approximate > floor {
                return Ok(None);
            }
            floor = approximate;
            let value = contents.find(cno).map(|(part, row)| part.rows.value(row)).unwrap_or_default();
            if value.is_empty() {
                // Not in memory any more: the scan says what it lacks.
                return Ok(Some(Default::default()));
            }
            let exact = if metric == Metric::L2 { -l2_f32(vector, value) } else { dot_f32(vector, value) };
            if !bound.admits(approximate, exact) {
                return Ok(None);
            }
            near.push((exact + 0.0, cno, row));
        }
        near.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let twice = near.windows(2).any(|pair| matches!(pair, [a, b] if a.1 == b.1));
        if twice || (!full && near.len() != selection.matches as usize) {
            return Ok(None);
        }
        let k = query.k.min(selection.matches as usize);
        let worst = k.checked_sub(1).and_then(|last| near.get(last)).map(|last| last.0);
        let exact = !full || k == 0 || worst.is_some_and(|worst| bound.at_best(floor) < worst);
        let reranked = near.len() as u32;
        near.truncate(k);
        let mut found: Hits = near.iter().flat_map(|near| selection.owners(near.2).map(|ino| (ino, near.0))).collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(query.k);
        let (matches, parts) = (selection.matches, contents.parts.len() as u32);
        let report = Report { exact, strategy: SCANNED, compared: matches, followed: 0, reranked, parts, matches };
        Ok(Some((report, found)))
    }

    /// What another processor has to know of the parts: contents that view and filter admit, then of each part its id, rows, how many of them
    /// are admitted, and, unless all or none are, which: a bit a row.
    ///
    /// # Errors
    /// `AV_INTERNAL` for a view that is not here, and those of a filter.
    pub fn admitted(&mut self, view: u32, filter: &[u8]) -> Result<Vec<u32>> {
        let (selection, contents, ..) = self.selected(view, filter)?;
        let mut out = vec![selection.matches];
        for (part, mask) in contents.parts.iter().zip(&selection.masks) {
            let rows = part.rows.len();
            out.extend([part.id, rows as u32, mask.count]);
            if let Some(bits) = mask.bits.as_ref().filter(|_| mask.count > 0) {
                let end = out.len() + rows.div_ceil(32);
                out.extend(bits.words().iter().take(rows.div_ceil(32)));
                out.resize(end, 0);
            }
        }
        Ok(out)
    }

    /// Numbers of a part's contents, rising.
    pub fn part_cnos(&self, part: usize) -> &[u32] {
        self.contents.parts.get(part).map_or(&[], |part| part.rows.cnos.as_slice())
    }

    /// Codes of a part's contents, row-major, and the scale of each.
    pub fn part_codes(&self, part: usize) -> (&[u8], &[f32]) {
        self.contents.parts.get(part).map_or((&[], &[]), |part| {
            let codes = part.rows.codes();
            (codes.bytes(), codes.scales)
        })
    }

    /// Queries, row-major, as codes for another processor that scans: the codes of all, then of each its scale (f32) and what is to be taken off
    /// the integer product with any row (i32).
    pub fn probes(&self, queries: &[f32]) -> Vec<u8> {
        let probes: Vec<sq7::Query> = queries.chunks(self.dims.max(1)).map(sq7::Query::new).collect();
        let mut out: Vec<u8> = probes.iter().flat_map(|probe| probe.parts().0.iter().map(|code| *code as u8)).collect();
        for probe in &probes {
            let (_, scale, correction) = probe.parts();
            out.extend(scale.to_le_bytes());
            out.extend(correction.to_le_bytes());
        }
        out
    }

    /// Are the values and the codes of a part's contents all in memory?
    pub fn is_resident(&self, part: usize) -> bool {
        let held = |pages: &Pages| pages.held() == pages.total();
        let pages = |part: &VectorPart| part.rows.is_whole() && part.rows.pages().is_none_or(held);
        self.contents.parts.get(part).is_some_and(pages)
    }

    /// Values of rows of a part, f32 bytes, row-major; those that are not in memory are left out.
    pub fn part_values(&mut self, part: usize, rows: Range<usize>) -> &[u8] {
        self.gather(part, rows, |row, out| out.extend_from_slice(row))
    }

    /// The same at half precision, see [`half::push_row`].
    pub fn part_halves(&mut self, part: usize, rows: Range<usize>) -> &[u8] {
        self.gather(part, rows, half::push_row)
    }

    fn gather(&mut self, part: usize, rows: Range<usize>, push: impl Fn(&[u8], &mut Vec<u8>)) -> &[u8] {
        self.gathered.clear();
        if let Some(part) = self.contents.parts.get(part) {
            rows.for_each(|row| push(part.rows.value(row), &mut self.gathered));
        }
        &self.gathered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_small_is_as_far_off_as_what_is_large_by_its_share() {
        let query = [0.5, -0.25, 1.0, 0.0, 0.75];
        let most = |by: f32| Bound::of(Metric::Dot, &query.map(|x| x * by), 2.0).most / by;
        assert!((most(1e-28) / most(1.0) - 1.0).abs() < 0.01, "{} {}", most(1e-28), most(1.0));
    }
}
