//! A growable set of small numbers, one bit each.

/// A bitset over u32 numbers; numbers past the end are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u32>,
}

impl Bits {
    /// From words, number i in bit i % 32 of word i / 32.
    pub const fn from_words(words: Vec<u32>) -> Self {
        Self { words }
    }

    /// Its words, as [`Self::from_words`] takes them.
    pub fn into_words(self) -> Vec<u32> {
        self.words
    }

    /// Its words, number i in bit i % 32 of word i / 32.
    pub fn words(&self) -> &[u32] {
        &self.words
    }

    /// Is `i` in the set?
    #[inline]
    pub fn has(&self, i: u32) -> bool {
        self.words.get((i >> 5) as usize).is_some_and(|word| word >> (i & 31) & 1 == 1)
    }

    /// Puts `i` in.
    #[inline]
    pub fn set(&mut self, i: u32) {
        let at = (i >> 5) as usize;
        if at >= self.words.len() {
            self.words.resize(at + 1, 0);
        }
        if let Some(word) = self.words.get_mut(at) {
            *word |= 1 << (i & 31);
        }
    }

    /// Takes `i` out.
    pub fn unset(&mut self, i: u32) {
        if let Some(word) = self.words.get_mut((i >> 5) as usize) {
            *word &= !(1 << (i & 31));
        }
    }

    /// Is any number from `first` to `last` in the set?
    pub fn has_between(&self, first: u32, last: u32) -> bool {
        let word = |at: u32| self.words.get(at as usize).copied().unwrap_or_default();
        let (low, high) = (u32::MAX << (first & 31), u32::MAX >> (31 - (last & 31)));
        let (from, to) = (first >> 5, last >> 5);
        if from == to {
            return word(from) & low & high != 0;
        }
        let within = self.words.get(from as usize + 1..(to as usize).min(self.words.len()));
        word(from) & low != 0 || word(to) & high != 0 || within.is_some_and(|words| words.iter().any(|word| *word != 0))
    }

    /// Are all numbers from `first` to `last` in the set?
    pub fn has_all(&self, first: u32, last: u32) -> bool {
        let word = |at: u32| self.words.get(at as usize).copied().unwrap_or_default();
        let (low, high) = (u32::MAX << (first & 31), u32::MAX >> (31 - (last & 31)));
        let (from, to) = (first >> 5, last >> 5);
        if from == to {
            return word(from) & low & high == low & high;
        }
        let within = self.words.get(from as usize + 1..to as usize);
        word(from) & low == low
            && word(to) & high == high
            && within.is_some_and(|all| all.iter().all(|&w| w == u32::MAX))
    }

    /// The numbers in both sets.
    pub fn and(&self, other: &Self) -> Self {
        Self { words: self.words.iter().zip(&other.words).map(|(a, b)| a & b).collect() }
    }

    /// The numbers in this set and not in the other.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let others = other.words.iter().copied().chain(std::iter::repeat(0));
        Self { words: self.words.iter().zip(others).map(|(a, b)| a & !b).collect() }
    }

    /// The numbers in the set, rising.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(at, &word)| Ones { word, base: (at as u32) << 5 })
    }

    /// At most `count` numbers of the set, from all over it.
    pub fn spread(&self, count: usize) -> impl Iterator<Item = u32> + '_ {
        let step = self.words.len().div_ceil(count.max(1)).max(1);
        self.words.chunks(step).zip((0..).step_by(32 * step)).filter_map(|(words, base)| {
            let (at, word) = words.iter().enumerate().find(|(_, word)| **word != 0)?;
            Some(base + 32 * at as u32 + word.trailing_zeros())
        })
    }

    /// How many numbers are in the set.
    pub fn len(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    /// Is nothing in the set?
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }
}

struct Ones {
    word: u32,
    base: u32,
}

impl Iterator for Ones {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        if self.word == 0 {
            return None;
        }
        let bit = self.word.trailing_zeros();
        self.word &= self.word - 1;
        Some(self.base + bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_range_are_there_when_none_is_missing() {
        let mut bits = Bits::default();
        (3..200).for_each(|i| bits.set(i));
        for first in 0..210 {
            for last in first..210 {
                assert_eq!(bits.has_all(first, last), first >= 3 && last < 200, "{first} {last}");
            }
        }
        bits.unset(97);
        assert!(!bits.has_all(3, 199) && !bits.has_all(97, 97) && bits.has_all(98, 199) && bits.has_all(3, 96));
    }

    #[test]
    fn holds_what_was_put_in_and_nothing_else() {
        let mut bits = Bits::default();
        for i in [0, 31, 32, 95] {
            bits.set(i);
        }
        assert_eq!(bits.iter().collect::<Vec<_>>(), [0, 31, 32, 95]);
        assert_eq!(bits.len(), 4);
        assert!(!bits.has(33) && !bits.has(1_000_000));
        bits.unset(31);
        bits.unset(1_000_000);
        assert_eq!(bits.iter().collect::<Vec<_>>(), [0, 32, 95]);
    }

    #[test]
    fn ranges_are_seen_from_end_to_end() {
        let mut bits = Bits::default();
        for i in [5, 64, 200] {
            bits.set(i);
        }
        for first in 0..260 {
            for last in first..260 {
                assert_eq!(bits.has_between(first, last), (first..=last).any(|i| bits.has(i)), "{first} {last}");
            }
        }
    }

    #[test]
    fn spreads_over_all_of_it() {
        let bits = Bits::from_words(vec![0, 0b100, 1, 1, 0, 0, 0b110]);
        assert_eq!(bits.spread(100).collect::<Vec<_>>(), [34, 64, 96, 193]);
        assert_eq!(bits.spread(2).collect::<Vec<_>>(), [34, 193]);
        assert_eq!(Bits::default().spread(3).count(), 0);
    }

    #[test]
    fn and_keeps_what_is_in_both() {
        let (mut a, mut b) = (Bits::default(), Bits::default());
        a.set(1);
        a.set(70);
        b.set(1);
        assert_eq!(a.and(&b).iter().collect::<Vec<_>>(), [1]);
        assert_eq!(a.without(&b).iter().collect::<Vec<_>>(), [70]);
        b.unset(1);
    }
}
