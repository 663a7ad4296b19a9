//! Scalar quantisation to 7 bits with one scale a row: codes depend on the row alone, never on its neighbours.
//!
//! A row x is stored as `code = round(x / scale) + 64` with `scale = max|x| / 63`, so codes lie in 1..=127. A query is
//! stored as i8 with its own scale. Then `x . q ~ scale * query_scale * (sum(code * q) - 64 * sum(q))`: the correction
//! is constant per query. One scale a row (as in LVQ, arXiv 2304.04759) makes codes independent of insertion order.

use crate::kernels::{CODE_ALIGN, dot_codes, dot_four};

const OFFSET: f32 = 64.0;
const ROW_MAX: f32 = 63.0;
const QUERY_MAX: f32 = 127.0;

/// Bounds are computed in f32 themselves.
const ROUNDING: f32 = 1.001;

/// Standard deviation of rounding to a step of 1: errors are spread evenly within a step.
const EVEN: f32 = 0.288_675_13;

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
    length: f32,
}

impl Query {
    /// Quantises `query` to i8 with its own scale.
    pub fn new(query: &[f32]) -> Self {
        let scale = largest(query) / QUERY_MAX;
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        let mut codes = vec![0i8; row_bytes(query.len())];
        for (code, x) in codes.iter_mut().zip(query) {
            *code = (x * inverse).round_ties_even().clamp(-QUERY_MAX, QUERY_MAX) as i32 as i8;
        }
        Self::of(codes, scale)
    }

    fn of(codes: Vec<i8>, scale: f32) -> Self {
        let (sum, squares) = codes.iter().fold((0, 0), |(sum, squares), &q| {
            let q = i32::from(q);
            (sum + q, squares + q * q)
        });
        Self { codes, scale, correction: OFFSET as i32 * sum, length: (squares as f32).sqrt() * scale }
    }

    /// A row as the query: its own codes, without their offset.
    pub fn of_row(row: &[u8], scale: f32) -> Self {
        let codes: Vec<i8> = row.iter().map(|&code| (code as i8).wrapping_sub(OFFSET as i8)).collect();
        Self::of(codes, scale)
    }

    /// Its codes; its scale, and what is taken off the integer product with any row: for another processor that scans.
    pub fn parts(&self) -> (&[i8], f32, i32) {
        (&self.codes, self.scale, self.correction)
    }

    /// Standard deviation of an approximate dot product with a row of codes of this scale.
    #[inline]
    pub fn sigma(&self, scale: f32) -> f32 {
        let row = scale * ROW_MAX * 0.5 * (self.codes.len() as f32).sqrt();
        (scale * self.length + self.scale * row) * EVEN
    }

    /// Standard deviation of an approximate distance, likewise.
    #[inline]
    pub fn sigma_apart(&self, scale: f32) -> f32 {
        (scale + self.scale) * EVEN
    }

    /// Squared length of what the codes stand for.
    pub fn norm(&self) -> f32 {
        self.length * self.length
    }

