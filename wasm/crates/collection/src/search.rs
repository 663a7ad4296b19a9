//! A search: each part within its mask, what they find merged by exact scores.

use crate::Collection;
use crate::select::Mask;
use aetherv_ann::search::{Ask, Searcher};
use aetherv_core::{Code, Error, Result};

/// What is asked.
pub struct Query<'a> {
    /// Handle of the view.
    pub view: u32,
    /// Bytecode of the filter; none: no bytes.
    pub filter: &'a [u8],
    /// How many hits.
    pub k: usize,
    /// Size of the pool of a walk.
    pub ef: usize,
    /// Scan, whatever is cheaper.
    pub exact: bool,
}

/// How a search was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Every match was looked at.
    pub exact: bool,
    /// The sum of [`SCANNED`], [`WALKED`] and [`MASKED`].
    pub strategy: u32,
    /// Rows whose codes were compared.
    pub compared: u32,
    /// Places whose links were followed.
    pub followed: u32,
    /// Rows scored at full precision.
    pub reranked: u32,
    /// Parts searched.
    pub parts: u32,
    /// Contents that view and filter admit.
    pub matches: u32,
}

/// Parts were scanned.
pub const SCANNED: u32 = 1;
/// Graphs were walked.
pub const WALKED: u32 = 2;
/// Graphs were walked within a mask.
pub const MASKED: u32 = 4;

/// What searches need, kept between them.
#[derive(Default)]
pub struct Finder {
    searcher: Searcher,
    /// Score, number and row, counted through all parts, of contents found.
    near: Vec<(f32, u32, u32)>,
    /// Item versions and scores of the last search.
    found: Vec<(u32, f32)>,
}

impl Collection {
    /// Answers; what it found is in [`Self::found`].
    ///
    /// Of contents with the same score those with the lower number are taken, whatever parts they are in.
    ///
    /// # Errors
    /// `AV_DIM_MISMATCH`, `AV_NON_FINITE`; `AV_INTERNAL` for a view that is not here, and those of a filter.
    pub fn search(&mut self, vector: &[f32], query: &Query<'_>) -> Result<Report> {
        if vector.len() != self.dims {
            let detail = format!("the query vector has {} values, the collection has {}", vector.len(), self.dims);
            return Err(Error::new(Code::DimMismatch, detail));
        }
        if !vector.iter().fold(true, |all, value| all & value.is_finite()) {
            return Err(Error::new(Code::NonFinite, "the query vector holds NaN or infinity"));
        }
        let (selection, contents, finder) = self.selected(query.view, query.filter)?;
        let k = query.k.min(selection.matches as usize);
        let mut report = Report { exact: true, matches: selection.matches, ..Report::default() };
        finder.near.clear();
        for ((part, Mask { bits, count }), at) in contents.parts.iter().zip(&selection.masks).zip(0..) {
            if *count == 0 || k == 0 {
                continue;
            }
            let mask = bits.as_ref().map(|bits| (bits, *count));
            let ask = Ask { query: vector, k, ef: query.ef, mask, exact: query.exact };
            let own = finder.searcher.search(part.rows.graph.as_ref(), &part.rows.codes(), &part.rows.columns(), &ask);
            report.exact &= own.exact;
            report.strategy |= if own.exact { SCANNED } else { WALKED };
            report.strategy |= if !own.exact && mask.is_some() { MASKED } else { 0 };
            report.compared += own.compared;
            report.followed += own.followed;
            report.reranked += own.reranked;
            report.parts += 1;
            let base = contents.places.base(at);
            // Zero of either sign is one score.
            let near = |&(row, score): &(u32, f32)| {
                (score + 0.0, part.rows.cnos.get(row as usize).copied().unwrap_or_default(), base + row)
            };
            finder.near.extend(finder.searcher.found.iter().map(near));
        }
        if report.parts > 1 {
            finder.near.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            finder.near.truncate(k);
        }
        finder.found.clear();
        for &(score, _, row) in &finder.near {
            finder.found.extend(selection.owners(row).map(|ino| (ino, score)));
        }
        finder.found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        finder.found.truncate(query.k);
        Ok(report)
    }

    /// Item versions and scores that the last search found, the nearest first; equal scores by number.
    pub fn found(&self) -> &[(u32, f32)] {
        &self.finder.found
    }
}
