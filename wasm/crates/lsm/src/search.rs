//! One query over one view: both channels scored, grouped, fused by score, exact.
//!
//! 1. BM25 of every row that holds a query term, with document frequency and lengths of the view (D4).
//! 2. Approximate cosine of every content from its codes.
//! 3. Rows fall into groups (section, document, or the row itself); a group's score in a channel is its best row's.
//! 4. Candidates: the best C groups of each channel. Both scores of each are computed exactly and fused:
//!    `w * lexical / max lexical + (1 - w) * max(0, cosine) / max cosine` (D17).
//! 5. If a group outside could still beat the k-th (Fagin's threshold, with the quantisation error added), C grows.
//!
//! So the result is that of scoring everything, whatever the order of insertion.

use crate::parts::VectorPart;
use crate::rank::{Channel, Found, Fusion};
use crate::rows::{NONE, Rows};
use crate::shard::Shard;
use crate::view::View;
use aetherv_ann::kernels::dot_f32;
use aetherv_ann::sq7;
use aetherv_core::{Bits, Code, Error, Result};
use aetherv_segment::VectorRows;
use aetherv_text::bm25::{idf, tf_norm};
use std::cmp::Ordering;

/// What is one hit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Collapse {
    /// One hit per heading path of a document.
    Section,
    /// One hit per document.
    Document,
    /// Every chunk.
    None,
}

/// A query. `lexical` and `dense` say which channels count; a missing or zero vector leaves BM25 alone.
pub struct Query<'a> {
    /// Handle of the view.
    pub view: u32,
    /// Handle of a mask within the view (a filter), if any.
    pub mask: Option<u32>,
    /// The words.
    pub text: &'a str,
    /// The query vector, `dims` values, or none.
    pub vector: &'a [f32],
    /// Use BM25.
    pub lexical: bool,
    /// Use cosine.
    pub dense: bool,
    /// Weight of the lexical channel, 0..=1.
    pub weight: f32,
    /// How many groups.
    pub k: usize,
    /// What is a group.
    pub collapse: Collapse,
}

/// Buffers that queries share.
#[derive(Default)]
pub struct Scratch {
    lexical: Vec<f32>,
    touched: Vec<u32>,
    approximate: Vec<f32>,
}

