//! The working memory of embedding: pieces seen in a text, counted, and given back in row order.

use crate::pieces::{Pieces, WORD_MAX, Word};
use crate::pool::TF_MAX;
use aetherv_text::fold;

/// The working memory of [`crate::Table::embed`]: keep one for many texts. It fits itself to the table.
///
/// About 35 KB for 27,558 rows, plus eight bytes for each distinct piece of the largest text so far.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    word: Word,
    /// How often each row was seen, at most [`TF_MAX`].
    counts: Vec<u8>,
    /// One bit for each row with a count, and one for each word of `seen` that is not zero.
    seen: Vec<u64>,
    groups: Vec<u64>,
    /// The rows of the text with their weights, rising.
    pub(crate) rows: Vec<(u32, f32)>,
}

/// Each ASCII letter and digit in lower case, 0 for all other bytes.
static WORD_BYTE: [u8; 256] = {
    let mut table = [0; 256];
    let mut b: u8 = 0;
    while b < 128 {
        if b.is_ascii_alphanumeric() {
            #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks it")]
            {
                table[b as usize] = b.to_ascii_lowercase();
            }
        }
        b += 1;
    }
    table
};

impl Scratch {
    /// Counts the pieces of a text; returns their number, repeats included.
    pub(crate) fn count(&mut self, text: &str, vocab: &[u8], pieces: &Pieces, rows: usize) -> u32 {
        if self.counts.len() != rows {
            self.counts = vec![0; rows];
            self.seen = vec![0; rows.div_ceil(64)];
            self.groups = vec![0; rows.div_ceil(64 * 64)];
        }
        self.word.clear();
        let mut total = 0;
        if text.is_ascii() {
            for &b in text.as_bytes() {
                match WORD_BYTE.get(usize::from(b)) {
                    Some(&lower) if lower != 0 => self.word.push(lower),
                    _ => total += self.end_word(vocab, pieces),
                }
            }
        } else {
            for c in text.chars() {
                // A mark folds to nothing, so it neither ends a word nor adds to it.
                fold(c, &mut |d| {
                    if d.is_ascii_alphanumeric() {
                        self.word.push(d as u8);
                    } else {
                        total += self.end_word(vocab, pieces);
                    }
                });
            }
        }
        total + self.end_word(vocab, pieces)
    }

    /// Counts the pieces of the word in hand; returns their number.
    #[inline]
    fn end_word(&mut self, vocab: &[u8], pieces: &Pieces) -> u32 {
        if self.word.is_empty() {
            return 0;
        }
        let mut found = [0; WORD_MAX];
        let n = pieces.spell(vocab, &self.word, &mut found);
        self.word.clear();
        for &row in found.iter().take(n) {
            let row = usize::from(row);
            if let Some(count) = self.counts.get_mut(row) {
                *count = (*count + 1).min(TF_MAX);
            }
            if let Some(bits) = self.seen.get_mut(row / 64) {
                *bits |= 1 << (row % 64);
            }
            if let Some(bits) = self.groups.get_mut(row / (64 * 64)) {
                *bits |= 1 << (row / 64 % 64);
            }
        }
        n as u32 // at most WORD_MAX
    }

    /// Moves the counted rows to `rows`, rising, each with its weight of `weigh(row, count)`; all counts are 0 then.
    pub(crate) fn drain(&mut self, weigh: impl Fn(u32, u8) -> f32) {
        self.rows.clear();
        for (i, group) in self.groups.iter_mut().enumerate() {
            for word in ones(core::mem::take(group)) {
                let word = i * 64 + word;
                let Some(bits) = self.seen.get_mut(word) else {
                    continue;
                };
                for bit in ones(core::mem::take(bits)) {
                    let row = word * 64 + bit;
                    let Some(count) = self.counts.get_mut(row) else {
                        continue;
                    };
                    let row = row as u32;
                    self.rows.push((row, weigh(row, core::mem::take(count))));
                }
            }
        }
    }
}

/// The places of the one bits, rising.
fn ones(mut bits: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        if bits == 0 {
            return None;
        }
        let place = bits.trailing_zeros() as usize;
        bits &= bits - 1;
        Some(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ones_from_low_to_high() {
        assert_eq!(ones(0).count(), 0);
        assert_eq!(ones(1 << 63 | 0b101).collect::<Vec<_>>(), [0, 2, 63]);
        assert_eq!(ones(u64::MAX).count(), 64);
    }

    #[test]
    fn rows_come_sorted_with_capped_counts_once() {
        let vocab: String = (0..5000).map(|i| format!("{i:x}\n")).collect();
        let pieces = Pieces::read(vocab.as_bytes(), 5000).unwrap();
        let mut scratch = Scratch::default();
        let text = "1300 ff 0 ".repeat(70) + "FF" + " 1301 -7";
        assert_eq!(scratch.count(&text, vocab.as_bytes(), &pieces, 5000), 213);
        scratch.drain(|row, count| row as f32 + f32::from(count) / 100.0);
        assert_eq!(scratch.rows, [(0, 0.63), (7, 7.01), (255, 255.63), (0x1300, 4864.63), (0x1301, 4865.01)]);
        scratch.drain(|_, _| 0.0);
        assert!(scratch.rows.is_empty());
    }
}
