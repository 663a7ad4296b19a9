//! Postings: which rows hold a term how often. Frequencies and lengths only, never finished scores (D4).
//!
//! ```text
//! Lens  u32[rows]                    terms of each row (its heading path and its text)
//! Tdic  count u32 | termEnd u32[count] | term bytes, terms sorted by their bytes
//! Pdir  df u32[count] | postEnd u32[count]
//! Post  per term, for each row that holds it: varint (row - previous row), varint frequency; the first row as it is
//! ```

use aetherv_core::bytes::{put_u32s, put_varint, take_varint, u32_at};
use aetherv_core::{Bits, Error, Result};
use aetherv_text::Analyzer;
use std::collections::HashMap;

/// Postings in memory, appended row by row: the memtable's lexical half.
#[derive(Debug, Default)]
pub struct MemPostings {
    terms: HashMap<Box<str>, Vec<(u32, u32)>>,
    lens: Vec<u32>,
}

impl MemPostings {
    /// Rows of these lengths, their postings still to come by [`MemPostings::extend`].
    pub fn of_rows(lens: Vec<u32>) -> Self {
        Self { terms: HashMap::new(), lens }
    }

    /// Adds rows that hold `term`, with its frequency; once all are there, [`MemPostings::sort`] puts them in order.
    pub fn extend(&mut self, term: &str, mut rows: impl Iterator<Item = (u32, u32)>) {
        if let Some(known) = self.terms.get_mut(term) {
            known.extend(rows);
        } else if let Some(first) = rows.next() {
            self.terms.insert(term.into(), std::iter::once(first).chain(rows).collect());
        }
    }

    /// Puts the rows of every term in order.
    pub fn sort(&mut self) {
        // By marks, not by comparing: one more sort would be 8 KB of the binary.
        let (mut marks, mut tf_of) = (Bits::default(), vec![0; self.lens.len()]);
        for rows in self.terms.values_mut().filter(|rows| !rows.is_sorted()) {
            for (row, tf) in rows.drain(..) {
                if let Some(slot) = tf_of.get_mut(row as usize) {
                    *slot = tf;
                    marks.set(row);
                }
            }
            rows.extend(marks.iter().map(|row| (row, tf_of.get(row as usize).copied().unwrap_or_default())));
            rows.iter().for_each(|&(row, _)| marks.unset(row));
        }
    }

    /// Analyses the next row: its heading path, then its text.
    pub fn push(&mut self, analyzer: &mut Analyzer, path: &str, text: &str) {
        let row = self.lens.len() as u32;
        let mut len = 0;
        for part in [path, text] {
            analyzer.terms(part, |term, _, _| {
                len += 1;
                if let Some(rows) = self.terms.get_mut(term) {
                    match rows.last_mut() {
                        Some((last, tf)) if *last == row => *tf += 1,
                        _ => rows.push((row, 1)),
                    }
                } else {
                    self.terms.insert(term.into(), vec![(row, 1)]);
                }
            });
        }
        self.lens.push(len);
    }

    /// Terms in row `row`.
    pub fn row_len(&self, row: usize) -> u32 {
        self.lens.get(row).copied().unwrap_or_default()
    }

    /// Calls `f(row, frequency)` for every row that holds `term`, rows rising.
    pub fn each(&self, term: &str, mut f: impl FnMut(u32, u32)) {
        for &(row, tf) in self.terms.get(term).map(Vec::as_slice).unwrap_or_default() {
            f(row, tf);
        }
    }

    /// Calls `f(term, rows)` for every term, in no order; a row comes with its frequency.
    pub fn each_term(&self, mut f: impl FnMut(&str, &[(u32, u32)])) {
        self.terms.iter().for_each(|(term, rows)| f(term, rows));
    }

