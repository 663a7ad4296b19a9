//! Item versions: the `Item` section of WAL frames and of items segments.
//!
//! ```text
//! Item  collection u32 | rows n u32 | dims u32 | vectors v u32 | first cno u32 | ino u32[n], rising | cno u32[n]
//!       | version id 16[n] | id ends u32[n] | meta ends u32[n] | text ends u32[n] | f32[v x dims]
//!       | ids | metas, JSON | texts, all UTF-8
//! ```
//! A meta of no bytes is `{}`, a text of no bytes is none. In a WAL frame the v vectors are new contents, numbered from the first cno on; in
//! a segment there are none.

use crate::NONE;
use aetherv_core::bytes::{Reader, put_u32s, u32_at};
use aetherv_core::hash::{ID_BYTES, Id};
use aetherv_core::words::{Word, never_fall, rise, words};
use aetherv_core::{Error, Result, Shared};
use aetherv_envelope::{Envelope, KIND_ITEMS, Tag, Writer};
use aetherv_filter::Metas;
use std::ops::Range;

const TAG: Tag = *b"Item";

/// The texts of an item version.
#[derive(Clone, Copy)]
pub enum Field {
    /// What it is called.
    Id = 0,
    /// Its metadata.
    Meta = 1,
    /// What its vector is of.
    Text = 2,
}

/// The rows of one section, over bytes that they own.
#[derive(Default)]
pub struct Items {
    bytes: Shared,
    /// Ordinal of the collection.
    pub collection: u32,
    /// Number of the first new content.
    pub first: u32,
    rows: usize,
    inos: usize,
    cnos: usize,
    versions: usize,
    ends: [usize; 3],
    blobs: [usize; 3],
    values: Range<usize>,
}

impl Items {
    /// Takes a section in; its collection has `dims` dimensions.
    ///
    /// # Errors
    /// `AV_CORRUPT`.
    pub fn open(bytes: impl Into<Shared>, dims: usize) -> Result<Self> {
        let bytes: Shared = bytes.into();
        let mut reader = Reader::new(&bytes, "Item");
        let mut head = [0; 5];
        for field in &mut head {
            *field = reader.u32()?;
        }
        let [collection, rows, given, vectors, first] = head;
        let rows = rows as usize;
        if given as usize != dims || first.checked_add(vectors).is_none() {
            return Err(Error::corrupt(format!("item versions have vectors of {given} dimensions, not {dims}")));
        }
        let mut column = |count: usize, size: usize| {
            let from = bytes.len() - reader.left();
            reader.column(count, size).map(|_| from)
        };
        let (inos, cnos, versions) = (column(rows, 4)?, column(rows, 4)?, column(rows, ID_BYTES)?);
        let ends = [column(rows, 4)?, column(rows, 4)?, column(rows, 4)?];
        let from = column(vectors as usize, dims.saturating_mul(4))?;
        let mut blobs = [0; 3];
        for (blob, from) in blobs.iter_mut().zip(ends) {
            let ends = column_of(&bytes, from, rows);
            let length = ends.last().map_or(0, |end| u32::from_le_bytes(*end)) as usize;
            *blob = column(length, 1)?;
            let raw = bytes.get(*blob..*blob + length).unwrap_or_default();
            // Most are plain, and then any byte begins one.
            let fits = raw.is_ascii() || {
                let text = str::from_utf8(raw).ok();
                let begins =
                    |end: &Word| text.is_some_and(|text| text.is_char_boundary(u32::from_le_bytes(*end) as usize));
                ends.iter().all(begins)
            };
            if !fits || !never_fall(ends) {
                return Err(Error::corrupt("texts of item versions are not UTF-8 or end out of order"));
            }
        }
        if reader.left() != 0 {
            return Err(Error::corrupt("item versions are longer than their rows"));
        }
        let values = from..from + vectors as usize * dims * 4;
        let out = Self { collection, first, rows, inos, cnos, versions, ends, blobs, values, bytes };
        if !rise(out.ino_words()) || out.inos().last() == Some(NONE) {
            return Err(Error::corrupt("the numbers of item versions do not rise"));
        }
        finite(out.values())?;
        Ok(out)
    }

