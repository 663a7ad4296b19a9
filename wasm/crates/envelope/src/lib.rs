//! The envelope of every stored piece: a header, a directory of tagged sections, a checksum on each.
//!
//! ```text
//! 0   magic "AVDB"
//! 4   version u16 = 7
//! 6   kind u16            1 text segment, 2 vector segment, 3 history, 4 WAL frame, 5 manifest,
//!                         6 packed, 7 items
//! 8   codec u16 = 0       how the sections are stored: 0 plain
//! 10  sections u16
//! 12  total bytes u32
//! 16  directory: sections x { tag 4 bytes, offset u32, length u32, CRC-32C of the section u32 }
//! ..  CRC-32C of everything above u32
//! ..  sections, each at a multiple of 16, large ones that are used where they lie of 64
//! ```
//! A tag that starts with an upper-case letter is required: who does not know it must refuse the piece
//! (`AV_FORMAT_NEWER`). One that starts with a lower-case letter may be skipped.

#![forbid(unsafe_code)]

use aetherv_core::bytes::u32_at;
use aetherv_core::crc::crc32c;
use aetherv_core::{Code, Error, Result, Shared};
use std::ops::Range;

/// The format version this build writes, and the latest it reads.
pub const VERSION: u16 = 7;
/// A piece of chunk rows with their postings.
pub const KIND_TEXT: u16 = 1;
/// A piece of contents (vectors) of one embedding space or collection.
pub const KIND_VECTOR: u16 = 2;
/// A piece of item versions of one collection.
pub const KIND_ITEMS: u16 = 7;
/// Vectors of a collection.
pub const KIND_ITEM_VECTORS: u16 = 8;

const MAGIC: &[u8; 4] = b"AVDB";
const HEADER: usize = 16;
const ENTRY: usize = 16;
const ALIGN: usize = 16;
/// What a processor reads at once: rows that are as long as some of them are read sooner where they begin with one.
const LINE: usize = 64;

/// A section's name.
pub type Tag = [u8; 4];

/// A section that is not in memory, and where it lies in its piece.
pub type Absent = (Tag, Range<usize>);

/// Writes one piece.
pub fn write(kind: u16, sections: &[(Tag, Vec<u8>)]) -> Vec<u8> {
    let bodies = sections.iter().map(|(_, body)| body.len() + ALIGN).sum();
    let mut writer = Writer::new(kind, sections.len(), bodies);
    for (tag, body) in sections {
        writer.section(*tag, |out| out.extend_from_slice(body));
    }
    writer.finish()
}

/// Writes one piece section by section, each straight to where it lies.
pub struct Writer {
    out: Vec<u8>,
    entry: usize,
}

impl Writer {
    /// A piece of so many sections, `room` bytes or so in all.
    pub fn new(kind: u16, sections: usize, room: usize) -> Self {
        let directory = HEADER + sections * ENTRY;
        let mut out = Vec::with_capacity(directory + 4 + room);
        out.extend_from_slice(MAGIC);
        for field in [VERSION, kind, 0, sections as u16] {
            out.extend_from_slice(&field.to_le_bytes());
        }
        out.resize(directory + 4, 0);
        Self { out, entry: HEADER }
    }

    /// Adds a section: `body` appends it, and nothing else.
    pub fn section(&mut self, tag: Tag, body: impl FnOnce(&mut Vec<u8>)) {
        self.section_at(ALIGN, tag, body);
    }

    /// The same for rows that are read one by one where they lie, which is at a multiple of 64.
    pub fn rows(&mut self, tag: Tag, body: impl FnOnce(&mut Vec<u8>)) {
        self.section_at(LINE, tag, body);
    }

    fn section_at(&mut self, align: usize, tag: Tag, body: impl FnOnce(&mut Vec<u8>)) {
        let start = self.out.len().next_multiple_of(align);
        self.out.resize(start, 0);
        body(&mut self.out);
        let written = self.out.get(start..).unwrap_or_default();
        let fields = [u32::from_le_bytes(tag), start as u32, written.len() as u32, crc32c(written)];
        self.put(self.entry, &fields);
        self.entry += ENTRY;
    }

    /// The piece.
    pub fn finish(mut self) -> Vec<u8> {
        self.put(12, &[self.out.len() as u32]);
        let sum = crc32c(self.out.get(..self.entry).unwrap_or_default());
        self.put(self.entry, &[sum]);
        self.out
    }

    fn put(&mut self, at: usize, fields: &[u32]) {
        let words = self.out.get_mut(at..).unwrap_or_default().as_chunks_mut::<4>().0;
        words.iter_mut().zip(fields).for_each(|(word, field)| *word = field.to_le_bytes());
    }
}

