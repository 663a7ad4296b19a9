//! Filters on the metadata of rows: a filter comes as bytecode (`wasm/FORMAT.md`), the metadata as JSON, the answer is a bit a row.
//!
//! `src/retrieve/filter/fits.ts` says the same of one document; both must mean the same to the last bit.

#![forbid(unsafe_code)]

mod code;
mod column;
mod geo;
mod json;
mod number;
mod sort;
mod spelling;
mod texts;

use aetherv_core::{Bits, Result};
use code::Node;
use column::Column;

/// A checked filter.
#[derive(Debug)]
pub struct Filter {
    keys: Vec<Vec<u8>>,
    root: Node,
}

impl Filter {
    /// Reads the bytecode; `AV_CORRUPT` for what is damaged, too deep or of another version.
    pub fn open(bytes: &[u8]) -> Result<Self> {
        let (keys, root) = code::read(bytes)?;
        Ok(Self { keys, root })
    }
}

/// Where the metadata of rows lies: one JSON object a row, as `JSON.stringify` writes it; empty is `{}`.
pub trait Metas {
    /// How many rows.
    fn len(&self) -> usize;
    /// The JSON of a row.
    fn json(&self, row: u32) -> &[u8];
    /// Is there no row?
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Columns of the keys that filters have asked for, each made once from the rows' JSON; made anew when there are more rows.
#[derive(Default)]
pub struct Columns {
    rows: usize,
    columns: Vec<(Vec<u8>, Column)>,
}

impl Columns {
    /// Rows that match, a bit a row.
    pub fn matches(&mut self, filter: &Filter, metas: &dyn Metas) -> Bits {
        if self.rows != metas.len() {
            self.columns.clear();
            self.rows = metas.len();
        }
        for key in &filter.keys {
            if !self.columns.iter().any(|(known, _)| known == key) {
                self.columns.push((key.clone(), Column::new(key, metas)));
            }
        }
        let of = |key: &Vec<u8>| self.columns.iter().find_map(|(known, column)| (known == key).then_some(column));
        let columns: Vec<&Column> = filter.keys.iter().filter_map(of).collect();
        Bits::from_words(evaluate(&filter.root, &columns, self.rows))
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.columns.iter().map(|(key, column)| key.len() + column.bytes()).sum()
    }
}

/// The rows that a node admits, 32 a word.
fn evaluate(node: &Node, columns: &[&Column], rows: usize) -> Vec<u32> {
    let mut found = vec![0; rows.div_ceil(32)];
    match node {
        Node::All => flip(&mut found, rows),
        Node::Not(node) => {
            found = evaluate(node, columns, rows);
            flip(&mut found, rows);
        }
        Node::And(nodes) => {
            flip(&mut found, rows);
            for node in nodes {
                let other = evaluate(node, columns, rows);
                found.iter_mut().zip(other).for_each(|(word, other)| *word &= other);
                if found.iter().all(|word| *word == 0) {
                    break;
                }
            }
        }
        Node::Or(nodes) => {
            for node in nodes {
                let other = evaluate(node, columns, rows);
                found.iter_mut().zip(other).for_each(|(word, other)| *word |= other);
            }
        }
        Node::Test(key, test) => {
            if let Some(column) = columns.get(*key) {
                column.mark(test, &mut found);
            }
        }
    }
    found
}

/// What was in is out, and the other way round; bits past the last row stay out.
fn flip(words: &mut [u32], rows: usize) {
    words.iter_mut().for_each(|word| *word = !*word);
    if let Some(last) = words.last_mut() {
        *last &= u32::MAX >> ((32 - rows % 32) % 32);
    }
}
