//! One query over one view: both channels scored, grouped, fused, exact.
//!
//! 1. The lexical score of every row that holds a term of the query (`lexical.rs`); what must and must not be there
//!    narrows the rows that either channel may find.
//! 2. What the cosine of every row can be at most, from its codes.
//! 3. Rows fall into groups (section, document, or the row itself); a group's score in a channel is its best row's.
//! 4. Candidates: the best groups of each channel. Both scores of each are computed exactly and fused:
//!    `w * lexical / max lexical + (1 - w) * max(0, cosine) / max cosine` (D17).
//! 5. Every other group that could still beat the k-th, or the largest cosine, by its lexical score and what its cosine is at
//!    most, is scored too, until there is none.
//!
//! So the result is that of scoring everything, whatever the order of insertion.

use crate::clause::Clause;
use crate::diverse::diverse_pool;
use crate::highlight::Asked;
use crate::lexical::Lexical;
use crate::near::{Outcome, Proposed, Row};
use crate::rank::{Channel, Found, Fusion};
use crate::rows::{NONE, Rows};
use crate::shard::Shard;
use crate::view::View;
use aetherv_ann::kernels::dot_f32;
use aetherv_core::{Bits, Code, Error, Result};
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
    /// Rows that are near the vector, found elsewhere; not with `feedback`, which moves it.
    pub proposed: Option<Proposed<'a>>,
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
            proposed: None,
        }
    }
}

