//! Vectors: distance kernels, 7-bit scalar quantisation, the exact scan.

#![deny(unsafe_code)]

pub mod kernels;
pub mod sq7;
