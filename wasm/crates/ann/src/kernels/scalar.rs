//! The kernels in plain Rust: the meaning that the SIMD texts must equal bit for bit.

/// Integer dot products of one query with consecutive rows of codes.
///
/// `query` and every row have the same length; `codes` holds `out.len()` rows.
pub fn dot_codes(query: &[i8], codes: &[u8], out: &mut [i32]) {
    for (row, sum) in codes.chunks_exact(query.len().max(1)).zip(out) {
        *sum = row.iter().zip(query).map(|(&code, &q)| i32::from(code) * i32::from(q)).sum();
    }
}

/// Dot product of `query` with one row of little-endian f32 bytes of the same length.
pub fn dot_f32(query: &[f32], row: &[u8]) -> f32 {
    let mut sums = [0f32; 16];
    for (q, r) in query.chunks(16).zip(row.chunks(64)) {
        for ((sum, &a), b) in sums.iter_mut().zip(q).zip(r.as_chunks::<4>().0) {
            *sum += a * f32::from_le_bytes(*b);
        }
    }
    let [a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3] = sums;
    let lane = |a: f32, b: f32, c: f32, d: f32| (a + b) + (c + d);
    ((lane(a0, b0, c0, d0) + lane(a1, b1, c1, d1)) + lane(a2, b2, c2, d2)) + lane(a3, b3, c3, d3)
}
