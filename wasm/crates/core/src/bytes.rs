//! Little-endian reading with typed errors, and the few writes that need more than `extend_from_slice`.

use crate::error::{Error, Result};

/// Reads from a byte slice front to back; every read past the end is `AV_CORRUPT`.
pub struct Reader<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Reader<'a> {
    /// A reader over `bytes`; `what` names them in errors.
    pub const fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    /// The next `len` bytes.
    pub fn bytes(&mut self, len: usize) -> Result<&'a [u8]> {
        let Some((head, tail)) = self.rest.split_at_checked(len) else {
            return Err(Error::corrupt(format!("{} ends {} bytes early", self.what, len - self.rest.len())));
        };
        self.rest = tail;
        Ok(head)
    }

    /// The next u32.
    pub fn u32(&mut self) -> Result<u32> {
        Ok(u32_at(self.bytes(4)?, 0))
    }

    /// The next `count` u32 values.
    pub fn u32s(&mut self, count: usize) -> Result<Vec<u32>> {
        let bytes = self.bytes(self.size(count, 4)?)?;
        Ok(bytes.chunks_exact(4).map(|word| u32_at(word, 0)).collect())
    }

    /// The bytes of `count` items of `size` bytes each.
    pub fn column(&mut self, count: usize, size: usize) -> Result<&'a [u8]> {
        self.bytes(self.size(count, size)?)
    }

    /// How many bytes are left.
    pub const fn left(&self) -> usize {
        self.rest.len()
    }

    fn size(&self, count: usize, size: usize) -> Result<usize> {
        count.checked_mul(size).ok_or_else(|| Error::corrupt(format!("{} claims {count} items", self.what)))
    }
}

/// The u32 at byte `at`; 0 past the end (callers check lengths once, when they take the bytes in).
#[inline]
pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_le_bytes)
}

/// Appends u32 values.
pub fn put_u32s(out: &mut Vec<u8>, values: impl IntoIterator<Item = u32>) {
    for value in values {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

/// Appends one LEB128 number (7 bits a byte, low first, high bit = more follow).
#[inline]
pub fn put_varint(out: &mut Vec<u8>, value: u32) {
    // Most are of one byte.
    if value < 0x80 { out.push(value as u8) } else { put_long(out, value) }
}

#[inline(never)]
fn put_long(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Takes one LEB128 number off the front of `bytes`; `None` when it is cut off or longer than five bytes.
#[inline]
pub fn take_varint(bytes: &mut &[u8]) -> Option<u32> {
    let mut value = 0u32;
    for shift in [0, 7, 14, 21, 28] {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_round_trip() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u32::MAX] {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, value);
            let mut rest = bytes.as_slice();
            assert_eq!(take_varint(&mut rest), Some(value));
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn a_cut_off_or_endless_varint_is_refused() {
        assert_eq!(take_varint(&mut [0x80u8].as_slice()), None);
        assert_eq!(take_varint(&mut [0xffu8; 9].as_slice()), None);
    }

    #[test]
    fn reading_past_the_end_names_what_was_read() {
        let error = Reader::new(&[1, 2], "Chnk").u32().unwrap_err();
        assert_eq!(error.to_string(), "AV_CORRUPT: Chnk ends 2 bytes early");
    }
}
