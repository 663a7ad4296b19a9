//! The terms of a memtable, numbered in the order in which they came.

use aetherv_core::order::order;
use std::cell::{Cell, OnceCell};
use std::sync::atomic::{AtomicU32, Ordering};

/// No such term.
pub(crate) const FREE: u32 = u32::MAX;

static LAST_OWNER: AtomicU32 = AtomicU32::new(0);

/// Terms, one after the other, with a table of their hashes.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    /// Tells its notes from those of others.
    owner: u32,
    bytes: Vec<u8>,
    ends: Vec<u32>,
    /// Numbers of terms by their hash, [`FREE`] where there is none; a power of two of places, at most half of them taken.
    places: Vec<u32>,
    /// Numbers of the terms in the order of their bytes, made when asked for.
    order: OnceCell<Vec<u32>>,
}

impl Default for Vocabulary {
    fn default() -> Self {
        let owner = LAST_OWNER.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        Self { owner, bytes: Vec::new(), ends: Vec::new(), places: Vec::new(), order: OnceCell::new() }
    }
}

impl Vocabulary {
    /// How many terms.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The term with a number.
    #[inline]
    pub(crate) fn term(&self, number: u32) -> &[u8] {
        let end = |number: u32| self.ends.get(number as usize).map_or(0, |end| *end as usize);
        let start = number.checked_sub(1).map_or(0, end);
        self.bytes.get(start..end(number)).unwrap_or_default()
    }

    /// The term's number, a new one at first sight; `note` remembers it for the next time. An empty term has [`FREE`].
    #[inline]
    pub(crate) fn noted(&mut self, term: &[u8], note: &Cell<u64>) -> u32 {
        let known = note.get();
        if (known >> 32) as u32 == self.owner {
            return known as u32;
        }
        let number = if term.is_empty() { FREE } else { self.number(term) };
        note.set(u64::from(self.owner) << 32 | u64::from(number));
        number
    }

    /// The term's number, a new one at first sight.
    pub(crate) fn number(&mut self, term: &[u8]) -> u32 {
        self.find(term).unwrap_or_else(|place| self.add(term, place))
    }

    /// The term's number, or the free place where it would stand.
    pub(crate) fn find(&self, term: &[u8]) -> Result<u32, usize> {
        let mask = self.places.len().wrapping_sub(1);
        let mut place = hash(term) as usize & mask;
        while let Some(&number) = self.places.get(place).filter(|number| **number != FREE) {
            if self.term(number) == term {
                return Ok(number);
            }
            place = (place + 1) & mask;
        }
        Err(place)
    }

    /// The numbers of all terms in the order of their bytes.
    pub(crate) fn order(&self) -> &[u32] {
        self.order.get_or_init(|| {
            // Most terms differ in their first bytes.
            let head = |number: usize| {
                let term = self.term(number as u32);
                let head = term.iter().take(8).fold(0, |head, byte| head << 8 | u64::from(*byte));
                head << (8 * (8 - term.len().min(8)) as u32 % 64)
            };
            let heads: Vec<u64> = (0..self.len()).map(head).collect();
            order(self.len(), &|a, b| {
                heads.get(a).cmp(&heads.get(b)).then_with(|| self.term(a as u32).cmp(self.term(b as u32)))
            })
        })
    }

    fn add(&mut self, term: &[u8], place: usize) -> u32 {
        let number = self.ends.len() as u32;
        self.bytes.extend_from_slice(term);
        self.ends.push(self.bytes.len() as u32);
        self.order.take();
        let has_room = 2 * self.ends.len() <= self.places.len();
        match self.places.get_mut(place) {
            Some(free) if has_room => *free = number,
            _ => self.grow(),
        }
        number
    }

    fn grow(&mut self) {
        let size = (4 * self.ends.len()).next_power_of_two().max(1024);
        let mut places = vec![FREE; size];
        for number in 0..self.ends.len() as u32 {
            let mut place = hash(self.term(number)) as usize & (size - 1);
            while places.get(place).is_some_and(|taken| *taken != FREE) {
                place = (place + 1) & (size - 1);
            }
            if let Some(free) = places.get_mut(place) {
                *free = number;
            }
        }
        self.places = places;
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
