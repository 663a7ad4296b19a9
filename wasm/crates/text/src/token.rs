//! Cuts a text into words with their places, in lower case.
//!
//! A word is a maximal run of letters and digits (Unicode Alphabetic or Numeric) with the marks inside or after it, and
//! all of one kind of script. A name of code gives itself as one word and its parts ([`crate::name`]). Scripts that
//! are written without spaces are cut into overlapping pairs ([`crate::pairs`]). One buffer serves all words of a text.

use crate::eight::{eight, up_to_eight};
use crate::marks::{self, Marks};
use crate::name;
use crate::normal::{fold_word, lower};
use crate::pairs;
use crate::script::{Class, Script};

/// A longer word is cut to this many chars, so that one huge token costs bounded memory.
pub const MAX_WORD_CHARS: usize = 64;

/// One word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// First byte of the word in the text.
    pub start: usize,
    /// First byte after the word in the text; the whole word's end, also where `word` was cut.
    pub end: usize,
    /// The word in lower case with its marks, at most [`MAX_WORD_CHARS`] chars, never empty.
    pub word: &'a str,
    /// Which word of the text it is; a name and its first part are the same one.
    pub position: u32,
    /// Its script.
    pub script: Script,
}

impl Token<'_> {
    /// The word as it is indexed when no stemmer knows it.
    #[must_use]
    pub fn folded(&self) -> String {
        let mut folded = String::new();
        fold_word(self.word, self.script, &mut folded);
        folded
    }
}

/// Takes raw tokens: ASCII words may have capitals still, and the number is their first bytes, at most eight.
pub(crate) type Raw<'a> = dyn FnMut(Token<'_>, u64) + 'a;

/// The word in hand, and how many there were.
#[derive(Clone, Debug, Default)]
pub struct Tokenizer {
    pub(crate) word: String,
    pub(crate) position: u32,
    marks: Vec<Marks>,
}

