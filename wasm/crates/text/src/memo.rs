//! Stems of words, the frequent ones remembered.

use crate::analyze::Stemmer;
use crate::eight::{small, up_to_eight};
use crate::language::Language;
use crate::normal::fold_word;
use crate::script::Script;
use crate::stem;
use crate::words::{Vote, Words};
use std::cell::Cell;

/// Words of at most this many bytes are remembered.
const BYTES: usize = 31;
/// Number of places, a power of two. Behind each stands the word that was there before: two that meet in one place are both
/// remembered, and a look-up is still one place.
const PLACES: usize = 8_192;

/// A remembered word: its bytes and its language as little-endian numbers, and what is known of it.
#[derive(Clone, Debug, Default)]
#[repr(align(64))] // a look-up touches one line of the cache
pub(crate) struct Memo {
    key: [u64; 4],
    /// The term; empty for a stop word.
    pub(crate) term: Box<str>,
    pub(crate) vote: Vote,
    pub(crate) note: Cell<u64>,
}

/// The stemmers with the memo.
#[derive(Default)]
pub(crate) struct Stems {
    /// Empty before the first text, so that an analyzer costs nothing until it works.
    memo: Box<[Memo]>,
    other: Option<Box<dyn Stemmer>>,
    /// Its function words are made at the first text, too.
    pub(crate) words: Option<Words>,
    /// A word that was not remembered.
    last: Memo,
    word: String,
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

    /// What is known of a word in a text of `language`, of which `head` is the first bytes; its ASCII letters may be capitals.
    #[inline]
    pub(crate) fn of(&mut self, language: Language, script: Script, word: &str, head: u64) -> &Memo {
        let language = language.of_word(script);
        if word.len() > BYTES {
            return self.long(language, script, word);
        }
        let key = key(word.as_bytes(), head, language);
        let place = place(key);
        if self.memo.get(place).is_none_or(|memo| !same(memo.key, key)) {
            self.remember(language, script, word, head);
        }
        self.memo.get(place).unwrap_or(&self.last)
    }

    #[cold]
    fn long(&mut self, language: Language, script: Script, word: &str) -> &Memo {
        self.last = self.find(language, script, word);
        &self.last
    }

    /// Puts a word where it is looked up. Its key is made anew, so that a look-up has no need to write it down.
    #[cold]
    fn remember(&mut self, language: Language, script: Script, word: &str, head: u64) {
        if self.memo.is_empty() {
            self.memo = vec![Memo::default(); 2 * PLACES].into_boxed_slice();
        }
        let key = key(word.as_bytes(), head, language);
        let place = place(key);
        self.memo.swap(place, place + PLACES);
        if self.memo.get(place).is_some_and(|memo| same(memo.key, key)) {
            return;
        }
        let memo = Memo { key, ..self.find(language, script, word) };
        if let Some(place) = self.memo.get_mut(place) {
            *place = memo;
        }
    }

    fn find(&mut self, language: Language, script: Script, word: &str) -> Memo {
        let mut lower = std::mem::take(&mut self.word);
        lower.clear();
        lower.push_str(word);
        lower.make_ascii_lowercase();
        let (vote, is_stop_word) = self.words.get_or_insert_with(Words::new).vote(&lower);
        self.find_term(language, script, &lower, is_stop_word);
        self.word = lower;
        Memo { vote, term: self.term.as_str().into(), ..Memo::default() }
    }

    /// Leaves the term in `self.term`.
    fn find_term(&mut self, language: Language, script: Script, word: &str, is_stop_word: bool) {
        self.term.clear();
        if language != Language::ENGLISH {
            let Some(other) = self.other.as_ref().filter(|_| language.needs_stemmer()) else {
                return fold_word(word, script, &mut self.term);
            };
            self.stem.clear();
            other.stem(language, word, &mut self.stem);
            return fold_word(&self.stem, script, &mut self.term);
        }
        if is_stop_word {
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

/// A word of at most [`BYTES`] bytes that starts with `head` and its language as numbers, ASCII capitals made small. Words
/// hold no zero byte, so the key is theirs alone.
#[inline(always)]
fn key(word: &[u8], head: u64, language: Language) -> [u64; 4] {
    let last = u64::from(language.number() | 0x80) << 56;
    if word.len() <= 8 {
        return [small(head), 0, 0, last];
    }
    match word.last_chunk() {
        Some(tail) if word.len() <= 16 => {
            let tail = u64::from_le_bytes(*tail) >> (8 * (16 - word.len()));
            [small(head), small(tail), 0, last]
        }
        _ => long_key(word.get(8..).unwrap_or_default(), head, last),
    }
}

#[inline(never)]
fn long_key(rest: &[u8], head: u64, last: u64) -> [u64; 4] {
    let part = |at: usize| small(up_to_eight(rest.get(at..).unwrap_or_default()));
    [small(head), part(0), part(8), part(16) | last]
}

/// Are two keys the same? Number by number: as memory, they would have to be written there first.
#[inline(always)]
fn same([a, b, c, d]: [u64; 4], [e, f, g, h]: [u64; 4]) -> bool {
    (a ^ e) | (b ^ f) | (c ^ g) | (d ^ h) == 0
}

/// The place of a key in the memo.
#[inline(always)]
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
            let bytes: Vec<u8> = key(&word[..n], up_to_eight(&word[..n]), Language::GERMAN)
                .iter()
                .flat_map(|part| part.to_le_bytes())
                .collect();
            assert_eq!(bytes, padded, "{n}");
        }
    }
}
