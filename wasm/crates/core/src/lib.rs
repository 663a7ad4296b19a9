//! What every other crate stands on: errors, little-endian bytes, checksums, content hashes, bitsets, columns of numbers, four numbers and sixteen bytes at a time, and one sort.

#![deny(unsafe_code)]

pub mod bits;
pub mod bytes;
pub mod crc;
pub mod error;
pub mod hash;
pub mod lanes;
pub mod order;
pub mod shared;
pub mod sixteen;
pub mod text;
pub mod words;

pub use bits::Bits;
pub use error::{Code, Error, Result};
pub use shared::Shared;
pub use text::Text;
