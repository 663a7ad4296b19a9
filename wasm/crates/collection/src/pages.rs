//! Values of a stored segment that are not all in memory: pages of a few rows, handed in as they are asked for, or read then where there is a
//! source that answers at once.
//!
//! A page is rows of the section `Rows` one after the other; the last one may be shorter. Its checksum is in the section `sums`.

use crate::items::finite;
use aetherv_ann::arrival::Source;
use aetherv_core::bytes::{Reader, put_u32s, u32_at};
use aetherv_core::crc::crc32c;
use aetherv_core::{Error, Result, Shared};
use std::cell::{Cell, OnceCell};
use std::ops::Range;

/// Pages are about so large: a search reads rows that lie anywhere, so a larger one is mostly bytes that nobody asked for.
const PAGE: usize = 4096;

/// Rows of a page.
pub fn rows_of_page(width: usize) -> usize {
    (PAGE / width.max(1)).max(1)
}

/// Rows of a segment, in pages.
pub struct Pages {
    width: usize,
    per_page: usize,
    /// Where the values lie in the stored segment.
    at: Range<usize>,
    sums: Shared,
    source: Option<Source>,
    here: Vec<OnceCell<Page>>,
    held: Cell<usize>,
    /// Bytes that came from the source since it was last asked.
    read: Cell<usize>,
    /// Where the clock stands that goes round when pages are let go of.
    hand: usize,
}

struct Page {
    bytes: Box<[u8]>,
    /// Was it read since the clock came by?
    used: Cell<bool>,
}

/// Appends the checksum of each page of so many rows of `width` bytes.
pub fn seal<'a>(rows: usize, width: usize, value: &dyn Fn(usize) -> &'a [u8], out: &mut Vec<u8>) {
    let (per_page, mut page) = (rows_of_page(width), Vec::new());
    for first in (0..rows).step_by(per_page) {
        page.clear();
        (first..rows.min(first + per_page)).for_each(|row| page.extend_from_slice(value(row)));
        put_u32s(out, [crc32c(&page)]);
    }
}

impl Pages {
    /// None in memory yet. `at`: where the values of `rows` rows of `width` bytes lie in the segment; `sums`: checksums of pages of `per_page`
    /// rows.
    ///
    /// # Errors
    /// `AV_CORRUPT`.
    pub fn open(sums: Shared, per_page: usize, at: Range<usize>, rows: usize, width: usize) -> Result<Self> {
        let count = if per_page == 0 { 0 } else { rows.div_ceil(per_page) };
        if per_page == 0 || sums.len() != 4 * count || Some(at.len()) != rows.checked_mul(width) {
            return Err(Error::corrupt(format!("pages of {per_page} rows do not fit a segment of {rows} rows")));
        }
        let here = std::iter::repeat_with(OnceCell::new).take(count).collect();
        let (held, read) = (Cell::new(0), Cell::new(0));
        Ok(Self { width, per_page, at, sums, source: None, here, held, read, hand: 0 })
    }

    /// The same, whose pages are read when they are first asked for.
    #[must_use]
    pub fn from(self, source: Option<Source>) -> Self {
        Self { source, ..self }
    }

    /// A row's values; empty when its page is not here and could not be read.
    #[inline]
    pub fn row(&self, row: usize) -> &[u8] {
        let at = row / self.per_page;
        let Some(page) = self.here.get(at).and_then(|slot| slot.get().or_else(|| self.fetch(at))) else { return &[] };
        page.used.set(true);
        let at = row % self.per_page * self.width;
        page.bytes.get(at..at + self.width).unwrap_or_default()
    }

    /// What is damaged is not taken in: who comes again learns of it by [`Self::supply`].
    #[inline(never)]
    fn fetch(&self, at: usize) -> Option<&Page> {
        let (source, slot, range) = (self.source.as_ref()?, self.here.get(at)?, self.range(at));
        let mut bytes = vec![0; range.len()].into_boxed_slice();
        if !source(range.start, &mut bytes) || self.checked(at, &bytes).is_err() {
            return None;
        }
        self.read.set(self.read.get() + bytes.len());
        self.held.set(self.held.get() + bytes.len());
        Some(slot.get_or_init(|| Page { bytes, used: Cell::new(true) }))
    }

    fn checked(&self, at: usize, bytes: &[u8]) -> Result<()> {
        if crc32c(bytes) != u32_at(&self.sums, 4 * at) {
            return Err(Error::corrupt(format!("checksum of page {at} of a vector segment is wrong")));
        }
        finite(bytes)
    }