/// A piece whose header and section checksums were verified.
#[derive(Debug)]
pub struct Envelope {
    bytes: Shared,
    sections: Vec<(Tag, usize, usize)>,
}

impl Envelope {
    /// Verifies `bytes` as a piece of `kind` that may hold the required tags `known`.
    ///
    /// # Errors
    /// `AV_CORRUPT` for anything damaged, `AV_FORMAT_NEWER` for a later version or an unknown required section.
    pub fn open(bytes: impl Into<Shared>, kind: u16, known: &[Tag]) -> Result<Self> {
        Ok(Self::read(bytes.into(), kind, known, None)?.0)
    }

    /// A piece without its sections from `first` on, which are read and verified by themselves: `bytes` end where that begins. Returns where
    /// those lie, too.
    ///
    /// # Errors
    /// As of [`Self::open`]; `AV_CORRUPT` when they do not follow one another to the end.
    pub fn open_until(bytes: impl Into<Shared>, kind: u16, known: &[Tag], first: Tag) -> Result<(Self, Vec<Absent>)> {
        Self::read(bytes.into(), kind, known, Some(first))
    }

    fn read(bytes: Shared, kind: u16, known: &[Tag], first: Option<Tag>) -> Result<(Self, Vec<Absent>)> {
        let u16_at = |at: usize| u32_at(&bytes, at) as u16;
        if bytes.get(..4) != Some(MAGIC) {
            return Err(Error::corrupt("a stored piece does not start with AVDB"));
        }
        let count = usize::from((u32_at(&bytes, 8) >> 16) as u16);
        let directory = HEADER + count * ENTRY;
        let stored = u32_at(&bytes, directory);
        let total = u32_at(&bytes, 12) as usize;
        if bytes.get(..directory).map(crc32c) != Some(stored) || (first.is_none() && bytes.len() != total) {
            return Err(Error::corrupt("header checksum or length of a stored piece is wrong"));
        }
        if u16_at(4) > VERSION {
            return Err(Error::new(Code::FormatNewer, format!("format version {} is later than {VERSION}", u16_at(4))));
        }
        if u16_at(8) != 0 {
            return Err(Error::new(Code::FormatNewer, format!("a stored piece has codec {}", u16_at(8))));
        }
        if u16_at(6) != kind {
            return Err(Error::corrupt(format!("a piece of kind {} stands where kind {kind} belongs", u16_at(6))));
        }
        let mut sections = Vec::with_capacity(count);
        let mut absent: Vec<Absent> = Vec::new();
        for entry in (HEADER..directory).step_by(ENTRY) {
            let tag: Tag = bytes.get(entry..entry + 4).and_then(|t| t.try_into().ok()).unwrap_or_default();
            let (start, len) = (u32_at(&bytes, entry + 4) as usize, u32_at(&bytes, entry + 8) as usize);
            let name = String::from_utf8_lossy(&tag).into_owned();
            if tag.first().is_some_and(u8::is_ascii_uppercase) && !known.contains(&tag) {
                return Err(Error::new(Code::FormatNewer, format!("section {name} is not known to this version")));
            }
            if first == Some(tag) || !absent.is_empty() {
                // Before version 6 the last one lay at a multiple of 16.
                let follows =
                    |before: usize| [ALIGN, LINE].iter().any(|align| start == before.next_multiple_of(*align));
                let is_next = absent.last().map_or(start == bytes.len(), |(_, range)| follows(range.end));
                if !is_next || start.checked_add(len).is_none_or(|end| end > total) {
                    return Err(Error::corrupt(format!("section {name} does not follow the one before")));
                }
                absent.push((tag, start..start + len));
                continue;
            }
            let Some(body) = start.checked_add(len).and_then(|end| bytes.get(start..end)) else {
                return Err(Error::corrupt(format!("section {name} lies outside its piece")));
            };
            if crc32c(body) != u32_at(&bytes, entry + 12) {
                return Err(Error::corrupt(format!("checksum of section {name} is wrong")));
            }
            sections.push((tag, start, start + len));
        }
        if first.is_some() && absent.last().is_none_or(|(_, range)| range.end != total) {
            return Err(Error::corrupt("a stored piece lacks the sections that are read by themselves"));
        }
        Ok((Self { bytes, sections }, absent))
    }

    /// A section; empty when the piece has none of that name.
    pub fn section(&self, tag: Tag) -> Shared {
        self.sections.iter().find(|s| s.0 == tag).map_or_else(Shared::default, |s| self.bytes.part(s.1..s.2))
    }

