//! A collection: item versions, their contents (vectors), and searches in a view of them.
//!
//! An item version has an ordinal `ino` and refers to one content, ordinal `cno`; both are dense and rise. Segments hold no visibility: a
//! view is a set of item versions, given from outside.

#![forbid(unsafe_code)]

mod candidates;
mod cluster;
mod collection;
mod compact;
mod contents;
mod directory;
mod diverse;
mod info;
mod items;
mod pages;
mod paging;
mod places;
mod read;
mod rows;
mod search;
mod select;

pub use candidates::{Candidates, Precision, Tally};
pub use cluster::{Clusters, Near};
pub use collection::Collection;
pub use compact::Compactor;
pub use info::{Info, PartInfo};
pub use search::{Query, Report};

/// Stands for no item version.
pub const NONE: u32 = u32::MAX;
