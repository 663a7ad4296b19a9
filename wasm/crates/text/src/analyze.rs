//! The one path from text to terms, for indexing and for queries: tokens, stop words out, stems.
//!
//! Stems of short words are remembered in a small table, because a few thousand words make up most of any text.

use crate::language::{Language, Languages};
use crate::memo::Stems;
use crate::token::{Token, Tokenizer};
use crate::words::{Heard, Votes, looked_at};
use std::cell::Cell;

/// Stems words of other languages than English, and knows their stop words.
pub trait Stemmer {
    /// Can it be called?
    fn is_ready(&self) -> bool;

    /// Puts the stem of a lower-case word into `stem`, which is empty; leaves it empty for a stop word.
    fn stem(&self, language: Language, word: &str, stem: &mut String);
}

/// Version of the terms; an index made with another version must be made anew.
///
/// It changes with every change of folding tables, tokens, stop words or stemmer.
pub const ANALYZER_VERSION: u16 = 3;

/// Cuts texts into terms. Holds buffers and a memo of about a megabyte: keep one and use it for all texts.
///
/// ```
/// use aetherv_text::{Analyzer, Language};
/// let mut terms = Vec::new();
/// let positions = Analyzer::new().terms(Language::ENGLISH, "The Indexes", |t| {
///     terms.push((t.term.to_string(), t.start, t.end, t.position));
/// });
/// assert_eq!((positions, terms), (2, vec![("index".to_string(), 4, 11, 1)]));
/// ```
#[derive(Default)]
pub struct Analyzer {
    tokenizer: Tokenizer,
    stems: Stems,
}

/// A term of a text and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term<'a> {
    /// The term; never empty.
    pub term: &'a str,
    /// First byte of its word in the text.
    pub start: usize,
    /// First byte after its word in the text.
    pub end: usize,
    /// Which word of the text it is, counted from 0.
    pub position: u32,
    /// For a note on the term: whoever takes terms finds it there when the word comes again, or finds 0. Others write there,
    /// too, so a note should tell whose it is.
    pub note: &'a Cell<u64>,
}

/// Terms that are looked for in a text, by how they begin: an English word and its term begin with the same letter.
pub struct Sought([bool; 128]);

impl Sought {
    /// Some terms.
    pub fn new<'a>(terms: impl Iterator<Item = &'a str>) -> Self {
        let mut firsts = [false; 128];
        for term in terms {
            let first = term.bytes().next().and_then(|byte| firsts.get_mut(usize::from(byte)));
            first.into_iter().for_each(|is_sought| *is_sought = true);
        }
        Self(firsts)
    }

    /// May the term of an English word with this first byte be one of them?
    fn may_begin(&self, byte: u8) -> bool {
        // Letters that are not ASCII may be folded to others.
        self.0.get(usize::from(byte.to_ascii_lowercase())).is_none_or(|is_sought| *is_sought)
    }
}

/// What one word of a query may be called in the index: its rows are those that hold any of the terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The terms: sorted, distinct, at least one. They count as one term: frequencies add up, rows unite.
    pub terms: Vec<String>,
    /// First byte of the word in the query.
    pub start: usize,
    /// First byte after it.
    pub end: usize,
    /// Position of the word, as [`Analyzer::terms`] counts.
    pub position: u32,
    /// Rows of languages in which it is a stop word: such rows count as if each held it.
    pub presumed: u32,
}

/// What hangs on a word behind an apostrophe (`it's`, `don't`, `we'll`) says nothing by itself.
#[inline]
fn is_clitic(text: &str, start: usize, word: &str) -> bool {
    // The last byte of an apostrophe: few words have one before them, and many have two letters.
    let before = start.checked_sub(1).and_then(|i| text.as_bytes().get(i));
    (matches!(before, Some(b'\'' | 0x99)) & (word.len() <= 2)) && hangs(text, start, word)
}

#[cold]
fn hangs(text: &str, start: usize, word: &str) -> bool {
    ["s", "t", "d", "m", "ll", "re", "ve"].iter().any(|clitic| word.eq_ignore_ascii_case(clitic))
        && text
            .get(..start)
            .and_then(|before| before.strip_suffix(['\'', '’']))
            .is_some_and(|before| before.ends_with(char::is_alphabetic))
}

impl Analyzer {
    /// An analyzer that stems English alone; allocates nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An analyzer that stems other languages by `stemmer`.
    #[must_use]
    pub fn with(stemmer: Box<dyn Stemmer>) -> Self {
        Self { stems: Stems::with(stemmer), ..Self::default() }
    }

