//! The text segment: chunk rows with their postings, read where they lie.

use crate::chunks::{self, Chunks};
use crate::envelope::{Envelope, KIND_TEXT, Tag, write};
use crate::postings::{MemPostings, Postings};
use aetherv_core::{Error, Result, Shared};

const LENS: Tag = *b"Lens";
const DICTIONARY: Tag = *b"Tdic";
const DIRECTORY: Tag = *b"Pdir";
const POSTS: Tag = *b"Post";

/// Writes rows and their postings as one segment.
pub fn seal(rows: &[(&Chunks, usize)], postings: &MemPostings) -> Vec<u8> {
    let mut sections = vec![(chunks::TAG, Chunks::gather(rows))];
    sections.extend(postings.sections());
    write(KIND_TEXT, &sections)
}

/// An opened text segment.
#[derive(Debug)]
pub struct TextSegment {
    lens: Shared,
    dictionary: Shared,
    directory: Shared,
    posts: Shared,
}

impl TextSegment {
    /// Verifies a segment's bytes; its chunk rows come back beside it.
    ///
    /// # Errors
    /// `AV_CORRUPT`, `AV_FORMAT_NEWER`.
    pub fn open(bytes: Vec<u8>) -> Result<(Self, Chunks)> {
        let envelope = Envelope::open(bytes, KIND_TEXT, &[chunks::TAG, LENS, DICTIONARY, DIRECTORY, POSTS])?;
        let section = |tag| {
            if envelope.has(tag) {
                Ok(envelope.section(tag))
            } else {
                Err(Error::corrupt("a text segment lacks a section"))
            }
        };
        let rows = Chunks::open(section(chunks::TAG)?)?;
        let segment = Self {
            lens: section(LENS)?,
            dictionary: section(DICTIONARY)?,
            directory: section(DIRECTORY)?,
            posts: section(POSTS)?,
        };
        segment.postings().check(rows.len())?;
        Ok((segment, rows))
    }

    /// The segment's postings.
    pub fn postings(&self) -> Postings<'_> {
        Postings { lens: &self.lens, dictionary: &self.dictionary, directory: &self.directory, posts: &self.posts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunks::{TestRow, build};
    use aetherv_text::Analyzer;

    fn sealed() -> (Vec<u8>, MemPostings) {
        let mut postings = MemPostings::default();
        let mut analyzer = Analyzer::default();
        let rows = [("Guide", "hot reload of modules, hot"), ("Guide", "cold start"), ("Other", "modules")];
        let parts = rows.iter().enumerate().map(|(i, (path, text))| {
            postings.push(&mut analyzer, path, text);
            Chunks::open(build(&[TestRow { vno: i as u32, doc: "d", path, text }])).unwrap()
        });
        let parts: Vec<Chunks> = parts.collect();
        let rows: Vec<(&Chunks, usize)> = parts.iter().map(|part| (part, 0)).collect();
        (seal(&rows, &postings), postings)
    }

    #[test]
    fn a_sealed_segment_answers_as_the_memtable_did() {
        let (bytes, mem) = sealed();
        let (segment, rows) = TextSegment::open(bytes).unwrap();
        assert_eq!((rows.len(), rows.text(1)), (3, "cold start"));
        for term in ["hot", "guid", "modul", "cold", "absent", ""] {
            let (mut a, mut b) = (Vec::new(), Vec::new());
            mem.each(term, |row, tf| a.push((row, tf)));
            segment.postings().each(term, |row, tf| b.push((row, tf)));
            assert_eq!(a, b, "{term}");
        }
        assert_eq!(segment.postings().row_len(0), mem.row_len(0));
        let mut all = 0;
        segment.postings().each_term(|term, found| {
            let mut rows = Vec::new();
            mem.each(term, |row, tf| rows.push((row, tf)));
            assert_eq!(found, rows, "{term}");
            all += 1;
        });
        mem.each_term(|_, _| all -= 1);
        assert_eq!(all, 0);
    }

    #[test]
    fn damage_is_a_typed_error_or_harmless() {
        let (good, _) = sealed();
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 0x41;
            if let Ok((segment, rows)) = TextSegment::open(bytes) {
                segment.postings().each("hot", |_, _| {});
                assert_eq!(rows.len(), 3);
            }
        }
    }
}
