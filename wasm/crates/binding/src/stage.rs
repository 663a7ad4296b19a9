//! Segments of a large put.

use crate::stems::Stems;
use crate::{JsResult, js};
use aetherv_lsm::memtable::{TextMem, VectorMem};
use aetherv_segment::vectors::read_map;
use aetherv_segment::{Chunks, VectorRows};
use aetherv_text::Analyzer;
use wasm_bindgen::prelude::wasm_bindgen;

/// Builds segments of a large put beside the index, before its commit exists.
#[wasm_bindgen]
#[derive(Default)]
pub struct Stage {
    analyzer: Analyzer,
    text: TextMem,
    vectors: VectorMem,
}

#[wasm_bindgen]
impl Stage {
    /// An empty stage.
    #[wasm_bindgen(constructor)]
    pub fn new(stems: Stems) -> Self {
        Self { analyzer: Analyzer::with(Box::new(stems)), ..Self::default() }
    }

    /// Takes a `Chnk` section in.
    pub fn apply_chunks(&mut self, section: Vec<u8>) -> JsResult<()> {
        self.text.push(&mut self.analyzer, Chunks::open(section).map_err(js)?).map_err(js)
    }

    /// Takes a `Vect` section in.
    pub fn apply_vectors(&mut self, section: Vec<u8>) -> JsResult<()> {
        self.vectors.push(VectorRows::open(section).map_err(js)?).map_err(js)
    }

    /// Takes a `Vmap` section in.
    pub fn apply_map(&mut self, section: &[u8]) -> JsResult<()> {
        let (space, pairs) = read_map(section).map_err(js)?;
        self.vectors.push_map(space, &pairs);
        Ok(())
    }

    /// The text segment of what came in since the last call.
    pub fn take_text(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.text).seal()
    }

    /// The vector segment of what came in since the last call.
    pub fn take_vectors(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.vectors).seal()
    }
}
