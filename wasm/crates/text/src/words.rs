//! The table of function words, and what it tells: is a word a stop word, which language is a text in?

use crate::function_words::FUNCTION_WORDS;
use crate::language::{COUNT, Language};
use crate::script::Script;
use crate::stop::STOP_WORDS;
use crate::token::head;

/// A power of two, more than twice as many as there are words.
const PLACES: usize = 2048;
/// Words of a text that are looked at: more make it no surer.
const WORDS_MAX: u32 = 100;
/// Bytes of a text that are looked at.
const BYTES_MAX: usize = 1500;

/// Function words with the set of languages that have each.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    places: Box<[(&'static str, u32)]>,
    /// Letters that few languages have, in order, with the set of those that have each.
    letters: Vec<(char, u32)>,
}

/// What a word tells of the language that its text is in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Vote {
    /// The languages that have one of its letters and that few others have, as bits.
    letters: u32,
    /// Its place among the function words; [`PLACES`] if it is none.
    place: u16,
    /// Has it digits alone, and more than one? Those tell nothing.
    is_number: bool,
}

/// What a word told, to be told again.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    pub(crate) vote: Vote,
    pub(crate) script: Script,
}

/// What speaks for each language in a text.
#[derive(Debug)]
pub struct Votes {
    votes: [u32; COUNT],
    words: u32,
    /// Function words met, by their places: one that is said again and again (`og:title`, `og:type`) tells no more. Behind them
    /// the other words.
    met: [u64; PLACES / 64 + 1],
    /// Words of scripts other than Latin, and what their script is.
    foreign: u32,
    scripts: [u32; 16],
    /// Were all the words heard that a head of each part has?
    is_whole: bool,
}

impl Default for Votes {
    fn default() -> Self {
        let (votes, met, scripts) = ([0; COUNT], [0; PLACES / 64 + 1], [0; 16]);
        Self { votes, words: 0, met, foreign: 0, scripts, is_whole: true }
    }
}

impl Words {
    pub(crate) fn new() -> Self {
        let mut words = Self { places: vec![("", 0); PLACES].into_boxed_slice(), letters: Vec::new() };
        STOP_WORDS.iter().for_each(|word| words.add(word, Language::ENGLISH));
        for (language, list, letters) in &FUNCTION_WORDS {
            list.split_ascii_whitespace().for_each(|word| words.add(word, *language));
            letters.chars().for_each(|letter| words.add_letter(letter, *language));
        }
        // A letter alone is a name in any program, and `'s` in English.
        words.places.iter_mut().filter(|place| place.0.len() == 1).for_each(|place| place.1 &= bit(Language::ENGLISH));
        words
    }

    fn add(&mut self, word: &'static str, language: Language) {
        let at = self.place(word);
        if let Some(place) = self.places.get_mut(at) {
            *place = (word, place.1 | bit(language));
        }
    }

