//! The list of one term, read: which rows hold it, how often in each field, at which positions.
//!
//! ```text
//! list   skip entry[b] | block[b] | tail           b = df / 128 whole blocks, the rest is the tail
//! entry  last row u32 | end of the block u32, from the first block | most occurrences in each field u8[4], 255 = or more |
//!        shortest length class of each field u8[4]
//! block  widths u8[6]: row gaps, frequencies in title, headings, body, code, position gaps |
//!        gaps (row - row before - 1) | frequencies in each field | position gaps
//! tail   per row: varint 2 * gap + c; if c = 1: field set u8, frequency varint of each field of it;
//!        if c = 0 it is once in the body. Then the position gaps as varints
//! ```
//! Packed columns follow each other, each filled up to a byte; numbers lowest bits first. Gaps and frequencies, 128 of each, are
//! packed in four lanes, number i in lane i mod 4: the first u32 of each lane, the second u32 of each, and so on. A field set has bit f for
//! field f. A position gap is to the position before in the same field of the same row, the first one to 0. The row
//! before the first is -1.

use crate::Frequencies;
use crate::pack::{BLOCK, bytes_of, number_at, unpack_lanes};
use aetherv_core::Bits;
use aetherv_core::bytes::{take_varint, u32_at};
use aetherv_text::tuning::{BODY, FIELDS};

const ENTRY: usize = 16;
const HEAD: usize = 2 + FIELDS;
/// Widths of the tail, which has no columns.
const TAIL: [u8; FIELDS + 1] = [0; FIELDS + 1];

/// An occurrence of a term: row, field and position in one number, whose order is theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence(u64);

impl Occurrence {
    /// Positions above 2^30 - 1 count as that.
    #[inline]
    pub fn new(row: u32, field: usize, position: u32) -> Self {
        Self(u64::from(row) << 32 | (field as u64 & 3) << 30 | u64::from(position.min((1 << 30) - 1)))
    }

    /// The row.
    #[inline]
    pub const fn row(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The field.
    #[inline]
    pub const fn field(self) -> usize {
        (self.0 >> 30 & 3) as usize
    }

    /// The position.
    #[inline]
    pub const fn position(self) -> u32 {
        self.0 as u32 & ((1 << 30) - 1)
    }

    /// The same in another row.
    #[must_use]
    pub fn moved(self, row: u32) -> Self {
        Self(u64::from(row) << 32 | (self.0 & u64::from(u32::MAX)))
    }
}

/// Calls `f(row, frequencies, occurrences)` for each row of sorted occurrences.
pub fn each_row(mut all: &[Occurrence], mut f: impl FnMut(u32, Frequencies, &[Occurrence])) {
    while let Some(first) = all.first() {
        let row = first.row();
        let count = all.iter().position(|o| o.row() != row).unwrap_or(all.len());
        let (own, rest) = all.split_at_checked(count).unwrap_or_default();
        let mut tf = Frequencies::NONE;
        own.iter().for_each(|occurrence| tf.add(occurrence.field(), 1));
        f(row, tf, own);
        all = rest;
    }
}

/// A term's list, read where it lies. Damaged bytes give wrong rows, never more than the bytes hold.
#[derive(Clone, Copy, Debug, Default)]
pub struct List<'a> {
    /// How many rows hold the term.
    pub df: u32,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Rows are below this.
    pub rows: u32,
}

/// One block or the tail, its rows decoded, and its frequencies when they are asked for.
struct Decoded<'a> {
    rows: Vec<u32>,
    /// Which row of the block each of them is; none while it is all of them.
    at: Vec<u8>,
    tf: Vec<Frequencies>,
    /// Widths and bytes of the columns after the rows; width 0 of the position gaps: it is the tail, all decoded.
    widths: [u8; FIELDS + 1],
    rest: &'a [u8],
}

impl<'a> List<'a> {
    /// Calls `f(row, frequencies)` for every row, rising.
    pub fn each(&self, f: &mut dyn FnMut(u32, Frequencies)) {
        self.each_block(None, &mut |rows, tf| rows.iter().zip(tf).for_each(|(&row, &tf)| f(row, tf)));
    }

    /// Calls `f(rows, frequencies)` for the rows of each block that are wanted (none: for all), rising: for those who
    /// cannot wait for a call a row, and may number them anew. Of a block without a wanted row no frequencies are read.
    pub fn each_block(&self, wanted: Option<&Bits>, f: &mut dyn FnMut(&[u32], &[Frequencies])) {
        self.decode(wanted, &mut |block| {
            wanted.into_iter().for_each(|wanted| block.keep(wanted));
            if !block.rows.is_empty() {
                block.read_frequencies();
                f(&block.rows, &block.tf);
            }
            true
        });
    }

    /// How many of the wanted rows hold the term.
    pub fn count(&self, wanted: &Bits) -> u32 {
        let mut count = 0;
        self.decode(Some(wanted), &mut |block| {
            count += block.rows.iter().map(|&row| u32::from(wanted.has(row))).sum::<u32>();
            true
        });
        count
    }

