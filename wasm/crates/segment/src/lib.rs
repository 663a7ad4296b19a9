//! Immutable pieces: one envelope, chunk rows, postings, vectors. No visibility inside (see `wasm/FORMAT.md`).

#![forbid(unsafe_code)]

pub mod chunks;
pub mod envelope;
pub mod postings;
pub mod text;
pub mod vectors;

pub use chunks::Chunks;
pub use envelope::Envelope;
pub use text::TextSegment;
pub use vectors::{VectorRows, VectorSegment};
