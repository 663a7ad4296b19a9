//! The one path from text to terms, for indexing and for queries: tokens, stop words out, stems.
//!
//! Stems of short words are remembered in a small table, because a few thousand words make up most of any text.

use crate::stem::stem;
use crate::stop::is_stop_word;
use crate::token::{Token, Tokenizer};

/// Version of the terms; an index made with another version must be made anew.
///
/// It changes with every change of folding tables, tokens, stop words or stemmer.
pub const ANALYZER_VERSION: u16 = 1;

/// Words of at most this many bytes are remembered.
const MEMO_BYTES: usize = 16;
/// Number of places of the memo, a power of two.
const MEMO_PLACES: usize = 2048;

/// A remembered word: its bytes as two little-endian numbers padded with zeros, and its stem.
#[derive(Clone, Copy, Debug, Default)]
struct Memo {
    word: [u64; 2],
    stem: [u8; MEMO_BYTES],
    /// Length of the stem in bytes; 0 for a stop word.
    len: u8,
}

/// Cuts texts into terms. Holds buffers and a memo of about 80 KB: keep one and use it for all texts.
///
/// ```
/// let mut terms = Vec::new();
/// aetherv_text::Analyzer::new().terms("The Indexes", |t, start, end| terms.push((t.to_string(), start, end)));
/// assert_eq!(terms, [("index".to_string(), 4, 11)]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Analyzer {
    tokenizer: Tokenizer,
    stems: Stems,
}

/// The stemmer with its memo and a buffer for words that do not fit in there.
#[derive(Clone, Debug, Default)]
struct Stems {
    /// Empty before the first text, so that an analyzer costs nothing until it works.
    memo: Box<[Memo]>,
    long: Vec<u8>,
}

impl Analyzer {
    /// An analyzer with an empty memo; allocates nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives each term of `text` to `f`, in the order of the text, with the first byte of its word and the byte
    /// behind it.
    #[inline]
    pub fn terms(&mut self, text: &str, mut f: impl FnMut(&str, usize, usize)) {
        self.terms_to(text, &mut f);
    }

    /// [`Analyzer::terms`], compiled once for all callers.
    fn terms_to(&mut self, text: &str, f: &mut dyn FnMut(&str, usize, usize)) {
        let stems = &mut self.stems;
        if stems.memo.is_empty() {
            stems.memo = vec![Memo::default(); MEMO_PLACES].into_boxed_slice();
        }
        self.tokenizer.run(text, |Token { start, end, word }| {
            let stem = stems.of(word);
            if !stem.is_empty() {
                f(stem, start, end);
            }
        });
    }
}

impl Stems {
    /// The stem of a folded word; empty for a stop word.
    fn of<'a>(&'a mut self, word: &'a str) -> &'a str {
        if word.len() > MEMO_BYTES {
            if !word.is_ascii() {
                return word;
            }
            self.long.clear();
            self.long.extend_from_slice(word.as_bytes());
            let len = stem(&mut self.long);
            self.long.truncate(len);
            return core::str::from_utf8(&self.long).unwrap_or(word);
        }
        let key = key(word.as_bytes());
        let Some(memo) = self.memo.get_mut(place(key)) else {
            return word; // not reached: a place is below the number of places
        };
        if memo.word != key {
            memo.learn(key, word);
        }
        let stem = memo.stem.get(..usize::from(memo.len)).unwrap_or(&[]);
        core::str::from_utf8(stem).unwrap_or(word)
    }
}

impl Memo {
    /// Replaces the remembered word.
    #[cold]
    fn learn(&mut self, key: [u64; 2], word: &str) {
        self.word = key;
        self.stem = [0; MEMO_BYTES];
        self.len = 0;
        if is_stop_word(word) {
            return;
        }
        if let Some(bytes) = self.stem.get_mut(..word.len()) {
            bytes.copy_from_slice(word.as_bytes());
            self.len = stem(bytes) as u8; // at most MEMO_BYTES
        }
    }
}

/// The bytes of a word of at most sixteen bytes as two numbers. Words hold no zero byte, so the key is theirs alone.
#[inline]
fn key(word: &[u8]) -> [u64; 2] {
    if let Some((head, tail)) = word.split_first_chunk::<8>() {
        return [u64::from_le_bytes(*head), up_to_eight(tail)];
    }
    [up_to_eight(word), 0]
}

/// At most eight bytes as a little-endian number: two overlapping reads instead of a loop over the bytes.
#[inline]
fn up_to_eight(bytes: &[u8]) -> u64 {
    let n = bytes.len();
    if let (Some(head), Some(tail)) = (bytes.first_chunk::<8>(), bytes.get(8..)) {
        debug_assert!(tail.is_empty());
        return u64::from_le_bytes(*head);
    }
    if let (Some(head), Some(tail)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let (head, tail) = (u32::from_le_bytes(*head), u32::from_le_bytes(*tail));
        return u64::from(head) | (u64::from(tail) << (8 * (n - 4)));
    }
    let at = |i: usize| u64::from(bytes.get(i).copied().unwrap_or(0));
    at(0) | (at(1) << 8) | (at(2) << 16)
}

/// The place of a key in the memo.
#[inline]
fn place([low, high]: [u64; 2]) -> usize {
    let mixed = (low ^ high.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (64 - MEMO_PLACES.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        Analyzer::new().terms(text, |t, _, _| out.push(t.to_string()));
        out
    }

    #[test]
    fn stop_words_go_and_the_rest_is_stemmed() {
        assert_eq!(terms("What is the meaning of dying, skis and Ponies?"), ["mean", "die", "ski", "poni"]);
        assert_eq!(terms("THE Of aNd"), Vec::<String>::new());
        assert_eq!(terms("internationalizations"), ["internation"]);
        assert_eq!(terms("Müllers größere Häuser"), ["muller", "großere", "hauser"]);
    }

    #[test]
    fn keys_are_the_bytes() {
        let word = b"abcdefghijklmnop";
        for n in 0..=word.len() {
            let mut padded = [0; 16];
            padded[..n].copy_from_slice(&word[..n]);
            assert_eq!(u128::from_le_bytes(padded), {
                let [low, high] = key(&word[..n]);
                u128::from(low) | (u128::from(high) << 64)
            });
        }
    }

    #[test]
    fn the_memo_never_shows() {
        // More words than the memo has places, twice over, in one analyzer and each in a fresh buffer.
        let mut analyzer = Analyzer::new();
        for round in 0..2 {
            for i in 0..20_000_u32 {
                let word = format!("w{}ing{}", i % 977, ["", "s", "ed", "ational"][i as usize % 4]);
                let mut plain = word.clone().into_bytes();
                let len = stem(&mut plain);
                let mut seen = 0;
                analyzer.terms(&word, |t, start, end| {
                    assert_eq!((t.as_bytes(), start, end), (&plain[..len], 0, word.len()), "{round}");
                    seen += 1;
                });
                assert_eq!(seen, 1);
            }
        }
    }
}
