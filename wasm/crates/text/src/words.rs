//! The table of function words, and what it tells: is a word a stop word, which language is a text in?

use crate::function_words::FUNCTION_WORDS;
use crate::language::{COUNT, Language};
use crate::script::Script;
use crate::stop::STOP_WORDS;
use crate::token::{Token, Tokenizer, head};

/// A power of two, more than twice as many as there are words.
const PLACES: usize = 2048;
/// Words of a text that are looked at: more make it no surer.
const WORDS_MAX: u32 = 100;
/// Chars of a text that are looked at.
const BYTES_MAX: usize = 1500;

/// Function words with the set of languages that have each.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    places: Box<[(&'static str, u32)]>,
}

/// What speaks for each language in a text.
#[derive(Debug, Default)]
struct Votes {
    votes: [u32; COUNT],
    words: u32,
    /// Function words met, by their places: one that is said again and again (`og:title`, `og:type`) tells no more.
    met: Vec<usize>,
    /// Words of scripts other than Latin, and what their script is.
    foreign: u32,
    scripts: [u32; 16],
}

impl Words {
    pub(crate) fn new() -> Self {
        let mut words = Self { places: vec![("", 0); PLACES].into_boxed_slice() };
        STOP_WORDS.iter().for_each(|word| words.add(word, Language::ENGLISH));
        for (language, list, _) in &FUNCTION_WORDS {
            list.split_ascii_whitespace().for_each(|word| words.add(word, *language));
        }
        words
    }

    fn add(&mut self, word: &'static str, language: Language) {
        let at = self.place(word);
        if let Some(place) = self.places.get_mut(at) {
            *place = (word, place.1 | bit(language));
        }
    }

    /// Where a word is or would be.
    fn place(&self, word: &str) -> usize {
        let mut at = hash(word.as_bytes()) as usize % PLACES;
        while self.places.get(at).is_some_and(|&(known, _)| !known.is_empty() && known != word) {
            at = (at + 1) % PLACES;
        }
        at
    }

    /// The languages whose function word it is, as bits.
    fn languages(&self, word: &str) -> u32 {
        self.places.get(self.place(word)).map_or(0, |place| place.1)
    }

    /// Is a lower-case word an English stop word?
    pub(crate) fn is_stop_word(&self, word: &str) -> bool {
        self.languages(word) & bit(Language::ENGLISH) != 0
    }

    /// The language of a text in parts, if it is surely one.
    pub(crate) fn language(&self, tokenizer: &mut Tokenizer, parts: &[&str]) -> Option<Language> {
        let mut seen = Votes::default();
        // The last part is the text itself, the ones before are its headings.
        for part in parts.iter().rev().filter(|part| !part.is_empty()) {
            tokenizer.run(head(part, BYTES_MAX), &mut |token| {
                if seen.words < WORDS_MAX {
                    self.see(token, &mut seen);
                }
            });
        }
        seen.decide()
    }

    fn see(&self, Token { word, script, .. }: Token<'_>, seen: &mut Votes) {
        if word.len() > 1 && word.as_bytes().iter().all(u8::is_ascii_digit) {
            return;
        }
        seen.words += 1;
        if script != Script::Latin {
            seen.foreign += 1;
            if let Some(count) = seen.scripts.get_mut(script as usize) {
                *count += 1;
            }
        }
        let place = self.place(word);
        let languages = self.places.get(place).map_or(0, |known| known.1);
        if languages != 0 && !seen.met.contains(&place) {
            seen.met.push(place);
            // A word of one language alone says more than one that many share.
            seen.vote(languages, 5 - languages.count_ones().clamp(1, 3));
        }
        if !word.is_ascii() {
            for (language, _, letters) in &FUNCTION_WORDS {
                if word.chars().any(|c| letters.contains(c)) {
                    seen.vote(bit(*language), 2);
                }
            }
        }
    }
}

impl Votes {
    fn vote(&mut self, languages: u32, weight: u32) {
        for (number, votes) in self.votes.iter_mut().enumerate() {
            *votes += (languages >> number & 1) * weight;
        }
    }

    /// The language with the most votes, if it has enough of them and clearly more than English. Of languages that are
    /// alike either will do better than English. Other scripts than Latin tell enough by themselves.
    fn decide(&self) -> Option<Language> {
        // Names of code are Latin in texts of all scripts.
        let latin = self.foreign * 4 < self.words;
        let foreign = (0..).zip(&self.scripts).max_by_key(|&(_, &count)| count).map_or(0, |(script, _)| script);
        let script = if latin { Script::Latin as usize } else { foreign };
        let (mut best, mut language) = (0, None);
        let english = self.votes.first().copied().unwrap_or_default();
        for (number, &votes) in (0..).zip(&self.votes) {
            let of = Language::from_number(number);
            if votes > best && of.script() as usize == script {
                (best, language) = (votes, Some(of));
            }
        }
        let clear = language == Some(Language::ENGLISH) || best * 4 >= english * 5 || !latin;
        let sure = best >= 6 && clear && best * 8 >= self.words;
        if sure { language } else { COMMON.into_iter().find(|common| common.script() as usize == script) }
    }
}

/// Mixes eight bytes at a time.
#[inline]
fn hash(word: &[u8]) -> u64 {
    let mix = |hash: u64, part: u64| (hash.rotate_left(5) ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (parts, rest) = word.as_chunks::<8>();
    let hash = parts.iter().fold(0, |hash, part| mix(hash, u64::from_le_bytes(*part)));
    mix(hash, rest.iter().fold(1, |part, byte| part << 8 | u64::from(*byte))) >> 40
}

/// What a text of these scripts is in unless it says otherwise.
const COMMON: [Language; 6] =
    [Language::RUSSIAN, Language::ARABIC, Language::HINDI, Language::GREEK, Language::ARMENIAN, Language::TAMIL];

fn bit(language: Language) -> u32 {
    1 << language.number()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_word_counts_once() {
        let head = "--- title: Vite 5.0 is out! head: - - meta - property: og:type content: website - - meta - property: og:title";
        let text = format!(
            "{head} content: Announcing - - meta - property: og:image content: https - - meta - property: og:url"
        );
        let language = Words::new().language(&mut Tokenizer::default(), &["", &text]);
        assert!(language.is_none_or(|language| language == Language::ENGLISH), "{language:?}");
        let danish = "Hunden og katten er ude i haven, og der er ikke noget at gøre ved det, for de vil ikke ind.";
        assert_eq!(Words::new().language(&mut Tokenizer::default(), &[danish]), Some(Language::DANISH));
    }
}
