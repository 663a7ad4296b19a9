//! A random corpus, its sections, and the plan by which they reach a shard: memtable, flush, attached segment.

#![allow(dead_code, reason = "each test file uses its own part of this kit")]

mod ask;
pub mod lexical;
pub mod reference;
pub mod world;

pub use ask::{Answer, Ask, Part};

use aetherv_core::hash::{Id, id_of};
use aetherv_lsm::Shard;
use aetherv_segment::chunks::{self, TestRow};
use aetherv_segment::vectors::{self, write_map};
use std::collections::{BTreeMap, BTreeSet};

/// The embedding space of every test.
pub const SPACE: u32 = 3;

/// Xorshift64*: the same numbers for the same seed on every machine.
pub struct Random(u64);

impl Random {
    /// Seeded by `AETHERV_SEED`, else by the clock; prints the seed, which a failing test shows.
    pub fn seeded(test: &str) -> Self {
        let seed = std::env::var("AETHERV_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            now.map_or(1, |now| now.as_nanos() as u64 % (1 << 31))
        });
        println!("{test} runs with AETHERV_SEED={seed}");
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        (bits as usize * limit.max(1)) >> 32
    }

    /// True in `percent` of 100 cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `items`.
    pub fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }

    /// A value from -1 to 1.
    pub fn signed(&mut self) -> f32 {
        self.below(1 << 20) as f32 / (1 << 19) as f32 - 1.0
    }

    /// The items in another order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }

    /// A unit vector.
    pub fn unit(&mut self, dims: usize) -> Vec<f32> {
        loop {
            let row: Vec<f32> = (0..dims).map(|_| self.signed()).collect();
            let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
            if norm > 0.1 {
                return row.iter().map(|x| x / norm).collect();
            }
        }
    }
}

/// A chunk version and the content it is embedded as, if it is.
#[derive(Clone, Debug)]
pub struct Row {
    pub doc: String,
    pub path: String,
    pub text: String,
    pub content: Option<usize>,
}

impl Row {
    /// Version id and chunk id, as `chunks::build` makes them.
    pub fn ids(&self) -> (Id, Id) {
        let id = |text: String| id_of(text.as_bytes());
        (id(format!("v{}{}", self.path, self.text)), id(format!("c{}{}{}", self.doc, self.path, self.text)))
    }
}

/// Rows by ordinal, and the vectors of their contents.
#[derive(Clone)]
pub struct Corpus {
    pub dims: usize,
    pub rows: Vec<Row>,
    pub contents: Vec<Vec<f32>>,
}

const WORDS: [&str; 24] = [
    "hot",
    "reload",
    "reloads",
    "module",
    "modules",
    "the",
    "of",
    "index",
    "indexes",
    "vector",
    "cold",
    "start",
    "starting",
    "größe",
    "日本語",
    "query",
    "fast",
    "slow",
    "commit",
    "branch",
    "zebra",
    "2024",
    "x86",
    "a",
];

/// Words for a text or a query; rare ones are rare.
pub fn words(random: &mut Random, most: usize) -> String {
    let count = random.below(most + 1);
    let mut word = || WORDS[random.below(WORDS.len()).min(random.below(WORDS.len()))];
    (0..count).map(|_| word()).collect::<Vec<_>>().join(" ")
}

/// A corpus of `count` rows or a few less (a chunk id is unique).
pub fn corpus(random: &mut Random, count: usize) -> Corpus {
    let dims = [1, 3, 8, 16, 17, 40][random.below(6)];
    let (mut rows, mut seen): (Vec<Row>, _) = (Vec::new(), BTreeSet::new());
    let (mut contents, mut by_input) = (Vec::new(), BTreeMap::new());
    let docs = 1 + random.below(count / 3 + 1);
    for _ in 0..count {
        let doc = format!("d{}", random.below(docs));
        let path = format!("T {}\u{1f}S{}", words(random, 1), random.below(3));
        let text = if random.chance(15) {
            format!("{}\n```\n{}\n```\n{}", words(random, 5), words(random, 6), words(random, 5))
        } else {
            words(random, 12)
        };
        if !seen.insert((doc.clone(), path.clone(), text.clone())) {
            continue;
        }
        let content = random.chance(85).then(|| {
            *by_input.entry((path.clone(), text.clone())).or_insert_with(|| {
                contents.push(if random.chance(8) { vec![0.0; dims] } else { random.unit(dims) });
                contents.len() - 1
            })
        });
        rows.push(Row { doc, path, text, content });
    }
    Corpus { dims, rows, contents }
}

