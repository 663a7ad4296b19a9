//! Adds up the rows of a text's pieces and brings the sum to length one.
//!
//! The order of the f32 operations is part of the model: `w = ln(1 + tf) * scale`, `v[k] += w * level` by rising
//! row, squares in four lanes (k mod 4) added `((0 + 1) + 2) + 3`, `v[k] * (1 / sqrt)`. All of it is elementwise
//! or in a fixed order, so scalar and SIMD builds agree bit for bit.

use crate::quad::Quad;

/// Dimensions that are summed at a time, their sums kept in registers; the table's dimensions are a multiple.
pub(crate) const BLOCK: usize = 32;

/// Times a piece is counted at most.
pub(crate) const TF_MAX: u8 = 63;

/// ln(1 + tf) for tf 0 to 63 as bits of f32, rounded to nearest.
static LN: [u32; 64] = [
    0x0000_0000,
    0x3f31_7218,
    0x3f8c_9f54,
    0x3fb1_7218,
    0x3fce_0210,
    0x3fe5_5860,
    0x3ff9_1395,
    0x4005_1592,
    0x400c_9f54,
    0x4013_5d8e,
    0x4019_771e,
    0x401f_08b6,
    0x4024_2821,
    0x4028_e651,
    0x402d_50b2,
    0x4031_7218,
    0x4035_535e,
    0x4038_fbda,
    0x403c_71b0,
    0x403f_ba14,
    0x4042_d975,
    0x4045_d3a4,
    0x4048_abf0,
    0x404b_653c,
    0x404e_0210,
    0x4050_84a7,
    0x4052_eefe,
    0x4055_42d7,
    0x4057_81c6,
    0x4059_ad38,
    0x405b_c672,
    0x405d_ce9e,
    0x405f_c6c8,
    0x4061_afe4,
    0x4063_8ad3,
    0x4065_5860,
    0x4067_1947,
    0x4068_ce36,
    0x406a_77cb,
    0x406c_169a,
    0x406d_ab2a,
    0x406f_35fb,
    0x4070_b781,
    0x4072_302a,
    0x4073_a05c,
    0x4075_0876,
    0x4076_68d1,
    0x4077_c1c2,
    0x4079_1395,
    0x407a_5e96,
    0x407b_a308,
    0x407c_e12d,
    0x407e_1943,
    0x407f_4b84,
    0x4080_3c13,
    0x4080_cfae,
    0x4081_60ad,
    0x4081_ef26,
    0x4082_7b30,
    0x4083_04df,
    0x4083_8c47,
    0x4084_117c,
    0x4084_948f,
    0x4085_1592,
];

/// ln(1 + tf), the logarithmic count of a piece.
pub(crate) fn ln_1p(tf: u8) -> f32 {
    let bits = LN.get(usize::from(tf.min(TF_MAX))).copied();
    f32::from_bits(bits.unwrap_or(0))
}

/// Each byte of four 2-bit codes (first in the low bits) as its four levels.
pub(crate) fn decoder(levels: [f32; 4]) -> Box<[Quad; 256]> {
    let level = |code: usize| levels.get(code & 3).copied().unwrap_or(0.0);
    let quad = |byte: usize| Quad::new([level(byte), level(byte >> 2), level(byte >> 4), level(byte >> 6)]);
    Box::new(core::array::from_fn(quad))
}

/// Writes the normalised sum of `weight * row` over the rows to `out`, whose length is a multiple of [`BLOCK`]
/// and four times the bytes of a row in `codes`.
pub(crate) fn pool(codes: &[u8], decode: &[Quad; 256], rows: &[(u32, f32)], out: &mut [f32]) {
    let row_bytes = out.len() / 4;
    for (i, block) in out.chunks_exact_mut(BLOCK).enumerate() {
        let mut sums = [Quad::splat(0.0); BLOCK / 4];
        for &(row, weight) in rows {
            let at = row as usize * row_bytes + i * (BLOCK / 4);
            let Some(part) = codes.get(at..).and_then(|c| c.first_chunk::<{ BLOCK / 4 }>()) else {
                continue; // not reached: rows come from the table's own vocabulary
            };
            let weight = Quad::splat(weight);
            for (sum, &byte) in sums.iter_mut().zip(part) {
                if let Some(&levels) = decode.get(usize::from(byte)) {
                    *sum = sum.add_product(levels, weight);
                }
            }
        }
        for (four, sum) in block.chunks_exact_mut(4).zip(sums) {
            four.copy_from_slice(&sum.lanes());
        }
    }
    normalise(out);
}

/// Brings a vector to length one; a zero vector stays.
fn normalise(v: &mut [f32]) {
    let mut squares = Quad::splat(0.0);
    for four in v.chunks_exact(4) {
        if let Some(&four) = four.first_chunk::<4>() {
            let four = Quad::new(four);
            squares = squares.add_product(four, four);
        }
    }
    let [a, b, c, d] = squares.lanes();
    let sum = ((a + b) + c) + d;
    if sum > 0.0 {
        let scale = 1.0 / sum.sqrt();
        v.iter_mut().for_each(|x| *x *= scale);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_rounded_to_nearest() {
        for tf in 0..=TF_MAX {
            assert_eq!(ln_1p(tf), f64::from(1 + u32::from(tf)).ln() as f32);
        }
        assert_eq!(ln_1p(200), ln_1p(63));
    }

    #[test]
    fn sums_by_hand() {
        // One block, two rows: all codes 3 (level 2) with weight 1, all codes 0 (level -1) with weight 0.5.
        let codes = [[0xff; 8], [0; 8]].concat();
        let decode = decoder([-1.0, -0.5, 0.5, 2.0]);
        let mut out = [9.0; 32];
        pool(&codes, &decode, &[(0, 1.0), (1, 0.5)], &mut out);
        // 2 - 0.5 = 1.5 everywhere; divided by sqrt(32 * 2.25).
        assert!(out.iter().all(|&v| (v - 1.0 / 32.0_f32.sqrt()).abs() < 1e-7));
        pool(&codes, &decode, &[], &mut out);
        assert_eq!(out, [0.0; 32]);
        pool(&codes, &decode, &[(7, 1.0)], &mut out); // no such row
        assert_eq!(out, [0.0; 32]);
    }

    #[test]
    fn codes_are_read_from_the_low_bits() {
        let decode = decoder([0.0, 1.0, 2.0, 3.0]);
        assert_eq!(decode[0b11_10_01_00].lanes(), [0.0, 1.0, 2.0, 3.0]);
    }
}
