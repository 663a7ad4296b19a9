//! The log-structured index of one database: memtables, sealed segments, views, search.

#![forbid(unsafe_code)]

pub mod contents;
pub mod memtable;
pub mod parts;
pub mod rank;
pub mod reseal;
pub mod revived;
pub mod rows;
pub mod search;
pub mod shard;
pub mod view;

pub use rank::{Found, Fusion};
pub use search::{Collapse, Query};
pub use shard::Shard;
