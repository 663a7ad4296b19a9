//! Postings in memory: which rows hold a term, how often in each field and where. Frequencies, positions and lengths only,
//! never finished scores (D4).

use crate::Frequencies;
use crate::dictionary::Writer;
use crate::encode::Encoder;
use crate::fields::{read_path, read_text};
use crate::lengths::class_of;
use crate::list::{Occurrence, each_row};
use crate::lists::Lists;
use crate::text::must_stem;
use crate::vocabulary::{FREE, Vocabulary};
use aetherv_core::Result;
use aetherv_text::tuning::{BODY, CODE, FIELDS};
use aetherv_text::{ANALYZER_VERSION, Analyzer, Heard, Language, Term, Votes};

/// Tag of the length classes: u8[rows x 4], of each row title, headings, body, code.
pub const LENGTHS: [u8; 4] = *b"Flen";
/// Tag of the dictionary.
pub const TERMS: [u8; 4] = *b"Term";
/// Tag of the lists, in the order of the terms.
pub const LISTS: [u8; 4] = *b"List";

/// Postings appended row by row: the lexical half of a memtable, and what segments are written from.
#[derive(Debug, Default)]
pub struct MemPostings {
    terms: Vocabulary,
    /// By the terms' numbers.
    lists: Lists,
    classes: Vec<[u8; FIELDS]>,
    /// The language of the last row, which the next one is taken for at first.
    language: Language,
    /// Term and position of each word of the row in hand, by field.
    words: [Vec<(u32, u32)>; FIELDS],
    path: Path,
}

/// The heading path of the last row, which the next one mostly has, too: its words, and what they told.
#[derive(Debug, Default)]
struct Path {
    text: String,
    language: Option<Language>,
    heard: Vec<Heard>,
}

impl MemPostings {
    /// Rows of these length classes, their occurrences still to come by [`MemPostings::extend`].
    pub fn of_rows(classes: Vec<[u8; FIELDS]>) -> Self {
        Self { classes, ..Self::default() }
    }

    /// Adds occurrences of `term`; once all are there, [`MemPostings::sort`] puts them in order.
    pub fn extend(&mut self, term: &[u8], occurrences: impl Iterator<Item = Occurrence>) {
        let mut number = None;
        for occurrence in occurrences {
            let number = *number.get_or_insert_with(|| self.terms.number(term));
            self.lists.push(number, occurrence);
        }
    }

    /// Puts the occurrences of every term in order.
    pub fn sort(&mut self) {
        self.lists.sort();
    }

