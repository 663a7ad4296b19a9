//! The kernels for WebAssembly SIMD: four rows of codes a call, sixteen f32 lanes.

#![expect(
    unsafe_code,
    reason = "v128_load takes a pointer; every load below stays inside a slice whose length was checked"
)]

use std::arch::wasm32::{
    f32x4, f32x4_add, f32x4_extract_lane, f32x4_mul, f32x4_splat, f32x4_sub, i32x4_add, i32x4_dot_i16x8,
    i32x4_extract_lane, i32x4_shuffle, i32x4_splat, v128, v128_load,
};
#[cfg(not(target_feature = "relaxed-simd"))]
use std::arch::wasm32::{
    i16x8_extend_high_i8x16, i16x8_extend_high_u8x16, i16x8_extend_low_i8x16, i16x8_extend_low_u8x16,
};
#[cfg(target_feature = "relaxed-simd")]
use std::arch::wasm32::{i16x8_relaxed_dot_i8x16_i7x16, i16x8_splat};

/// See the scalar text.
pub fn dot_codes(query: &[i8], codes: &[u8], out: &mut [i32]) {
    let width = query.len();
    assert!(width.is_multiple_of(16) && codes.len() >= width * out.len(), "rows of codes are padded to 16 bytes");
    let row = |r: usize| codes.as_ptr().wrapping_add(r * width);
    let (fours, rest) = out.as_chunks_mut::<4>();
    let mut at = 0;
    for sums in &mut *fours {
        // SAFETY: rows at..at + 4 lie inside `out`, whose rows lie inside `codes` (asserted above).
        *sums = unsafe { four(query, [row(at), row(at + 1), row(at + 2), row(at + 3)]) };
        at += 4;
    }
    for sum in rest {
        // SAFETY: as above, for one row.
        [*sum, ..] = unsafe { four(query, [row(at); 4]) };
        at += 1;
    }
}

/// See the scalar text.
#[inline]
pub fn dot_four(query: &[i8], rows: [&[u8]; 4]) -> [i32; 4] {
    let fits = query.len().is_multiple_of(16) && rows.iter().all(|row| row.len() == query.len());
    // SAFETY: each of the four is as long as the query, a multiple of 16.
    if fits { unsafe { four(query, rows.map(<[u8]>::as_ptr)) } } else { [0; 4] }
}

/// Dot products with four rows: one sum of four lanes each, then all four are reduced by one transposition.
///
/// # Safety
/// `query.len()` is a multiple of 16, and so many bytes can be read from each of `rows`.
#[inline]
unsafe fn four(query: &[i8], rows: [*const u8; 4]) -> [i32; 4] {
    let mut acc = [i32x4_splat(0); 4];
    for at in (0..query.len()).step_by(16) {
        // SAFETY: at + 16 <= query.len().
        let q = unsafe { v128_load(query.as_ptr().add(at).cast()) };
        for (sum, row) in acc.iter_mut().zip(rows) {
            // SAFETY: the caller's promise.
            *sum = dot_add(q, unsafe { v128_load(row.add(at).cast()) }, *sum);
        }
    }
    let [a, b, c, d] = acc;
    let ab = i32x4_add(i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b));
    let cd = i32x4_add(i32x4_shuffle::<0, 4, 1, 5>(c, d), i32x4_shuffle::<2, 6, 3, 7>(c, d));
    let sums = i32x4_add(i32x4_shuffle::<0, 1, 4, 5>(ab, cd), i32x4_shuffle::<2, 3, 6, 7>(ab, cd));
    [
        i32x4_extract_lane::<0>(sums),
        i32x4_extract_lane::<1>(sums),
        i32x4_extract_lane::<2>(sums),
        i32x4_extract_lane::<3>(sums),
    ]
}

#[cfg(target_feature = "relaxed-simd")]
#[inline]
fn dot_add(query: v128, codes: v128, sum: v128) -> v128 {
    i32x4_add(sum, i32x4_dot_i16x8(i16x8_relaxed_dot_i8x16_i7x16(query, codes), i16x8_splat(1)))
}

#[cfg(not(target_feature = "relaxed-simd"))]
#[inline]
fn dot_add(query: v128, codes: v128, sum: v128) -> v128 {
    let low = i32x4_dot_i16x8(i16x8_extend_low_i8x16(query), i16x8_extend_low_u8x16(codes));
    let high = i32x4_dot_i16x8(i16x8_extend_high_i8x16(query), i16x8_extend_high_u8x16(codes));
    i32x4_add(i32x4_add(low, high), sum)
}

/// See the scalar text.
pub fn dot_f32(query: &[f32], row: &[u8]) -> f32 {
    sum(query, row, |a, b| f32x4_mul(a, b))
}

/// See the scalar text.
pub fn l2_f32(query: &[f32], row: &[u8]) -> f32 {
    sum(query, row, |a, b| {
        let off = f32x4_sub(a, b);
        f32x4_mul(off, off)
    })
}

#[inline]
fn sum(query: &[f32], row: &[u8], term: impl Fn(v128, v128) -> v128) -> f32 {
    let len = query.len().min(row.len() / 4);
    let mut sums = [f32x4_splat(0.0); 4];
    let whole = len / 16 * 16;
    let (q, r) = (query.as_ptr(), row.as_ptr());
    for at in (0..whole).step_by(16) {
        for (j, sum) in sums.iter_mut().enumerate() {
            // SAFETY: at + 4 j + 4 <= whole <= len, and wasm loads need no alignment.
            let term = unsafe { term(v128_load(q.add(at + 4 * j).cast()), v128_load(r.add(4 * (at + 4 * j)).cast())) };
            *sum = f32x4_add(*sum, term);
        }
    }
    if whole < len {
        let (mut a, mut b) = ([0f32; 16], [0f32; 16]);
        let rest = query.get(whole..len).unwrap_or_default();
        let values = row.get(4 * whole..).unwrap_or_default().as_chunks::<4>().0;
        for (((a, b), &q), r) in a.iter_mut().zip(&mut b).zip(rest).zip(values) {
            (*a, *b) = (q, f32::from_le_bytes(*r));
        }
        for ((sum, a), b) in sums.iter_mut().zip(a.as_chunks::<4>().0).zip(b.as_chunks::<4>().0) {
            *sum = f32x4_add(*sum, term(f32x4(a[0], a[1], a[2], a[3]), f32x4(b[0], b[1], b[2], b[3])));
        }
    }
    let [a, b, c, d] = sums;
    let v = f32x4_add(f32x4_add(a, b), f32x4_add(c, d));
    ((f32x4_extract_lane::<0>(v) + f32x4_extract_lane::<1>(v)) + f32x4_extract_lane::<2>(v))
        + f32x4_extract_lane::<3>(v)
}
