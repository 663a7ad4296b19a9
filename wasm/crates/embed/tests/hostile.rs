//! Damaged and made-up assets: typed errors, never a panic.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use aetherv_embed::{Scratch, Table, TableError};

/// A small generator (xorshift64) for repeatable noise.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

fn error(bytes: &[u8]) -> Option<TableError> {
    Table::open(bytes.to_vec()).err()
}

#[test]
fn every_truncation() {
    let asset = common::small("a\nb\n##c\nde\n");
    assert_eq!(error(&asset), None);
    for n in 0..asset.len() {
        let expected = if n < 4 {
            TableError::Magic
        } else if n < 20 {
            TableError::Size { expected: 1068, got: n }
        } else {
            TableError::Size { expected: asset.len(), got: n }
        };
        assert_eq!(error(&asset[..n]), Some(expected));
    }
    let mut longer = asset.clone();
    longer.push(0);
    assert_eq!(error(&longer), Some(TableError::Size { expected: asset.len(), got: asset.len() + 1 }));
}

#[test]
fn truncations_of_the_shipped_table() {
    let asset = common::shipped();
    for n in [0, 3, 19, 1059, 1060, 30_000, asset.len() / 2, asset.len() - 1] {
        assert!(error(&asset[..n]).is_some());
    }
}

#[test]
fn every_flipped_bit() {
    let asset = common::small("a\nb\n##c\nde\n");
    for at in 0..asset.len() {
        for bit in 0..8 {
            let mut bytes = asset.clone();
            bytes[at] ^= 1 << bit;
            assert!(error(&bytes).is_some(), "byte {at} bit {bit}");
        }
    }
}

#[test]
fn each_kind_of_error() {
    let floats = [1.0; 260];
    let body = [0; 2 * 9];
    let good = common::pack(2, 32, &floats, &body, b"a\nb\n");
    assert_eq!(error(&good), None);
    let mut newer = good.clone();
    newer[4] = 2;
    assert_eq!(error(&newer), Some(TableError::Version(2)));
    for (rows, dims) in [(0, 32), (2, 0), (2, 33), (2, 8192), (65_535, 32), (u32::MAX, u32::MAX)] {
        assert_eq!(error(&common::pack(rows, dims, &floats, &body, b"a\nb\n")), Some(TableError::Shape));
    }
    let mut infinite = floats;
    infinite[100] = f32::INFINITY;
    assert_eq!(error(&common::pack(2, 32, &infinite, &body, b"a\nb\n")), Some(TableError::Shape));
    for vocab in [&b"a\n"[..], b"a\nb", b"a\nb\nc\n", b""] {
        assert_eq!(error(&common::pack(2, 32, &floats, &body, vocab)), Some(TableError::Vocabulary));
    }
    let mut damaged = good;
    damaged[1070] ^= 1;
    assert_eq!(error(&damaged), Some(TableError::Checksum));
    assert!(TableError::Version(7).to_string().contains('7'));
}

#[test]
fn noise() {
    let mut noise = Noise(0x1234_5678_9abc_def1);
    for round in 0..3000 {
        let len = (noise.next() % 3000) as usize;
        let mut bytes: Vec<u8> = (0..len).map(|_| noise.next() as u8).collect();
        if round % 2 == 0 && len > 8 {
            bytes[..8].copy_from_slice(b"AVET\x01\0\0\0");
        }
        assert!(error(&bytes).is_some());
    }
}

#[test]
fn noise_with_a_right_checksum() {
    let mut noise = Noise(42);
    let mut scratch = Scratch::default();
    for _ in 0..500 {
        let rows = 1 + noise.next() as usize % 20;
        let floats: Vec<f32> = (0..260).map(|_| f32::from_bits(noise.next() as u32 & 0xbfff_ffff)).collect();
        let body: Vec<u8> = (0..rows * 9).map(|_| noise.next() as u8).collect();
        let vocab: Vec<u8> = (0..rows)
            .flat_map(|_| {
                let mut line: Vec<u8> =
                    (0..noise.next() % 5).map(|_| b"ab#\xff\0"[noise.next() as usize % 5]).collect();
                line.push(b'\n');
                line
            })
            .collect();
        let table = Table::open(common::pack(rows as u32, 32, &floats, &body, &vocab)).unwrap();
        let mut out = [0.0; 32];
        table.embed("a b ab aab ba bb aba #a", &mut scratch, &mut out);
    }
}
