//! Postings in memory: which rows hold a term, how often in each field and where. Frequencies, positions and lengths only,
//! never finished scores (D4).

use crate::dictionary::Writer;
use crate::encode::encode;
use crate::fields::each_term;
use crate::lengths::class_of;
use crate::list::{Frequencies, Occurrence, each_row};
use aetherv_core::order::{order, sort_by};
use aetherv_text::tuning::FIELDS;
use aetherv_text::{ANALYZER_VERSION, Analyzer, Language};
use std::cell::OnceCell;

/// Tag of the length classes: u8[rows x 4], of each row title, headings, body, code.
pub const LENGTHS: [u8; 4] = *b"Flen";
/// Tag of the dictionary.
pub const TERMS: [u8; 4] = *b"Term";
/// Tag of the lists, in the order of the terms.
pub const LISTS: [u8; 4] = *b"List";

/// No such term.
const FREE: u32 = u32::MAX;

/// Postings appended row by row: the lexical half of a memtable, and what segments are written from.
#[derive(Debug, Default)]
pub struct MemPostings {
    lists: Vec<(Box<[u8]>, Vec<Occurrence>)>,
    /// Numbers of terms by their hash, [`FREE`] where there is none; a power of two of places, at most half of them taken.
    places: Vec<u32>,
    classes: Vec<[u8; FIELDS]>,
    /// Numbers of the terms in the order of their bytes, made when asked for.
    order: OnceCell<Vec<u32>>,
}

impl MemPostings {
    /// Rows of these length classes, their occurrences still to come by [`MemPostings::extend`].
    pub fn of_rows(classes: Vec<[u8; FIELDS]>) -> Self {
        Self { classes, ..Self::default() }
    }

    /// Adds occurrences of `term`; once all are there, [`MemPostings::sort`] puts them in order.
    pub fn extend(&mut self, term: &[u8], occurrences: impl Iterator<Item = Occurrence>) {
        let mut occurrences = occurrences.peekable();
        if occurrences.peek().is_some()
            && let Some(list) = self.list_of(term)
        {
            list.extend(occurrences);
        }
    }

    /// Puts the occurrences of every term in order.
    pub fn sort(&mut self) {
        self.lists.iter_mut().filter(|(_, list)| !list.is_sorted()).for_each(|(_, list)| sort_by(list, &Ord::cmp));
    }

    /// Analyses the next row as a text of `language`: its heading path and its text.
    pub fn push(&mut self, analyzer: &mut Analyzer, language: Language, path: &str, text: &str) {
        let row = self.classes.len() as u32;
        let lens = each_term(analyzer, language, path, text, |field, position, term| {
            if let Some(list) = self.list_of(term.as_bytes()) {
                let next = Occurrence::new(row, field, position);
                // Code between body and body: the only way to come out of order.
                match list.iter().rposition(|known| *known <= next) {
                    Some(at) if at + 1 < list.len() => list.insert(at + 1, next),
                    None if !list.is_empty() => list.insert(0, next),
                    _ => list.push(next),
                }
            }
        });
        self.classes.push(lens.map(class_of));
    }

    /// Length class of each field of a row.
    pub fn classes(&self, row: usize) -> [u8; FIELDS] {
        self.classes.get(row).copied().unwrap_or_default()
    }

    /// Occurrences of a term, in order.
    pub fn find(&self, term: &[u8]) -> &[Occurrence] {
        let known = self.number_of(term).ok().and_then(|number| self.lists.get(number as usize));
        known.map(|(_, list)| list.as_slice()).unwrap_or_default()
    }

    /// Calls `f(row, frequencies)` for every row that holds `term`, rising.
    pub fn each(&self, term: &[u8], mut f: impl FnMut(u32, Frequencies)) {
        each_row(self.find(term), |row, tf, _| f(row, tf));
    }

    /// Calls `f(term, occurrences)` for the terms from `first` on, in the order of their bytes, until it returns false.
    pub fn each_from(&self, first: &[u8], f: &mut dyn FnMut(&[u8], &[Occurrence]) -> bool) {
        let term = |number: u32| self.lists.get(number as usize).map(|(term, list)| (&**term, list.as_slice()));
        let order = self.order.get_or_init(|| order(self.lists.len(), &|a, b| term(a as u32).cmp(&term(b as u32))));
        let from = order.partition_point(|number| term(*number).is_some_and(|(term, _)| term < first));
        for (term, list) in order.iter().skip(from).filter_map(|number| term(*number)) {
            if !f(term, list) {
                return;
            }
        }
    }

    /// The sections of a segment.
    pub fn sections(&self) -> [([u8; 4], Vec<u8>); 3] {
        let (mut writer, mut lists) = (Writer::default(), Vec::new());
        self.each_from(&[], &mut |term, list| {
            let start = lists.len();
            let df = encode(list, &self.classes, &mut lists);
            writer.add(term, df, start, lists.len() - start);
            true
        });
        let terms = writer.finish(u32::from(ANALYZER_VERSION));
        [(LENGTHS, self.classes.concat()), (TERMS, terms), (LISTS, lists)]
    }

    /// The term's occurrences, a new term's at first sight.
    fn list_of(&mut self, term: &[u8]) -> Option<&mut Vec<Occurrence>> {
        let number = match self.number_of(term) {
            Ok(number) => number,
            Err(place) => {
                let number = self.lists.len() as u32;
                self.lists.push((term.into(), Vec::new()));
                self.order.take();
                let has_room = 2 * self.lists.len() <= self.places.len();
                match self.places.get_mut(place) {
                    Some(free) if has_room => *free = number,
                    _ => self.grow(),
                }
                number
            }
        };
        self.lists.get_mut(number as usize).map(|(_, list)| list)
    }

    /// The term's number, or the free place where it would stand.
    fn number_of(&self, term: &[u8]) -> Result<u32, usize> {
        let mask = self.places.len().wrapping_sub(1);
        let mut place = hash(term) as usize & mask;
        while let Some(&number) = self.places.get(place) {
            match self.lists.get(number as usize) {
                Some((known, _)) if **known == *term => return Ok(number),
                Some(_) => place = (place + 1) & mask,
                None => return Err(place),
            }
        }
        Err(place)
    }

    fn grow(&mut self) {
        let size = (4 * self.lists.len()).next_power_of_two().max(1024);
        self.places = vec![FREE; size];
        for (number, (term, _)) in self.lists.iter().enumerate() {
            let mut place = hash(term) as usize & (size - 1);
            while self.places.get(place).is_some_and(|taken| *taken != FREE) {
                place = (place + 1) & (size - 1);
            }
            if let Some(free) = self.places.get_mut(place) {
                *free = number as u32;
            }
        }
    }
}

/// Mixes eight bytes at a time; nothing stored depends on it.
#[inline]
fn hash(term: &[u8]) -> u32 {
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (words, rest) = term.as_chunks::<8>();
    let hash = words.iter().fold(term.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let last = rest.iter().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
    (mix(hash, last) >> 32) as u32
}
