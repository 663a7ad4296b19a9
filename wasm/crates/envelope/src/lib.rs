//! The envelope of every stored piece: a header, a directory of tagged sections, a checksum on each.
//!
//! ```text
//! 0   magic "AVDB"
//! 4   version u16 = 6
//! 6   kind u16            1 text segment, 2 vector segment, 3 history, 4 WAL frame, 5 manifest,
//!                         6 packed, 7 items
//! 8   codec u16 = 0       how the sections are stored: 0 plain
//! 10  sections u16
//! 12  total bytes u32
//! 16  directory: sections x { tag 4 bytes, offset u32, length u32, CRC-32C of the section u32 }
//! ..  CRC-32C of everything above u32
//! ..  sections, each at a multiple of 16
//! ```
//! A tag that starts with an upper-case letter is required: who does not know it must refuse the piece
//! (`AV_FORMAT_NEWER`). One that starts with a lower-case letter may be skipped.

#![forbid(unsafe_code)]

use aetherv_core::bytes::u32_at;
use aetherv_core::crc::{Crc, crc32c};
use aetherv_core::{Code, Error, Result, Shared};
use std::ops::Range;

/// The format version this build writes, and the latest it reads.
pub const VERSION: u16 = 6;
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

/// A section's name.
pub type Tag = [u8; 4];

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
        let start = self.out.len().next_multiple_of(ALIGN);
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

/// Checksums of the sections of a piece, taken while its bytes come in.
#[derive(Debug, Default)]
pub struct Sums {
    upto: usize,
    sections: Vec<(Range<usize>, Crc)>,
}

impl Sums {
    /// The first `upto` bytes are there; none of those before changes any more.
    pub fn advance(&mut self, bytes: &[u8], upto: usize) {
        let count = usize::from((u32_at(bytes, 8) >> 16) as u16);
        let directory = HEADER + count * ENTRY;
        if upto < directory || upto > bytes.len() || upto <= self.upto {
            return;
        }
        if self.upto == 0 {
            let range = |entry: usize| {
                let start = u32_at(bytes, entry + 4) as usize;
                start..start.saturating_add(u32_at(bytes, entry + 8) as usize)
            };
            self.sections = (HEADER..directory).step_by(ENTRY).map(|entry| (range(entry), Crc::default())).collect();
        }
        for (range, crc) in &mut self.sections {
            let new = range.start.max(self.upto)..range.end.min(upto);
            crc.add(bytes.get(new).unwrap_or_default());
        }
        self.upto = upto;
    }

