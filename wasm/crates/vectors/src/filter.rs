//! Filters without anything around them, so that a test can hold them against the predicate of documents.

use crate::{JsResult, js};
use aetherv_filter::{Columns, Filter, Metas};
use wasm_bindgen::prelude::wasm_bindgen;

/// Metadata, a row a line.
struct Lines<'a>(Vec<&'a str>);

impl Metas for Lines<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn json(&self, row: u32) -> &[u8] {
        self.0.get(row as usize).map_or(&[], |line| line.as_bytes())
    }
}

/// Which of the lines, each the JSON of a row's metadata, a filter admits: 32 a word.
#[wasm_bindgen]
pub fn filter_matches(filter: &[u8], lines: &str) -> JsResult<Vec<u32>> {
    let filter = Filter::open(filter).map_err(js)?;
    Ok(Columns::default().matches(&filter, &Lines(lines.lines().collect())).into_words())
}
