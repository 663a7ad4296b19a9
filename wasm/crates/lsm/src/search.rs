//! One query over one view: both channels scored, grouped, fused, exact.
//!
//! 1. The lexical score of every row that holds a term of the query (`lexical.rs`); what must and must not be there
//!    narrows the rows that either channel may find.
//! 2. Approximate cosine of every content from its codes.
//! 3. Rows fall into groups (section, document, or the row itself); a group's score in a channel is its best row's.
//! 4. Candidates: the best C groups of each channel. Both scores of each are computed exactly and fused:
//!    `w * lexical / max lexical + (1 - w) * max(0, cosine) / max cosine` (D17).
//! 5. If a group outside could still beat the k-th (Fagin's threshold, with the quantisation error added), C grows.
//!
//! So the result is that of scoring everything, whatever the order of insertion.

use crate::clause::Clause;
use crate::diverse::diverse_pool;
use crate::highlight::Asked;
use crate::lexical::Lexical;
use crate::parts::VectorPart;
use crate::rank::{Best, Channel, Found, Fusion};
use crate::rows::{NONE, Rows};
use crate::shard::Shard;
use crate::view::View;
use aetherv_ann::kernels::dot_f32;
use aetherv_ann::sq7;
use aetherv_core::{Bits, Code, Error, Result};
use aetherv_segment::VectorRows;
use aetherv_text::tuning::{FEEDBACK_GROUPS, TUNING, Tuning};
use std::borrow::Cow;
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

/// A query. `lexical` and `dense` say which channels rank; a missing or zero vector leaves the words alone.
pub struct Query<'a> {
    /// Handle of the view.
    pub view: u32,
    /// Handle of a mask within the view (a filter), if any.
    pub mask: Option<u32>,
    /// The words.
    pub clauses: &'a [Clause<'a>],
    /// The query vector, `dims` values, or none.
    pub vector: &'a [f32],
    /// Rank by the words. If not, they still say what must and must not be there.
    pub lexical: bool,
    /// Rank by cosine.
    pub dense: bool,
    /// Weight of the lexical channel, 0..=1.
    pub weight: f32,
    /// How many groups.
    pub k: usize,
    /// What is a group.
    pub collapse: Collapse,
    /// Parameters of the lexical score.
    pub tuning: Tuning,
    /// Fuse by rank instead of by score; then every group is ranked in both channels.
    pub by_rank: bool,
    /// Look once more with the query moved towards the best groups (pseudo-relevance feedback).
    pub feedback: bool,
    /// How much unlike those before it a hit should be, 0 (not at all) to 1 (maximal marginal relevance).
    pub diversity: f32,
    /// Tell the ranks in each channel.
    pub explain: bool,
}

impl<'a> Query<'a> {
    /// The best ten sections of a view by the words alone.
    pub const fn new(view: u32, clauses: &'a [Clause<'a>]) -> Self {
        Self {
            view,
            mask: None,
            clauses,
            vector: &[],
            lexical: true,
            dense: false,
            weight: 0.5,
            k: 10,
            collapse: Collapse::Section,
            tuning: TUNING,
            by_rank: false,
            feedback: false,
            diversity: 0.0,
            explain: false,
        }
    }
}

/// Buffers that queries share.
#[derive(Default)]
pub struct Scratch {
    pub(crate) lexical: Lexical,
    approximate: Vec<f32>,
    top: Vec<f32>,
    slots: Vec<u32>,
}