    /// The sections `Lens`, `Tdic`, `Pdir`, `Post`.
    pub fn sections(&self) -> [([u8; 4], Vec<u8>); 4] {
        let mut sorted: Vec<_> = self.terms.iter().collect();
        sorted.sort_unstable_by_key(|(term, _)| *term);
        let (mut lens, mut dictionary, mut directory, mut posts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        put_u32s(&mut lens, self.lens.iter().copied());
        put_u32s(&mut dictionary, [sorted.len() as u32]);
        put_u32s(
            &mut dictionary,
            sorted.iter().scan(0, |end, (term, _)| {
                *end += term.len() as u32;
                Some(*end)
            }),
        );
        dictionary.extend(sorted.iter().flat_map(|(term, _)| term.bytes()));
        put_u32s(&mut directory, sorted.iter().map(|(_, rows)| rows.len() as u32));
        let ends: Vec<u32> = sorted
            .iter()
            .map(|(_, rows)| {
                let mut previous = 0;
                for &(row, tf) in rows.iter() {
                    put_varint(&mut posts, row - previous);
                    put_varint(&mut posts, tf);
                    previous = row;
                }
                posts.len() as u32
            })
            .collect();
        put_u32s(&mut directory, ends);
        [(*b"Lens", lens), (*b"Tdic", dictionary), (*b"Pdir", directory), (*b"Post", posts)]
    }
}

/// Postings of a segment, read where they lie.
#[derive(Clone, Copy)]
pub struct Postings<'a> {
    /// Section `Lens`.
    pub lens: &'a [u8],
    /// Section `Tdic`.
    pub dictionary: &'a [u8],
    /// Section `Pdir`.
    pub directory: &'a [u8],
    /// Section `Post`.
    pub posts: &'a [u8],
}

impl<'a> Postings<'a> {
    /// Checks that the columns fit each other; the postings themselves are bounded by their checksum and read safely.
    pub fn check(&self, rows: usize) -> Result<()> {
        let count = self.count();
        let fits =
            self.lens.len() == 4 * rows && self.dictionary.len() >= 4 + 4 * count && self.directory.len() == 8 * count;
        let (mut terms, mut posts) = (0, 0);
        let rising = fits
            && (0..count).all(|i| {
                let (term, post) = (u32_at(self.dictionary, 4 + 4 * i), u32_at(self.directory, 4 * (count + i)));
                let ok = term >= terms && post >= posts;
                (terms, posts) = (term, post);
                ok
            });
        if rising && 4 + 4 * count + terms as usize == self.dictionary.len() && posts as usize == self.posts.len() {
            return Ok(());
        }
        Err(Error::corrupt("the term dictionary and the postings do not fit each other"))
    }

    /// Terms in row `row`.
    pub fn row_len(&self, row: usize) -> u32 {
        u32_at(self.lens, 4 * row)
    }

    /// Calls `f(row, frequency)` for every row that holds `term`, rows rising. O(log terms + rows).
    pub fn each(&self, term: &str, f: impl FnMut(u32, u32)) {
        if let Some(at) = self.find(term.as_bytes()) {
            self.each_at(at, f);
        }
    }

    /// Calls `f(term, rows)` for every term, sorted; a row comes with its frequency.
    pub fn each_term(&self, mut f: impl FnMut(&str, &[(u32, u32)])) {
        let mut rows = Vec::new();
        for at in 0..self.count() {
            rows.clear();
            self.each_at(at, |row, tf| rows.push((row, tf)));
            // No query finds a term that is not UTF-8.
            if let Ok(term) = str::from_utf8(self.term(at)) {
                f(term, &rows);
            }
        }
    }

    fn each_at(&self, at: usize, mut f: impl FnMut(u32, u32)) {
        let (start, end) = ends(self.directory, 4 * self.count(), at);
        let mut rest = self.posts.get(start..end).unwrap_or_default();
        let mut row = 0u32;
        while let (Some(delta), Some(tf)) = (take_varint(&mut rest), take_varint(&mut rest)) {
            row = row.wrapping_add(delta);
            f(row, tf);
        }
    }

    fn count(&self) -> usize {
        u32_at(self.dictionary, 0) as usize
    }

    fn term(&self, at: usize) -> &'a [u8] {
        let (start, end) = ends(self.dictionary, 4, at);
        let base = 4 + 4 * self.count();
        self.dictionary.get(base + start..base + end).unwrap_or_default()
    }

    fn find(&self, term: &[u8]) -> Option<usize> {
        let (mut low, mut high) = (0, self.count());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.term(middle).cmp(term) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

fn ends(bytes: &[u8], base: usize, at: usize) -> (usize, usize) {
    let start = if at == 0 { 0 } else { u32_at(bytes, base + 4 * (at - 1)) };
    (start as usize, u32_at(bytes, base + 4 * at) as usize)
}
