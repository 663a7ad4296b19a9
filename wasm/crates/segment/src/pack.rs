//! Numbers in as many bits as the largest of them needs, lowest bits first.

use aetherv_core::lanes::U32s;

/// Numbers of a block.
pub const BLOCK: usize = 128;
/// Lanes of a block's column: as many as one instruction shifts.
const LANES: usize = 4;

/// Bits of the largest number.
pub fn width_of(values: impl Iterator<Item = u32>) -> u8 {
    (32 - values.fold(0, |all, value| all | value).leading_zeros()) as u8
}

/// Bytes of `count` numbers of `width` bits.
#[inline]
pub const fn bytes_of(count: usize, width: u8) -> usize {
    (count * width as usize).div_ceil(8)
}

/// Appends numbers of `width` bits each.
pub fn pack(out: &mut Vec<u8>, width: u8, values: impl Iterator<Item = u32>) {
    let (mut word, mut filled) = (0u64, 0);
    for value in values {
        word |= u64::from(value) << filled;
        filled += u32::from(width);
        if filled >= 32 {
            out.extend_from_slice(&(word as u32).to_le_bytes());
            word >>= 32;
            filled -= 32;
        }
    }
    out.extend(word.to_le_bytes().iter().take(filled.div_ceil(8) as usize));
}

/// Appends [`BLOCK`] numbers of `width` bits each, in four lanes: number i is in lane i mod 4. A lane is packed as
/// [`pack`] does, its words stand with those of the others.
pub fn pack_lanes(out: &mut Vec<u8>, width: u8, values: &[u32; BLOCK]) {
    let width = u32::from(width);
    let (mut word, mut shift) = (U32s::all(0), 0);
    for four in values.as_chunks::<LANES>().0 {
        let four = U32s::new(*four);
        word = word | four << shift;
        shift += width;
        if shift >= 32 {
            out.extend_from_slice(word.get().map(u32::to_le_bytes).as_flattened());
            shift -= 32;
            // What did not fit: nothing, if that would be a shift by 32.
            word = four >> (width - shift - 1) >> 1;
        }
    }
}

/// Reads what [`pack_lanes`] wrote; bits past the end are zeros.
pub fn unpack_lanes(bytes: &[u8], width: u8, out: &mut [u32; BLOCK]) {
    let width = u32::from(width.min(32));
    let words = bytes.as_chunks::<{ 4 * LANES }>().0;
    let mask = U32s::all(((1u64 << width) - 1) as u32);
    let (mut low, mut high, mut next, mut shift) = (lanes_at(words, 0), lanes_at(words, 1), 2, 0);
    for four in out.as_chunks_mut::<LANES>().0 {
        *four = ((low >> shift | high << 1 << (31 - shift)) & mask).get();
        shift += width;
        if shift >= 32 {
            shift -= 32;
            (low, high) = (high, lanes_at(words, next));
            next += 1;
        }
    }
}

#[inline]
fn lanes_at(words: &[[u8; 4 * LANES]], at: usize) -> U32s {
    let bytes = words.get(at).copied().unwrap_or_default();
    let word = |lane: usize| bytes.as_chunks::<4>().0.get(lane).map_or(0, |word| u32::from_le_bytes(*word));
    U32s::new(std::array::from_fn(word))
}

/// The number at place `at` of numbers of `width` bits.
#[inline]
pub fn number_at(bytes: &[u8], width: u8, at: usize) -> u32 {
    let (bit, mask) = (at * usize::from(width), (1u64 << width.min(32)) - 1);
    ((eight(bytes, bit >> 3) >> (bit & 7)) & mask) as u32
}

#[inline]
fn eight(bytes: &[u8], at: usize) -> u64 {
    let tail = bytes.get(at..).unwrap_or_default();
    if let Some(word) = tail.first_chunk::<8>() {
        return u64::from_le_bytes(*word);
    }
    tail.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_in_every_width() {
        for width in 0..=32u8 {
            let values: Vec<u32> =
                (0..131u32).map(|i| (u64::from(i.wrapping_mul(0x9e37_79b9)) & ((1 << width) - 1)) as u32).collect();
            let mut bytes = Vec::new();
            pack(&mut bytes, width, values.iter().copied());
            assert_eq!(bytes.len(), bytes_of(values.len(), width));
            assert!(values.iter().enumerate().all(|(at, value)| number_at(&bytes, width, at) == *value));
            assert!(width_of(values.iter().copied()) <= width);
            let (values, mut lanes) = (values.first_chunk().unwrap(), Vec::new());
            pack_lanes(&mut lanes, width, values);
            assert_eq!(lanes.len(), bytes_of(BLOCK, width));
            let mut back = [7; BLOCK];
            unpack_lanes(&lanes, width, &mut back);
            assert_eq!(&back, values);
        }
    }
}
