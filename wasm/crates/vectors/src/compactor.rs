//! Building and merging of vector segments, in a worker of its own.

use crate::{JsResult, Piece, js, metric_of, shape_of};
use aetherv_collection::Compactor as Inner;
use aetherv_core::Bits;
use wasm_bindgen::prelude::wasm_bindgen;

/// One job: vector segments or plain rows in, at most one live and one archive segment out.
#[wasm_bindgen]
pub struct Compactor {
    inner: Inner,
}

#[wasm_bindgen]
impl Compactor {
    /// A job without input. Arguments as of `Collection`; fewer than `flat_max` live rows become a segment without a graph.
    #[wasm_bindgen(constructor)]
    pub fn new(dims: u32, metric: u32, m: u32, ef_construction: u32, flat_max: u32) -> JsResult<Compactor> {
        let inner = Inner::new(dims as usize, metric_of(metric)?, shape_of(m, ef_construction), flat_max as usize)
            .map_err(js)?;
        Ok(Self { inner })
    }

    /// Takes a vector segment in. Sets of its rows, 32 a word: `live` go to the live segment, `kept` that are not live to the archive.
    pub fn add(&mut self, piece: Piece, live: Vec<u32>, kept: Vec<u32>) -> JsResult<()> {
        self.inner.add(piece.into_shared(), Bits::from_words(live), Bits::from_words(kept)).map_err(js)
    }

    /// Takes plain rows in, row-major, all live: contents `first`, `first` + 1, ...
    pub fn add_rows(&mut self, values: &[f32], first: u32) -> JsResult<()> {
        self.inner.add_rows(values, first).map_err(js)
    }

    /// Inserts at most `limit` rows into the graph; returns how many are left. The first call takes the dead rows out of the largest graph,
    /// which the others are inserted into. Callers show progress and give up between calls.
    pub fn grow(&mut self, limit: u32) -> JsResult<u32> {
        self.inner.grow(limit as usize).map(|left| left as u32).map_err(js)
    }

    /// The live rows as a vector segment, once `grow` has returned 0; empty when there is none.
    pub fn live_segment(&mut self) -> JsResult<Vec<u8>> {
        self.inner.live_segment().map_err(js)
    }

    /// Rows that are kept and not live as a vector segment without a graph; empty when there is none.
    pub fn archive_segment(&self) -> JsResult<Vec<u8>> {
        self.inner.archive_segment().map_err(js)
    }
}
