//! Cuts a text into words with their places, folded.
//!
//! A word is a maximal run of letters and digits (Unicode Alphabetic or Numeric) with the marks inside or after
//! it. Scripts written without spaces (Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar) are cut into
//! overlapping pairs of chars instead, a lone char into itself. One buffer serves all words of a text.

use crate::fold::{fold, is_mark};

/// A longer word is cut to this many folded chars, so that one huge token costs bounded memory.
pub const MAX_WORD_CHARS: usize = 64;

/// One word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// First byte of the word in the text.
    pub start: usize,
    /// First byte after the word in the text; the whole word's end, also where `word` was cut.
    pub end: usize,
    /// The folded word, at most [`MAX_WORD_CHARS`] chars, never empty.
    pub word: &'a str,
}

/// The buffer that holds the word in hand; keep one for many texts.
#[derive(Clone, Debug, Default)]
pub struct Tokenizer {
    word: String,
}

/// Gives the tokens of `text` to `f` in the order of their starts.
///
/// ```
/// let mut words = Vec::new();
/// aetherv_text::tokens("Größe: 10µm", |t| words.push((t.start, t.end, t.word.to_string())));
/// assert_eq!(words, [(0, 7, "große".to_string()), (9, 14, "10µm".to_string())]);
/// ```
pub fn tokens(text: &str, f: impl FnMut(Token<'_>)) {
    Tokenizer::new().run(text, f);
}

impl Tokenizer {
    /// A tokenizer with an empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the tokens of `text` to `f` in the order of their starts.
    #[inline]
    pub fn run(&mut self, text: &str, mut f: impl FnMut(Token<'_>)) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(&b) = bytes.get(at) {
            if b.is_ascii_alphanumeric() {
                let mut end = at + 1;
                while bytes.get(end).is_some_and(u8::is_ascii_alphanumeric) {
                    end += 1;
                }
                if bytes.get(end).is_some_and(|b| !b.is_ascii()) {
                    at = self.word(text, at, &mut f);
                    continue;
                }
                self.word.clear();
                let cut = end.min(at + MAX_WORD_CHARS);
                self.word.push_str(text.get(at..cut).unwrap_or(""));
                self.word.make_ascii_lowercase();
                f(Token { start: at, end, word: &self.word });
                // The byte at `end` is known to be ASCII and no part of a word.
                at = end + 1;
            } else if b.is_ascii() {
                at += 1;
            } else {
                at = self.other(text, at, &mut f);
            }
        }
    }

    /// Reads on from a non-ASCII char at `at`; returns where to go on.
    fn other(&mut self, text: &str, at: usize, f: &mut impl FnMut(Token<'_>)) -> usize {
        let Some(c) = text.get(at..).and_then(|t| t.chars().next()) else {
            return text.len();
        };
        if is_mark(c) || !c.is_alphanumeric() {
            at + c.len_utf8()
        } else if is_unspaced(c) {
            self.pairs(text, at, f)
        } else {
            self.word(text, at, f)
        }
    }

    /// Reads one word that starts at `at`; returns its end.
    fn word(&mut self, text: &str, at: usize, f: &mut impl FnMut(Token<'_>)) -> usize {
        let rest = text.get(at..).unwrap_or("");
        let mut end = text.len();
        let mut chars = 0;
        self.word.clear();
        for (offset, c) in rest.char_indices() {
            let part = if c.is_ascii() {
                c.is_ascii_alphanumeric()
            } else {
                is_mark(c) || (c.is_alphanumeric() && !is_unspaced(c))
            };
            if !part {
                end = at + offset;
                break;
            }
            if chars < MAX_WORD_CHARS {
                fold(c, &mut |d| {
                    chars += 1;
                    if chars <= MAX_WORD_CHARS {
                        self.word.push(d);
                    }
                });
            }
        }
        if !self.word.is_empty() {
            f(Token { start: at, end, word: &self.word });
        }
        end
    }

    /// Reads a run of chars of unspaced scripts that starts at `at`, as overlapping pairs; returns its end.
    fn pairs(&mut self, text: &str, at: usize, f: &mut impl FnMut(Token<'_>)) -> usize {
        let Some((mut first, mut middle)) = unspaced_char(text, at) else {
            return text.len(); // not reached: the caller has seen such a char there
        };
        let mut start = at;
        while let Some((second, end)) = unspaced_char(text, middle) {
            self.word.clear();
            fold(first, &mut |d| self.word.push(d));
            fold(second, &mut |d| self.word.push(d));
            f(Token { start, end, word: &self.word });
            (start, first, middle) = (middle, second, end);
        }
        if start == at {
            self.word.clear();
            fold(first, &mut |d| self.word.push(d));
            f(Token { start, end: middle, word: &self.word });
        }
        middle
    }
}

/// The letter or digit of an unspaced script that starts at byte `at` and the end of the marks after it.
fn unspaced_char(text: &str, at: usize) -> Option<(char, usize)> {
    let mut chars = text.get(at..)?.chars();
    let c = chars.next()?;
    if !is_unspaced(c) || is_mark(c) || !c.is_alphanumeric() {
        return None;
    }
    let marks: usize = chars.take_while(|&c| is_mark(c)).map(char::len_utf8).sum();
    Some((c, at + c.len_utf8() + marks))
}

/// Whether a char belongs to a script that is written without spaces (by blocks).
fn is_unspaced(c: char) -> bool {
    c >= '\u{e00}'
        && matches!(u32::from(c),
            0x0e00..=0x0eff                     // Thai, Lao
            | 0x1000..=0x109f | 0xa9e0..=0xa9ff | 0xaa60..=0xaa7f // Myanmar
            | 0x1780..=0x17ff                   // Khmer
            | 0x3005..=0x3007 | 0x3021..=0x3029 | 0x3038..=0x303b // Han signs and numbers
            | 0x3041..=0x30ff | 0x31f0..=0x31ff | 0xff66..=0xff9f // Hiragana, Katakana
            | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff // Han
            | 0x1b000..=0x1b16f                 // Kana supplement and extensions
            | 0x20000..=0x3ffff) // Han, supplementary planes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<(usize, usize, String)> {
        let mut out = Vec::new();
        tokens(text, |t| {
            assert!(text.is_char_boundary(t.start) && text.is_char_boundary(t.end));
            out.push((t.start, t.end, t.word.to_string()));
        });
        out
    }

    fn words(text: &str) -> Vec<String> {
        list(text).into_iter().map(|t| t.2).collect()
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        assert!(words("").is_empty() && words(" \t.-_!\u{301}").is_empty());
        assert_eq!(words("a B2,c_d don't"), ["a", "b2", "c", "d", "don", "t"]);
        assert_eq!(words("Straße—ÉTÉ naïve"), ["straße", "ete", "naive"]);
        assert_eq!(words("cafe\u{301}s \u{301}x"), ["cafes", "x"]);
        assert_eq!(words("Привет, Ёлка ΆΛΦΑ"), ["привет", "елка", "αλφα"]);
    }

    #[test]
    fn places_cover_the_source() {
        assert_eq!(list("É x"), [(0, 2, "e".into()), (3, 4, "x".into())]);
        assert_eq!(list("xe\u{301}!"), [(0, 4, "xe".into())]);
    }

    #[test]
    fn long_words_are_cut_but_keep_their_end() {
        for letter in ["A", "É", "я"] {
            let text = letter.repeat(500_000);
            let all = list(&text);
            assert_eq!(all.len(), 1);
            assert_eq!((all[0].0, all[0].1), (0, text.len()));
            assert_eq!(all[0].2.chars().count(), MAX_WORD_CHARS);
        }
        assert_eq!(words(&format!("{}b c", "a".repeat(64))), ["a".repeat(64), "c".into()]);
    }

    #[test]
    fn unspaced_scripts_give_pairs() {
        assert_eq!(words("日本語 中"), ["日本", "本語", "中"]);
        assert_eq!(list("GPUで高速。"), [(0, 3, "gpu".into()), (3, 9, "で高".into()), (6, 12, "高速".into())]);
        assert_eq!(words("東京2020年"), ["東京", "2020", "年"]);
        // Thai: the vowel mark goes, the place covers it.
        assert_eq!(list("ที่x"), [(0, 9, "ท".into()), (9, 10, "x".into())]);
        assert_eq!(words("한국어 검색"), ["한국어", "검색"]);
    }
}
