//! Values at half precision (binary16), for processors that score many rows: half the memory of f32, and sums are of f32 all the same.
//!
//! Values are kept 2^14 times as large as they are. Those of vectors of unit length use the range of the format then, and what is below its
//! normal numbers is so small that it counts as 0 here, as some processors have it anyway.

use crate::sq7::length_of;

/// The exponent of what values are multiplied by.
const SHIFT: u32 = 14;
/// No value may be as large: infinity begins a little above.
const LARGEST: f32 = 3.99;
/// The smallest value that is not taken for 0: 2^-28.
const SMALLEST: f32 = f32::from_bits((127 - 28) << 23);
/// Largest error of rounding, relative to the value: half a unit of the last of eleven binary places.
const UNIT: f32 = 1.0 / 2048.0;
/// Bounds are computed in f32 themselves.
const ROUNDING: f32 = 1.001;

/// Bits of a value at half precision, ties to even.
#[must_use]
pub const fn half_of(value: f32) -> u16 {
    let bits = value.to_bits();
    let size = bits & 0x7fff_ffff;
    // From a bias of 127 to one of 15, and up by the shift.
    let rounded = ((size + 0xfff + (size >> 13 & 1)) >> 13).saturating_sub((127 - 15 - SHIFT) << 10);
    let kept = if size < SMALLEST.to_bits() {
        0
    } else if rounded > 0x7c00 {
        0x7c00
    } else {
        rounded
    };
    (bits >> 16 & 0x8000 | kept) as u16
}

/// Appends a row (f32 bytes) at half precision, with zeros up to a multiple of four values.
pub fn push_row(row: &[u8], out: &mut Vec<u8>) {
    let values = row.as_chunks::<4>().0;
    let end = out.len() + 2 * values.len().next_multiple_of(4);
    out.extend(values.iter().flat_map(|value| half_of(f32::from_le_bytes(*value)).to_le_bytes()));
    out.resize(end, 0);
}

/// How far the dot product with a row at half precision can be from that with the row, at most, when no row is longer than `longest`, each summed
/// exactly: `sum |x - x'| |q| <= UNIT |x| |q| + SMALLEST sqrt(n) |q|`. Infinite where a value could be too large for the format.
#[must_use]
pub fn error_bound(query: &[f32], longest: f32) -> f32 {
    if longest >= LARGEST {
        return f32::INFINITY;
    }
    (UNIT * longest + SMALLEST * (query.len() as f32).sqrt()) * length_of(query.iter().copied()) * ROUNDING
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition of the format.
    fn value_of(half: u16) -> f64 {
        let (exponent, fraction) = (i32::from(half >> 10 & 31), f64::from(half & 1023));
        let size = match exponent {
            0 => fraction / 1024.0 * 2f64.powi(-14),
            31 => f64::INFINITY,
            _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
        };
        if half >> 15 == 1 { -size } else { size }
    }

    #[test]
    fn every_half_is_its_own_rounding_and_what_lies_between_goes_to_the_nearest_or_the_even() {
        let scale = f64::from(1 << SHIFT);
        for half in 0x0400..0x7bffu16 {
            let (own, next) = (value_of(half), value_of(half + 1));
            let at = |share: f64| ((own + share * (next - own)) / scale) as f32;
            assert_eq!([half_of(at(0.0)), half_of(at(1.0))], [half, half + 1]);
            assert_eq!([half_of(at(0.49)), half_of(at(0.51))], [half, half + 1]);
            assert_eq!(half_of(at(0.5)), half + (half & 1), "{half:#x}");
            assert_eq!(half_of(-at(0.49)), half | 0x8000);
        }
    }

    #[test]
    fn what_is_too_small_is_zero_and_what_is_too_large_is_infinite() {
        assert_eq!(half_of(SMALLEST), 0x0400);
        for small in [f32::from_bits(SMALLEST.to_bits() - 1), 1e-20, f32::MIN_POSITIVE, 1e-45, 0.0] {
            assert_eq!([half_of(small), half_of(-small)], [0, 0x8000], "{small:e}");
        }
        assert!(value_of(half_of(LARGEST)).is_finite());
        for large in [4.0, 1e10, f32::MAX, f32::INFINITY] {
            assert_eq!([half_of(large), half_of(-large)], [0x7c00, 0xfc00], "{large:e}");
        }
        assert_eq!(error_bound(&[1.0], 4.0), f32::INFINITY);
    }

    #[test]
    fn rows_are_padded_to_fours() {
        let mut out = vec![7];
        let row: Vec<u8> = [0.5f32, -1.0, 2.0, 0.0, 1.0].iter().flat_map(|value| value.to_le_bytes()).collect();
        push_row(&row, &mut out);
        let bits = [0x7000u16, 0xf400, 0x7800, 0, 0x7400, 0, 0, 0];
        assert_eq!(out, [vec![7], bits.iter().flat_map(|half| half.to_le_bytes()).collect()].concat());
    }

    /// Distance of the exact dot products of a row and of its halves.
    fn error_of(row: &[f32], query: &[f32]) -> f64 {
        let scale = f64::from(1 << SHIFT);
        let off = |x: &f32| value_of(half_of(*x)) / scale - f64::from(*x);
        row.iter().zip(query).map(|(x, q)| off(x) * f64::from(*q)).sum::<f64>().abs()
    }

    #[test]
    fn no_dot_product_is_further_off_than_the_bound_and_the_worst_come_near() {
        let mut state = 9u32;
        let mut uniform = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / f64::from(1 << 24) - 0.5
        };
        let unit = |row: &mut Vec<f32>| {
            let length = row.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
            row.iter_mut().for_each(|x| *x = (f64::from(*x) / length) as f32);
        };
        for dims in [1, 2, 7, 64, 384, 1536] {
            for spread in [0.0, 8.0, 40.0] {
                for _ in 0..50 {
                    let mut values = || -> Vec<f32> {
                        (0..dims).map(|_| (uniform() * 2f64.powf(spread * uniform())) as f32).collect()
                    };
                    let (mut row, query) = (values(), values());
                    unit(&mut row);
                    let (error, bound) = (error_of(&row, &query), f64::from(error_bound(&query, 1.0)));
                    assert!(error <= bound, "{dims} dims: {error:e} above {bound:e}");
                }
            }
            // Every value just above the middle between two halves, at the lower end of its binade, and the query along it: nothing rounds worse.
            let value = 1.0 / 1024.0 * (1.0 + UNIT * 1.01);
            let (row, longest) = (vec![value; dims], value * (dims as f32).sqrt());
            let share = error_of(&row, &row) / f64::from(error_bound(&row, longest));
            assert!((0.95..=1.0).contains(&share), "{dims} dims: {share}");
            // All of them too small.
            let row = vec![f32::from_bits(SMALLEST.to_bits() - 1); dims];
            let longest = SMALLEST * (dims as f32).sqrt();
            let share = error_of(&row, &row) / f64::from(error_bound(&row, longest));
            assert!((0.95..=1.0).contains(&share), "{dims} dims: {share}");
        }
    }
}
