//! Vectors: distance kernels, 7-bit scalar quantisation, the exact scan, and the graph that needs no scan.
//!
//! The graph is HNSW (Malkov & Yashunin 2016, arXiv 1603.09320) over quantised rows, pruned with the slack of Vamana (Subramanya et al. 2019),
//! mended after deletions by the rule of FreshDiskANN (Singh et al. 2021, arXiv 2105.09613). Results are scored again at full precision.

#![deny(unsafe_code)]

pub mod arrival;
pub mod build;
pub mod codes;
pub mod graph;
pub mod half;
pub mod image;
pub mod kernels;
mod pool;
mod prune;
pub mod reach;
pub mod remove;
pub mod rerank;
mod scan;
pub mod search;
pub mod set;
pub mod sq7;
pub mod walk;
