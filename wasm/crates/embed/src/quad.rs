//! Four f32 side by side: `v128` where the build has simd128, an array elsewhere, the same bits in both.
//!
//! Products and sums are rounded one by one; no fused multiply-add, also not in the relaxed build.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod lanes {
    use core::arch::wasm32::{f32x4, f32x4_add, f32x4_extract_lane, f32x4_mul, f32x4_splat, v128};

    /// Four f32 side by side.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Quad(v128);

    impl Quad {
        /// From an array.
        #[inline]
        pub(crate) fn new(v: [f32; 4]) -> Self {
            let [a, b, c, d] = v;
            Self(f32x4(a, b, c, d))
        }

        /// The same value four times.
        #[inline]
        pub(crate) fn splat(v: f32) -> Self {
            Self(f32x4_splat(v))
        }

        /// Lane by lane `self + a * b`, the product rounded first.
        #[inline]
        pub(crate) fn add_product(self, a: Self, b: Self) -> Self {
            Self(f32x4_add(self.0, f32x4_mul(a.0, b.0)))
        }

        /// As an array.
        #[inline]
        pub(crate) fn lanes(self) -> [f32; 4] {
            let v = self.0;
            [
                f32x4_extract_lane::<0>(v),
                f32x4_extract_lane::<1>(v),
                f32x4_extract_lane::<2>(v),
                f32x4_extract_lane::<3>(v),
            ]
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod lanes {
    /// Four f32 side by side.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Quad([f32; 4]);

    impl Quad {
        /// From an array.
        #[inline]
        pub(crate) fn new(v: [f32; 4]) -> Self {
            Self(v)
        }

        /// The same value four times.
        #[inline]
        pub(crate) fn splat(v: f32) -> Self {
            Self([v; 4])
        }

        /// Lane by lane `self + a * b`, the product rounded first.
        #[inline]
        pub(crate) fn add_product(mut self, a: Self, b: Self) -> Self {
            for ((v, a), b) in self.0.iter_mut().zip(a.0).zip(b.0) {
                *v += a * b;
            }
            self
        }

        /// As an array.
        #[inline]
        pub(crate) fn lanes(self) -> [f32; 4] {
            self.0
        }
    }
}

pub(crate) use lanes::Quad;
