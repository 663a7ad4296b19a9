//! CRC-32C (Castagnoli, RFC 3720 appendix B.4), sixteen bytes a step.

use std::sync::LazyLock;

const POLYNOMIAL: u32 = 0x82f6_3b78;

/// Bytes of a step.
const STEP: usize = 16;

/// What each byte of a step becomes by its end, by the bytes behind it. Made at the first checksum: numbers without a
/// pattern would be a twentieth of what a page downloads.
static TABLES: LazyLock<Tables> = LazyLock::new(tables);

type Tables = [[u32; 256]; STEP];

fn tables() -> Tables {
    let next = |crc: u32| (0..8).fold(crc, |crc, _| if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL } else { crc >> 1 });
    let mut tables = [[0; 256]; STEP];
    for byte in 0..256 {
        let mut crc = byte as u32;
        for table in &mut tables {
            crc = next(crc);
            table.get_mut(byte).into_iter().for_each(|entry| *entry = crc);
        }
    }
    tables
}

/// What each bit of the state becomes over half a block of zeros: the state is a linear function of the one before.
static OVER_HALF: LazyLock<[u32; 32]> = LazyLock::new(|| std::array::from_fn(|bit| update(1 << bit, &[0; BLOCK / 2])));

/// Bytes that a call takes which goes over many: browsers optimise a WASM function from its next call on, never within
/// one.
pub const BLOCK: usize = 16_384;

/// A function to be called for block after block, which no compiler makes part of the loop that does: then that would be one call.
#[inline]
pub fn apart<F>(function: F) -> F {
    std::hint::black_box(function)
}

/// The CRC-32C of `bytes`.
pub fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = Crc::default();
    crc.add(bytes);
    crc.value()
}

/// The CRC-32C of bytes that come one part after another.
#[derive(Clone, Copy, Debug)]
pub struct Crc(u32);

impl Default for Crc {
    fn default() -> Self {
        Self(!0)
    }
}

impl Crc {
    /// Takes the next bytes in.
    pub fn add(&mut self, bytes: &[u8]) {
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        self.0 = update(blocks.iter().fold(self.0, apart(whole as fn(u32, &[u8; BLOCK]) -> u32)), rest);
    }

    /// Of all bytes so far.
    pub const fn value(self) -> u32 {
        !self.0
    }
}

/// A whole block: its halves side by side, as each step of one waits for the step before.
#[inline(never)]
fn whole(crc: u32, block: &[u8; BLOCK]) -> u32 {
    let (first, second) = block.split_at(BLOCK / 2);
    let tables: &Tables = &TABLES;
    let (mut a, mut b) = (crc, 0);
    for (first, second) in first.as_chunks().0.iter().zip(second.as_chunks().0) {
        a = step(tables, a, first);
        b = step(tables, b, second);
    }
    let over = OVER_HALF.iter().enumerate().filter(|(bit, _)| a >> bit & 1 == 1);
    over.fold(b, |crc, (_, part)| crc ^ part)
}

#[inline(never)]
#[expect(clippy::indexing_slicing, reason = "a table has 256 entries and the index is one byte")]
fn update(mut crc: u32, bytes: &[u8]) -> u32 {
    let tables: &Tables = &TABLES;
    let (steps, rest) = bytes.as_chunks();
    for bytes in steps {
        crc = step(tables, crc, bytes);
    }
    for &byte in rest {
        crc = (crc >> 8) ^ tables[0][((crc ^ u32::from(byte)) & 0xff) as usize];
    }
    crc
}

#[inline(always)]
#[expect(clippy::indexing_slicing, reason = "tables have 256 entries and every index is one byte")]
fn step(tables: &Tables, mut crc: u32, bytes: &[u8; STEP]) -> u32 {
    let (first, last) = bytes.split_at(STEP / 2);
    let part = |bytes: &[u8]| bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let (first, last) = (part(first) ^ u64::from(crc), part(last));
    crc = 0;
    for k in 0..STEP / 2 {
        crc ^= tables[STEP - 1 - k][((first >> (8 * k)) & 0xff) as usize];
        crc ^= tables[STEP / 2 - 1 - k][((last >> (8 * k)) & 0xff) as usize];
    }
    crc
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Crc, crc32c, update};

    #[test]
    fn equals_the_published_check_values() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc32c(b""), 0);
        assert_eq!(crc32c(&[0; 40_000]), update(!0, &[0; 40_000]) ^ !0);
    }

    #[test]
    fn steps_and_single_bytes_agree() {
        let bytes: Vec<u8> = (0..1_000u32).map(|i| (i * i / 7) as u8).collect();
        for len in [1, 15, 16, 17, 31, 33, 1_000] {
            assert_eq!(update(!0, &bytes[..len]), bytes[..len].chunks(1).fold(!0, update), "{len}");
        }
        let long: Vec<u8> = bytes.iter().copied().cycle().take(2 * BLOCK + 77).collect();
        for len in [BLOCK - 1, BLOCK, BLOCK + 1, long.len()] {
            assert_eq!(crc32c(&long[..len]), !update(!0, &long[..len]), "{len}");
            let mut parts = Crc::default();
            long[..len].chunks(BLOCK + 5).for_each(|part| parts.add(part));
            assert_eq!(parts.value(), crc32c(&long[..len]), "{len}");
        }
    }
}
