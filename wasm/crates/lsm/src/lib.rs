//! The log-structured index of one database: memtables, sealed segments, views, search.

#![forbid(unsafe_code)]

mod batch;
pub mod clause;
pub mod contents;
pub mod corrections;
pub mod diverse;
mod found;
pub mod highlight;
mod lexical;
pub mod matches;
pub mod memtable;
pub mod near;
mod parts;
pub mod phrase;
pub mod rank;
pub mod reseal;
pub mod revived;
pub mod rows;
pub mod search;
pub mod shard;
pub mod terms;
pub mod view;
mod vocabulary;
pub mod walk;

pub use clause::Clause;
pub use near::{Outcome, Proposed};
pub use rank::{Found, Fusion};
pub use search::{Collapse, Query};
pub use shard::Shard;
