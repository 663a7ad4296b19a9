//! The word pieces: finds the row of a piece, and spells a word greedily, longest piece first.
//!
//! An open-addressing table of 32-bit slots. Hashes are polynomial, so that one pass over a word gives the hash of
//! every part of it; each hit is compared byte by byte.

/// Longest word that is spelled, in bytes.
pub(crate) const WORD_MAX: usize = 100;

/// Most rows that a table may have: a slot holds row + 1 in sixteen bits.
pub(crate) const ROWS_MAX: usize = 65_534;

/// Most bytes that a vocabulary may have: a place is kept in 24 bits.
pub(crate) const VOCAB_MAX: usize = (1 << 24) - 1;

/// Base of the polynomial, odd.
const BASE: u64 = 0x0000_0100_0000_01b3;

/// Powers of [`BASE`].
static POWERS: [u64; WORD_MAX + 1] = {
    let mut powers = [1_u64; WORD_MAX + 1];
    let mut i = 1;
    while i <= WORD_MAX {
        #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks it")]
        {
            powers[i] = powers[i - 1].wrapping_mul(BASE);
        }
        i += 1;
    }
    powers
};

/// A word with the hashes of its beginnings, filled byte by byte.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    bytes: [u8; WORD_MAX],
    /// Hash of the first i bytes.
    prefix: [u64; WORD_MAX + 1],
    /// Bytes seen, also those beyond [`WORD_MAX`].
    len: usize,
}

impl Default for Word {
    fn default() -> Self {
        Self { bytes: [0; WORD_MAX], prefix: [0; WORD_MAX + 1], len: 0 }
    }
}

impl Word {
    /// Appends a byte.
    #[inline]
    pub(crate) fn push(&mut self, byte: u8) {
        let hash = self.prefix.get(self.len).copied().unwrap_or(0);
        let hash = hash.wrapping_mul(BASE).wrapping_add(u64::from(byte));
        if let (Some(b), Some(h)) = (self.bytes.get_mut(self.len), self.prefix.get_mut(self.len + 1)) {
            (*b, *h) = (byte, hash);
        }
        self.len += 1;
    }

    /// Whether no byte has come since the last [`Word::clear`].
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Forgets the word.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    /// The hash and the bytes of a part.
    #[inline]
    fn part(&self, from: usize, to: usize) -> Option<(u64, &[u8])> {
        let (head, whole) = (self.prefix.get(from)?, self.prefix.get(to)?);
        let hash = whole.wrapping_sub(head.wrapping_mul(*POWERS.get(to.checked_sub(from)?)?));
        Some((hash, self.bytes.get(from..to)?))
    }
}

/// The rows of the pieces. It keeps places in the vocabulary's bytes, which its owner holds.
#[derive(Clone, Debug)]
pub(crate) struct Pieces {
    /// Open addressing with steps of one: tag << 16 | row + 1, 0 = free. Length a power of two.
    slots: Box<[u32]>,
    /// 64 - log2 of the number of slots.
    shift: u32,
    /// By row: place of its letters in the vocabulary << 8 | length << 1 | 1 for a continuation.
    entries: Box<[u32]>,
    /// Length of the longest piece that begins a word, and of the longest continuation.
    longest: [usize; 2],
}

impl Pieces {
    /// Reads a vocabulary of one piece a line, row order, `##` before a continuation; `None` unless it has exactly
    /// `rows` lines, each ended by a newline. Of equal pieces the first counts.
    pub(crate) fn read(vocab: &[u8], rows: usize) -> Option<Self> {
        if rows > ROWS_MAX || vocab.len() > VOCAB_MAX || vocab.last() != Some(&b'\n') {
            return None;
        }
        let count = (2 * rows).next_power_of_two().max(2);
        let mut pieces = Self {
            slots: vec![0; count].into_boxed_slice(),
            shift: 64 - count.trailing_zeros(),
            entries: Box::default(),
            longest: [0; 2],
        };
        let mut entries = Vec::with_capacity(rows);
        let mut at = 0;
        for line in vocab.split_inclusive(|&b| b == b'\n') {
            let (letters, kind) = match line.strip_prefix(b"##") {
                Some(rest) => (rest, 1),
                None => (line, 0),
            };
            let len = letters.len() - 1; // the newline
            let place = at + 2 * kind;
            at += line.len();
            // A piece that no word can hold gets an entry that no part of a word equals.
            let len = if len <= WORD_MAX { len } else { 0 };
            entries.push((place as u32) << 8 | (len as u32) << 1 | kind as u32);
            if len > 0 {
                pieces.insert(vocab, &entries, letters.get(..len)?, kind)?;
            }
        }
        pieces.entries = entries.into_boxed_slice();
        (pieces.entries.len() == rows).then_some(pieces)
    }

