//! Immutable pieces: one envelope, chunk rows, postings, vectors. No visibility inside (see `wasm/FORMAT.md`).

#![forbid(unsafe_code)]

pub mod chunks;
pub mod dictionary;
pub mod encode;
pub mod fields;
pub mod frequencies;
pub mod lengths;
pub mod list;

mod lists;
mod pack;
pub mod postings;
pub mod text;
pub mod vectors;
mod vocabulary;

pub use aetherv_envelope::{self as envelope, Envelope};
pub use chunks::Chunks;
pub use frequencies::Frequencies;
pub use text::TextSegment;
pub use vectors::{VectorRows, VectorSegment};
