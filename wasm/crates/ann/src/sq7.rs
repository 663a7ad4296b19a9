//! Scalar quantisation to 7 bits with one scale a row: codes depend on the row alone, never on its neighbours.
//!
//! A row x is stored as `code = round(x / scale) + 64` with `scale = max|x| / 63`, so codes lie in 1..=127. A query is
//! stored as i8 with its own scale. Then `x . q ~ scale * query_scale * (sum(code * q) - 64 * sum(q))`: the correction
//! is constant per query. One scale a row (as in LVQ, arXiv 2304.04759) makes codes independent of insertion order.

use crate::kernels::{CODE_ALIGN, dot_codes};

const OFFSET: f32 = 64.0;
const ROW_MAX: f32 = 63.0;
const QUERY_MAX: f32 = 127.0;

/// Bytes of one row of codes for `dims` dimensions.
pub const fn row_bytes(dims: usize) -> usize {
    dims.div_ceil(CODE_ALIGN) * CODE_ALIGN
}

/// Appends the codes of one row to `codes` (padded with the code of zero) and returns its scale (0 for a zero row).
pub fn encode_row(row: &[f32], codes: &mut Vec<u8>) -> f32 {
    let scale = largest(row) / ROW_MAX;
    let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
    codes.extend(row.iter().map(|x| ((x * inverse).round_ties_even().clamp(-ROW_MAX, ROW_MAX) + OFFSET) as u8));
    codes.extend(std::iter::repeat_n(OFFSET as u8, row_bytes(row.len()) - row.len()));
    scale
}

/// A query made ready for scanning codes.
pub struct Query {
    codes: Vec<i8>,
    scale: f32,
    correction: i32,
}

impl Query {
    /// Quantises `query` to i8 with its own scale.
    pub fn new(query: &[f32]) -> Self {
        let scale = largest(query) / QUERY_MAX;
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        let mut codes: Vec<i8> =
            query.iter().map(|x| (x * inverse).round_ties_even().clamp(-QUERY_MAX, QUERY_MAX) as i8).collect();
        codes.resize(row_bytes(query.len()), 0);
        let correction = OFFSET as i32 * codes.iter().map(|&q| i32::from(q)).sum::<i32>();
        Self { codes, scale, correction }
    }

    /// Approximate dot products with consecutive rows, one per scale, into `out`.
    pub fn scan(&self, codes: &[u8], scales: &[f32], out: &mut [f32]) {
        const BLOCK: usize = 256;
        let mut sums = [0i32; BLOCK];
        let blocks = codes.chunks(self.codes.len().max(1) * BLOCK).zip(scales.chunks(BLOCK));
        for ((rows, scales), out) in blocks.zip(out.chunks_mut(BLOCK)) {
            let sums = sums.get_mut(..scales.len()).unwrap_or_default();
            dot_codes(&self.codes, rows, sums);
            for ((out, &sum), &scale) in out.iter_mut().zip(&*sums).zip(scales) {
                *out = (sum - self.correction) as f32 * (scale * self.scale);
            }
        }
    }

    /// How far an approximate dot product with a unit row of codes can be from the exact one, at most, when no row's
    /// scale is above `scale`: `|x - x'| |q| + |x'| |q - q'|`, with half a step of error in each dimension.
    pub fn error_bound(&self, query: &[f32], scale: f32) -> f32 {
        let norm = query.iter().map(|q| q * q).sum::<f32>().sqrt();
        let off: f32 =
            query.iter().zip(&self.codes).map(|(q, &code)| q - f32::from(code) * self.scale).map(|d| d * d).sum();
        let row = (query.len() as f32).sqrt() * scale * 0.5;
        (row * norm + (1.0 + row) * off.sqrt()) * 1.001
    }
}

fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |max, x| x.abs().max(max))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(dims: usize, seed: f32) -> Vec<f32> {
        let row: Vec<f32> = (0..dims).map(|i| (i as f32 * seed + seed).sin()).collect();
        let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
        row.iter().map(|x| x / norm).collect()
    }

    #[test]
    fn approximates_the_exact_dot_product() {
        for dims in [3, 16, 100, 256] {
            let rows: Vec<Vec<f32>> = (1..40).map(|i| wave(dims, i as f32 * 0.37)).collect();
            let (mut codes, mut scales) = (Vec::new(), Vec::new());
            for row in &rows {
                scales.push(encode_row(row, &mut codes));
            }
            let query = wave(dims, 0.77);
            let mut got = vec![0.0; rows.len()];
            Query::new(&query).scan(&codes, &scales, &mut got);
            for (row, got) in rows.iter().zip(got) {
                let want: f32 = row.iter().zip(&query).map(|(a, b)| a * b).sum();
                let bound = Query::new(&query).error_bound(&query, scales.iter().fold(0.0, |a: f32, b| a.max(*b)));
                assert!((got - want).abs() <= bound && bound < 0.2, "{dims}: {got} {want} {bound}");
            }
        }
    }

    #[test]
    fn a_zero_row_and_a_zero_query_score_zero() {
        let mut codes = Vec::new();
        let scale = encode_row(&[0.0; 8], &mut codes);
        for query in [[1.0; 8], [0.0; 8]] {
            let mut out = [f32::NAN];
            Query::new(&query).scan(&codes, &[scale], &mut out);
            assert_eq!(out, [0.0]);
        }
    }
}
