//! Strings with their rows, sorted by their bytes, each string once.

use crate::sort::by_key;
use aetherv_core::order::order;
use std::ops::Range;

/// So many strings are worth to be sorted by their bytes, and so many bytes of each.
const FEW: usize = 64;
const LONG: usize = 64;

/// Strings as they come.
#[derive(Default)]
pub struct Heap {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    rows: Vec<u32>,
}

/// Strings in order.
pub struct Texts {
    bytes: Vec<u8>,
    /// Of each string in `bytes`.
    ends: Vec<u32>,
    /// Of each string in `rows`.
    row_ends: Vec<u32>,
    rows: Vec<u32>,
}

impl Heap {
    /// Adds what `write` appends.
    pub fn push(&mut self, row: u32, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.ends.push(self.bytes.len() as u32);
        self.rows.push(row);
    }

    /// Each string once, with all its rows.
    pub fn sorted(self) -> Texts {
        let mut places = Vec::with_capacity(self.rows.len());
        self.arrange((0..self.rows.len() as u32).collect(), 0, &mut places);
        let mut out = Texts { bytes: Vec::new(), ends: Vec::new(), row_ends: Vec::new(), rows: Vec::new() };
        for at in places {
            let text = self.text(at);
            if out.ends.is_empty() || piece(&out.bytes, &out.ends, out.ends.len() - 1) != text {
                out.bytes.extend_from_slice(text);
                out.ends.push(out.bytes.len() as u32);
                out.row_ends.push(out.rows.len() as u32);
            }
            out.rows.extend(self.rows.get(at as usize));
            if let Some(end) = out.row_ends.last_mut() {
                *end += 1;
            }
        }
        out
    }

    fn text(&self, at: u32) -> &[u8] {
        piece(&self.bytes, &self.ends, at as usize)
    }

    /// Appends the places of strings that are equal up to byte `from`, in their order: seven bytes decide, those of each seven among them
    /// the next, and few or long ones are compared.
    fn arrange(&self, places: Vec<u32>, from: usize, out: &mut Vec<u32>) {
        if places.len() < FEW || from > LONG {
            let text = |at: usize| places.get(at).map_or(&[][..], |at| self.text(*at));
            let sorted = order(places.len(), &|a, b| text(a).cmp(text(b)));
            out.extend(sorted.iter().filter_map(|at| places.get(*at as usize)));
            return;
        }
        let heads = by_key(places.iter().map(|at| (head(self.text(*at), from), *at)).collect());
        for same in heads.chunk_by(|a, b| a.0 == b.0) {
            let group = same.iter().map(|(_, at)| *at);
            if same.first().is_some_and(|(head, _)| head & 0xff > 7) {
                self.arrange(group.collect(), from + 7, out);
            } else {
                out.extend(group);
            }
        }
    }
}

/// Seven bytes of a string and how many there are; eight stands for more.
fn head(text: &[u8], from: usize) -> u64 {
    let rest = text.get(from..).unwrap_or_default();
    let bytes = (0..7).fold(0, |head, at| head << 8 | u64::from(rest.get(at).copied().unwrap_or_default()));
    bytes << 8 | rest.len().min(8) as u64
}

impl Texts {
    /// Rows in the order of their strings.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Where in `rows` those of a string are, or would be.
    pub fn place(&self, text: &[u8]) -> Range<usize> {
        self.first(&|other| other < text)..self.first(&|other| other <= text)
    }

    /// Where in `rows` those are whose strings begin so.
    pub fn beginning(&self, text: &[u8]) -> Range<usize> {
        self.first(&|other| other < text)..self.first(&|other| other < text || other.starts_with(text))
    }

    /// Calls `found` with the rows of strings that hold this one.
    pub fn containing(&self, part: &[u8], found: &mut dyn FnMut(u32)) {
        for at in 0..self.ends.len() {
            let text = piece(&self.bytes, &self.ends, at);
            if holds(text, part) {
                let range = start(&self.row_ends, at)..start(&self.row_ends, at + 1);
                self.rows.get(range).unwrap_or_default().iter().copied().for_each(&mut *found);
            }
        }
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.bytes.len() + 8 * self.ends.len() + 4 * self.rows.len()
    }

    /// Where in `rows` the first string begins that is not `before`.
    fn first(&self, before: &dyn Fn(&[u8]) -> bool) -> usize {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = low.midpoint(high);
            if before(piece(&self.bytes, &self.ends, middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        start(&self.row_ends, low)
    }
}

/// Is the one within the other?
fn holds(text: &[u8], part: &[u8]) -> bool {
    let Some((first, others)) = part.split_first() else { return true };
    let mut rest = text.iter();
    while rest.any(|byte| byte == first) {
        if rest.as_slice().starts_with(others) {
            return true;
        }
    }
    false
}

fn start(ends: &[u32], at: usize) -> usize {
    at.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |end| *end as usize)
}

fn piece<'a>(bytes: &'a [u8], ends: &[u32], at: usize) -> &'a [u8] {
    bytes.get(start(ends, at)..start(ends, at + 1)).unwrap_or_default()
}