    /// Takes an items segment in.
    ///
    /// # Errors
    /// `AV_CORRUPT`, `AV_FORMAT_NEWER`.
    pub fn open_segment(bytes: impl Into<Shared>, dims: usize) -> Result<Self> {
        let items = Self::open(Envelope::open(bytes, KIND_ITEMS, &[TAG])?.section(TAG), dims)?;
        if items.values.is_empty() { Ok(items) } else { Err(Error::corrupt("an items segment holds vectors")) }
    }

    /// Item versions as a section without vectors; in the order given, which has to be that of their numbers.
    pub fn write(out: &mut Vec<u8>, collection: u32, dims: usize, picks: &[(&Self, usize)]) {
        let each =
            |of: &dyn Fn(&Self, usize) -> u32| picks.iter().map(|(items, row)| of(items, *row)).collect::<Vec<_>>();
        put_u32s(out, [collection, picks.len() as u32, dims as u32, 0, 0]);
        put_u32s(out, each(&Self::ino));
        put_u32s(out, each(&Self::cno));
        picks.iter().for_each(|(items, row)| out.extend_from_slice(items.version(*row)));
        let texts = [Field::Id, Field::Meta, Field::Text];
        for which in texts {
            let mut end = 0;
            put_u32s(
                out,
                picks.iter().map(|(items, row)| {
                    end += items.text(which, *row).len() as u32;
                    end
                }),
            );
        }
        for which in texts {
            picks.iter().for_each(|(items, row)| out.extend_from_slice(items.text(which, *row)));
        }
    }

    /// The same as a segment.
    pub fn write_segment(collection: u32, dims: usize, picks: &[(&Self, usize)]) -> Vec<u8> {
        let mut writer = Writer::new(KIND_ITEMS, 1, 0);
        writer.section(TAG, |out| Self::write(out, collection, dims, picks));
        writer.finish()
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.rows
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// All numbers, rising.
    pub fn inos(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.ino_words().iter().map(|ino| u32::from_le_bytes(*ino))
    }

    /// The same as they are stored.
    pub fn ino_words(&self) -> &[Word] {
        column_of(&self.bytes, self.inos, self.rows)
    }

    /// Numbers of the contents of all rows, as they are stored.
    pub fn cno_words(&self) -> &[Word] {
        column_of(&self.bytes, self.cnos, self.rows)
    }

    /// Number of a row.
    pub fn ino(&self, row: usize) -> u32 {
        u32_at(&self.bytes, self.inos + 4 * row)
    }

    /// Number of a row's content.
    #[inline]
    pub fn cno(&self, row: usize) -> u32 {
        u32_at(&self.bytes, self.cnos + 4 * row)
    }

    /// Version id of a row.
    pub fn version(&self, row: usize) -> &Id {
        const ZERO: Id = [0; ID_BYTES];
        self.bytes.get(self.versions + ID_BYTES * row..).and_then(|rest| rest.first_chunk()).unwrap_or(&ZERO)
    }

    /// One of a row's texts.
    #[inline]
    pub fn text(&self, which: Field, row: usize) -> &[u8] {
        let at = |texts: [usize; 3]| texts.get(which as usize).copied().unwrap_or_default();
        let (ends, blob) = (at(self.ends), at(self.blobs));
        let start = if row == 0 { 0 } else { u32_at(&self.bytes, ends + 4 * row - 4) as usize };
        self.bytes.get(blob + start..blob + u32_at(&self.bytes, ends + 4 * row) as usize).unwrap_or_default()
    }

    /// The new contents.
    pub fn values(&self) -> &[u8] {
        self.bytes.get(self.values.clone()).unwrap_or_default()
    }
}

impl Metas for Items {
    fn len(&self) -> usize {
        self.rows
    }

    fn json(&self, row: u32) -> &[u8] {
        self.text(Field::Meta, row as usize)
    }
}

fn column_of(bytes: &[u8], from: usize, count: usize) -> &[Word] {
    words(bytes.get(from..from + 4 * count).unwrap_or_default())
}

/// Are these f32 bytes finite?
///
/// # Errors
/// `AV_CORRUPT`.
pub fn finite(values: &[u8]) -> Result<()> {
    // One pass without an early exit: it runs in vector registers.
    if values.as_chunks::<4>().0.iter().fold(true, |all, v| all & f32::from_le_bytes(*v).is_finite()) {
        return Ok(());
    }
    Err(Error::corrupt("a stored vector holds NaN or infinity"))
}
