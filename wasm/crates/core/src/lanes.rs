//! Numbers four at a time: one instruction where the build has SIMD, four where it has not, the same bits in both. For the
//! few loops that every posting goes through: what is built small is not vectorised by the compiler.

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Shl, Shr};

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
use plain as lanes;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use simd as lanes;

/// Four u32.
#[derive(Clone, Copy)]
pub struct U32s(lanes::Four<u32>);

/// Four f32.
#[derive(Clone, Copy)]
pub struct F32s(lanes::Four<f32>);

impl U32s {
    /// These four.
    #[inline]
    pub fn new(four: [u32; 4]) -> Self {
        Self(lanes::of_u32(four))
    }

    /// Four times the same.
    #[inline]
    pub fn all(value: u32) -> Self {
        Self::new([value; 4])
    }

    /// The four parts of 16 bits, the lowest first.
    #[inline]
    pub fn of_halves(four: u64) -> Self {
        Self(lanes::of_halves(four))
    }

    /// The four.
    #[inline]
    pub fn get(self) -> [u32; 4] {
        lanes::u32_of(self.0)
    }

    /// As f32, each at most 2^16 - 1.
    #[inline]
    pub fn as_halves(self) -> F32s {
        F32s(lanes::as_halves(self.0))
    }

    /// The first of each, the second of each, and so on: rows become columns.
    #[inline]
    pub fn turned(four: [Self; 4]) -> [Self; 4] {
        lanes::turned(four.map(|own| own.0)).map(Self)
    }

    /// Numbers of 64 bits, of these as their lower halves and those as their upper ones.
    #[inline]
    pub fn below(self, upper: Self) -> [u64; 4] {
        lanes::below(self.0, upper.0)
    }

    /// The larger of each of the first two, the sum, which wraps, of each of the last two.
    #[inline]
    #[must_use]
    pub fn larger_or_sum(self, other: Self) -> Self {
        Self(lanes::larger_or_sum(self.0, other.0))
    }
}

impl F32s {
    /// These four.
    #[inline]
    pub fn new(four: [f32; 4]) -> Self {
        Self(lanes::of_f32(four))
    }

    /// Four times the same.
    #[inline]
    pub fn all(value: f32) -> Self {
        Self::new([value; 4])
    }

    /// The four.
    #[inline]
    pub fn get(self) -> [f32; 4] {
        lanes::f32_of(self.0)
    }

    /// Each if it is above the floor, else the floor: so in place of what is no number, too.
    #[inline]
    #[must_use]
    pub fn above(self, floor: Self) -> Self {
        Self(lanes::above(self.0, floor.0))
    }
}

impl Shr<u32> for U32s {
    type Output = Self;

    #[inline]
    fn shr(self, by: u32) -> Self {
        Self(lanes::shr(self.0, by))
    }
}

impl Shl<u32> for U32s {
    type Output = Self;

    #[inline]
    fn shl(self, by: u32) -> Self {
        Self(lanes::shl(self.0, by))
    }
}

impl BitOr for U32s {
    type Output = Self;

    #[inline]
    fn bitor(self, other: Self) -> Self {
        Self(lanes::or(self.0, other.0))
    }
}

impl BitAnd for U32s {
    type Output = Self;

    #[inline]
    fn bitand(self, other: Self) -> Self {
        Self(lanes::and(self.0, other.0))
    }
}

impl Add for F32s {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        Self(lanes::add(self.0, other.0))
    }
}

impl Mul for F32s {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        Self(lanes::mul(self.0, other.0))
    }
}

impl Div for F32s {
    type Output = Self;

    #[inline]
    fn div(self, other: Self) -> Self {
        Self(lanes::div(self.0, other.0))
    }
}