    /// Enters the piece of the last entry; `None` when there are more pieces than rows.
    fn insert(&mut self, vocab: &[u8], entries: &[u32], letters: &[u8], kind: usize) -> Option<()> {
        let hash = letters.iter().fold(0_u64, |h, &b| h.wrapping_mul(BASE).wrapping_add(u64::from(b)));
        if let Some(longest) = self.longest.get_mut(kind) {
            *longest = (*longest).max(letters.len());
        }
        let (mut at, tag) = self.place(hash, kind);
        let row = u32::try_from(entries.len()).ok()?; // the last entry's row + 1
        for _ in 0..self.slots.len() / 2 + 1 {
            let slot = self.slots.get_mut(at)?;
            if *slot == 0 {
                *slot = tag | row;
                return (row as usize <= ROWS_MAX).then_some(());
            }
            if *slot & TAG == tag && is_piece(vocab, entries, *slot & !TAG, letters, kind) {
                return Some(());
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        None
    }

    /// Where the search for a hash begins, and its tag.
    #[inline]
    fn place(&self, hash: u64, kind: usize) -> (usize, u32) {
        let mixed = (hash ^ (kind as u64) << 63 ^ kind as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((mixed >> self.shift) as usize, (mixed >> 8) as u32 & TAG)
    }

    /// The row of a piece.
    #[inline]
    fn find(&self, vocab: &[u8], hash: u64, letters: &[u8], kind: usize) -> Option<u16> {
        let (mut at, tag) = self.place(hash, kind);
        // At most half of the slots are taken, so a free one ends the search.
        loop {
            let slot = *self.slots.get(at)?;
            if slot == 0 {
                return None;
            }
            if slot & TAG == tag && is_piece(vocab, &self.entries, slot & !TAG, letters, kind) {
                return Some((slot & !TAG) as u16 - 1);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// Spells a word, longest piece first from the left: the rows of its pieces in `out` and their number.
    /// 0 when a rest matches no piece or the word is too long.
    #[inline]
    pub(crate) fn spell(&self, vocab: &[u8], word: &Word, out: &mut [u16; WORD_MAX]) -> usize {
        if word.len > WORD_MAX {
            return 0;
        }
        let (mut from, mut count) = (0, 0);
        while from < word.len {
            let kind = usize::from(from > 0);
            let longest = self.longest.get(kind).copied().unwrap_or(0);
            let mut to = word.len.min(from + longest);
            let row = loop {
                if to <= from {
                    return 0;
                }
                let found = word.part(from, to).and_then(|(hash, letters)| self.find(vocab, hash, letters, kind));
                if let Some(row) = found {
                    break row;
                }
                to -= 1;
            };
            if let Some(place) = out.get_mut(count) {
                *place = row;
            }
            count += 1;
            from = to;
        }
        count
    }
}

/// The bits of a slot that hold the tag.
const TAG: u32 = 0xffff_0000;

/// Whether the piece in row `row1 - 1` has these letters and this kind.
#[inline]
fn is_piece(vocab: &[u8], entries: &[u32], row1: u32, letters: &[u8], kind: usize) -> bool {
    let Some(&entry) = entries.get((row1 as usize).wrapping_sub(1)) else {
        return false;
    };
    let (place, len) = ((entry >> 8) as usize, (entry >> 1 & 0x7f) as usize);
    (entry & 1) as usize == kind && vocab.get(place..place + len) == Some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spell(vocab: &str, word: &str) -> Vec<u16> {
        let pieces = Pieces::read(vocab.as_bytes(), vocab.lines().count()).unwrap();
        let mut w = Word::default();
        word.bytes().for_each(|b| w.push(b));
        let mut out = [0; WORD_MAX];
        let n = pieces.spell(vocab.as_bytes(), &w, &mut out);
        out[..n].to_vec()
    }

    #[test]
    fn longest_piece_first() {
        let vocab = "un\nuna\n##able\n##ble\nable\n##a\n##b\n";
        assert_eq!(spell(vocab, "unable"), [1, 3]);
        assert_eq!(spell(vocab, "able"), [4]);
        assert_eq!(spell(vocab, "unb"), [0, 6]);
        assert_eq!(spell(vocab, "unax"), [0; 0]);
        assert_eq!(spell(vocab, "ble"), [0; 0]); // only known as a continuation
        assert_eq!(spell(vocab, ""), [0; 0]);
    }

    #[test]
    fn words_of_a_hundred_but_no_more() {
        let vocab = "a\n##a\n";
        assert_eq!(spell(vocab, &"a".repeat(100)).len(), 100);
        assert_eq!(spell(vocab, &"a".repeat(101)).len(), 0);
        assert_eq!(spell(vocab, &"a".repeat(5000)).len(), 0);
    }

    #[test]
    fn odd_vocabularies() {
        assert!(Pieces::read(b"", 0).is_none() && Pieces::read(b"a", 1).is_none());
        assert!(Pieces::read(b"a\nb\n", 1).is_none() && Pieces::read(b"a\n", 2).is_none());
        assert!(Pieces::read(b"\n##\n", 2).is_some());
        assert_eq!(spell("b\na\na\n", "a"), [1]);
        assert!(spell(&format!("{}\nb\n", "a".repeat(300)), "aaa").is_empty());
    }

    #[test]
    fn every_piece_is_found_in_a_full_table() {
        let vocab: String = (0..60_000).map(|i| format!("{}{i:x}\n", ["", "##"][i % 2])).collect();
        let pieces = Pieces::read(vocab.as_bytes(), 60_000).unwrap();
        for (row, line) in vocab.lines().enumerate() {
            let letters = line.trim_start_matches('#').as_bytes();
            let hash = letters.iter().fold(0_u64, |h, &b| h.wrapping_mul(BASE).wrapping_add(u64::from(b)));
            let kind = usize::from(line.starts_with('#'));
            assert_eq!(pieces.find(vocab.as_bytes(), hash, letters, kind), Some(row as u16));
            assert_eq!(pieces.find(vocab.as_bytes(), hash, letters, 1 - kind), None);
        }
    }
}
