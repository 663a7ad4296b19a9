//! The kernels in plain Rust: the meaning that the SIMD texts must equal bit for bit.

/// Integer dot products of one query with consecutive rows of codes.
///
/// `query` and every row have the same length; `codes` holds `out.len()` rows.
pub fn dot_codes(query: &[i8], codes: &[u8], out: &mut [i32]) {
    for (row, sum) in codes.chunks_exact(query.len().max(1)).zip(out) {
        *sum = row.iter().zip(query).map(|(&code, &q)| i32::from(code) * i32::from(q)).sum();
    }
}

/// Integer dot products of one query with four rows as long as it; 0 with rows that are not.
#[inline]
pub fn dot_four(query: &[i8], rows: [&[u8]; 4]) -> [i32; 4] {
    let fits = query.len().is_multiple_of(16) && rows.iter().all(|row| row.len() == query.len());
    let dot = |row: &[u8]| row.iter().zip(query).map(|(&code, &q)| i32::from(code) * i32::from(q)).sum();
    if fits { rows.map(dot) } else { [0; 4] }
}

/// Bits in which two rows of the same length, a multiple of 16 bytes, differ.
#[inline]
pub fn differing(a: &[u8], b: &[u8]) -> u32 {
    let words = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0);
    words.map(|(a, b)| (u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b)).count_ones()).sum()
}

/// Dot product of `query` with one row of little-endian f32 bytes of the same length.
pub fn dot_f32(query: &[f32], row: &[u8]) -> f32 {
    sum(query, row, |a, b| a * b)
}

/// Squared distance of `query` from one row, likewise.
pub fn l2_f32(query: &[f32], row: &[u8]) -> f32 {
    sum(query, row, |a, b| (a - b) * (a - b))
}

fn sum(query: &[f32], row: &[u8], term: impl Fn(f32, f32) -> f32) -> f32 {
    let mut sums = [0f32; 16];
    for (q, r) in query.chunks(16).zip(row.chunks(64)) {
        for ((sum, &a), b) in sums.iter_mut().zip(q).zip(r.as_chunks::<4>().0) {
            *sum += term(a, f32::from_le_bytes(*b));
        }
    }
    let [a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3] = sums;
    let lane = |a: f32, b: f32, c: f32, d: f32| (a + b) + (c + d);
    ((lane(a0, b0, c0, d0) + lane(a1, b1, c1, d1)) + lane(a2, b2, c2, d2)) + lane(a3, b3, c3, d3)
}
