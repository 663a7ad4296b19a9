//! The embedded default embedder: turns a text into a vector by a static token table, the same bits everywhere.
//!
//! [`Table::open`] reads the packed asset, [`Table::embed`] sums the vectors of a text's word pieces. The rules
//! (tokenizer, weights, order of the f32 operations) are those of `src/embed/aether-static-256x2/MODEL.md`.

#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod bytes;
mod pieces;
mod pool;
mod quad;
mod scratch;
mod table;

pub use scratch::Scratch;
pub use table::{Table, TableError};
