//! Collections of vectors: a module beside the engine's, loaded where collections are used.
//!
//! Every error crosses as the string `CODE: sentence`. Stored pieces come in through a [`Piece`]; returned arrays are copies.
//! [`Vectors`] is the index alone, without items and views, for the bench.
//!
//! A query goes in and its hits come out through arrays in linear memory that keep their places until rows are added or `k` grows:
//! a search costs one call and no allocation. Whoever calls writes and reads them at once, as with a `Piece`.

use aetherv_ann::arrival::LINE;
use aetherv_ann::build::Shape;
use aetherv_ann::codes::Metric;
use aetherv_ann::search::{Ask, Report};
use aetherv_ann::set::VectorSet;
use aetherv_core::{Bits, Error, Shared};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

mod candidates;
mod cluster;
mod collection;
mod compactor;
#[cfg(target_arch = "wasm32")]
mod fresh;

type JsResult<T> = Result<T, JsValue>;

fn js(error: Error) -> JsValue {
    JsValue::from_str(&error.to_string())
}

/// The linear memory, in which queries are written and hits are read.
#[wasm_bindgen]
pub fn linear_memory() -> JsValue {
    wasm_bindgen::memory()
}

fn metric_of(number: u32) -> JsResult<Metric> {
    match number {
        0 => Ok(Metric::Cosine),
        1 => Ok(Metric::Dot),
        2 => Ok(Metric::L2),
        3 => Ok(Metric::Hamming),
        other => Err(js(Error::internal(format!("there is no metric {other}")))),
    }
}

/// 0: as measured best.
fn shape_of(m: u32, ef_construction: u32) -> Shape {
    let or = |given: u32, default: usize| if given == 0 { default } else { given as usize };
    let best = Shape::DEFAULT;
    Shape { m: or(m, best.m), ef_construction: or(ef_construction, best.ef_construction), ..best }
}

/// Room for a stored piece, filled from outside frame by frame, at once, before any other call: large segments are copied once.
#[wasm_bindgen]
pub struct Piece {
    bytes: Vec<u8>,
    /// Where it begins in them: with a line of the processor's, as rows that lie in it are read sooner then.
    start: usize,
    length: usize,
}

#[wasm_bindgen]
impl Piece {
    /// Room for `length` bytes, zeros.
    #[wasm_bindgen(constructor)]
    pub fn new(length: usize) -> Self {
        let bytes = vec![0; length.saturating_add(LINE - 1)];
        let start = bytes.as_ptr().align_offset(LINE).min(LINE - 1);
        Self { bytes, start, length }
    }

    /// Where it begins.
    pub fn address(&mut self) -> *mut u8 {
        self.bytes.as_mut_ptr().wrapping_add(self.start)
    }
}

impl Piece {
    fn into_shared(self) -> Shared {
        Shared::from(self.bytes).part(self.start..self.start + self.length)
    }

    /// The same that can be changed, with what is before it.
    fn into_bytes(mut self) -> Vec<u8> {
        self.bytes.truncate(self.start + self.length);
        self.bytes
    }
}

/// Vectors of one space.
#[wasm_bindgen]
pub struct Vectors {
    set: VectorSet,
    query: Vec<f32>,
    rows: Vec<u32>,
    scores: Vec<f32>,
    mask: Option<(Bits, u32)>,
    report: Report,
}

#[wasm_bindgen]
impl Vectors {
    /// An empty set. `metric`: 0 cosine (unit vectors), 1 dot, 2 l2, 3 hamming. `m` and `ef_construction` 0: as measured best.
    #[wasm_bindgen(constructor)]
    pub fn new(dims: u32, metric: u32, m: u32, ef_construction: u32) -> JsResult<Vectors> {
        let (metric, shape) = (metric_of(metric)?, shape_of(m, ef_construction));
        let (rows, scores) = (Vec::new(), Vec::new());
        let query = vec![0.0; dims as usize];
        Ok(Self {
            set: VectorSet::new(metric, dims as usize, shape),
            query,
            rows,
            scores,
            mask: None,
            report: Report::default(),
        })
    }