    /// Does any of the wanted rows hold the term? The blocks after the first such row are not read.
    pub fn any(&self, wanted: &Bits) -> bool {
        let mut found = false;
        self.decode(Some(wanted), &mut |block| {
            found = block.rows.iter().any(|&row| wanted.has(row));
            !found
        });
        found
    }

    /// Calls `f` for the occurrences in the rows that are wanted (none: in all), in order. Blocks whose bounds say that
    /// no row of theirs is wanted are passed over.
    pub fn each_occurrence(&self, wanted: Option<&Bits>, f: &mut dyn FnMut(Occurrence)) {
        self.decode(wanted, &mut |block| {
            let held: Vec<bool> = block.rows.iter().map(|&row| wanted.is_none_or(|wanted| wanted.has(row))).collect();
            if held.contains(&true) {
                block.read_frequencies();
                block.occurrences(&held, f);
            }
            true
        });
    }

    /// Decodes rows block by block, until `f` returns false.
    fn decode(&self, wanted: Option<&Bits>, f: &mut dyn FnMut(&mut Decoded<'a>) -> bool) {
        let whole = self.df as usize / BLOCK;
        let Some((entries, rest)) = self.bytes.split_at_checked(whole.saturating_mul(ENTRY)) else {
            return;
        };
        let mut block = Decoded::new();
        let (mut start, mut last) = (0, u32::MAX);
        for entry in entries.chunks_exact(ENTRY) {
            let (end_row, end) = (u32_at(entry, 0), u32_at(entry, 4) as usize);
            let Some(bytes) = rest.get(start..end) else {
                return;
            };
            if wanted.is_none_or(|wanted| wanted.has_between(last.wrapping_add(1), end_row)) {
                block.read(bytes, last, self.rows);
                if !f(&mut block) {
                    return;
                }
            }
            (start, last) = (end, end_row);
        }
        block.read_tail(rest.get(start..).unwrap_or_default(), self.df as usize % BLOCK, last, self.rows);
        f(&mut block);
    }
}

impl<'a> Decoded<'a> {
    fn new() -> Self {
        let (rows, tf) = (Vec::with_capacity(BLOCK), Vec::with_capacity(BLOCK));
        Self { rows, at: Vec::new(), tf, widths: TAIL, rest: &[] }
    }

    /// A whole block; rows that cannot be end it.
    fn read(&mut self, bytes: &'a [u8], last: u32, rows: u32) {
        self.rows.clear();
        self.at.clear();
        self.tf.clear();
        let Some((&[gaps, title, headings, body, code, positions], rest)) = bytes.split_first_chunk::<HEAD>() else {
            return;
        };
        self.widths = [title, headings, body, code, positions.clamp(1, 32)];
        self.rest = rest;
        let (mut numbers, mut row, mut most) = ([0; BLOCK], last, 0);
        self.unpack(gaps, &mut numbers);
        self.rows.extend(numbers.iter().map(|gap| {
            row = row.wrapping_add(*gap).wrapping_add(1);
            most = row.max(most);
            row
        }));
        if most >= rows {
            self.rows.clear();
        }
    }

    /// Reads the next column, over zeros.
    fn unpack(&mut self, width: u8, numbers: &mut [u32; BLOCK]) {
        if width > 0 {
            unpack_lanes(self.rest, width, numbers);
            self.rest = self.rest.get(bytes_of(BLOCK, width)..).unwrap_or_default();
        }
    }

    /// Leaves the rows that are wanted: without a branch, as chance says which they are.
    fn keep(&mut self, wanted: &Bits) {
        let mut kept = 0;
        self.at.resize(self.rows.len(), 0);
        for at in 0..self.rows.len() {
            let row = self.rows.get(at).copied().unwrap_or_default();
            if let (Some(own), Some(place)) = (self.rows.get_mut(kept), self.at.get_mut(kept)) {
                (*own, *place) = (row, at as u8);
            }
            kept += usize::from(wanted.has(row));
        }
        self.rows.truncate(kept);
        self.at.truncate(kept);
        if self.widths == TAIL {
            self.leave_kept();
        }
    }

    /// Frequencies of the rows, if they are not there yet.
    fn read_frequencies(&mut self) {
        if self.widths == TAIL {
            return;
        }
        let [fields @ .., _] = self.widths;
        let mut columns = [[0; BLOCK]; FIELDS];
        for (column, width) in columns.iter_mut().zip(fields) {
            self.unpack(width, column);
            if width > 16 {
                column.iter_mut().for_each(|times| *times = (*times).min(u32::from(u16::MAX)));
            }
        }
        self.tf.extend(Frequencies::of_columns(&columns));
        if !self.at.is_empty() {
            self.leave_kept();
        }
    }

    /// Leaves the frequencies of the rows that were kept.
    fn leave_kept(&mut self) {
        for (to, &at) in self.at.iter().enumerate() {
            let own = self.tf.get(usize::from(at)).copied().unwrap_or_default();
            self.tf.get_mut(to).into_iter().for_each(|tf| *tf = own);
        }
        self.tf.truncate(self.at.len());
    }