    /// Analyses the next row, its heading path and its text; returns the language that it is in.
    ///
    /// # Errors
    /// `AV_MODEL_UNAVAILABLE` when `analyzer` lacks the stemmer of that language; the row is not added then.
    pub fn push(&mut self, analyzer: &mut Analyzer, path: &str, text: &str) -> Result<Language> {
        let mut language = if analyzer.lacks(self.language) { Language::ENGLISH } else { self.language };
        loop {
            let mut votes = Votes::default();
            let (words, terms, last) = (&mut self.words, &mut self.terms, &mut self.path);
            let is_last = last.language == Some(language) && last.text == path;
            for (field, words) in words.iter_mut().enumerate() {
                if !is_last || field == BODY || field == CODE {
                    words.clear();
                }
            }
            let mut give = |field: usize, term: Term<'_>| {
                if let Some(words) = words.get_mut(field) {
                    // A stop word is put there and taken away, as chance says which word is one.
                    let (number, len) = (terms.noted(term.term.as_bytes(), term.note), words.len());
                    words.push((number, term.position));
                    words.truncate(len + usize::from(number != FREE));
                }
            };
            read_text(analyzer, language, &mut votes, text, &mut give);
            if is_last {
                votes.repeat(path, &last.heard);
            } else {
                *last = Path { text: path.to_owned(), language: Some(language), ..Path::default() };
                read_path(analyzer, language, &mut votes, path, &mut last.heard, &mut give);
            }
            let own = analyzer.language_by(votes, &[path, text]);
            if own == language {
                break;
            }
            must_stem(analyzer, own)?;
            language = own;
        }
        self.language = language;
        let (row, mut lens) = (self.classes.len() as u32, [0; FIELDS]);
        for (field, (words, len)) in self.words.iter().zip(&mut lens).enumerate() {
            let mut last = u32::MAX;
            for &(term, position) in words {
                // A name and its parts are one word.
                *len += u32::from(position != last);
                last = position;
                self.lists.push(term, Occurrence::new(row, field, position));
            }
        }
        self.classes.push(lens.map(class_of));
        Ok(language)
    }

    /// Forgets the rows from `rows` on.
    pub fn cut(&mut self, rows: usize) {
        self.classes.truncate(rows);
        self.lists.cut(rows as u32);
    }

    /// Length class of each field of a row.
    pub fn classes(&self, row: usize) -> [u8; FIELDS] {
        self.classes.get(row).copied().unwrap_or_default()
    }

    /// Occurrences of a term, in order.
    pub fn find(&self, term: &[u8]) -> &[Occurrence] {
        self.terms.find(term).map(|number| self.lists.get(number)).unwrap_or_default()
    }

    /// Calls `f(row, frequencies)` for every row that holds `term`, rising.
    pub fn each(&self, term: &[u8], mut f: impl FnMut(u32, Frequencies)) {
        each_row(self.find(term), |row, tf, _| f(row, tf));
    }

    /// Calls `f(term, occurrences)` for the terms from `first` on, in the order of their bytes, until it returns false.
    pub fn each_from(&self, first: &[u8], f: &mut dyn FnMut(&[u8], &[Occurrence]) -> bool) {
        let order = self.terms.order();
        let from = order.partition_point(|number| self.terms.term(*number) < first);
        // A term of a row that turned out to be in another language has no occurrence.
        let each = order.iter().skip(from).map(|number| (*number, self.lists.get(*number)));
        for (number, list) in each.filter(|(_, list)| !list.is_empty()) {
            if !f(self.terms.term(number), list) {
                return;
            }
        }
    }

    /// The sections of a segment.
    pub fn sections(&self) -> [([u8; 4], Vec<u8>); 3] {
        let (mut writer, mut lists, mut encoder) = (Writer::default(), Vec::new(), Encoder::default());
        self.each_from(&[], &mut |term, list| {
            let start = lists.len();
            let df = encoder.encode(list, &self.classes, &mut lists);
            writer.add(term, df, start, lists.len() - start);
            true
        });
        let terms = writer.finish(u32::from(ANALYZER_VERSION));
        [(LENGTHS, self.classes.concat()), (TERMS, terms), (LISTS, lists)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_under_one_heading_path_are_read_as_if_each_stood_alone() {
        let danish = "Hunden og katten\u{1f}er ude i haven, og der er ikke noget at gøre ved det";
        let english = "The dog and the cat\u{1f}are out in the garden";
        let rows = [
            (danish, "x1"),
            (danish, "x2"),
            (english, "x3 the"),
            (english, "x4"),
            ("", "x5"),
            ("", ""),
            (danish, "x6"),
        ];
        let (mut together, mut analyzer) = (MemPostings::default(), Analyzer::new());
        for (row, (path, text)) in rows.into_iter().enumerate() {
            let mut alone = MemPostings::default();
            let language = together.push(&mut analyzer, path, text).unwrap();
            assert_eq!(language, alone.push(&mut Analyzer::new(), path, text).unwrap(), "{text}");
            assert_eq!(language == Language::DANISH, path == danish, "{text}");
            assert_eq!(together.classes(row), alone.classes(0), "{text}");
            for term in ["hunden", "have", "haven", "dog", "garden", "x2", "x4"] {
                let all = together.find(term.as_bytes()).iter().filter(|o| o.row() == row as u32);
                let own: Vec<Occurrence> = all.map(|o| o.moved(0)).collect();
                assert_eq!(own, alone.find(term.as_bytes()), "{term} of {text}");
            }
        }
    }
}
