//! A search: each part within its mask, what they find merged by exact scores.

use crate::Collection;
use crate::paging::Lack;
use crate::rows::Column;
use crate::select::Mask;
use aetherv_ann::search::{self as ann, Ask, Searcher};
use aetherv_ann::walk::Lacks;
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

impl Report {
    /// One part more, searched within a mask or whole.
    fn add(&mut self, own: ann::Report, masked: bool) {
        self.strategy |= if own.exact { SCANNED } else { WALKED };
        self.strategy |= if !own.exact && masked { MASKED } else { 0 };
        self.compared += own.compared;
        self.followed += own.followed;
        self.reranked += own.reranked;
        self.parts += 1;
    }
}

/// Queries that are asked together: their scores of all rows wait in memory.
const TOGETHER: usize = 8;

/// Takes each query's answer.
pub type Take<'a> = dyn FnMut(Report, &[(u32, f32)]) + 'a;

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
    /// Item versions and scores of the last search.
    found: Vec<(u32, f32)>,
}

impl Collection {
    /// Answers; what it found is in [`Self::found`]. Errors are those of [`Self::search_each`].
    pub fn search(&mut self, vector: &[f32], query: &Query<'_>) -> Result<Report> {
        if vector.len() != self.dims {
            return Err(wrong_length(vector.len(), self.dims));
        }
        let mut report = Report::default();
        self.search_each(vector, query, &mut |own, _| report = own)?;
        Ok(report)
    }

    /// Answers several queries, row-major, each to `f`: how, and the item versions found with their scores.
    ///
    /// Of contents with the same score those with the lower number are taken, whatever parts they are in.
    /// What is given is no answer while [`Self::lacking`] names values.
    ///
    /// # Errors
    /// `AV_DIM_MISMATCH`, `AV_NON_FINITE`; `AV_CORRUPT` for damage that it meets; `AV_INTERNAL` for a view that is not here, and those of a filter.
    pub fn search_each(&mut self, vectors: &[f32], query: &Query<'_>, f: &mut Take<'_>) -> Result<()> {
        let dims = self.dims;
        if dims == 0 || !vectors.len().is_multiple_of(dims) {
            return Err(wrong_length(vectors.len(), dims));
        }
        if !vectors.iter().fold(true, |all, value| all & value.is_finite()) {
            return Err(Error::new(Code::NonFinite, "the query vector holds NaN or infinity"));
        }
        let (selection, contents, finder, lacking) = self.selected(query.view, query.filter)?;
        let k = query.k.min(selection.matches as usize);
        for group in vectors.chunks(dims * TOGETHER) {
            let mut answers = vec![(Report::default(), Vec::new()); group.len() / dims];
            for ((part, Mask { bits, count }), at) in contents.parts.iter().zip(&selection.masks).zip(0..) {
                if *count == 0 || k == 0 {
                    continue;
                }
                let (graph, codes) = (part.rows.graph.as_ref(), part.rows.codes());
                let scans =
                    answers.len() > 1 && bits.is_none() && (query.exact || graph.is_none()) && codes.coming.is_none();
                if scans {
                    finder.searcher.look_ahead(&codes, &mut group.chunks(dims));
                }
                let mask = bits.as_ref().map(|bits| (bits, *count));
                let base = contents.places.base(at);
                for ((query_at, vector), (report, near)) in group.chunks(dims).enumerate().zip(&mut answers) {
                    let ahead = scans.then_some(query_at);
                    let ask = Ask { query: vector, k, ef: query.ef, mask, exact: query.exact, ahead };
                    report.add(finder.searcher.search(graph, &codes, &part.rows, &ask), mask.is_some());
                    let Lacks { codes, links } = finder.searcher.lacking();
                    let lacks =
                        [(Column::Codes, codes), (Column::Links, links), (Column::Values, &finder.searcher.lacks)];
                    for (column, rows) in lacks {
                        lacking.extend(rows.iter().map(|&row| Lack { segment: part.id, column, row }));
                    }
                    // Zero of either sign is one score.
                    near.extend(finder.searcher.found.iter().map(|&(row, score)| {
                        (score + 0.0, part.rows.cnos.get(row as usize).copied().unwrap_or_default(), base + row)
                    }));
                }
            }
            for (mut report, mut near) in answers {
                (report.exact, report.matches) = (report.strategy & WALKED == 0, selection.matches);
                if report.parts > 1 {
                    near.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
                    near.truncate(k);
                }
                finder.found.clear();
                for &(score, _, row) in &near {
                    finder.found.extend(selection.owners(row).map(|ino| (ino, score)));
                }
                finder.found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
                finder.found.truncate(query.k);
                f(report, &finder.found);
            }
        }
        contents.intact(lacking)
    }

    /// Item versions and scores that the last search found, the nearest first; equal scores by number.
    pub fn found(&self) -> &[(u32, f32)] {
        &self.finder.found
    }
}

fn wrong_length(values: usize, dims: usize) -> Error {
    Error::new(Code::DimMismatch, format!("the query vector has {values} values, the collection has {dims}"))
}
