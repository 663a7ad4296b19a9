//! The term dictionary: sorted terms in blocks of sixteen, each told by what it shares with the term before.
//!
//! ```text
//! Term  terms n u32 | analyser version u32 | { start of the block's terms u32, start of its lists u32 }[n / 16, rounded up] |
//!       per term: lead u8, term bytes, df varint, bytes of its list varint
//! lead  16 x bytes shared with the term before + own bytes, both below 15; else 255, then both as varints
//! ```
//! Starts count from the end of the table and from the start of `Post`. The first term of a block shares nothing. Nothing is
//! parsed when a segment opens: a look-up is a binary search over blocks and a walk in one.

use crate::list::List;
use aetherv_core::bytes::{put_u32s, put_varint, take_varint, u32_at};
use aetherv_core::{Error, Result};

const BLOCK: usize = 16;
const HEAD: usize = 8;
const ENTRY: usize = 8;
const LONG: u8 = 255;
/// No term is longer; damage may claim so.
const TERM_BYTES_MAX: usize = 1 << 12;

/// Collects terms in the order of their bytes.
#[derive(Default)]
pub struct Writer {
    terms: u32,
    table: Vec<u32>,
    body: Vec<u8>,
    last: Vec<u8>,
}

impl Writer {
    /// Adds the next term, whose list of `len` bytes starts at `start` of the lists.
    pub fn add(&mut self, term: &[u8], df: u32, start: usize, len: usize) {
        if (self.terms as usize).is_multiple_of(BLOCK) {
            self.table.extend([self.body.len() as u32, start as u32]);
            self.last.clear();
        }
        let shared = self.last.iter().zip(term).take_while(|(a, b)| a == b).count();
        let own = term.get(shared..).unwrap_or_default();
        if shared < 15 && own.len() < 15 {
            self.body.push((shared << 4 | own.len()) as u8);
        } else {
            self.body.push(LONG);
            put_varint(&mut self.body, shared as u32);
            put_varint(&mut self.body, own.len() as u32);
        }
        self.body.extend_from_slice(own);
        put_varint(&mut self.body, df);
        put_varint(&mut self.body, len as u32);
        self.last.clear();
        self.last.extend_from_slice(term);
        self.terms += 1;
    }

    /// The section.
    pub fn finish(self, analyser: u32) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEAD + 4 * self.table.len() + self.body.len());
        put_u32s(&mut out, [self.terms, analyser]);
        put_u32s(&mut out, self.table);
        out.extend_from_slice(&self.body);
        out
    }
}

/// The version of the analyser that made a `Term` section.
pub fn analyser_of(section: &[u8]) -> u32 {
    u32_at(section, 4)
}

/// A dictionary with its lists, read where they lie.
#[derive(Clone, Copy)]
pub struct Dictionary<'a> {
    /// Section `Term`.
    pub terms: &'a [u8],
    /// Section `Post`.
    pub lists: &'a [u8],
    /// Rows of the segment.
    pub rows: u32,
}

impl<'a> Dictionary<'a> {
    /// Checks that the table of blocks lies inside and rises; terms are read safely, whatever they are.
    pub fn check(&self) -> Result<()> {
        let (blocks, base) = (self.blocks(), self.base());
        let starts = (0..blocks).map(|block| u32_at(self.terms, HEAD + ENTRY * block));
        let body = self.terms.len().checked_sub(base);
        if body.is_some_and(|body| starts.clone().all(|start| (start as usize) < body)) && starts.is_sorted() {
            return Ok(());
        }
        Err(Error::corrupt("the term dictionary does not fit its table"))
    }

