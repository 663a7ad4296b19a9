//! Eight bytes of a text at once, as a little-endian number: most words are no longer.

const HIGH: u64 = 0x8080_8080_8080_8080;
const EACH: u64 = 0x0101_0101_0101_0101;

/// The eight bytes from `at` on, zeros past the end.
#[inline(always)]
pub(crate) fn eight(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.first_chunk().map_or_else(|| up_to_eight(rest), |eight| u64::from_le_bytes(*eight))
}

/// The first bytes, at most eight: two overlapping reads instead of a loop.
#[inline(never)] // called from many places
pub(crate) fn up_to_eight(bytes: &[u8]) -> u64 {
    let n = bytes.len();
    if let Some(head) = bytes.first_chunk::<8>() {
        return u64::from_le_bytes(*head);
    }
    if let (Some(head), Some(tail)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let (head, tail) = (u32::from_le_bytes(*head), u32::from_le_bytes(*tail));
        return u64::from(head) | (u64::from(tail) << (8 * (n - 4)));
    }
    let at = |i: usize| u64::from(bytes.get(i).copied().unwrap_or(0));
    at(0) | (at(1) << 8) | (at(2) << 16)
}

/// The high bit of each byte that is at least `low` and below `end`; wrong for bytes that are not ASCII.
#[inline(always)]
fn between(bytes: u64, low: u8, end: u8) -> u64 {
    let plain = bytes & !HIGH;
    let least = |byte: u8| plain + u64::from(0x80 - byte) * EACH;
    least(low) & !least(end) & HIGH
}

/// The high bit of each ASCII capital.
#[inline(always)]
pub(crate) fn capitals(bytes: u64) -> u64 {
    between(bytes, b'A', b'Z' + 1) & !bytes
}

/// The bytes with ASCII capitals made small.
#[inline(always)]
pub(crate) fn small(bytes: u64) -> u64 {
    bytes | capitals(bytes) >> 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_apart_at_every_place() {
        for place in 0..8 {
            for byte in 0..=255u8 {
                let mut bytes = *b"aZ0bY9c8";
                bytes[place] = byte;
                let number = eight(&bytes, 0);
                let at = |marks: u64| marks >> (8 * place + 7) & 1 == 1;
                assert_eq!(at(capitals(number)), byte.is_ascii_uppercase(), "{byte}");
                assert_eq!(small(number).to_le_bytes(), bytes.map(|byte| byte.to_ascii_lowercase()));
                assert_eq!(eight(&bytes[..place], 1).to_le_bytes()[..7], {
                    let mut padded = [0; 7];
                    padded[..place.saturating_sub(1)].copy_from_slice(&bytes[1.min(place)..place]);
                    padded
                });
            }
        }
    }
}