    fn read_tail(&mut self, mut bytes: &'a [u8], count: usize, mut row: u32, rows: u32) {
        self.rows.clear();
        self.at.clear();
        self.tf.clear();
        for _ in 0..count {
            let Some(head) = take_varint(&mut bytes) else {
                break;
            };
            row = row.wrapping_add(head >> 1).wrapping_add(1);
            let mut tf = Frequencies::NONE;
            if head & 1 == 0 {
                tf.add(BODY, 1);
            } else if let Some((&set, rest)) = bytes.split_first() {
                bytes = rest;
                for field in (0..FIELDS).filter(|field| set >> field & 1 == 1) {
                    tf.add(field, take_varint(&mut bytes).unwrap_or_default());
                }
            }
            if row >= rows {
                break;
            }
            self.rows.push(row);
            self.tf.push(tf);
        }
        (self.widths, self.rest) = (TAIL, bytes);
    }

    /// The occurrences in the rows that are held.
    fn occurrences(&self, held: &[bool], f: &mut dyn FnMut(Occurrence)) {
        let [.., width] = self.widths;
        let (mut at, mut rest) = (0, self.rest);
        for ((&row, tf), &held) in self.rows.iter().zip(&self.tf).zip(held) {
            for (field, times) in tf.fields().into_iter().enumerate() {
                if width > 0 && !held {
                    at += usize::from(times);
                    continue;
                }
                let mut position = 0u32;
                for _ in 0..times {
                    let gap = if width == 0 {
                        take_varint(&mut rest)
                    } else {
                        at += 1;
                        // The last bit of the number must be there.
                        let there = (at * usize::from(width)).div_ceil(8) <= rest.len();
                        there.then(|| number_at(rest, width, at - 1))
                    };
                    let Some(gap) = gap else {
                        return;
                    };
                    position = position.saturating_add(gap);
                    if held {
                        f(Occurrence::new(row, field, position));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::encode;

    /// Occurrences of a term in about `rows` rows, some of them rich.
    fn made(rows: u32, mut seed: u32) -> Vec<Occurrence> {
        let mut all = Vec::new();
        let mut next = |limit: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % limit
        };
        for row in 0..rows {
            if next(3) == 0 {
                continue;
            }
            for field in 0..FIELDS {
                let times = if next(4) == 0 { next(9) } else { u32::from(field == BODY) };
                for _ in 0..times {
                    all.push(Occurrence::new(row, field, next(300)));
                }
            }
        }
        all.sort_unstable();
        all
    }

    #[test]
    fn lists_come_back_as_written() {
        for rows in [0, 1, 2, 100, 191, 192, 193, 400, 2_000] {
            for seed in 0..5 {
                let all = made(rows, seed);
                let classes = vec![[3; FIELDS]; rows as usize];
                let mut bytes = Vec::new();
                let df = encode(&all, &classes, &mut bytes);
                let list = List { df, bytes: &bytes, rows };
                let (mut want, mut got, mut back) = (Vec::new(), Vec::new(), Vec::new());
                each_row(&all, |row, tf, _| want.push((row, tf)));
                list.each(&mut |row, tf| got.push((row, tf)));
                assert_eq!(got, want);
                list.each_occurrence(None, &mut |o| back.push(o));
                assert_eq!(back, all);
                back.clear();
                let mut some = Bits::default();
                (0..rows).filter(|row| row % 7 == 1).for_each(|row| some.set(row));
                list.each_occurrence(Some(&some), &mut |o| back.push(o));
                assert_eq!(back, all.iter().copied().filter(|o| o.row() % 7 == 1).collect::<Vec<_>>());
                want.retain(|(row, _)| row % 7 == 1);
                got.clear();
                list.each_block(Some(&some), &mut |rows, tf| got.extend(rows.iter().copied().zip(tf.iter().copied())));
                assert_eq!(got, want);
                assert_eq!((list.count(&some) as usize, list.any(&some)), (want.len(), !want.is_empty()));
            }
        }
    }

    #[test]
    fn damaged_lists_end_early_and_never_panic() {
        let all = made(700, 3);
        let mut good = Vec::new();
        let df = encode(&all, &vec![[3; FIELDS]; 700], &mut good);
        let mut some = Bits::default();
        (0..700).step_by(3).for_each(|row| some.set(row));
        for rows in 0..700 {
            List { df, bytes: &good, rows }.each(&mut |row, _| assert!(row < rows));
        }
        for at in 0..good.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bytes = good.clone();
                bytes[at] = value;
                for (df, bytes) in [(df, &bytes[..]), (u32::MAX, &bytes[..]), (df, &bytes[..at])] {
                    let list = List { df, bytes, rows: 700 };
                    list.each(&mut |row, _| assert!(row < 700));
                    list.each_occurrence(None, &mut |o| assert!(o.row() < 700));
                    list.each_block(Some(&some), &mut |rows, tf| {
                        assert!(rows.len() == tf.len() && rows.iter().all(|row| some.has(*row)))
                    });
                }
            }
        }
    }
}
