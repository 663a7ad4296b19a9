//! Sixteen bytes of a text at a time: which of them are of a kind, a bit each. The same bits in every build.

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
use plain as lanes;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use simd as lanes;

/// Sixteen bytes.
#[derive(Clone, Copy)]
pub struct Sixteen(lanes::Bytes);

impl Sixteen {
    /// These bytes.
    #[inline]
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(lanes::of(bytes))
    }

    /// Bit i: byte i is at least `low` and below `end`, which are ASCII.
    #[inline]
    pub fn between(self, low: u8, end: u8) -> u64 {
        lanes::between(self.0, low, end)
    }

    /// Bit i: byte i is not ASCII.
    #[inline]
    pub fn beyond(self) -> u64 {
        lanes::beyond(self.0)
    }
}

/// Eight by eight.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod plain {
    pub type Bytes = [u64; 2];

    const HIGH: u64 = 0x8080_8080_8080_8080;
    const EACH: u64 = 0x0101_0101_0101_0101;

    #[inline]
    pub fn of(bytes: [u8; 16]) -> Bytes {
        let all = u128::from_le_bytes(bytes);
        [all as u64, (all >> 64) as u64]
    }

    #[inline(never)] // many calls, and few browsers without SIMD
    pub fn between(bytes: Bytes, low: u8, end: u8) -> u64 {
        marked(bytes.map(|eight| {
            let least = |byte: u8| (eight & !HIGH) + u64::from(0x80 - byte) * EACH;
            least(low) & !least(end) & !eight
        }))
    }

    #[inline]
    pub fn beyond(bytes: Bytes) -> u64 {
        marked(bytes)
    }

    /// The high bits of the bytes.
    #[inline]
    fn marked(bytes: Bytes) -> u64 {
        let [low, high] = bytes.map(|eight| (eight >> 7 & EACH).wrapping_mul(0x0102_0408_1020_4080) >> 56);
        low | high << 8
    }
}

/// All at once.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd {
    #![expect(unsafe_code, reason = "a vector and sixteen bytes are the same")]

    use std::arch::wasm32::{u8x16_bitmask, u8x16_lt, u8x16_splat, u8x16_sub, v128};
    use std::mem::transmute;

    pub type Bytes = v128;

    #[inline]
    pub fn of(bytes: [u8; 16]) -> Bytes {
        // SAFETY: any 16 bytes are a vector.
        unsafe { transmute::<[u8; 16], v128>(bytes) }
    }

    #[inline]
    pub fn between(bytes: Bytes, low: u8, end: u8) -> u64 {
        beyond(u8x16_lt(u8x16_sub(bytes, u8x16_splat(low)), u8x16_splat(end - low)))
    }

    #[inline]
    pub fn beyond(bytes: Bytes) -> u64 {
        u64::from(u8x16_bitmask(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart_at_every_place() {
        for place in 0..16 {
            for byte in 0..=255u8 {
                let mut bytes = *b"aZ0bY9c8\x00\x7f\x80\xff-_.~";
                bytes[place] = byte;
                let sixteen = Sixteen::new(bytes);
                let each =
                    |is: &dyn Fn(u8) -> bool| (0..).zip(bytes).map(|(at, b)| u64::from(is(b)) << at).sum::<u64>();
                assert_eq!(sixteen.between(b'A', b'Z' + 1), each(&|b| b.is_ascii_uppercase()));
                assert_eq!(sixteen.between(b'_', b'_' + 1), each(&|b| b == b'_'));
                assert_eq!(sixteen.between(0, 0x80), each(&|b| b.is_ascii()));
                assert_eq!(sixteen.beyond(), each(&|b| !b.is_ascii()));
            }
        }
    }
}