/// Gives the tokens of `text` to `f`, starts and positions never falling.
///
/// ```
/// let mut words = Vec::new();
/// aetherv_text::tokens("Größe: 10µm", |t| words.push((t.start, t.end, t.word.to_string(), t.position)));
/// assert_eq!(words, [(0, 7, "größe".to_string(), 0), (9, 14, "10µm".to_string(), 1)]);
/// ```
pub fn tokens(text: &str, mut f: impl FnMut(Token<'_>)) {
    Tokenizer::default().run(text, &mut f);
}

/// The beginning of a text: at most `most` bytes, cut between chars.
#[must_use]
pub fn head(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text.get(..end).unwrap_or(text)
}

impl Tokenizer {
    /// Gives the tokens of `text` to `f`, starts and positions never falling; returns the number of positions.
    pub fn run(&mut self, text: &str, f: &mut dyn FnMut(Token<'_>)) -> u32 {
        let mut word = String::new();
        self.raw(text, &mut |token, _| {
            word.clear();
            word.push_str(token.word);
            word.make_ascii_lowercase();
            f(Token { word: &word, ..token });
        })
    }

    /// Like [`Tokenizer::run`], with less work for who looks the words up.
    pub(crate) fn raw(&mut self, text: &str, f: &mut Raw<'_>) -> u32 {
        let bytes = text.as_bytes();
        let mut all = std::mem::take(&mut self.marks);
        marks::read(bytes, &mut all);
        self.position = 0;
        let mut at = 0;
        while let Some(own) = all.get(at / marks::BYTES) {
            let begins = (own.words | own.foreign) >> (at % marks::BYTES);
            if begins == 0 {
                at = (at | (marks::BYTES - 1)) + 1;
                continue;
            }
            at += begins.trailing_zeros() as usize;
            if own.foreign >> (at % marks::BYTES) & 1 == 1 {
                at = self.other(text, at, f);
                continue;
            }
            let (end, has_parts) = marks::name(&all, at);
            at = if goes_on(text, end) {
                // The last part goes on with letters that are not ASCII, so it is a word and no part of a name.
                let last = name::last_part(bytes, at, end);
                if at < last {
                    self.name(text, at, last - 1, f);
                }
                self.word(text, last, f)
            } else if has_parts {
                self.name(text, at, end, f);
                end
            } else {
                let word = text.get(at..end).unwrap_or_default();
                let (head, position) = (eight(bytes, at) & up_to(end - at), self.position);
                let cut = word.get(..MAX_WORD_CHARS).unwrap_or(word);
                f(Token { start: at, end, word: cut, position, script: Script::Latin }, head);
                if (head | 0x20) as u8 == b'v' {
                    self.number(word, at, end, f);
                }
                self.position += 1;
                end
            };
        }
        self.marks = all;
        self.position
    }

    /// Gives the word in hand to `f`.
    #[inline]
    pub(crate) fn give(&self, start: usize, end: usize, script: Script, f: &mut Raw<'_>) {
        if !self.word.is_empty() {
            let head = up_to_eight(self.word.as_bytes());
            f(Token { start, end, word: &self.word, position: self.position, script }, head);
        }
    }

    /// Reads on from a non-ASCII char at `at`; returns where to go on.
    fn other(&mut self, text: &str, at: usize, f: &mut Raw<'_>) -> usize {
        let Some(c) = text.get(at..).and_then(|t| t.chars().next()) else {
            return text.len();
        };
        match Class::of(c) {
            Class::Letter(script) if script.is_unspaced() => pairs::run(self, text, at, f),
            Class::Letter(_) => self.word(text, at, f),
            _ => at + c.len_utf8(),
        }
    }

    /// Reads one word that starts at `at`; returns its end.
    fn word(&mut self, text: &str, at: usize, f: &mut Raw<'_>) -> usize {
        let rest = text.get(at..).unwrap_or("");
        let (mut end, mut chars) = (text.len(), 0);
        let mut script = Script::Latin;
        self.word.clear();
        for (offset, c) in rest.char_indices() {
            let class = if c.is_ascii_alphanumeric() {
                Class::Letter(Script::Latin)
            } else if c.is_ascii() {
                Class::Other
            } else {
                Class::of(c)
            };
            match class {
                Class::Letter(of) if !of.is_unspaced() => {
                    // Words of digits and letters are of the letters' script.
                    if of != Script::Latin {
                        script = of;
                    }
                }
                Class::Mark => {}
                _ => {
                    end = at + offset;
                    break;
                }
            }
            if chars < MAX_WORD_CHARS {
                lower(c, &mut |d| {
                    chars += 1;
                    if chars <= MAX_WORD_CHARS {
                        self.word.push(d);
                    }
                });
            }
        }
        self.give(at, end, script, f);
        self.position += 1;
        end
    }
}

/// The bits of the first bytes, at most eight; of one at least.
#[inline(always)]
fn up_to(len: usize) -> u64 {
    u64::MAX >> (64 - 8 * len.min(8))
}

/// Does a non-ASCII char at `at` continue a word?
#[inline]
fn goes_on(text: &str, at: usize) -> bool {
    text.as_bytes().get(at).is_some_and(|b| !b.is_ascii())
        && text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(|c| match Class::of(c) {
            Class::Letter(script) => !script.is_unspaced(),
            Class::Mark => true,
            Class::Other => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<(usize, usize, String, u32)> {
        let mut out = Vec::new();
        tokens(text, |t| {
            assert!(text.is_char_boundary(t.start) && text.is_char_boundary(t.end));
            out.push((t.start, t.end, t.word.to_string(), t.position));
        });
        out
    }

    fn words(text: &str) -> Vec<String> {
        list(text).into_iter().map(|t| t.2).collect()
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        assert!(words("").is_empty() && words(" \t.-_!\u{301}").is_empty());
        assert_eq!(words("a B2,c d don't"), ["a", "b2", "c", "d", "don", "t"]);
        assert_eq!(words("Straße—ÉTÉ naïve"), ["straße", "été", "naïve"]);
        assert_eq!(words("cafe\u{301}s \u{301}x"), ["cafe\u{301}s", "x"]);
        assert_eq!(words("Привет, Ёлка ΆΛΦΑ"), ["привет", "ёлка", "άλφα"]);
        assert_eq!(words("ＡＢ１ ｶﾞｽ"), ["ab1", "ガス"]);
        assert_eq!(words("کتاب\u{200c}ها كتـــاب"), ["کتابها", "كتاب"]);
    }

    #[test]
    fn places_cover_the_source() {
        assert_eq!(list("É x"), [(0, 2, "é".into(), 0), (3, 4, "x".into(), 1)]);
        assert_eq!(list("xe\u{301}!"), [(0, 4, "xe\u{301}".into(), 0)]);
    }

    #[test]
    fn long_words_are_cut_but_keep_their_end() {
        for letter in ["a", "É", "я"] {
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
        let all = list("GPUで高速。");
        assert_eq!(all, [(0, 3, "gpu".into(), 0), (3, 9, "で高".into(), 1), (6, 12, "高速".into(), 2)]);
        assert_eq!(words("東京2020年"), ["東京", "2020", "年"]);
        assert_eq!(words("한국어 검색"), ["한국", "국어", "검색"]);
        // A vowel sign belongs to its consonant.
        assert_eq!(list("ที่ดีx"), [(0, 15, "ที่ดี".into(), 0), (15, 16, "x".into(), 2)]);
    }

    #[test]
    fn names_beside_other_letters() {
        assert_eq!(words("vite.config.js。"), ["viteconfigjs", "vite", "config", "js"]);
        assert_eq!(words("a-b-größe"), ["a", "b", "größe"]);
        assert_eq!(words("xmlÉ"), ["xmlé"]);
        assert_eq!(words("设置outDir为"), ["设置", "outdir", "out", "dir", "为"]);
    }
}