    /// The list of a term; an empty one when it is not there. O(log terms); no term is put together for it.
    pub fn find(&self, term: &[u8]) -> List<'a> {
        let block = self.block_of(term);
        self.find_in(block, term).unwrap_or_default()
    }

    fn find_in(&self, block: usize, term: &[u8]) -> Option<List<'a>> {
        let (mut rest, mut start) = self.block(block)?;
        // Bytes that the term at hand, which is before the one looked for, has in common with it.
        let mut common = 0;
        for _ in 0..self.count().saturating_sub(block * BLOCK).min(BLOCK) {
            let (shared, own) = lead(&mut rest)?;
            let (bytes, after) = rest.split_at_checked(own)?;
            rest = after;
            let (df, len) = (take_varint(&mut rest)?, take_varint(&mut rest)?);
            if shared < common {
                return None;
            }
            if shared == common {
                let left = term.get(common..)?;
                let same = bytes.iter().zip(left).take_while(|(a, b)| a == b).count();
                if same == left.len() && same == bytes.len() {
                    let bytes = self.lists.get(start..start.saturating_add(len as usize)).unwrap_or_default();
                    return Some(List { df, bytes, rows: self.rows });
                }
                if bytes.get(same..) > left.get(same..) {
                    return None;
                }
                common += same;
            }
            start = start.saturating_add(len as usize);
        }
        None
    }

    /// The last block whose first term is not behind `term`.
    fn block_of(&self, term: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.blocks());
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            if self.first_of(middle) <= term { low = middle } else { high = middle }
        }
        low
    }

    /// Calls `f(term, list)` for the terms from `first` on, in the order of their bytes, until it returns false.
    pub fn each_from(&self, first: &[u8], f: &mut dyn FnMut(&[u8], List<'a>) -> bool) {
        let mut term = Vec::new();
        for block in self.block_of(first)..self.blocks() {
            let Some((mut rest, mut start)) = self.block(block) else {
                return;
            };
            term.clear();
            let count = self.count().saturating_sub(block * BLOCK).min(BLOCK);
            for _ in 0..count {
                let Some((df, len)) = next(&mut rest, &mut term) else {
                    return;
                };
                let end = start.saturating_add(len as usize);
                if term.as_slice() >= first {
                    let bytes = self.lists.get(start..end).unwrap_or_default();
                    if !f(&term, List { df, bytes, rows: self.rows }) {
                        return;
                    }
                }
                start = end;
            }
        }
    }

    fn count(&self) -> usize {
        u32_at(self.terms, 0) as usize
    }

    fn blocks(&self) -> usize {
        self.count().div_ceil(BLOCK)
    }

    fn base(&self) -> usize {
        HEAD + ENTRY * self.blocks()
    }

    /// The bytes from a block's first term on, and where its lists start.
    fn block(&self, block: usize) -> Option<(&'a [u8], usize)> {
        let entry = HEAD + ENTRY * block;
        let start = self.base() + u32_at(self.terms, entry) as usize;
        Some((self.terms.get(start..)?, u32_at(self.terms, entry + 4) as usize))
    }

    fn first_of(&self, block: usize) -> &'a [u8] {
        let Some((mut rest, _)) = self.block(block) else {
            return &[];
        };
        lead(&mut rest).and_then(|(_, own)| rest.get(..own)).unwrap_or_default()
    }
}

/// Shared and own bytes of the next term.
fn lead(rest: &mut &[u8]) -> Option<(usize, usize)> {
    let (&byte, after) = rest.split_first()?;
    *rest = after;
    if byte != LONG {
        return Some((usize::from(byte >> 4), usize::from(byte & 15)));
    }
    Some((take_varint(rest)? as usize, take_varint(rest)? as usize))
}

/// Makes the term before the next one; its df and the bytes of its list.
fn next(rest: &mut &[u8], term: &mut Vec<u8>) -> Option<(u32, u32)> {
    let (shared, own) = lead(rest)?;
    let (bytes, after) = rest.split_at_checked(own)?;
    *rest = after;
    term.truncate(shared);
    if term.len() + own <= TERM_BYTES_MAX {
        term.extend_from_slice(bytes);
    }
    Some((take_varint(rest)?, take_varint(rest)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(words: &[String]) -> (Vec<u8>, Vec<u8>) {
        let (mut writer, mut lists) = (Writer::default(), Vec::new());
        for (at, word) in words.iter().enumerate() {
            let start = lists.len();
            lists.extend(std::iter::repeat_n(at as u8, at % 3 + 1));
            writer.add(word.as_bytes(), at as u32 + 1, start, at % 3 + 1);
        }
        (writer.finish(7), lists)
    }

    fn words(count: usize) -> Vec<String> {
        let mut words: Vec<String> = (0..count)
            .map(|i| format!("{}{}", ["", "a", "abcdefghijklmnopqrstuvwxyz", "größe"][i % 4], i * 37 % 1_001))
            .collect();
        words.sort();
        words.dedup();
        words
    }

    #[test]
    fn every_term_is_found_and_walks_are_in_order() {
        for count in [0, 1, 15, 16, 17, 300] {
            let words = words(count);
            let (terms, lists) = made(&words);
            let dictionary = Dictionary { terms: &terms, lists: &lists, rows: 9 };
            dictionary.check().unwrap();
            assert_eq!(analyser_of(&terms), 7);
            for (at, word) in words.iter().enumerate() {
                let list = dictionary.find(word.as_bytes());
                assert_eq!((list.df, list.bytes), (at as u32 + 1, vec![at as u8; at % 3 + 1].as_slice()), "{word}");
            }
            let near = words.iter().flat_map(|word| [format!("{word}a"), format!("{word}~"), word[1..].to_owned()]);
            for absent in near.filter(|near| !words.contains(near)) {
                assert_eq!(dictionary.find(absent.as_bytes()).df, 0, "{absent}");
            }
            for absent in ["", "aa", "zz", "abcdefghijklmnopqrstuvwxy"] {
                assert_eq!(dictionary.find(absent.as_bytes()).df, 0);
                let mut seen = Vec::new();
                dictionary.each_from(absent.as_bytes(), &mut |term, _| {
                    seen.push(String::from_utf8(term.to_vec()).unwrap());
                    true
                });
                let want: Vec<String> = words.iter().filter(|word| word.as_str() >= absent).cloned().collect();
                assert_eq!(seen, want);
            }
        }
    }

    #[test]
    fn damage_is_refused_or_read_safely() {
        let words = words(100);
        let (good, lists) = made(&words);
        for at in 0..good.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut terms = good.clone();
                terms[at] = value;
                let dictionary = Dictionary { terms: &terms, lists: &lists, rows: 9 };
                if dictionary.check().is_ok() {
                    dictionary.each_from(b"", &mut |_, _| true);
                    dictionary.find(b"a74");
                }
            }
        }
    }
}