    /// That of a section, if all of it is there.
    fn of(&self, range: &Range<usize>) -> Option<u32> {
        let found = self.sections.iter().find(|section| section.0 == *range && range.end <= self.upto);
        found.map(|section| section.1.value())
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
    pub fn open(bytes: Vec<u8>, kind: u16, known: &[Tag]) -> Result<Self> {
        Ok(Self::read(bytes, &Sums::default(), kind, known, None)?.0)
    }

    /// A piece without its last section, which is read and verified by itself: `bytes` end where it begins. Returns where it lies, too.
    ///
    /// # Errors
    /// As of [`Self::open`]; `AV_CORRUPT` when the section is not the last.
    pub fn open_without(
        bytes: Vec<u8>,
        sums: &Sums,
        kind: u16,
        known: &[Tag],
        last: Tag,
    ) -> Result<(Self, Range<usize>)> {
        Self::read(bytes, sums, kind, known, Some(last))
    }

    fn read(bytes: Vec<u8>, sums: &Sums, kind: u16, known: &[Tag], last: Option<Tag>) -> Result<(Self, Range<usize>)> {
        let u16_at = |at: usize| u32_at(&bytes, at) as u16;
        if bytes.get(..4) != Some(MAGIC) {
            return Err(Error::corrupt("a stored piece does not start with AVDB"));
        }
        let count = usize::from((u32_at(&bytes, 8) >> 16) as u16);
        let directory = HEADER + count * ENTRY;
        let stored = u32_at(&bytes, directory);
        let total = u32_at(&bytes, 12) as usize;
        if bytes.get(..directory).map(crc32c) != Some(stored) || (last.is_none() && bytes.len() != total) {
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
        let mut absent = 0..0;
        for entry in (HEADER..directory).step_by(ENTRY) {
            let tag: Tag = bytes.get(entry..entry + 4).and_then(|t| t.try_into().ok()).unwrap_or_default();
            let (start, len) = (u32_at(&bytes, entry + 4) as usize, u32_at(&bytes, entry + 8) as usize);
            let name = String::from_utf8_lossy(&tag).into_owned();
            if tag.first().is_some_and(u8::is_ascii_uppercase) && !known.contains(&tag) {
                return Err(Error::new(Code::FormatNewer, format!("section {name} is not known to this version")));
            }
            if last == Some(tag) {
                if entry + ENTRY != directory || start != bytes.len() || start.checked_add(len) != Some(total) {
                    return Err(Error::corrupt(format!("section {name} is not the last of its piece")));
                }
                absent = start..total;
                break;
            }
            let Some(body) = start.checked_add(len).and_then(|end| bytes.get(start..end)) else {
                return Err(Error::corrupt(format!("section {name} lies outside its piece")));
            };
            if sums.of(&(start..start + len)).unwrap_or_else(|| crc32c(body)) != u32_at(&bytes, entry + 12) {
                return Err(Error::corrupt(format!("checksum of section {name} is wrong")));
            }
            sections.push((tag, start, start + len));
        }
        if last.is_some() && absent.is_empty() {
            return Err(Error::corrupt("a stored piece lacks the section that is read by itself"));
        }
        Ok((Self { bytes: bytes.into(), sections }, absent))
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
    fn a_piece_without_its_last_section_says_where_that_lies() {
        let whole = piece();
        let (known, start) = ([*b"Abcd"], whole.len() - 40);
        let none = Sums::default();
        let (open, absent) =
            Envelope::open_without(whole[..start].to_vec(), &none, KIND_TEXT, &known, *b"note").unwrap();
        assert_eq!((&*open.section(*b"Abcd"), absent), ([1, 2, 3].as_slice(), start..whole.len()));
        for (bytes, last) in [(&whole[..], *b"note"), (&whole[..start], *b"Abcd"), (&whole[..start - 1], *b"note")] {
            let error = Envelope::open_without(bytes.to_vec(), &none, KIND_TEXT, &known, last).unwrap_err();
            assert_eq!(error.code, Code::Corrupt);
        }
        for at in 0..start * 8 {
            let mut bytes = whole[..start].to_vec();
            bytes[at / 8] ^= 1 << (at % 8);
            // Bit by bit, and as it is.
            let mut sums = Sums::default();
            (0..=start).step_by(1 + at % 7).chain([start]).for_each(|upto| sums.advance(&bytes, upto));
            let taken = Envelope::open_without(bytes.clone(), &sums, KIND_TEXT, &known, *b"note");
            let plain = Envelope::open_without(bytes, &none, KIND_TEXT, &known, *b"note");
            assert_eq!(taken.as_ref().err(), plain.as_ref().err());
            if let Ok((open, absent)) = taken {
                assert_eq!((&*open.section(*b"Abcd"), absent), ([1, 2, 3].as_slice(), start..whole.len()), "bit {at}");
            }
        }
    }

    #[test]
    fn an_unknown_required_section_is_a_newer_format_and_an_optional_one_is_not() {
        assert_eq!(Envelope::open(piece(), KIND_TEXT, &[]).unwrap_err().code, Code::FormatNewer);
        assert!(Envelope::open(write(KIND_TEXT, &[(*b"note", vec![])]), KIND_TEXT, &[]).is_ok());
    }
}
