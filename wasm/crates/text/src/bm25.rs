//! The arithmetic of BM25F: inverse document frequency, length normalisation per field, saturation of what is summed.
//!
//! A term's frequencies in the fields are each divided by [`length_norm`], weighted and added; the sum is saturated
//! once and multiplied by [`idf`]. After Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and
//! Beyond" (2009), with the never-negative idf of Lucene. Only `+ - * /` in a fixed order and no fused multiply-add, so that every build
//! and every host gives the same bits.

use aetherv_core::lanes::F32s;

/// Inverse document frequency `ln(1 + (N - df + 0.5) / (df + 0.5))` of a term that `df` of `n_docs` rows hold.
///
/// Positive for every input; a `df` above `n_docs` counts as `n_docs`. Unit: nats.
///
/// ```
/// // 1 of 1: ln(1 + 0.5 / 1.5) = ln(4/3)
/// assert_eq!(aetherv_text::bm25::idf(1, 1), 0.287_682_1);
/// ```
#[must_use]
pub fn idf(n_docs: u32, df: u32) -> f32 {
    let df = f64::from(df.min(n_docs));
    let rest = f64::from(n_docs) - df;
    ln(1.0 + (rest + 0.5) / (df + 0.5)) as f32
}

/// What the frequency in a field of `len` terms is divided by, the field having `average` terms in the mean:
/// `1 - b + b * len / average`. An `average` that is not above 0 turns the normalisation off.
///
/// ```
/// assert_eq!(aetherv_text::bm25::length_norm(0.75, 20.0, 10.0), 1.75);
/// ```
#[must_use]
#[inline]
pub fn length_norm(b: f32, len: f32, average: f32) -> f32 {
    if average > 0.0 { (1.0 - b) + b * (len / average) } else { 1.0 }
}

/// Saturation of weighted, normalised frequencies: `(k1 + 1) f / (k1 + f)` of each; 0 for 0, 1 for 1, below `k1 + 1` always.
///
/// ```
/// use aetherv_core::lanes::F32s;
/// assert_eq!(aetherv_text::bm25::saturate(1.2, F32s::all(1.0)).get(), [1.0; 4]);
/// ```
#[must_use]
#[inline]
pub fn saturate(k1: f32, frequencies: F32s) -> F32s {
    F32s::all(k1 + 1.0) * frequencies / (F32s::all(k1) + frequencies)
}

/// Natural logarithm of a positive normal number, to about one unit in the last place.
///
/// `x = m * 2^e` with `m` in `[sqrt(1/2), sqrt(2))`; `ln m = 2 artanh s = 2 (s + s^3/3 + s^5/5 + ...)` with
/// `s = (m - 1) / (m + 1)`, `|s| < 0.172`, cut where the terms fall below 2^-56; `e ln 2` is added in two parts.
/// std's logarithm comes from the host or from a wasm libm and may differ in the last bit; this one does not.
/// Zero, subnormal, negative and not finite input gives NaN.
#[must_use]
pub fn ln(x: f64) -> f64 {
    // ln 2 as a sum: the first part has 21 trailing zero bits, so that its product with e is exact.
    const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
    const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
    if !x.is_normal() || x < 0.0 {
        return f64::NAN;
    }
    let bits = x.to_bits();
    let mut e = ((bits >> 52) as i32) - 1023;
    let mut m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    if m > core::f64::consts::SQRT_2 {
        m *= 0.5;
        e += 1;
    }
    let s = (m - 1.0) / (m + 1.0);
    let square = s * s;
    // The tail 1/3 + square/5 + square^2/7 + ... by Horner, smallest term first.
    let mut tail = 0.0;
    let mut odd = 23.0;
    while odd >= 3.0 {
        tail = tail * square + 1.0 / odd;
        odd -= 2.0;
    }
    let e = f64::from(e);
    let small = 2.0 * s * (square * tail) + e * LN2_LOW;
    e * LN2_HIGH + (2.0 * s + small)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ln_is_near_the_hosts() {
        let mut worst = 0.0_f64;
        let mut x = 1e-300_f64;
        while x < 1e300 {
            let want = x.ln();
            worst = worst.max(((ln(x) - want) / want.abs().max(1e-3)).abs());
            x *= 1.000_917;
        }
        for i in 1..100_000_u32 {
            let x = 1.0 + f64::from(i) / 50_000.0;
            let want = x.ln();
            worst = worst.max(((ln(x) - want) / want).abs());
        }
        assert!(worst < 5e-16, "{worst:e}");
    }

    #[test]
    fn ln_at_the_edges() {
        assert_eq!(ln(1.0), 0.0);
        assert_eq!(ln(2.0), core::f64::consts::LN_2);
        assert_eq!(ln(10.0), core::f64::consts::LN_10);
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-310] {
            assert!(ln(bad).is_nan());
        }
    }

    #[test]
    fn idf_known_answers() {
        // N 3, df 1: ln(1 + 2.5 / 1.5) = ln(8/3); N 1000, df 0: ln(1 + 1000.5 / 0.5) = ln 2002.
        assert_eq!(idf(3, 1), 0.980_829_24);
        assert_eq!(idf(1000, 0), 7.601_902);
        // df = N = 10: ln(1 + 0.5 / 10.5) = ln(22/21); no rows: ln 2.
        assert_eq!(idf(10, 10), 0.046_520_017);
        assert_eq!(idf(0, 0), core::f32::consts::LN_2);
        assert_eq!(idf(10, 11), idf(10, 10));
        assert!(idf(u32::MAX, 0) > 22.0 && idf(u32::MAX, u32::MAX) > 0.0);
    }

    #[test]
    fn one_field_of_weight_one_is_plain_bm25() {
        // tf 2, len 20, mean 10, b 0.75, k1 1.2: 2.2 * 2 / (2 + 1.2 * 1.75) = 4.4 / 4.1.
        let frequencies =
            [2.0 / length_norm(0.75, 20.0, 10.0), 1.0 / length_norm(0.75, 0.0, 10.0), 0.0, f32::MAX / 4.0];
        let [one, other, none, most] = saturate(1.2, F32s::new(frequencies)).get();
        assert!((one - 4.4 / 4.1).abs() < 1e-6 && (other - 2.2 / 1.3).abs() < 1e-6 && none == 0.0 && most <= 2.2);
        assert_eq!((length_norm(0.75, 7.0, 0.0), length_norm(0.75, 7.0, f32::NAN)), (1.0, 1.0));
    }
}