impl Shard {
    /// Answers a query: by which channels it is ranked, and at most `k` groups, and past them those that tie with the last in score and version id, which
    /// the caller orders by what only it knows (document id, position). With `diversity` the order is part of the answer.
    ///
    /// # Errors
    /// `AV_DIM_MISMATCH` or `AV_NON_FINITE` for the vector, `AV_INTERNAL` for an unknown handle, `AV_MODEL_UNAVAILABLE` when
    /// stemmers of the view's languages are not loaded.
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
        scratch.lexical.clear();
        self.scratch = scratch;
        found
    }

    fn find(&mut self, query: &Query<'_>, scratch: &mut Scratch) -> Result<(Fusion, Vec<Found>)> {
        scratch.lexical.resize(self.rows.place.len(), self.sections.len());
        self.views.refresh(query.view, &self.rows, &self.text);
        let mut analyzer = std::mem::take(&mut self.analyzer);
        let view = self.views.get(query.view);
        let groups = view.and_then(|view| self.groups(&mut analyzer, query.clauses, view));
        self.analyzer = analyzer;
        let (groups, view) = (groups?, self.views.get(query.view)?);
        let asked = Asked::of(query.view, self.rows.generation, query.clauses, groups);
        let mask = self.within(view, query.mask)?;
        let mask = self.score_groups(&asked.groups, &query.tuning, view, mask, &mut scratch.lexical);
        if !query.lexical {
            scratch.lexical.clear();
        }
        let dense = query.dense && query.vector.iter().any(|v| *v != 0.0);
        let found = if query.feedback && dense {
            let (_, best) = self.ranked(query, query.vector, FEEDBACK_GROUPS, &mask, scratch);
            let vector = self.moved(query.vector, best.iter().take(FEEDBACK_GROUPS));
            self.ranked(query, &vector, query.k, &mask, scratch)
        } else {
            self.ranked(query, if dense { query.vector } else { &[] }, query.k, &mask, scratch)
        };
        self.asked = asked;
        Ok(found)
    }

    /// The rows of a view, or of a mask within it, that are in the index: one that no part holds has no groups and is not
    /// found.
    pub(crate) fn within<'a>(&self, view: &'a View, mask: Option<u32>) -> Result<Cow<'a, Bits>> {
        let masked = |mask| Ok(Cow::Owned(self.views.get(mask)?.bits.and(&self.rows.present)));
        mask.map_or(Ok(Cow::Borrowed(&view.held)), masked)
    }

    /// The best groups by a vector (none: by the words alone) and the lexical scores.
    fn ranked(
        &self,
        query: &Query<'_>,
        vector: &[f32],
        k: usize,
        mask: &Bits,
        scratch: &mut Scratch,
    ) -> (Fusion, Vec<Found>) {
        let dense = !vector.is_empty();
        let revived = dense && self.revived.vnos.meets(mask);
        let error = if dense { self.scan(vector, revived, &mut scratch.approximate) } else { 0.0 };
        let groups = match query.collapse {
            Collapse::Section => self.sections.len(),
            Collapse::Document => self.docs.len(),
            Collapse::None => self.rows.place.len(),
        };
        let by = Grouping { collapse: query.collapse, rows: &self.rows };
        let Scratch { lexical: words, approximate, top, slots } = scratch;
        let words = &*words;
        let approximate = &*approximate;
        let near = |vno| Some((by.of(vno), *approximate.get(self.scanned_at(vno)?)?));
        let rows_dense = dense.then(|| mask.iter().filter_map(near)).into_iter().flatten();
        let mut cosine = Channel::new(top, groups, rows_dense);
        let fusion = Fusion::new(query.weight, !words.rows.is_empty(), dense);
        let pool = if query.diversity > 0.0 { diverse_pool(k) } else { k };
        // Ranks need every group, and values so large that sums overflow leave nothing to bound.
        let all = query.by_rank || query.explain || !error.is_finite();
        let mut count = if all { usize::MAX } else { pool.saturating_mul(2).max(64) };
        loop {
            let mut marks = Bits::default();
            let mut best = Best::new(count);
            words.each(&self.rows, |vno, score| best.add(score, vno));
            let (floor_lexical, best) = best.finish();
            best.iter().for_each(|&(_, vno)| marks.set(by.of(vno)));
            let floor_cosine = cosine.mark_best(count, &mut marks);
            let rows = if dense {
                self.score_rows(vector, mask.iter(), &by, &marks, words)
            } else if query.collapse == Collapse::None {
                self.score_rows(vector, best.iter().map(|&(_, vno)| vno), &by, &marks, words)
            } else {
                self.score_rows(vector, words.rows.iter().copied(), &by, &marks, words)
            };
            let (mut found, most) = fusion.groups(slots, &rows, &|a, b| self.by_version(a, b));
            let complete = floor_lexical == f32::NEG_INFINITY && floor_cosine == f32::NEG_INFINITY;
            let kth = found.get(pool.saturating_sub(1)).map_or(f32::NEG_INFINITY, |f| f.score);
            let outside = fusion.score(floor_lexical.max(0.0), floor_cosine + error, most);
            if complete || (kth > outside && floor_cosine + error <= most.1) {
                if all {
                    fusion.rank(&mut found, query.by_rank, &|a, b| self.by_version(a, b));
                }
                let found = self.cut(found, pool);
                return (fusion, if query.diversity > 0.0 { self.diverse(found, query.diversity, k) } else { found });
            }
            count = count.saturating_mul(4);
        }
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
        query.error_bound(vector, scale, 1.0 + sq7::half_steps(vector.len(), scale))
    }

    /// Both exact scores of every row in a marked group.
    fn score_rows(
        &self,
        vector: &[f32],
        rows: impl Iterator<Item = u32>,
        by: &Grouping<'_>,
        marks: &Bits,
        words: &Lexical,
    ) -> Vec<(u32, Found)> {
        let mut out = Vec::new();
        for vno in rows {
            let group = by.of(vno);
            if marks.has(group) {
                let section = Rows::at(&self.rows.section, vno);
                let row = if vector.is_empty() { None } else { self.vector(vno) };
                let cosine = row.map_or(f32::NEG_INFINITY, |row| dot_f32(vector, row));
                let (chunk, section_score) = (words.chunk_of(vno), words.section_of(section));
                let lexical = words.score(vno, section);
                out.push((group, Found { vno, lexical, cosine, chunk, section: section_score, ..Found::default() }));
            }
        }
        out
    }

    pub(crate) fn vector(&self, vno: u32) -> Option<&[u8]> {
        match Rows::at(&self.rows.cno, vno) {
            NONE => self.revived.row(vno, self.dims),
            cno => self.values(cno),
        }
    }

    pub(crate) fn by_version(&self, a: u32, b: u32) -> Ordering {
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
