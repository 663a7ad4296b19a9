//! Numbers in as many bits as the largest of them needs, lowest bits first.

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
        while filled >= 8 {
            out.push(word as u8);
            word >>= 8;
            filled -= 8;
        }
    }
    if filled > 0 {
        out.push(word as u8);
    }
}

/// Reads numbers of `width` bits (at most 32) into `out`; bits past the end are zeros.
#[inline]
pub fn unpack(bytes: &[u8], width: u8, out: &mut [u32]) {
    if width == 0 {
        out.fill(0);
        return;
    }
    let mask = (1u64 << width.min(32)) - 1;
    let mut bit = 0usize;
    for slot in out {
        *slot = ((eight(bytes, bit >> 3) >> (bit & 7)) & mask) as u32;
        bit += usize::from(width);
    }
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
            let mut back = vec![7; values.len()];
            unpack(&bytes, width, &mut back);
            assert_eq!(back, values);
            assert!(values.iter().enumerate().all(|(at, value)| number_at(&bytes, width, at) == *value));
            assert!(width_of(values.iter().copied()) <= width);
        }
    }
}