impl Corpus {
    /// A `Chnk` section of these rows.
    pub fn chunks(&self, vnos: &[u32]) -> Vec<u8> {
        let rows: Vec<TestRow<'_>> = vnos
            .iter()
            .map(|&vno| {
                let row = &self.rows[vno as usize];
                TestRow { vno, doc: &row.doc, path: &row.path, text: &row.text }
            })
            .collect();
        chunks::build(&rows)
    }

    /// A `Vect` section of the contents from `first` up to `end`.
    pub fn vectors(&self, first: usize, end: usize) -> Vec<u8> {
        let keys: Vec<String> = (first..end).map(|cno| format!("content {cno}")).collect();
        let rows: Vec<(&str, Vec<f32>)> =
            (first..end).map(|cno| (keys[cno - first].as_str(), self.contents[cno].clone())).collect();
        vectors::build(SPACE, first as u32, &rows)
    }

    /// A `Vmap` section of these rows.
    pub fn map(&self, vnos: &[u32]) -> Vec<u8> {
        let pairs: Vec<(u32, u32)> =
            vnos.iter().filter_map(|&vno| Some((vno, self.rows[vno as usize].content? as u32))).collect();
        write_map(SPACE, &pairs)
    }

    /// All ordinals.
    pub fn all(&self) -> Vec<u32> {
        (0..self.rows.len() as u32).collect()
    }

    /// A shard with everything in its memtable.
    pub fn in_memory(&self) -> Shard {
        let mut shard = Shard::new(SPACE, self.dims, 0);
        self.apply(&mut shard, &self.all(), 0, self.contents.len());
        shard
    }

    /// Gives rows and contents to a shard's memtable.
    pub fn apply(&self, shard: &mut Shard, vnos: &[u32], first: usize, end: usize) {
        shard.apply_chunks(self.chunks(vnos)).unwrap();
        if end > first {
            shard.apply_vectors(self.vectors(first, end)).unwrap();
        }
        shard.apply_map(&self.map(vnos)).unwrap();
    }

    /// A shard that got the rows in random order and random pieces: applied, flushed, or attached as finished segments.
    pub fn scattered(&self, random: &mut Random) -> Shard {
        let mut shard = Shard::new(SPACE, self.dims, 0);
        let mut order = self.all();
        random.shuffle(&mut order);
        let mut done = 0;
        while !order.is_empty() {
            let piece = order.split_off(order.len().saturating_sub(1 + random.below(order.len())));
            let end = if order.is_empty() {
                self.contents.len()
            } else {
                done + random.below(self.contents.len() - done + 1)
            };
            if random.chance(40) {
                flush(&mut shard);
                let mut stage = Shard::new(SPACE, self.dims, 0);
                self.apply(&mut stage, &piece, done, end);
                attach(&mut shard, stage.seal_text(), stage.seal_vectors());
            } else {
                self.apply(&mut shard, &piece, done, end);
            }
            done = end;
            if random.chance(30) {
                flush(&mut shard);
            }
        }
        shard
    }
}

/// The id of segments that nobody detaches.
pub const KEPT: u32 = u32::MAX;

/// Takes segments in; empty ones are none.
pub fn attach(shard: &mut Shard, text: Vec<u8>, vectors: Vec<u8>) {
    if !text.is_empty() {
        shard.attach_text(KEPT, text).unwrap();
    }
    if !vectors.is_empty() {
        shard.attach_vectors(KEPT, vectors).unwrap();
    }
}

/// Moves the memtable into segments.
pub fn flush(shard: &mut Shard) {
    let (text, vectors) = (shard.seal_text(), shard.seal_vectors());
    attach(shard, text, vectors);
    shard.clear_mem();
}

/// The words of a bitset.
pub fn bits(numbers: &[u32]) -> Vec<u32> {
    let size = numbers.iter().max().map_or(0, |max| *max as usize / 32 + 1);
    let mut words = vec![0; size];
    for &number in numbers {
        words[number as usize / 32] |= 1 << (number % 32);
    }
    words
}