    /// Approximate dot products with rows named by number, into `out`.
    #[inline]
    pub fn gather(&self, codes: &[u8], scales: &[f32], rows: &[u32], out: &mut [f32]) {
        let width = self.codes.len();
        let row = |number: u32| {
            let at = number as usize * width;
            codes.get(at..at + width).unwrap_or_default()
        };
        let scaled = |sum: i32, number: u32| {
            let scale = scales.get(number as usize).copied().unwrap_or_default();
            (sum - self.correction) as f32 * (scale * self.scale)
        };
        let (fours, rest) = rows.as_chunks::<4>();
        let (out, tail) = out.split_at_mut(fours.len() * 4);
        for (&[a, b, c, d], out) in fours.iter().zip(out.as_chunks_mut::<4>().0) {
            let [e, f, g, h] = dot_four(&self.codes, [row(a), row(b), row(c), row(d)]);
            *out = [scaled(e, a), scaled(f, b), scaled(g, c), scaled(h, d)];
        }
        if let Some(&first) = rest.first() {
            let rows = [0, 1, 2, 3].map(|i| rest.get(i).copied().unwrap_or(first));
            let sums = dot_four(&self.codes, rows.map(row));
            for ((out, sum), row) in tail.iter_mut().zip(sums).zip(rows) {
                *out = scaled(sum, row);
            }
        }
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

    /// How far an approximate dot product can be from the exact one, at most, when no row's scale is above `scale` and what no row's codes
    /// stand for is longer than `longest`: `|x - x'| |q| + |x'| |q - q'|`, with half a step of error in each dimension.
    pub fn error_bound(&self, query: &[f32], scale: f32, longest: f32) -> f32 {
        (half_steps(query.len(), scale) * length_of(query.iter().copied()) + longest * self.off(query)) * ROUNDING
    }

    /// The same for rows of unit length: what it is at a scale of 0, and how much more for each 1 of the scale.
    pub fn error_of_unit(&self, query: &[f32]) -> [f32; 2] {
        let base = self.error_bound(query, 0.0, 1.0);
        [base, half_steps(query.len(), 1.0) * (length_of(query.iter().copied()) * ROUNDING + base)]
    }

    /// The same for the distance of the query from a row: `|x - x'| + |q - q'|`.
    pub fn error_bound_apart(&self, query: &[f32], scale: f32) -> f32 {
        (half_steps(query.len(), scale) + self.off(query)) * ROUNDING
    }

    /// Distance of the query from what its codes stand for.
    fn off(&self, query: &[f32]) -> f32 {
        length_of(query.iter().zip(&self.codes).map(|(q, &code)| q - f32::from(code) * self.scale))
    }
}

/// Length of a vector, of which bounds are made: the squares of its values are not too small to be numbers.
pub fn length_of(values: impl Iterator<Item = f32>) -> f32 {
    values.map(|x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt() as f32
}

/// Length of what a row of codes stands for.
#[inline(never)]
pub fn row_length(row: &[u8], scale: f32) -> f32 {
    let value = |code: &u8| i32::from((*code as i8).wrapping_sub(OFFSET as i8));
    let squares: i32 = row.iter().map(|code| value(code) * value(code)).sum();
    (squares as f32).sqrt() * scale
}

/// Its square: the same bits as [`Query::norm`] of the row.
pub fn norm_of(row: &[u8], scale: f32) -> f32 {
    let length = row_length(row, scale);
    length * length
}

/// How far a row can be from what its codes stand for.
pub fn half_steps(dims: usize, scale: f32) -> f32 {
    (dims as f32).sqrt() * scale * 0.5
}

/// The largest absolute value. Compared as integers, which order like the floats they are the bits of: that runs in vector registers.
fn largest(values: &[f32]) -> f32 {
    f32::from_bits(values.iter().fold(0, |max, x| x.abs().to_bits().max(max)))
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
                let coarsest = scales.iter().fold(0.0, |a: f32, b| a.max(*b));
                let bound = Query::new(&query).error_bound(&query, coarsest, 1.0 + half_steps(dims, coarsest));
                assert!((got - want).abs() <= bound && bound < 0.2, "{dims}: {got} {want} {bound}");
            }
        }
    }

    #[test]
    fn what_is_small_is_as_far_off_as_what_is_large_by_its_share() {
        let (row, query) = (wave(96, 0.31), wave(96, 0.77));
        let small: Vec<f32> = query.iter().map(|q| q * 1e-30).collect();
        let [base, more] = Query::new(&query).error_of_unit(&query);
        let [small_base, small_more] = Query::new(&small).error_of_unit(&small);
        assert!((small_base / base * 1e30 - 1.0).abs() < 1e-3 && (small_more / more * 1e30 - 1.0).abs() < 1e-3);
        let mut codes = Vec::new();
        let small_row: Vec<f32> = row.iter().map(|x| x * 1e-30).collect();
        let scale = encode_row(&small_row, &mut codes);
        assert!((row_length(&codes, scale) * 1e30 - 1.0).abs() < 0.01 && norm_of(&codes, scale) == 0.0);
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