    /// Bytes of the segment that a row's page is.
    pub fn range_of(&self, row: usize) -> Range<usize> {
        self.range(row / self.per_page)
    }

    fn range(&self, page: usize) -> Range<usize> {
        let place = |page: usize| page.saturating_mul(self.per_page * self.width).min(self.at.len());
        self.at.start + place(page)..self.at.start + place(page + 1)
    }

    /// The first pages that are not here, at most `most` bytes of them but at least one; none when all are.
    pub fn absent(&self, most: usize) -> Option<Range<usize>> {
        let is_absent = |page: &OnceCell<Page>| page.get().is_none();
        let first = self.here.iter().position(is_absent)?;
        let count = (most / (self.per_page * self.width).max(1)).max(1);
        let run = self.here.iter().skip(first).take(count).take_while(|page| is_absent(page)).count();
        Some(self.range(first).start..self.range(first + run - 1).end)
    }

    /// Takes bytes of the segment in that are whole pages, `from` a byte on.
    ///
    /// # Errors
    /// `AV_CORRUPT` for a page whose checksum is wrong; `AV_INTERNAL` for bytes that are no pages. Pages before it stay.
    pub fn supply(&mut self, from: usize, mut bytes: &[u8]) -> Result<()> {
        // What begins before the values is no page, whichever it is taken for.
        let mut page = from.saturating_sub(self.at.start) / (self.per_page * self.width).max(1);
        let mut at = from;
        while !bytes.is_empty() {
            let range = self.range(page);
            let (own, slot) = (bytes.split_at_checked(range.len()), self.here.get(page));
            let (Some((own, rest)), Some(slot), true) = (own, slot, range.start == at) else {
                return Err(Error::internal(format!("{} bytes at {at} are no pages of a segment", bytes.len())));
            };
            self.checked(page, own)?;
            if slot.set(Page { bytes: own.into(), used: Cell::new(true) }).is_ok() {
                self.held.set(self.held.get() + own.len());
            }
            (bytes, page, at) = (rest, page + 1, range.end);
        }
        Ok(())
    }

    /// Lets go of pages that were not read for longest, until at most `most` bytes are left.
    pub fn trim(&mut self, most: usize) {
        while self.held.get() > most {
            let at = self.hand % self.here.len().max(1);
            self.hand = at + 1;
            let Some(slot) = self.here.get_mut(at) else { return };
            // Round once it is all unread, so a page goes at the latest in the second.
            if slot.get().is_some_and(|page| !page.used.replace(false)) {
                let gone = slot.take().map_or(0, |page| page.bytes.len());
                self.held.set(self.held.get() - gone);
            }
        }
    }

    /// Bytes of values in memory.
    pub const fn held(&self) -> usize {
        self.held.get()
    }

    /// Bytes that were read from the source since the last call.
    pub const fn take_read(&self) -> usize {
        self.read.replace(0)
    }

    /// Bytes of all values.
    pub fn total(&self) -> usize {
        self.at.len()
    }

    /// Bytes in memory beside the values.
    pub fn bytes(&self) -> usize {
        self.here.len() * size_of::<OnceCell<Page>>()
    }
}

/// The section `sums`, read column by column.
pub struct PageSums {
    section: Shared,
    column: usize,
    at: usize,
}

impl PageSums {
    const HEAD: usize = 12;

    /// At its first column.
    ///
    /// # Errors
    /// `AV_CORRUPT`.
    pub fn open(section: Shared) -> Result<Self> {
        Reader::new(&section, "sums").bytes(Self::HEAD)?;
        Ok(Self { section, column: 0, at: Self::HEAD })
    }

    /// Checksums of the pages of the next column, which has so many rows, and how many a page has.
    ///
    /// # Errors
    /// `AV_CORRUPT` when there are fewer.
    pub fn next(&mut self, rows: usize) -> Result<(Shared, usize)> {
        let per_page = u32_at(&self.section, 4 * self.column) as usize;
        let end = self.at + 4 * if per_page == 0 { 0 } else { rows.div_ceil(per_page) };
        if end > self.section.len() {
            return Err(Error::corrupt("a vector segment has fewer checksums than pages"));
        }
        self.column += 1;
        Ok((self.section.part(std::mem::replace(&mut self.at, end)..end), per_page))
    }

    /// Was that all?
    ///
    /// # Errors
    /// `AV_CORRUPT` when it was not.
    pub fn end(&self) -> Result<()> {
        if self.at == self.section.len() {
            return Ok(());
        }
        Err(Error::corrupt("a vector segment has more checksums than pages"))
    }
}
