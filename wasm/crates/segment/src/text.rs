//! The text segment: chunk rows with their postings, read where they lie.

use crate::chunks::{self, Chunks};
use crate::dictionary::{Dictionary, analyser_of};
use crate::list::List;
use crate::postings::{LENGTHS, LISTS, MemPostings, TERMS};
use aetherv_core::{Code, Error, Result, Shared};
use aetherv_envelope::{Envelope, KIND_TEXT, Tag, Writer};
use aetherv_text::tuning::FIELDS;
use aetherv_text::{ANALYZER_VERSION, Analyzer, Language};

/// Sections of formats 1 and 2, whose postings had neither fields nor positions.
const OLD: [Tag; 4] = [*b"Lens", *b"Tdic", *b"Pdir", *b"Post"];

/// The number of each row's language, u8.
const LANGUAGES: Tag = *b"Lang";

/// Writes rows, the languages that they were analysed in and their postings as one segment.
pub fn seal(rows: &[(&Chunks, usize)], languages: &[Language], postings: &MemPostings) -> Vec<u8> {
    let sections = postings.sections();
    let room = sections.iter().map(|(_, body)| body.len()).sum::<usize>() + Chunks::gathered(rows);
    let mut writer = Writer::new(KIND_TEXT, 2 + sections.len(), room);
    writer.section(chunks::TAG, |out| Chunks::gather(rows, out));
    writer.section(LANGUAGES, |out| out.extend(languages.iter().map(|language| language.number())));
    for (tag, body) in sections {
        writer.section(tag, |out| out.extend_from_slice(&body));
    }
    writer.finish()
}

/// The language of each row.
///
/// # Errors
/// `AV_MODEL_UNAVAILABLE` when `analyzer` lacks the stemmer of one.
pub fn languages_of(rows: &Chunks, analyzer: &mut Analyzer) -> Result<Vec<Language>> {
    let each = (0..rows.len()).map(|row| {
        let language = analyzer.language(&[rows.path(row), rows.text(row)]);
        must_stem(analyzer, language).map(|()| language)
    });
    each.collect()
}

/// Refuses a language whose stemmer `analyzer` lacks: without it the same text would rank in another way.
///
/// # Errors
/// `AV_MODEL_UNAVAILABLE`.
pub fn must_stem(analyzer: &Analyzer, language: Language) -> Result<()> {
    if analyzer.lacks(language) {
        let code = language.code();
        return Err(Error::new(Code::ModelUnavailable, format!("the stemmer of language {code} is not loaded")));
    }
    Ok(())
}

/// An opened text segment.
#[derive(Debug)]
pub struct TextSegment {
    rows: u32,
    languages: Vec<Language>,
    lengths: Shared,
    terms: Shared,
    lists: Shared,
    anew: bool,
}

impl TextSegment {
    /// Verifies a segment's bytes; its chunk rows come back beside it. Postings of an older format or of another
    /// analyser are made anew from the rows.
    ///
    /// # Errors
    /// `AV_CORRUPT`, `AV_FORMAT_NEWER`, `AV_MODEL_UNAVAILABLE` when postings have to be made anew without their stemmers.
    pub fn open(bytes: Vec<u8>, analyzer: &mut Analyzer) -> Result<(Self, Chunks)> {
        let known = [&[chunks::TAG, LANGUAGES, LENGTHS, TERMS, LISTS], OLD.as_slice()].concat();
        let envelope = Envelope::open(bytes, KIND_TEXT, &known)?;
        let section = |tag| {
            if envelope.has(tag) {
                Ok(envelope.section(tag))
            } else {
                Err(Error::corrupt("a text segment lacks a section"))
            }
        };
        let chunks = Chunks::open(section(chunks::TAG)?)?;
        let rows = chunks.len() as u32;
        let is_old = envelope.has(OLD[0]);
        if is_old || analyser_of(&section(TERMS)?) != u32::from(ANALYZER_VERSION) {
            let mut postings = MemPostings::default();
            let each = (0..chunks.len()).map(|row| postings.push(analyzer, chunks.path(row), chunks.text(row)));
            let languages = each.collect::<Result<Vec<_>>>()?;
            let [lengths, terms, lists] = postings.sections().map(|(_, bytes)| Shared::from(bytes));
            return Ok((Self { rows, languages, lengths, terms, lists, anew: true }, chunks));
        }
        let languages = section(LANGUAGES)?.iter().map(|&number| Language::from_number(number)).collect();
        let (lengths, terms, lists) = (section(LENGTHS)?, section(TERMS)?, section(LISTS)?);
        let segment = Self { rows, languages, lengths, terms, lists, anew: false };
        segment.dictionary().check()?;
        if segment.lengths.len() != FIELDS * chunks.len() || segment.languages.len() != chunks.len() {
            return Err(Error::corrupt("the lengths or languages of a text segment do not fit its rows"));
        }
        Ok((segment, chunks))
    }