    /// Does it lack the stemmer of `language`, so that it must not be asked for terms of its texts?
    #[must_use]
    pub fn lacks(&self, language: Language) -> bool {
        language.needs_stemmer() && self.stems.is_waiting()
    }

    /// The language that a row is analysed in: a function of its parts (heading path, text) and of nothing else.
    #[must_use]
    pub fn language(&mut self, parts: &[&str]) -> Language {
        self.detect(parts).unwrap_or_default()
    }

    /// The language of a text in parts, if it is surely one.
    pub(crate) fn detect(&mut self, parts: &[&str]) -> Option<Language> {
        let mut votes = Votes::default();
        // The last part is the text itself, the ones before are its headings.
        for part in parts.iter().rev() {
            self.read(Language::ENGLISH, &mut votes, looked_at(part), None, &mut |_| {});
        }
        votes.decide(self.stems.words.as_ref())
    }

    /// What [`Analyzer::language`] gives for parts that were all read with these votes, the last part first.
    #[must_use]
    pub fn language_by(&mut self, votes: Votes, parts: &[&str]) -> Language {
        if votes.is_whole() {
            votes.decide(self.stems.words.as_ref()).unwrap_or_default()
        } else {
            self.language(parts)
        }
    }

    /// Gives each term of `text` to `f`, starts and positions never falling; returns the number of positions.
    ///
    /// Several terms may share a position. A stop word takes a position and gives no term.
    #[inline]
    pub fn terms(&mut self, language: Language, text: &str, mut f: impl FnMut(Term<'_>)) -> u32 {
        self.read(language, &mut Votes::default(), text, None, &mut f)
    }

    /// Like [`Analyzer::terms`] for who looks for some terms only, where they are: other words mostly cost no more than to find their ends.
    pub fn terms_of(&mut self, language: Language, text: &str, sought: &Sought, f: &mut dyn FnMut(Term<'_>)) {
        let stems = &mut self.stems;
        self.tokenizer.raw(text, &mut |Token { start, end, word, position, script }, head| {
            if language.of_word(script) == Language::ENGLISH && !sought.may_begin(head as u8) {
                return;
            }
            let known = stems.of(language, script, word, head);
            if !known.term.is_empty() && !is_clitic(text, start, word) {
                f(Term { term: &known.term, start, end, position, note: &known.note });
            }
        });
    }

    /// Like [`Analyzer::terms`], and hears what the words tell of the language that the text is in: who does not know it yet
    /// takes it for that of the text before, and mostly need not read it twice. What was heard is noted in `notes`.
    pub fn read(
        &mut self,
        language: Language,
        votes: &mut Votes,
        text: &str,
        mut notes: Option<&mut Vec<Heard>>,
        f: &mut dyn FnMut(Term<'_>),
    ) -> u32 {
        let (stems, heard) = (&mut self.stems, votes.begin(text));
        let positions = self.tokenizer.raw(text, &mut |token, head| {
            let known = stems.of(language, token.script, token.word, head);
            if token.start < heard {
                votes.hear(&known.vote, token.script);
                if let Some(notes) = &mut notes {
                    notes.push(Heard { vote: known.vote, script: token.script });
                }
            }
            let Token { start, end, word, position, .. } = token;
            if !known.term.is_empty() && !is_clitic(text, start, word) {
                f(Term { term: &known.term, start, end, position, note: &known.note });
            }
        });
        votes.end(text);
        positions
    }

    /// Like [`Analyzer::read`] without notes, compiled anew for each caller, which an empty term tells of a stop word.
    #[inline]
    pub fn read_by<F: FnMut(Term<'_>)>(&mut self, language: Language, votes: &mut Votes, text: &str, f: &mut F) -> u32 {
        let (stems, heard) = (&mut self.stems, votes.begin(text));
        let positions = self.tokenizer.raw(text, &mut |Token { start, end, word, position, script }, head| {
            let known = stems.of(language, script, word, head);
            if start < heard {
                votes.hear(&known.vote, script);
            }
            if !is_clitic(text, start, word) {
                f(Term { term: &known.term, start, end, position, note: &known.note });
            }
        });
        votes.end(text);
        positions
    }

    /// The terms of a query against rows of the languages `held`: in each group, whatever a row may hold for one word of
    /// the query. Groups come in the order of their positions; a word without a term has none.
    ///
    /// A query is short and its language seldom sure. So a word is analysed in every language of the rows. Stop words are
    /// those of the query's language if that is sure; else a word that is one in some languages of the rows weighs little by
    /// being presumed in all their rows, and is found in those of the others.
    #[must_use]
    pub fn query_terms(&mut self, text: &str, held: &Languages) -> Vec<Group> {
        let own = self.detect(&[text]).filter(|&language| held.iter().any(|other| other == language));
        let stems = &mut self.stems;
        let mut groups = Vec::new();
        self.tokenizer.raw(text, &mut |Token { start, end, word, position, script }, head| {
            let is_stop_word = own.is_some_and(|own| stems.of(own, script, word, head).term.is_empty());
            if is_stop_word || is_clitic(text, start, word) {
                return;
            }
            let (mut terms, mut presumed): (Vec<String>, u32) = (Vec::new(), 0);
            for language in held.iter() {
                let term = &*stems.of(language, script, word, head).term;
                if term.is_empty() && own.is_none() {
                    presumed = presumed.saturating_add(held.rows(language));
                }
                if let (false, Err(at)) = (term.is_empty(), terms.binary_search_by(|known| known.as_str().cmp(term))) {
                    terms.insert(at, term.to_owned());
                }
            }
            if !terms.is_empty() {
                groups.push(Group { terms, start, end, position, presumed });
            }
        });
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        Analyzer::new().terms(Language::ENGLISH, text, |t| out.push(t.term.to_string()));
        out
    }

    #[test]
    fn stop_words_go_and_the_rest_is_stemmed() {
        assert_eq!(terms("What is the meaning of dying, skis and Ponies?"), ["mean", "die", "ski", "poni"]);
        assert_eq!(terms("THE Of AND"), Vec::<String>::new());
        assert_eq!(terms("internationalizations"), ["internation"]);
        assert_eq!(terms("Müllers größere Häuser"), ["muller", "grosser", "hauser"]);
    }

    #[test]
    fn who_looks_for_some_terms_finds_all_of_them() {
        let text = "Dying skis, ÉTUDES of Écoles & naïve-ity: camelCaseWords, v1.2.3 snake_case/path.rs Straße don't 42nd \
            Internationalizations Tom's généreux übergroß ﬁnal 東京都 yellow Yachts eye";
        let mut analyzer = Analyzer::new();
        for language in [Language::ENGLISH, Language::GERMAN] {
            let mut all = Vec::new();
            analyzer.terms(language, text, |t| all.push((t.term.to_owned(), t.start, t.end, t.position)));
            for (term, ..) in &all {
                let mut found = Vec::new();
                analyzer.terms_of(language, text, &Sought::new([term.as_str()].into_iter()), &mut |t| {
                    if t.term == term {
                        found.push((t.term.to_owned(), t.start, t.end, t.position));
                    }
                });
                let wanted: Vec<_> = all.iter().filter(|(other, ..)| other == term).cloned().collect();
                assert_eq!(found, wanted, "{term}");
            }
        }
    }

    #[test]
    fn what_hangs_on_a_word_gives_no_term_and_ligatures_are_letters() {
        assert_eq!(terms("Tom's invoice: we'll see; don’t, t s' 's"), ["tom", "invoic", "see", "don", "t", "s", "s"]);
        assert_eq!(terms("ﬁnal oﬃce ﬂow"), terms("final office flow"));
    }

    #[test]
    fn a_stop_word_of_some_languages_is_looked_for_in_the_others() {
        let mut held = Languages::default();
        (0..7).for_each(|_| held.insert(Language::GERMAN));
        held.insert(Language::ENGLISH);
        let groups = Analyzer::new().query_terms("war", &held);
        assert_eq!((groups.len(), groups[0].terms.as_slice(), groups[0].presumed), (1, &["war".to_owned()][..], 0));
    }

    #[test]
    fn the_memo_never_shows() {
        // More words than the memo has places, twice over, in one analyzer and each in a fresh buffer.
        let mut analyzer = Analyzer::new();
        for round in 0..2 {
            for i in 0..20_000_u32 {
                let word = format!("w{}ing{}", i, ["", "s", "ed", "ational"][i as usize % 4]);
                let mut plain = word.clone().into_bytes();
                let len = crate::stem::stem(&mut plain);
                let mut seen = 0;
                analyzer.terms(Language::ENGLISH, &word, |t| {
                    assert_eq!((t.term.as_bytes(), t.start, t.end), (&plain[..len], 0, word.len()), "{round}");
                    seen += 1;
                });
                assert_eq!(seen, 1);
            }
        }
    }
}