/// One by one.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod plain {
    use std::array::from_fn;

    pub type Four<T> = [T; 4];

    fn both<T: Copy + Default>(a: Four<T>, b: Four<T>, f: impl Fn(T, T) -> T) -> Four<T> {
        let at = |four: &Four<T>, lane: usize| four.get(lane).copied().unwrap_or_default();
        from_fn(|lane| f(at(&a, lane), at(&b, lane)))
    }

    pub fn of_u32(four: [u32; 4]) -> Four<u32> {
        four
    }

    pub fn u32_of(four: Four<u32>) -> [u32; 4] {
        four
    }

    pub fn of_halves(four: u64) -> Four<u32> {
        from_fn(|lane| (four >> (16 * lane)) as u32 & 0xffff)
    }

    pub fn turned([a, b, c, d]: [Four<u32>; 4]) -> [Four<u32>; 4] {
        let at = |four: Four<u32>, lane: usize| four.get(lane).copied().unwrap_or_default();
        from_fn(|lane| [at(a, lane), at(b, lane), at(c, lane), at(d, lane)])
    }

    pub fn below([a, b, c, d]: Four<u32>, [e, f, g, h]: Four<u32>) -> [u64; 4] {
        [(a, e), (b, f), (c, g), (d, h)].map(|(low, high)| u64::from(low) | u64::from(high) << 32)
    }

    pub fn as_halves(four: Four<u32>) -> Four<f32> {
        four.map(|value| value.min(0xffff) as f32)
    }

    pub fn larger_or_sum([a, b, c, d]: Four<u32>, [e, f, g, h]: Four<u32>) -> Four<u32> {
        [a.max(e), b.max(f), c.wrapping_add(g), d.wrapping_add(h)]
    }

    pub fn of_f32(four: [f32; 4]) -> Four<f32> {
        four
    }

    pub fn f32_of(four: Four<f32>) -> [f32; 4] {
        four
    }

    pub fn shr(four: Four<u32>, by: u32) -> Four<u32> {
        four.map(|value| value >> (by & 31))
    }

    pub fn shl(four: Four<u32>, by: u32) -> Four<u32> {
        four.map(|value| value << (by & 31))
    }

    pub fn or(a: Four<u32>, b: Four<u32>) -> Four<u32> {
        both(a, b, |a, b| a | b)
    }

    pub fn and(a: Four<u32>, b: Four<u32>) -> Four<u32> {
        both(a, b, |a, b| a & b)
    }

    pub fn add(a: Four<f32>, b: Four<f32>) -> Four<f32> {
        both(a, b, |a, b| a + b)
    }

    pub fn mul(a: Four<f32>, b: Four<f32>) -> Four<f32> {
        both(a, b, |a, b| a * b)
    }

    pub fn div(a: Four<f32>, b: Four<f32>) -> Four<f32> {
        both(a, b, |a, b| a / b)
    }

    pub fn above(four: Four<f32>, floor: Four<f32>) -> Four<f32> {
        both(four, floor, |value, floor| if value > floor { value } else { floor })
    }
}

