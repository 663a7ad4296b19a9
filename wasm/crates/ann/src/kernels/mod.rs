//! Dot products: one scalar and one SIMD text each, equal bits in every build.
//!
//! * Integer kernel: i8 query against codes in 0..=127, exact in i32, so every instruction set agrees. The relaxed
//!   product is exact as well because the second operand stays below 128: the WebAssembly relaxed-SIMD proposal leaves only its
//!   sign open, and 2 x 127 x 128 fits i16. It is the one that gives i16, widened by a second instruction: V8's baseline compiler
//!   (11.3, in Node 20) spoils the sum of the one that adds to i32, and where that one is right it is a quarter slower.
//! * f32 kernels: sixteen running sums, element i into sum i % 16, multiply then add (never fused), then
//!   `(s0 + s4) + (s8 + s12)` lane by lane and `((l0 + l1) + l2) + l3`.

mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;

pub use scalar::differing;
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub use scalar::{dot_codes, dot_f32, dot_four, l2_f32};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use simd128::{dot_codes, dot_f32, dot_four, l2_f32};

/// Rows of codes are padded to a multiple of this many bytes, so that kernels need no tail.
pub const CODE_ALIGN: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integer_dot_equals_the_plain_sum() {
        let query: Vec<i8> = (0..32).map(|i| (i * 37 % 255 - 127) as i8).collect();
        let codes: Vec<u8> = (0..32 * 3).map(|i| (i * 29 % 128) as u8).collect();
        let mut out = [0i32; 3];
        dot_codes(&query, &codes, &mut out);
        for (row, got) in codes.chunks(32).zip(out) {
            let want: i32 = row.iter().zip(&query).map(|(&c, &q)| i32::from(c) * i32::from(q)).sum();
            assert_eq!(got, want);
        }
    }

    #[test]
    fn integer_dot_is_exact_at_the_extremes() {
        let mut out = [0i32; 1];
        dot_codes(&[-127; 64], &[127; 64], &mut out);
        assert_eq!(out[0], -127 * 127 * 64);
    }

    #[test]
    fn f32_dot_takes_lengths_that_are_no_multiple_of_sixteen() {
        for len in [0usize, 1, 3, 15, 16, 17, 33] {
            let a: Vec<f32> = (0..len).map(|i| i as f32).collect();
            let row: Vec<u8> = a.iter().flat_map(|v| v.to_le_bytes()).collect();
            let want: f32 = a.iter().map(|v| v * v).sum();
            assert_eq!(dot_f32(&a, &row), want);
        }
    }
}
