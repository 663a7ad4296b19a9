//! The best places a walk has met, sorted; and which ones it has met at all.

/// A place on a layer with its score, packed so that a smaller number is nearer: score, then place, then a bit that says
/// that its links were followed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry(u64);

impl Entry {
    const LAST: Self = Self(u64::MAX);

    /// Packs a place, below 2^31, and its score.
    #[inline]
    pub fn new(place: u32, score: f32) -> Self {
        Self(u64::from(falling(score)) << 32 | u64::from(place) << 1)
    }

    /// The place.
    #[inline]
    pub const fn place(self) -> u32 {
        (self.0 as u32) >> 1
    }

    /// Its score.
    #[inline]
    pub fn score(self) -> f32 {
        let bits = !((self.0 >> 32) as u32);
        f32::from_bits(if bits >> 31 == 1 { bits & !(1 << 31) } else { !bits })
    }
}

/// Numbers that fall as floats rise.
#[inline]
fn falling(score: f32) -> u32 {
    let bits = score.to_bits();
    !(if bits >> 31 == 1 { !bits } else { bits | 1 << 31 })
}

/// At most `ef` places, the nearest first.
#[derive(Default)]
pub struct Pool {
    entries: Vec<Entry>,
    len: usize,
    next: usize,
}

impl Pool {
    /// Empties it and gives it room for `ef` places.
    pub fn reset(&mut self, ef: usize) {
        self.entries.clear();
        self.entries.resize(ef.max(1), Entry::LAST);
        (self.len, self.next) = (0, 0);
    }

    /// Takes a place in, if it is among the best; is it?
    #[inline]
    pub fn push(&mut self, place: u32, score: f32) -> bool {
        let entry = Entry::new(place, score);
        if self.entries.last().is_none_or(|last| *last <= entry) {
            return false;
        }
        // Not with `copy_within`: a call of memory.copy costs more than these few steps.
        let mut at = self.len.min(self.entries.len() - 1);
        while let Some(&before) = at.checked_sub(1).and_then(|at| self.entries.get(at)) {
            if before < entry {
                break;
            }
            if let Some(slot) = self.entries.get_mut(at) {
                *slot = before;
            }
            at -= 1;
        }
        if let Some(slot) = self.entries.get_mut(at) {
            *slot = entry;
        }
        self.len = (self.len + 1).min(self.entries.len());
        self.next = self.next.min(at);
        true
    }

    /// The best place whose links were not followed yet; from now on they were.
    #[inline]
    pub fn advance(&mut self) -> Option<u32> {
        self.advance_above(f32::NEG_INFINITY)
    }

    /// The same, if its score is above `floor`.
    #[inline]
    pub fn advance_above(&mut self, floor: f32) -> Option<u32> {
        while let Some(entry) = self.entries.get_mut(self.next).filter(|entry| **entry != Entry::LAST) {
            if entry.0 & 1 == 0 {
                if entry.score() <= floor {
                    return None;
                }
                entry.0 |= 1;
                self.next += 1;
                return Some(entry.place());
            }
            self.next += 1;
        }
        None
    }

    /// The score that a place has to exceed to get in.
    #[inline]
    pub fn floor(&self) -> f32 {
        match self.entries.last() {
            Some(&last) if last != Entry::LAST => last.score(),
            _ => f32::NEG_INFINITY,
        }
    }

    /// How many places it holds.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Places and scores, the nearest first.
    pub fn iter(&self) -> impl Iterator<Item = (u32, f32)> + Clone + '_ {
        self.entries.iter().take(self.len).map(|entry| (entry.place(), entry.score()))
    }
}

/// Which places a walk has met: one mark each, and nothing to clear between most walks.
#[derive(Default)]
pub struct Visited {
    epoch: u8,
    marks: Vec<u8>,
}

impl Visited {
    /// Forgets all; from now on places below `places` can be marked.
    pub fn reset(&mut self, places: usize) {
        if self.epoch == u8::MAX || self.marks.len() < places {
            self.marks.clear();
            self.marks.resize(places, 0);
            self.epoch = 0;
        }
        self.epoch += 1;
    }

    /// Marks a place; was it new? One that does not exist is not.
    #[inline]
    pub fn enter(&mut self, place: u32) -> bool {
        self.marks.get_mut(place as usize).is_some_and(|mark| std::mem::replace(mark, self.epoch) != self.epoch)
    }
}
