//! The kernels for WebAssembly SIMD: four rows of codes a call, sixteen f32 lanes.

#![expect(
    unsafe_code,
    reason = "v128_load takes a pointer; every load below stays inside a slice whose length was checked"
)]

#[cfg(target_feature = "relaxed-simd")]
use std::arch::wasm32::i32x4_relaxed_dot_i8x16_i7x16_add;
use std::arch::wasm32::{
    f32x4, f32x4_add, f32x4_extract_lane, f32x4_mul, f32x4_splat, i32x4_add, i32x4_extract_lane, i32x4_splat, v128,
    v128_load,
};
#[cfg(not(target_feature = "relaxed-simd"))]
use std::arch::wasm32::{
    i16x8_extend_high_i8x16, i16x8_extend_high_u8x16, i16x8_extend_low_i8x16, i16x8_extend_low_u8x16, i32x4_dot_i16x8,
};

/// See the scalar text.
pub fn dot_codes(query: &[i8], codes: &[u8], out: &mut [i32]) {
    let width = query.len();
    assert!(width % 16 == 0 && codes.len() >= width * out.len(), "rows of codes are padded to 16 bytes");
    let (q, base) = (query.as_ptr(), codes.as_ptr());
    let (fours, rest) = out.as_chunks_mut::<4>();
    for (block, sums) in fours.iter_mut().enumerate() {
        let mut acc = [i32x4_splat(0); 4];
        for at in (0..width).step_by(16) {
            // SAFETY: at + 16 <= width, and row block * 4 + r < out.len(), whose rows lie inside codes (asserted above).
            let qv = unsafe { v128_load(q.add(at).cast()) };
            for (r, sum) in acc.iter_mut().enumerate() {
                let cv = unsafe { v128_load(base.add((block * 4 + r) * width + at).cast()) };
                *sum = dot_add(qv, cv, *sum);
            }
        }
        *sums = acc.map(total);
    }
    let done = fours.len() * 4;
    for (r, sum) in rest.iter_mut().enumerate() {
        let mut acc = i32x4_splat(0);
        for at in (0..width).step_by(16) {
            // SAFETY: as above, for row done + r < out.len().
            acc = unsafe {
                dot_add(v128_load(q.add(at).cast()), v128_load(base.add((done + r) * width + at).cast()), acc)
            };
        }
        *sum = total(acc);
    }
}

#[cfg(target_feature = "relaxed-simd")]
#[inline]
fn dot_add(query: v128, codes: v128, sum: v128) -> v128 {
    i32x4_relaxed_dot_i8x16_i7x16_add(query, codes, sum)
}

#[cfg(not(target_feature = "relaxed-simd"))]
#[inline]
fn dot_add(query: v128, codes: v128, sum: v128) -> v128 {
    let low = i32x4_dot_i16x8(i16x8_extend_low_i8x16(query), i16x8_extend_low_u8x16(codes));
    let high = i32x4_dot_i16x8(i16x8_extend_high_i8x16(query), i16x8_extend_high_u8x16(codes));
    i32x4_add(i32x4_add(low, high), sum)
}

#[inline]
fn total(v: v128) -> i32 {
    i32x4_extract_lane::<0>(v) + i32x4_extract_lane::<1>(v) + i32x4_extract_lane::<2>(v) + i32x4_extract_lane::<3>(v)
}

/// See the scalar text.
pub fn dot_f32(query: &[f32], row: &[u8]) -> f32 {
    let len = query.len().min(row.len() / 4);
    let mut sums = [f32x4_splat(0.0); 4];
    let whole = len / 16 * 16;
    let (q, r) = (query.as_ptr(), row.as_ptr());
    for at in (0..whole).step_by(16) {
        for (j, sum) in sums.iter_mut().enumerate() {
            // SAFETY: at + 4 j + 4 <= whole <= len, and wasm loads need no alignment.
            let product =
                unsafe { f32x4_mul(v128_load(q.add(at + 4 * j).cast()), v128_load(r.add(4 * (at + 4 * j)).cast())) };
            *sum = f32x4_add(*sum, product);
        }
    }
    if whole < len {
        let mut tail = [0f32; 16];
        let rest = query.get(whole..len).unwrap_or_default();
        for ((t, &a), b) in tail.iter_mut().zip(rest).zip(row.get(4 * whole..).unwrap_or_default().as_chunks::<4>().0) {
            *t = a * f32::from_le_bytes(*b);
        }
        for (sum, t) in sums.iter_mut().zip(tail.as_chunks::<4>().0) {
            *sum = f32x4_add(*sum, f32x4(t[0], t[1], t[2], t[3]));
        }
    }
    let [a, b, c, d] = sums;
    let v = f32x4_add(f32x4_add(a, b), f32x4_add(c, d));
    ((f32x4_extract_lane::<0>(v) + f32x4_extract_lane::<1>(v)) + f32x4_extract_lane::<2>(v))
        + f32x4_extract_lane::<3>(v)
}
