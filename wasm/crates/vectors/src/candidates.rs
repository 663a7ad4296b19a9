//! Batches that are scored elsewhere: what goes there, and answers from what comes back.

use crate::collection::Collection;
use crate::{JsResult, js};
use aetherv_collection::{Candidates, NONE, Precision, Query};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl Collection {
    /// Contents that a view shows and a filter matches: how many; then of each part id (0xffffffff the memtable), rows, how many of them are
    /// admitted, and, unless all or none are, which: a bit a row, 32 a word.
    pub fn admitted(&mut self, view: u32, filter: &[u8]) -> JsResult<Vec<u32>> {
        self.inner.admitted(view, filter).map_err(js)
    }

    /// Numbers of the contents of a part (by its place in `admitted`), rising.
    pub fn part_cnos(&self, part: u32) -> Vec<u32> {
        self.inner.part_cnos(part as usize).to_vec()
    }

    /// Are the values of a part all in memory?
    pub fn part_resident(&self, part: u32) -> bool {
        self.inner.is_resident(part as usize)
    }

    /// Where the values of rows of a part lie, f32 row-major, to be read at once. All must be in memory.
    pub fn part_values_at(&mut self, part: u32, from: u32, to: u32) -> *const u8 {
        self.inner.part_values(part as usize, from as usize..to as usize).as_ptr()
    }

    /// The same at half precision, 2^14 times as large as they are, each row padded to a multiple of 4.
    pub fn part_halves_at(&mut self, part: u32, from: u32, to: u32) -> *const u8 {
        self.inner.part_halves(part as usize, from as usize..to as usize).as_ptr()
    }

    /// Where the codes of a part lie, row-major, each row padded to a multiple of 16 bytes, to be read at once.
    pub fn part_codes_at(&self, part: u32) -> *const u8 {
        self.inner.part_codes(part as usize).0.as_ptr()
    }

    /// Where the scales of these lie, f32.
    pub fn part_scales_at(&self, part: u32) -> *const f32 {
        self.inner.part_codes(part as usize).1.as_ptr()
    }

    /// Queries, row-major, as codes: i8 padded as those of rows, then of each query its scale (f32) and the correction (i32): a score is
    /// `(product - correction) * (scale of the row * scale of the query)`.
    pub fn probes(&self, queries: &[f32]) -> Vec<u8> {
        self.inner.probes(queries)
    }

    /// Answers queries, row-major, from candidates found elsewhere, `each` a query (0xffffffff behind the last). Returns what `search_batch`
    /// does, and then how many queries were answered from candidates, by a scan as they might have left one out, and by a scan as they were wrong.
    /// `precision`: what the candidates' scores are of; values (0), values at half precision (1) or codes (2).
    #[expect(clippy::too_many_arguments, reason = "a query, and candidates in columns")]
    pub fn search_from(
        &mut self,
        view: u32,
        filter: &[u8],
        queries: &[f32],
        k: u32,
        each: u32,
        cnos: &[u32],
        scores: &[f32],
        precision: u8,
    ) -> JsResult<Vec<u32>> {
        let query = Query { view, filter, k: k as usize, ef: k as usize, exact: true };
        let precision = match precision {
            0 => Precision::Whole,
            1 => Precision::Half,
            _ => Precision::Codes,
        };
        let candidates = Candidates { each: each as usize, cnos, scores, precision };
        let (mut inos, mut bits) = (Vec::new(), Vec::new());
        let mut take = |_, found: &[(u32, f32)]| {
            let end = inos.len() + query.k;
            inos.extend(found.iter().map(|hit| hit.0));
            bits.extend(found.iter().map(|hit| hit.1.to_bits()));
            inos.resize(end, NONE);
            bits.resize(end, f32::NAN.to_bits());
        };
        let tally = self.inner.search_from(queries, &query, &candidates, &mut take).map_err(js)?;
        inos.append(&mut bits);
        inos.extend([tally.proved, tally.scanned, tally.wrong]);
        Ok(inos)
    }

    /// Of hits, item versions and scores, the best first, the places of `k` that are unlike each other, `diversity` from 0 to 1. No answer while values
    /// are lacking.
    pub fn diverse(&mut self, inos: &[u32], scores: &[f32], diversity: f32, k: u32) -> JsResult<Vec<u32>> {
        self.inner.diverse(inos, scores, diversity, k as usize).map_err(js)
    }
}