    fn add_letter(&mut self, letter: char, language: Language) {
        let at = self.letters.partition_point(|known| known.0 < letter);
        match self.letters.get_mut(at).filter(|known| known.0 == letter) {
            Some(known) => known.1 |= bit(language),
            None => self.letters.insert(at, (letter, bit(language))),
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

    /// What a lower-case word tells, and whether it is an English stop word.
    pub(crate) fn vote(&self, word: &str) -> (Vote, bool) {
        let at = self.place(word);
        let languages = self.places.get(at).map_or(0, |known| known.1);
        let place = if languages == 0 { PLACES } else { at } as u16;
        let of = |letter: char| self.letters.binary_search_by(|known| known.0.cmp(&letter)).ok();
        let found = word.chars().filter(|c| !c.is_ascii()).filter_map(|c| self.letters.get(of(c)?));
        let letters = found.fold(0, |all, known| all | known.1);
        let is_number = word.len() > 1 && word.bytes().all(|b| b.is_ascii_digit());
        (Vote { letters, place, is_number }, languages & bit(Language::ENGLISH) != 0)
    }
}

/// The part of a text that is looked at.
pub(crate) fn looked_at(text: &str) -> &str {
    head(text, BYTES_MAX)
}

impl Votes {
    /// Begins a part of a text; words count that start before the byte returned.
    pub(crate) fn begin(&self, part: &str) -> usize {
        // A word at the cut may be another one there. None reaches over a space.
        let cut = |head: &str| head.bytes().rposition(|b| b.is_ascii_whitespace()).unwrap_or(0);
        if part.len() <= BYTES_MAX { part.len() } else { cut(looked_at(part)) }
    }

    /// Ends a part of a text.
    pub(crate) fn end(&mut self, part: &str) {
        self.is_whole &= part.len() <= BYTES_MAX || self.words >= WORDS_MAX;
    }

    /// Hears a whole part again.
    pub fn repeat(&mut self, part: &str, heard: &[Heard]) {
        heard.iter().for_each(|heard| self.hear(&heard.vote, heard.script));
        self.end(part);
    }

    /// Hears a word of a script: without a branch for function words, as chance says which they are.
    #[inline(always)]
    pub(crate) fn hear(&mut self, vote: &Vote, script: Script) {
        if self.words >= WORDS_MAX {
            return;
        }
        self.words += u32::from(!vote.is_number);
        if let Some(met) = self.met.get_mut(usize::from(vote.place) / 64) {
            *met |= 1 << (vote.place % 64);
        }
        if script != Script::Latin && !vote.is_number {
            self.foreign += 1;
            if let Some(count) = self.scripts.get_mut(script as usize) {
                *count += 1;
            }
        }
        if vote.letters != 0 {
            self.count(vote.letters, 2);
        }
    }

    /// Counts the function words that were met.
    fn count_words(&mut self, words: &Words) {
        for at in 0..PLACES / 64 {
            let mut met = self.met.get_mut(at).map_or(0, std::mem::take);
            while met != 0 {
                let place = 64 * at + met.trailing_zeros() as usize;
                let languages = words.places.get(place).map_or(0, |known| known.1);
                // A word of one language alone says more than one that many share.
                self.count(languages, 5 - languages.count_ones().clamp(1, 3));
                met &= met - 1;
            }
        }
    }

    fn count(&mut self, mut languages: u32, weight: u32) {
        while languages != 0 {
            if let Some(votes) = self.votes.get_mut(languages.trailing_zeros() as usize) {
                *votes += weight;
            }
            languages &= languages - 1;
        }
    }

    /// Were all the words heard that count?
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The language with the most votes, if it has enough of them and clearly more than English. Of languages that are
    /// alike either will do better than English. Other scripts than Latin tell enough by themselves.
    pub(crate) fn decide(mut self, words: Option<&Words>) -> Option<Language> {
        words.into_iter().for_each(|words| self.count_words(words));
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
    use crate::analyze::Analyzer;
    use crate::language::Language;

    #[test]
    fn a_function_word_counts_once() {
        let head = "--- title: Vite 5.0 is out! head: - - meta - property: og:type content: website - - meta - property: og:title";
        let text = format!(
            "{head} content: Announcing - - meta - property: og:image content: https - - meta - property: og:url"
        );
        let language = Analyzer::new().detect(&["", &text]);
        assert!(language.is_none_or(|language| language == Language::ENGLISH), "{language:?}");
        for english in [
            "let handle = thread::spawn(|| {\n  println!(\"Here's a vector: {:?}\", v);\n});",
            "Send custom events back to Vite's dev server.",
            "fn longest<'a>(x: &'a str, y: &str) -> &'a str",
        ] {
            let language = Analyzer::new().detect(&["", english]);
            assert!(language.is_none_or(|language| language == Language::ENGLISH), "{english}: {language:?}");
        }
        let danish = "Hunden og katten er ude i haven, og der er ikke noget at gøre ved det, for de vil ikke ind.";
        assert_eq!(Analyzer::new().detect(&[danish]), Some(Language::DANISH));
    }
}