impl Shard {
    /// Answers a query: by which channels it is ranked, and at most `k` groups, and past them those that tie with the last in score and version id, which
    /// the caller orders by what only it knows (document id, position).
    ///
    /// # Errors
    /// `AV_DIM_MISMATCH` or `AV_NON_FINITE` for the vector, `AV_INTERNAL` for an unknown handle.
    pub fn search(&mut self, query: &Query<'_>) -> Result<(Fusion, Vec<Found>)> {
        if query.vector.iter().any(|v| !v.is_finite()) {
            return Err(Error::new(Code::NonFinite, "the query vector holds NaN or infinity"));
        }
        if !query.vector.is_empty() && query.vector.len() != self.dims {
            return Err(Error::new(
                Code::DimMismatch,
                format!("the query vector has {} values, the space has {}", query.vector.len(), self.dims),
            ));
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        let found = self.find(query, &mut scratch);
        for &vno in &scratch.touched {
            if let Some(score) = scratch.lexical.get_mut(vno as usize) {
                *score = 0.0;
            }
        }
        scratch.touched.clear();
        self.scratch = scratch;
        found
    }

    fn find(&mut self, query: &Query<'_>, scratch: &mut Scratch) -> Result<(Fusion, Vec<Found>)> {
        scratch.lexical.resize(self.rows.place.len(), 0.0);
        let terms = self.query_terms(query);
        self.views.refresh(query.view, &self.rows);
        let view = self.views.get(query.view)?;
        // A row that no part holds has no groups and is not found.
        let mask = &query.mask.map_or(Ok(view), |mask| self.views.get(mask))?.bits.and(&self.rows.present);
        if !terms.is_empty() && view.rows > 0 {
            self.score_terms(&terms, view, mask, scratch);
        }
        let dense = query.dense && query.vector.iter().any(|v| *v != 0.0);
        let revived = dense && self.revived.vnos.meets(mask);
        let error = if dense { self.scan(query.vector, revived, &mut scratch.approximate) } else { 0.0 };
        let groups = match query.collapse {
            Collapse::Section => self.sections.len(),
            Collapse::Document => self.docs.len(),
            Collapse::None => self.rows.place.len(),
        };
        let by = Grouping { collapse: query.collapse, rows: &self.rows };
        let mut lexical = Channel::new(
            groups,
            scratch.touched.iter().filter_map(|&vno| Some((by.of(vno), *scratch.lexical.get(vno as usize)?))),
        );
        let approximate = &scratch.approximate;
        let rows_dense = mask
            .iter()
            .filter(|_| dense)
            .filter_map(|vno| Some((by.of(vno), *approximate.get(self.scanned_at(vno)?)?)));
        let mut cosine = Channel::new(groups, rows_dense);
        let fusion = Fusion::new(query.weight, !lexical.best.is_empty(), dense);
        // Values so large that sums overflow leave nothing to bound: then every group is a candidate.
        let mut count = if error.is_finite() { query.k.saturating_mul(2).max(64) } else { usize::MAX };
        loop {
            let mut marks = Bits::default();
            let floor_lexical = lexical.mark_best(count, &mut marks);
            let floor_cosine = cosine.mark_best(count, &mut marks);
            let rows = self.score_rows(query, dense, mask, &by, &marks, scratch);
            let (found, top) = fusion.groups(&rows, &|a, b| self.by_version(a, b));
            let complete = floor_lexical == f32::NEG_INFINITY && floor_cosine == f32::NEG_INFINITY;
            let kth = found.get(query.k.saturating_sub(1)).map_or(f32::NEG_INFINITY, |f| f.score);
            let outside = fusion.score(floor_lexical.max(0.0), floor_cosine + error, top);
            if complete || (kth > outside && floor_cosine + error <= top.1) {
                return Ok((fusion, self.cut(found, query.k)));
            }
            count = count.saturating_mul(4);
        }
    }

    /// The query's terms and how often each occurs, in the order of their bytes.
    fn query_terms(&mut self, query: &Query<'_>) -> Vec<(String, f32)> {
        let mut terms: Vec<(String, f32)> = Vec::new();
        if query.lexical {
            self.analyzer.terms(query.text, |term, _, _| {
                match terms.binary_search_by(|(known, _)| known.as_str().cmp(term)) {
                    Ok(at) => terms.iter_mut().skip(at).take(1).for_each(|(_, times)| *times += 1.0),
                    Err(at) => terms.insert(at, (term.to_owned(), 1.0)),
                }
            });
        }
        terms
    }

    /// Adds each term's BM25 to `scratch.lexical`, terms in the order of their bytes, so that sums repeat bit for bit.
    fn score_terms(&self, terms: &[(String, f32)], view: &View, mask: &Bits, scratch: &mut Scratch) {
        let average = view.terms as f32 / view.rows as f32;
        for (term, times) in terms {
            let mut df = 0;
            self.each_posting(view, term, |vno, _| df += u32::from(view.bits.has(vno)));
            if df == 0 {
                continue;
            }
            let weight = idf(view.rows, df) * times;
            self.each_posting(view, term, |vno, tf| {
                if let (true, Some(score)) = (mask.has(vno), scratch.lexical.get_mut(vno as usize)) {
                    if *score == 0.0 {
                        scratch.touched.push(vno);
                    }
                    *score += weight * tf_norm(tf, Rows::at(&self.rows.len, vno), average);
                }
            });
        }
    }

    /// Calls `f(vno, frequency)` for the rows that hold `term`, of all parts but those that hold no row of the view.
    fn each_posting(&self, view: &View, term: &str, mut f: impl FnMut(u32, u32)) {
        for slot in view.parts.iter() {
            if let Some(Some(part)) = self.text.get(slot as usize) {
                part.segment.postings().each(term, |row, tf| {
                    if part.shows(&self.rows, slot, row) {
                        f(part.chunks.vno(row as usize), tf);
                    }
                });
            }
        }
        self.mem.postings.each(term, |row, tf| {
            if self.mem.shows(&self.rows, row) {
                f(self.mem.vno(row), tf);
            }
        });
    }

    /// Where [`Self::scan`] leaves the approximate cosine of a row: contents by number, then transient vectors by slot.
    #[inline]
    fn scanned_at(&self, vno: u32) -> Option<usize> {
        match (Rows::at(&self.rows.cno, vno), self.revived.slot(vno)) {
            (NONE, NONE) => None,
            (NONE, slot) => Some(self.contents.at.len() + slot as usize),
            (cno, _) => Some(cno as usize),
        }
    }

    /// Approximate cosines of all contents into `out`, and of transient vectors if asked; returns a bound on their error.
    fn scan(&self, vector: &[f32], revived: bool, out: &mut Vec<f32>) -> f32 {
        let query = sq7::Query::new(vector);
        out.clear();
        out.resize(self.contents.at.len(), 0.0);
        let mut scale = 0.0f32;
        let mut block = |rows: &VectorRows, codes: &[u8], scales: &[f32]| {
            if rows.numbers().is_empty() {
                query.scan(codes, scales, out.get_mut(rows.first as usize..).unwrap_or_default());
            } else {
                scan_scattered(&query, rows.numbers(), codes, scales, out);
            }
            scale = scales.iter().fold(scale, |max, s| s.max(max));
        };
        for VectorPart { segment, .. } in &self.vectors {
            block(&segment.rows, &segment.codes, &segment.scales);
        }
        self.vector_mem.each_block(&mut block);
        if revived {
            let first = out.len();
            out.resize(first + self.revived.scales.len(), 0.0);
            query.scan(&self.revived.codes, &self.revived.scales, out.get_mut(first..).unwrap_or_default());
            scale = self.revived.scales.iter().fold(scale, |max, s| s.max(max));
        }
        query.error_bound(vector, scale)
    }

    /// Both exact scores of every masked row in a marked group.
    fn score_rows(
        &self,
        query: &Query<'_>,
        dense: bool,
        mask: &Bits,
        by: &Grouping<'_>,
        marks: &Bits,
        scratch: &Scratch,
    ) -> Vec<(u32, Found)> {
        let mut out = Vec::new();
        for vno in mask.iter() {
            let group = by.of(vno);
            if marks.has(group) {
                let lexical = scratch.lexical.get(vno as usize).copied().unwrap_or_default();
                let row = if dense { self.vector(vno) } else { None };
                let cosine = row.map_or(f32::NEG_INFINITY, |row| dot_f32(query.vector, row));
                out.push((group, Found { vno, score: 0.0, lexical, cosine }));
            }
        }
        out
    }

    fn vector(&self, vno: u32) -> Option<&[u8]> {
        match Rows::at(&self.rows.cno, vno) {
            NONE => self.revived.row(vno, self.dims),
            cno => self.values(cno),
        }
    }

    fn by_version(&self, a: u32, b: u32) -> Ordering {
        let id = |vno| self.chunk(vno).map(|(chunks, row)| (chunks.version_id(row), chunks.chunk_id(row)));
        id(a).cmp(&id(b))
    }

    fn cut(&self, mut found: Vec<Found>, k: usize) -> Vec<Found> {
        let version = |f: &Found| self.chunk(f.vno).map(|(chunks, row)| chunks.version_id(row));
        if let Some(last) = k.checked_sub(1).and_then(|at| found.get(at)).copied() {
            let ties =
                found.iter().skip(k).take_while(|f| f.score == last.score && version(f) == version(&last)).count();
            found.truncate(k + ties);
        }
        found
    }
}

struct Grouping<'a> {
    collapse: Collapse,
    rows: &'a Rows,
}

impl Grouping<'_> {
    #[inline]
    fn of(&self, vno: u32) -> u32 {
        match self.collapse {
            Collapse::Section => Rows::at(&self.rows.section, vno),
            Collapse::Document => Rows::at(&self.rows.doc, vno),
            Collapse::None => vno,
        }
    }
}

/// Scans contents whose numbers have gaps: side by side first, then each to its number.
fn scan_scattered(query: &sq7::Query, numbers: &[u32], codes: &[u8], scales: &[f32], out: &mut [f32]) {
    let mut near = vec![0.0; numbers.len()];
    query.scan(codes, scales, &mut near);
    for (&cno, near) in numbers.iter().zip(near) {
        if let Some(slot) = out.get_mut(cno as usize) {
            *slot = near;
        }
    }
}
