//! Stems of words, the frequent ones remembered.

use crate::analyze::Stemmer;
use crate::language::Language;
use crate::normal::fold_word;
use crate::script::Script;
use crate::stem;
use crate::words::Words;

/// Words of at most this many bytes are remembered.
const BYTES: usize = 31;
/// Number of places, a power of two.
const PLACES: usize = 2048;

/// A remembered word: its bytes and its language as little-endian numbers, and its stem.
#[derive(Clone, Debug, Default)]
struct Memo {
    key: [u64; 4],
    /// Empty for a stop word.
    stem: Box<str>,
}

/// The stemmers with the memo, about 100 KB.
#[derive(Default)]
pub(crate) struct Stems {
    /// Empty before the first text, so that an analyzer costs nothing until it works.
    memo: Box<[Memo]>,
    other: Option<Box<dyn Stemmer>>,
    /// The stem and its folded form of a word that was not remembered.
    stem: String,
    term: String,
}

impl Stems {
    pub(crate) fn with(other: Box<dyn Stemmer>) -> Self {
        Self { other: Some(other), ..Self::default() }
    }

    /// Are there stemmers that cannot be called yet?
    pub(crate) fn is_waiting(&self) -> bool {
        self.other.as_ref().is_some_and(|other| !other.is_ready())
    }

    /// The term of a lower-case word in a text of `language`; empty for a stop word.
    pub(crate) fn of<'a>(&'a mut self, words: &Words, language: Language, script: Script, word: &str) -> &'a str {
        let language = language.of_word(script);
        if word.len() > BYTES {
            self.find(words, language, script, word);
            return &self.term;
        }
        if self.memo.is_empty() {
            self.memo = vec![Memo::default(); PLACES].into_boxed_slice();
        }
        let key = key(word.as_bytes(), language);
        let place = place(key);
        if self.memo.get(place).is_none_or(|memo| memo.key != key) {
            self.find(words, language, script, word);
            if let Some(memo) = self.memo.get_mut(place) {
                *memo = Memo { key, stem: self.term.as_str().into() };
            }
        }
        self.memo.get(place).map(|memo| &*memo.stem).unwrap_or_default()
    }

    /// Leaves the term in `self.term`.
    #[cold]
    fn find(&mut self, words: &Words, language: Language, script: Script, word: &str) {
        self.term.clear();
        if language != Language::ENGLISH {
            let Some(other) = self.other.as_ref().filter(|_| language.needs_stemmer()) else {
                return fold_word(word, script, &mut self.term);
            };
            self.stem.clear();
            other.stem(language, word, &mut self.stem);
            return fold_word(&self.stem, script, &mut self.term);
        }
        if words.is_stop_word(word) {
            return;
        }
        fold_word(word, script, &mut self.term);
        if self.term.is_ascii() {
            let mut bytes = std::mem::take(&mut self.term).into_bytes();
            let len = stem::stem(&mut bytes);
            bytes.truncate(len);
            self.term = String::from_utf8(bytes).unwrap_or_default();
        }
    }
}

/// A word of at most [`BYTES`] bytes and its language as numbers. Words hold no zero byte, so the key is theirs alone.
#[inline]
fn key(word: &[u8], language: Language) -> [u64; 4] {
    let last = u64::from(language.number() | 0x80) << 56;
    let Some((head, tail)) = word.split_first_chunk::<16>() else {
        let [a, b] = up_to_sixteen(word);
        return [a, b, 0, last];
    };
    let [a, b] = up_to_sixteen(head);
    let [c, d] = up_to_sixteen(tail);
    [a, b, c, d | last]
}

#[inline]
fn up_to_sixteen(word: &[u8]) -> [u64; 2] {
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
fn place([a, b, c, d]: [u64; 4]) -> usize {
    let low = a ^ c.rotate_left(17);
    let high = b ^ d.rotate_left(41);
    let mixed = (low ^ high.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (64 - PLACES.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_bytes_and_the_language() {
        let word = b"abcdefghijklmnopqrstuvwxyz01234";
        for n in 0..=word.len() {
            let mut padded = [0; 32];
            padded[..n].copy_from_slice(&word[..n]);
            padded[31] = 0x80 | Language::GERMAN.number();
            let bytes: Vec<u8> = key(&word[..n], Language::GERMAN).iter().flat_map(|part| part.to_le_bytes()).collect();
            assert_eq!(bytes, padded, "{n}");
        }
    }
}
