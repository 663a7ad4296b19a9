//! Twins of the GPU's kernels: what each means, in plain Rust, with its file's name and in its order of arguments. Tests hold every twin against
//! a reference of first principles here, and every kernel against its twin in a browser. Nothing of it ships.

pub mod cluster_assign;
pub mod fuse_rank;
pub mod fuse_score;
pub mod mask_conformal;
pub mod pairwise_mmr;
mod pool;
pub mod score_bm25;
pub mod score_f16;
pub mod score_f32;
pub mod score_sq8;
pub mod score_top;
pub mod topk_merge;
pub mod topk_tile;