    /// Adds rows, row-major, with 64 bits of each one's content hash: they decide the levels, so that builds repeat.
    pub fn push(&mut self, values: &[f32], hashes: &[u64]) -> JsResult<()> {
        self.set.push(values, hashes).map_err(js)
    }

    /// Inserts at most `limit` of the rows that wait for the graph; returns how many still do. Callers show progress and give up between
    /// calls.
    pub fn grow(&mut self, limit: u32) -> u32 {
        self.set.grow(limit as usize) as u32
    }

    /// Takes rows out (32 a word) and mends the graph; the others are numbered anew, in order.
    pub fn remove(&mut self, words: Vec<u32>) {
        self.set.remove(&Bits::from_words(words));
        self.mask = None;
    }

    /// How many rows.
    pub fn count(&self) -> u32 {
        self.set.len() as u32
    }

    /// Searches from now on return rows of this set alone (32 a word).
    pub fn set_mask(&mut self, words: Vec<u32>) {
        let mask = Bits::from_words(words);
        let count = mask.len();
        self.mask = Some((mask, count));
    }

    /// Searches return any row again.
    pub fn clear_mask(&mut self) {
        self.mask = None;
    }

    /// Where the query is to be written.
    pub fn query_at(&self) -> *const f32 {
        self.query.as_ptr()
    }

    /// Where the rows of at most `k` hits will be.
    pub fn rows_at(&mut self, k: u32) -> *const u32 {
        self.rows.resize(self.rows.len().max(k as usize), 0);
        self.rows.as_ptr()
    }

    /// Where their scores will be: higher is nearer; the dot product, minus the squared distance, or minus the differing bits.
    pub fn scores_at(&mut self, k: u32) -> *const f32 {
        self.scores.resize(self.scores.len().max(k as usize), 0.0);
        self.scores.as_ptr()
    }

    /// Searches for what is written at [`Self::query_at`]; returns how many hits there are, at most `k`. `exact`: by a scan.
    pub fn search(&mut self, k: u32, ef: u32, exact: bool) -> JsResult<u32> {
        let k = k.min(self.count());
        let mask = self.mask.as_ref().map(|(mask, count)| (mask, *count));
        let ask = Ask { query: &self.query, k: k as usize, ef: ef as usize, mask, exact, ahead: None };
        self.report = self.set.search(&ask).map_err(js)?;
        self.rows_at(k);
        self.scores_at(k);
        let found = self.set.found();
        for (&(found, score), (row, slot)) in found.iter().zip(self.rows.iter_mut().zip(&mut self.scores)) {
            (*row, *slot) = (found, score);
        }
        Ok(found.len() as u32)
    }

    /// Searches for each of several queries, row-major: `k` row numbers a query, 0xffffffff where there are fewer hits.
    pub fn search_batch(&mut self, queries: &[f32], k: u32, ef: u32) -> JsResult<Vec<u32>> {
        let mut out = Vec::with_capacity(queries.len() / self.query.len().max(1) * k as usize);
        for query in queries.chunks(self.query.len().max(1)) {
            let mask = self.mask.as_ref().map(|(mask, count)| (mask, *count));
            self.report = self
                .set
                .search(&Ask { query, k: k as usize, ef: ef as usize, mask, exact: false, ahead: None })
                .map_err(js)?;
            let end = out.len() + k as usize;
            out.extend(self.set.found().iter().map(|&(row, _)| row));
            out.resize(end, u32::MAX);
        }
        Ok(out)
    }

    /// Of the last search: was it exact, rows compared, places whose links were followed, rows scored at full precision.
    pub fn report(&self) -> Vec<u32> {
        let Report { exact, compared, followed, reranked } = self.report;
        vec![u32::from(exact), compared, followed, reranked]
    }

    /// Rows that no walk reaches.
    pub fn unreachable(&self) -> u32 {
        self.set.unreachable() as u32
    }

    /// The `grph` section of the finished graph; empty without one.
    pub fn seal(&self) -> Vec<u8> {
        self.set.seal()
    }

    /// Takes the graph of these rows in, instead of building it.
    pub fn open(&mut self, section: Vec<u8>) -> JsResult<()> {
        self.set.open(section).map_err(js)
    }
}
