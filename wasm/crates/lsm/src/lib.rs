//! The log-structured index of one database: memtables, sealed segments, views, search.

#![forbid(unsafe_code)]

pub mod memtable;
pub mod rows;
pub mod search;
pub mod shard;
pub mod view;

pub use search::{Collapse, Found, Query};
pub use shard::Shard;