/// All at once.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd {
    #![expect(unsafe_code, reason = "a vector and four numbers are the same 16 bytes")]

    use std::arch::wasm32::{
        f32x4_add, f32x4_convert_i32x4, f32x4_div, f32x4_mul, f32x4_pmax, u32x4_add, u32x4_extend_low_u16x8, u32x4_max,
        u32x4_min, u32x4_shl, u32x4_shr, u32x4_shuffle, u32x4_splat, u64x2, v128, v128_and, v128_or,
    };
    use std::marker::PhantomData;
    use std::mem::transmute;

    /// A vector that is taken for four of these.
    pub struct Four<T>(v128, PhantomData<T>);

    impl<T> Clone for Four<T> {
        #[inline]
        fn clone(&self) -> Self {
            *self
        }
    }

    impl<T> Copy for Four<T> {}

    const fn four<T>(lanes: v128) -> Four<T> {
        Four(lanes, PhantomData)
    }

    #[inline]
    pub fn of_u32(numbers: [u32; 4]) -> Four<u32> {
        // SAFETY: any 16 bytes are a vector.
        four(unsafe { transmute::<[u32; 4], v128>(numbers) })
    }

    #[inline]
    pub fn u32_of(lanes: Four<u32>) -> [u32; 4] {
        // SAFETY: any 16 bytes are four u32.
        unsafe { transmute::<v128, [u32; 4]>(lanes.0) }
    }

    #[inline]
    pub fn of_halves(numbers: u64) -> Four<u32> {
        four(u32x4_extend_low_u16x8(u64x2(numbers, 0)))
    }

    #[inline]
    pub fn turned([a, b, c, d]: [Four<u32>; 4]) -> [Four<u32>; 4] {
        let ([even, more_even], [odd, more_odd]) = (mixed(a.0, c.0), mixed(b.0, d.0));
        let [[a, b], [c, d]] = [mixed(even, odd), mixed(more_even, more_odd)];
        [a, b, c, d].map(four)
    }

    /// In turn those of one and those of the other: of their first halves, and of their second.
    #[inline]
    fn mixed(a: v128, b: v128) -> [v128; 2] {
        [u32x4_shuffle::<0, 4, 1, 5>(a, b), u32x4_shuffle::<2, 6, 3, 7>(a, b)]
    }

    #[inline]
    pub fn below(lower: Four<u32>, upper: Four<u32>) -> [u64; 4] {
        // SAFETY: any 32 bytes are four u64.
        unsafe { transmute::<[v128; 2], [u64; 4]>(mixed(lower.0, upper.0)) }
    }

    #[inline]
    pub fn as_halves(lanes: Four<u32>) -> Four<f32> {
        four(f32x4_convert_i32x4(u32x4_min(lanes.0, u32x4_splat(0xffff))))
    }

    #[inline]
    pub fn larger_or_sum(a: Four<u32>, b: Four<u32>) -> Four<u32> {
        four(u32x4_shuffle::<0, 1, 6, 7>(u32x4_max(a.0, b.0), u32x4_add(a.0, b.0)))
    }

    #[inline]
    pub fn of_f32(numbers: [f32; 4]) -> Four<f32> {
        // SAFETY: any 16 bytes are a vector.
        four(unsafe { transmute::<[f32; 4], v128>(numbers) })
    }

    #[inline]
    pub fn f32_of(lanes: Four<f32>) -> [f32; 4] {
        // SAFETY: any 16 bytes are four f32.
        unsafe { transmute::<v128, [f32; 4]>(lanes.0) }
    }

    #[inline]
    pub fn shr(lanes: Four<u32>, by: u32) -> Four<u32> {
        four(u32x4_shr(lanes.0, by))
    }

    #[inline]
    pub fn shl(lanes: Four<u32>, by: u32) -> Four<u32> {
        four(u32x4_shl(lanes.0, by))
    }

    #[inline]
    pub fn or(a: Four<u32>, b: Four<u32>) -> Four<u32> {
        four(v128_or(a.0, b.0))
    }

    #[inline]
    pub fn and(a: Four<u32>, b: Four<u32>) -> Four<u32> {
        four(v128_and(a.0, b.0))
    }

    #[inline]
    pub fn add(a: Four<f32>, b: Four<f32>) -> Four<f32> {
        four(f32x4_add(a.0, b.0))
    }

    #[inline]
    pub fn mul(a: Four<f32>, b: Four<f32>) -> Four<f32> {
        four(f32x4_mul(a.0, b.0))
    }

    #[inline]
    pub fn div(a: Four<f32>, b: Four<f32>) -> Four<f32> {
        four(f32x4_div(a.0, b.0))
    }

    /// The greater of two as C++ has it: the first unless it is less than the second.
    #[inline]
    pub fn above(values: Four<f32>, floor: Four<f32>) -> Four<f32> {
        four(f32x4_pmax(floor.0, values.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_are_as_one_by_one() {
        let (a, b) = ([0, 1, 0x8000_0001, u32::MAX], [3, u32::MAX, 0x7fff_ffff, 0]);
        assert_eq!((U32s::new(a) | U32s::new(b)).get(), [3, u32::MAX, u32::MAX, u32::MAX]);
        assert_eq!((U32s::new(a) & U32s::new(b)).get(), [0, 1, 1, 0]);
        assert_eq!(U32s::new(a).larger_or_sum(U32s::new(b)).get(), [3, u32::MAX, 0, u32::MAX]);
        let turned = U32s::turned([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]].map(U32s::new));
        assert_eq!(turned.map(U32s::get), [[1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15], [4, 8, 12, 16]]);
        assert_eq!(U32s::new([1, 2, 3, 4]).below(U32s::new([0, 1, 0, 2])), [1, 2 | 1 << 32, 3, 4 | 2 << 32]);
        assert_eq!(U32s::of_halves(0x0004_ffff_0002_8001).get(), [0x8001, 2, 0xffff, 4]);
        assert_eq!(U32s::new([0, 7, 65_536, u32::MAX]).as_halves().get(), [0.0, 7.0, 65_535.0, 65_535.0]);
        for by in [0, 1, 31] {
            assert_eq!((U32s::new(a) >> by).get(), a.map(|value| value >> by));
            assert_eq!((U32s::new(a) << by).get(), a.map(|value| value << by));
        }
        let (a, b) = ([1.0, -2.5, 3e38, 0.1], [3.0, 0.5, 10.0, 0.2f32]);
        let (x, y) = (F32s::new(a), F32s::new(b));
        let pairs = |f: fn(f32, f32) -> f32| [f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2]), f(a[3], b[3])];
        assert_eq!((x + y).get(), pairs(|a, b| a + b));
        assert_eq!((x * y).get(), pairs(|a, b| a * b));
        assert_eq!((x / y).get(), pairs(|a, b| a / b));
        assert_eq!(
            F32s::new([1.0, -1.0, f32::NAN, f32::INFINITY]).above(F32s::all(0.0)).get(),
            [1.0, 0.0, 0.0, f32::INFINITY]
        );
    }
}
