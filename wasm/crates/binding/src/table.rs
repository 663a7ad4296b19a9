//! The embedded table.

use crate::{JsResult, js};
use aetherv_core::Error;
use aetherv_embed::{Scratch, Table, TableError};
use wasm_bindgen::prelude::wasm_bindgen;

/// The embedded default embedder: a static token table.
#[wasm_bindgen]
pub struct StaticTable {
    table: Table,
    scratch: Scratch,
}

#[wasm_bindgen]
impl StaticTable {
    /// Opens the packed asset.
    pub fn open(bytes: Vec<u8>) -> JsResult<StaticTable> {
        let table = Table::open(bytes)
            .map_err(|error: TableError| js(Error::corrupt(format!("the embedding table cannot be read: {error}"))))?;
        Ok(Self { table, scratch: Scratch::default() })
    }

    /// Dimensions of its vectors.
    pub fn dims(&self) -> u32 {
        self.table.dims() as u32
    }

    /// How far the vector of a query is to be believed, 0 to 1.
    pub fn trust(&self, query: &str) -> f32 {
        self.table.trust(query)
    }

    /// Vectors of consecutive UTF-8 texts, text i ends at `ends[i]`; row-major.
    pub fn embed(&mut self, data: &[u8], ends: &[u32]) -> JsResult<Vec<f32>> {
        let mut out = vec![0.0; ends.len() * self.table.dims()];
        let mut start = 0;
        for (&end, row) in ends.iter().zip(out.chunks_exact_mut(self.table.dims().max(1))) {
            let text = data.get(start..end as usize).and_then(|bytes| str::from_utf8(bytes).ok());
            self.table.embed(
                text.ok_or_else(|| js(Error::internal("texts to embed are not UTF-8 or their ends are wrong")))?,
                &mut self.scratch,
                row,
            );
            start = end as usize;
        }
        Ok(out)
    }
}