/// Buffers that queries share.
#[derive(Default)]
pub struct Scratch {
    pub(crate) lexical: Lexical,
    highest: Vec<f32>,
    /// The rows that a query may find.
    rows: Vec<Row>,
    words: Channel,
    cosine: Channel,
    slots: Vec<u32>,
    outcome: Outcome,
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
        scratch.outcome = Outcome::Unused;
        let found = self.find(query, &mut scratch);
        scratch.lexical.clear();
        self.scratch = scratch;
        found
    }

    /// What became of the proposals of the last search.
    pub const fn outcome(&self) -> Outcome {
        self.scratch.outcome
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
        let pool = if query.diversity > 0.0 { diverse_pool(k) } else { k };
        let fusion = Fusion::new(query.weight, !scratch.lexical.rows.is_empty(), !vector.is_empty());
        let mut found = if vector.is_empty() {
            self.by_words(query, fusion, pool, scratch)
        } else {
            self.by_both(query, fusion, vector, pool, mask, scratch)
        };
        if query.by_rank || query.explain {
            fusion.rank(&mut found, query.by_rank, &|a, b| self.by_version(a, b));
        }
        let found = self.cut(found, pool);
        (fusion, if query.diversity > 0.0 { self.diverse(found, query.diversity, k) } else { found })
    }

    /// Groups by their words alone, the best `pool` of them at least; all where ranks are asked for.
    fn by_words(&self, query: &Query<'_>, fusion: Fusion, pool: usize, scratch: &mut Scratch) -> Vec<Found> {
        let by = Grouping { collapse: query.collapse, rows: &self.rows };
        let words = &scratch.lexical;
        // A section or document may take many rows to itself.
        let rows = if query.collapse == Collapse::None { 1 } else { 4 };
        let mut count = if query.by_rank || query.explain { usize::MAX } else { pool.saturating_mul(rows).max(16) };
        loop {
            let (floor, best) = words.best(&self.rows, count).finish();
            let mut marks = Bits::default();
            best.iter().for_each(|&(_, vno)| marks.set(by.of(vno)));
            let each = |vno| (vno, by.of(vno));
            // A document has sections: its best section need not be that of its best row.
            let rows = if query.collapse == Collapse::Document {
                self.score_rows(&[], words.rows.iter().map(|&vno| each(vno)), &marks, words)
            } else {
                self.score_rows(&[], best.iter().map(|&(_, vno)| each(vno)), &marks, words)
            };
            let (found, _) = fusion.groups(&mut scratch.slots, &rows, &|a, b| self.by_version(a, b));
            if floor == f32::NEG_INFINITY || kth(&found, pool) > floor {
                return found;
            }
            count = count.saturating_mul(4);
        }
    }

    /// Groups by words and vector, the best `pool` of them at least; all where ranks are asked for.
    fn by_both(
        &self,
        query: &Query<'_>,
        fusion: Fusion,
        vector: &[f32],
        pool: usize,
        mask: &Bits,
        scratch: &mut Scratch,
    ) -> Vec<Found> {
        // Where every group is ranked, proposals spare nothing.
        let mut proposed = query.proposed.filter(|_| !query.by_rank && !query.explain);
        loop {
            if let Some(found) = self.by_both_from(query, fusion, vector, pool, mask, proposed, scratch) {
                return found;
            }
            proposed = None;
        }
    }

    /// The same, from proposals: none when they are wrong, or another row might be among the best.
    #[inline(never)]
    #[expect(clippy::too_many_arguments, reason = "it is one step of the function above")]
    fn by_both_from(
        &self,
        query: &Query<'_>,
        fusion: Fusion,
        vector: &[f32],
        pool: usize,
        mask: &Bits,
        proposed: Option<Proposed<'_>>,
        scratch: &mut Scratch,
    ) -> Option<Vec<Found>> {
        let by = Grouping { collapse: query.collapse, rows: &self.rows };
        let Scratch { lexical, highest, rows, words, cosine, slots, outcome } = scratch;
        rows.clear();
        rows.extend(mask.iter().map(|vno| Row { vno, group: by.of(vno), at: self.scanned_at(vno) }));
        let rest = proposed.map(|own| own.rest);
        let is_bounded = self.scan(vector, rows, rest, highest);
        if let Some(own) = proposed {
            *outcome = Outcome::Wrong;
            if !is_bounded || !self.take(vector, &own, highest) {
                return None;
            }
            *outcome = Outcome::Scanned;
        }
        let groups = match query.collapse {
            Collapse::Section => self.sections.len(),
            Collapse::Document => self.docs.len(),
            Collapse::None => self.rows.place.len(),
        };
        let near = |row: &Row| Some((row.group, *highest.get(row.at as usize)?));
        cosine.fill(groups, rows.iter().filter_map(near));
        let score = |&vno: &u32| (by.of(vno), lexical.score(vno, self.rows.section_of(vno)));
        words.fill(groups, lexical.rows.iter().map(score));
        let all = query.by_rank || query.explain || !is_bounded;
        let count = if all { usize::MAX } else { pool };
        let mut fresh = Bits::default();
        words.mark_best(count, &mut fresh);
        match rest {
            // Those of which more is known than of the rest.
            Some(rest) => cosine.seen.iter().filter(|g| cosine.of(**g) > rest).for_each(|&group| fresh.set(group)),
            None => cosine.mark_best(count, &mut fresh),
        }
        let (mut marks, mut scored) = (fresh.clone(), Vec::new());
        loop {
            scored.extend(self.score_rows(vector, rows.iter().map(|row| (row.vno, row.group)), &fresh, lexical));
            let (found, most) = fusion.groups(slots, &scored, &|a, b| self.by_version(a, b));
            let least = kth(&found, pool);
            let could = |lexical: f32, nearest: f32| nearest > most.1 || fusion.score(lexical, nearest, most) >= least;
            if rest.is_some_and(|rest| could(0.0, rest)) {
                return None;
            }
            fresh = Bits::default();
            for &group in words.seen.iter().chain(&cosine.seen) {
                if !marks.has(group) && could(words.of(group).max(0.0), cosine.of(group)) {
                    marks.set(group);
                    fresh.set(group);
                }
            }
            if fresh.is_empty() {
                if proposed.is_some() {
                    *outcome = Outcome::Proved;
                }
                return Some(found);
            }
        }
    }

    /// Both exact scores of every row, of these with their groups, whose group is marked.
    fn score_rows(
        &self,
        vector: &[f32],
        rows: impl Iterator<Item = (u32, u32)>,
        marks: &Bits,
        words: &Lexical,
    ) -> Vec<(u32, Found)> {
        let mut out = Vec::new();
        for (vno, group) in rows {
            if marks.has(group) {
                let section = self.rows.section_of(vno);
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
            Collapse::Section => self.rows.section_of(vno),
            Collapse::Document => Rows::at(&self.rows.doc, vno),
            Collapse::None => vno,
        }
    }
}

/// The score of the last of the best `pool`, minus infinity when there are fewer.
fn kth(found: &[Found], pool: usize) -> f32 {
    found.get(pool.saturating_sub(1)).map_or(f32::NEG_INFINITY, |f| f.score)
}