    /// Were its postings made anew as it was opened, because an older format or another analyser wrote them?
    pub fn is_anew(&self) -> bool {
        self.anew
    }

    /// The language that a row was analysed in.
    pub fn language(&self, row: usize) -> Language {
        self.languages.get(row).copied().unwrap_or_default()
    }

    /// Length class of each field of a row.
    #[inline]
    pub fn classes(&self, row: usize) -> [u8; FIELDS] {
        self.lengths.as_chunks().0.get(row).copied().unwrap_or_default()
    }

    /// The list of a term.
    pub fn find(&self, term: &[u8]) -> List<'_> {
        self.dictionary().find(term)
    }

    /// The segment's terms with their lists.
    pub fn dictionary(&self) -> Dictionary<'_> {
        Dictionary { terms: &self.terms, lists: &self.lists, rows: self.rows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunks::{TestRow, build};

    fn sealed() -> (Vec<u8>, MemPostings) {
        let mut postings = MemPostings::default();
        let mut analyzer = Analyzer::default();
        let rows = [("Guide", "hot reload of modules, hot"), ("Guide", "cold start"), ("Other", "modules")];
        let parts = rows.iter().enumerate().map(|(i, (path, text))| {
            postings.push(&mut analyzer, path, text).unwrap();
            Chunks::open(build(&[TestRow { vno: i as u32, doc: "d", path, text }])).unwrap()
        });
        let parts: Vec<Chunks> = parts.collect();
        let rows: Vec<(&Chunks, usize)> = parts.iter().map(|part| (part, 0)).collect();
        (seal(&rows, &[Language::ENGLISH; 3], &postings), postings)
    }

    #[test]
    fn a_sealed_segment_answers_as_the_memtable_did() {
        let (bytes, mem) = sealed();
        let (segment, rows) = TextSegment::open(bytes, &mut Analyzer::default()).unwrap();
        assert_eq!((rows.len(), rows.text(1)), (3, "cold start"));
        for term in ["hot", "guid", "modul", "cold", "absent", ""] {
            let (mut a, mut b, mut all) = (Vec::new(), Vec::new(), Vec::new());
            mem.each(term.as_bytes(), |row, tf| a.push((row, tf)));
            segment.find(term.as_bytes()).each(&mut |row, tf| b.push((row, tf)));
            assert_eq!(a, b, "{term}");
            segment.find(term.as_bytes()).each_occurrence(None, &mut |o| all.push(o));
            assert_eq!(all, mem.find(term.as_bytes()), "{term}");
        }
        assert_eq!(segment.classes(0), mem.classes(0));
        let (mut a, mut b) = (Vec::new(), Vec::new());
        mem.each_from(b"", &mut |term, _| {
            a.push(term.to_vec());
            true
        });
        segment.dictionary().each_from(b"", &mut |term, _| {
            b.push(term.to_vec());
            true
        });
        assert_eq!(a, b);
        assert!(a.is_sorted() && a.contains(&b"guid".to_vec()));
    }

    #[test]
    fn code_between_body_and_body_stays_in_order() {
        let mut mem = MemPostings::default();
        mem.push(&mut Analyzer::default(), "run", "run run\n```\nrun\n```\nrun run").unwrap();
        let fields: Vec<usize> = mem.find(b"run").iter().map(|o| o.field()).collect();
        assert_eq!(fields, [0, 2, 2, 2, 2, 3]);
        assert!(mem.find(b"run").is_sorted());
    }

    #[test]
    fn damage_is_a_typed_error_or_harmless() {
        let (good, _) = sealed();
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 0x41;
            if let Ok((segment, rows)) = TextSegment::open(bytes, &mut Analyzer::default()) {
                segment.find(b"hot").each(&mut |_, _| {});
                assert_eq!(rows.len(), 3);
            }
        }
    }
}
