//! Sections and vectors by seed.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

use aetherv_ann::arrival::Source;
use aetherv_ann::codes::Metric;
use aetherv_core::Bits;
use aetherv_core::hash::{Id, id_of};
use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

pub const DIMS: usize = 24;
pub const METRICS: [Metric; 4] = [Metric::Cosine, Metric::Dot, Metric::L2, Metric::Hamming];

pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 29)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 33) as usize % limit
    }

    /// About normal.
    pub fn normal(&mut self) -> f32 {
        (0..4).map(|_| (self.next() >> 40) as f32 / (1 << 24) as f32 - 0.5).sum::<f32>() * 1.7
    }

    /// Around one of thirty centres, as the metric wants it.
    pub fn vector(&mut self, metric: Metric, dims: usize) -> Vec<f32> {
        let mut centre = Random(1000 + self.below(30) as u64);
        let row: Vec<f32> = (0..dims).map(|_| centre.normal() + 0.6 * self.normal()).collect();
        let length = if metric == Metric::Cosine { row.iter().map(|x| x * x).sum::<f32>().sqrt() } else { 1.0 };
        row.iter().map(|x| x / length).collect()
    }
}

pub fn score(metric: Metric, a: &[f32], b: &[f32]) -> f32 {
    let pairs = a.iter().zip(b);
    match metric {
        Metric::Cosine | Metric::Dot => pairs.map(|(a, b)| a * b).sum(),
        Metric::L2 => -pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f32>(),
        Metric::Hamming => -(pairs.filter(|(a, b)| (**a > 0.0) != (**b > 0.0)).count() as f32),
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub ino: u32,
    pub cno: u32,
    pub id: String,
    pub meta: String,
    pub text: String,
}

impl Item {
    pub fn new(ino: u32, cno: u32, id: &str) -> Self {
        let meta = if ino.is_multiple_of(3) { String::new() } else { format!("{{\"n\":{}}}", ino % 7) };
        Self { ino, cno, id: id.into(), meta, text: "t\u{e9}xt ".repeat(ino as usize % 3) }
    }

    pub fn version(&self) -> Id {
        id_of(&self.ino.to_le_bytes())
    }
}

/// An `Item` section.
pub fn section(dims: usize, items: &[Item], first: u32, vectors: &[Vec<f32>]) -> Vec<u8> {
    let mut words = vec![7, items.len() as u32, dims as u32, vectors.len() as u32, first];
    words.extend(items.iter().map(|item| item.ino));
    words.extend(items.iter().map(|item| item.cno));
    let bytes = |words: Vec<u32>| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let mut out = bytes(words);
    items.iter().for_each(|item| out.extend(item.version()));
    let columns = [|item: &Item| item.id.clone(), |item: &Item| item.meta.clone(), |item: &Item| item.text.clone()];
    for column in columns {
        let mut end = 0;
        let ends = items.iter().map(|item| {
            end += column(item).len() as u32;
            end
        });
        out.extend(bytes(ends.collect()));
    }
    out.extend(vectors.iter().flatten().flat_map(|value| value.to_le_bytes()));
    columns.iter().for_each(|column| items.iter().for_each(|item| out.extend(column(item).bytes())));
    out
}

pub fn bits(numbers: impl IntoIterator<Item = u32>) -> Bits {
    numbers.into_iter().fold(Bits::default(), |mut bits, number| {
        bits.set(number);
        bits
    })
}

/// `find` takes ids one after the other.
pub fn packed(ids: &[String]) -> (Vec<u8>, Vec<u32>) {
    let mut end = 0;
    let ends = ids.iter().map(|id| {
        end += id.len() as u32;
        end
    });
    let ends = ends.collect();
    (ids.concat().into_bytes(), ends)
}

/// What a filter of one equality, `n` = a number, is as bytecode.
pub fn n_equals(number: f64) -> Vec<u8> {
    let mut out = vec![1, 1, 1, b'n', 0x10, 0, 3];
    out.extend(number.to_le_bytes());
    out
}

/// Where a section of a segment lies; nowhere when there is none.
pub fn section_of(segment: &[u8], tag: &[u8; 4]) -> Range<usize> {
    let word = |at: usize| u32::from_le_bytes(segment[at..at + 4].try_into().unwrap()) as usize;
    let mut entries = (0..word(8) >> 16).map(|entry| 16 + 16 * entry);
    let found = entries.find(|at| segment[*at..at + 4] == *tag);
    found.map_or(0..0, |at| word(at + 4)..word(at + 4) + word(at + 8))
}

/// What is taken in at once, and codes and links, at the end of some bytes: as they are stored, or room for them.
pub fn apart(segment: &[u8], here: bool, before: usize) -> (Vec<u8>, [Vec<u8>; 2]) {
    let columns = [b"Code", b"lnks"].map(|tag| section_of(segment, tag)).map(|range| {
        let mut column = vec![0; before + range.len()];
        if here {
            column[before..].copy_from_slice(&segment[range]);
        }
        column
    });
    (segment[..section_of(segment, b"Code").start].to_vec(), columns)
}

/// Reads of a segment; every so many times it cannot (0: always it can).
pub fn source(segment: &[u8], fails: usize) -> Source {
    let (segment, asked) = (segment.to_vec(), Cell::new(0));
    Rc::new(move |from, into| {
        asked.set(asked.get() + 1);
        let can = fails == 0 || asked.get() % fails != 0;
        if can {
            into.copy_from_slice(&segment[from..from + into.len()]);
        }
        can
    })
}
