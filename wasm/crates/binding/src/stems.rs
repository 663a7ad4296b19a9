//! The stemmers of other languages, as an object of the other side.

use aetherv_text::{Language, Stemmer};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// The module of stemmers, as an object of the other side.
    pub type Stems;

    /// Is it loaded?
    #[wasm_bindgen(method)]
    fn is_ready(this: &Stems) -> bool;

    /// Leaves the stem of a word of `length` bytes in `room` ([`STEM_BYTES_MAX`]); returns its length.
    #[wasm_bindgen(method)]
    fn stem(this: &Stems, language: u32, word: *const u8, length: u32, room: *mut u8) -> u32;
}

/// A longer stem is no stem: a word has at most 64 chars.
const STEM_BYTES_MAX: usize = 512;

impl Stemmer for Stems {
    fn is_ready(&self) -> bool {
        Self::is_ready(self)
    }

    fn stem(&self, language: Language, word: &str, stem: &mut String) {
        let mut room = [0; STEM_BYTES_MAX];
        let number = u32::from(language.number());
        let length = Self::stem(self, number, word.as_ptr(), word.len() as u32, room.as_mut_ptr());
        stem.push_str(room.get(..length as usize).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default());
    }
}