    /// Has the piece a section of that name?
    pub fn has(&self, tag: Tag) -> bool {
        self.sections.iter().any(|s| s.0 == tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece() -> Vec<u8> {
        write(KIND_TEXT, &[(*b"Abcd", vec![1, 2, 3]), (*b"note", vec![4; 40])])
    }

    #[test]
    fn sections_come_back_as_written() {
        let open = Envelope::open(piece(), KIND_TEXT, &[*b"Abcd"]).unwrap();
        assert_eq!(&*open.section(*b"Abcd"), [1, 2, 3]);
        assert_eq!(&*open.section(*b"note"), [4; 40]);
        assert!(open.section(*b"none").is_empty());
    }

    #[test]
    fn any_flipped_bit_that_matters_is_noticed() {
        let whole = piece();
        for at in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[at / 8] ^= 1 << (at % 8);
            if let Ok(open) = Envelope::open(bytes, KIND_TEXT, &[*b"Abcd"]) {
                assert_eq!(
                    (&*open.section(*b"Abcd"), &*open.section(*b"note")),
                    ([1, 2, 3].as_slice(), [4; 40].as_slice()),
                    "bit {at}"
                );
            }
        }
    }

    #[test]
    fn any_truncation_is_noticed() {
        let whole = piece();
        for len in 0..whole.len() {
            assert_eq!(Envelope::open(whole[..len].to_vec(), KIND_TEXT, &[*b"Abcd"]).unwrap_err().code, Code::Corrupt);
        }
    }

    #[test]
    fn a_piece_without_its_last_sections_says_where_those_lie() {
        let sections = [(*b"Abcd", vec![1, 2, 3]), (*b"some", vec![5; 33]), (*b"note", vec![4; 40])];
        let whole = write(KIND_TEXT, &sections);
        let (known, last) = ([*b"Abcd"], whole.len() - 40);
        let start = last - 48;
        let (open, absent) = Envelope::open_until(whole[..start].to_vec(), KIND_TEXT, &known, *b"some").unwrap();
        assert_eq!(&*open.section(*b"Abcd"), [1, 2, 3]);
        assert_eq!(absent, [(*b"some", start..start + 33), (*b"note", last..whole.len())]);
        assert!(!open.has(*b"some") && !open.has(*b"note"));
        for (bytes, first) in [
            (&whole[..], *b"note"),
            (&whole[..start], *b"Abcd"),
            (&whole[..start], *b"note"),
            (&whole[..start], *b"none"),
            (&whole[..start - 1], *b"some"),
        ] {
            let error = Envelope::open_until(bytes.to_vec(), KIND_TEXT, &known, first).unwrap_err();
            assert_eq!(error.code, Code::Corrupt);
        }
        for at in 0..start * 8 {
            let mut bytes = whole[..start].to_vec();
            bytes[at / 8] ^= 1 << (at % 8);
            if let Ok((open, absent)) = Envelope::open_until(bytes, KIND_TEXT, &known, *b"some") {
                assert_eq!((&*open.section(*b"Abcd"), absent.len()), ([1, 2, 3].as_slice(), 2), "bit {at}");
            }
        }
    }

    #[test]
    fn rows_lie_where_a_line_begins_and_others_nearer() {
        let mut writer = Writer::new(KIND_TEXT, 3, 0);
        writer.section(*b"Abcd", |out| out.push(1));
        writer.rows(*b"Rows", |out| out.extend([2; 5]));
        writer.section(*b"note", |out| out.push(3));
        let whole = writer.finish();
        let known = [*b"Abcd", *b"Rows"];
        let open = Envelope::open(whole.clone(), KIND_TEXT, &known).unwrap();
        assert_eq!(&*open.section(*b"Rows"), [2; 5]);
        let at = u32_at(&whole, HEADER + ENTRY + 4) as usize;
        assert_eq!((at % LINE, u32_at(&whole, HEADER + 2 * ENTRY + 4) as usize), (0, at + ALIGN));
        let (_, absent) = Envelope::open_until(whole[..at].to_vec(), KIND_TEXT, &known, *b"Rows").unwrap();
        assert_eq!(absent, [(*b"Rows", at..at + 5), (*b"note", at + ALIGN..at + ALIGN + 1)]);
    }

    #[test]
    fn an_unknown_required_section_is_a_newer_format_and_an_optional_one_is_not() {
        assert_eq!(Envelope::open(piece(), KIND_TEXT, &[]).unwrap_err().code, Code::FormatNewer);
        assert!(Envelope::open(write(KIND_TEXT, &[(*b"note", vec![])]), KIND_TEXT, &[]).is_ok());
    }
}
