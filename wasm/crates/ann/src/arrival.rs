//! Rows whose bytes come in page by page, each page checked against its checksum when one of its rows is first read.
//!
//! So a segment answers when what a search touches is there, and nothing is read that was not checked. A page comes before it is asked for, by
//! [`Arrival::room`], or at the moment it is, from a [`Source`] where there is one that answers at once.

use aetherv_core::bytes::{Reader, put_u32s, u32_at};
use aetherv_core::crc::crc32c;
use aetherv_core::{Error, Result, Shared};
use std::cell::{Cell, UnsafeCell};
use std::ops::Range;
use std::rc::Rc;

/// Pages are about so large: a search reads rows that lie anywhere, so a larger one is mostly bytes that nobody asked for, and smaller ones have
/// more checksums.
const PAGE: usize = 1024;

/// Bytes that a processor reads at once.
pub const LINE: usize = 64;

/// Rows of a page.
pub fn rows_of_page(width: usize) -> usize {
    (PAGE / width.max(1)).max(1)
}

/// Appends the checksum of each page of rows of `width` bytes.
pub fn seal(rows: &[u8], width: usize, out: &mut Vec<u8>) {
    put_u32s(out, rows.chunks(rows_of_page(width) * width.max(1)).map(crc32c));
}

/// Where a page is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Absent,
    Here,
    Checked,
}

/// Fills in bytes of a stored segment, from one of them on, at once; false when it cannot. It must not call what asks it.
pub type Source = Rc<dyn Fn(usize, &mut [u8]) -> bool>;

/// Rows that are filled in from outside.
pub struct Arrival {
    /// Changed behind a shared reference by [`Self::fetch`] alone.
    bytes: UnsafeCell<Vec<u8>>,
    /// Whom absent pages are asked of, and where the rows begin in what it reads.
    source: Option<(Source, usize)>,
    /// Where the rows begin in `bytes`.
    start: usize,
    width: usize,
    per_page: usize,
    sums: Shared,
    /// Where rows are links, the place that all are below.
    below: Option<u32>,
    pages: Vec<Cell<State>>,
    unchecked: Cell<usize>,
    damaged: Cell<Option<u32>>,
}

impl Arrival {
    /// `rows` rows of `width` bytes, at the end of `bytes`: none of them there, or all of them. What is before them, less than [`LINE`] bytes, is of
    /// no use but that they begin where a line of the processor's does. `sums`: checksums of pages of `per_page` rows. `below`:
    /// they are links, all to places below this.
    ///
    /// # Errors
    /// `AV_CORRUPT` for numbers that do not fit.
    pub fn new(
        bytes: Vec<u8>,
        (rows, width, per_page): (usize, usize, usize),
        sums: Shared,
        below: Option<u32>,
        here: bool,
    ) -> Result<Self> {
        let count = if per_page == 0 { 0 } else { rows.div_ceil(per_page) };
        // So that no product of it overflows.
        let per_page = per_page.min(rows);
        Reader::new(&sums, "sums").column(count, 4)?;
        let start =
            rows.checked_mul(width).and_then(|size| bytes.len().checked_sub(size)).filter(|start| *start < LINE);
        let Some(start) = start.filter(|_| (per_page == 0) == (rows == 0)) else {
            return Err(Error::corrupt(format!("pages of {per_page} rows do not fit {rows} rows of a segment")));
        };
        let pages = vec![Cell::new(if here { State::Here } else { State::Absent }); count];
        let (unchecked, damaged) = (Cell::new(count), Cell::new(None));
        let bytes = UnsafeCell::new(bytes);
        Ok(Self { bytes, source: None, start, width, per_page, sums, below, pages, unchecked, damaged })
    }

    /// The same, whose pages are read when they are first asked for; `at`: where the rows begin in what the source reads.
    #[must_use]
    pub fn from(self, source: Option<Source>, at: usize) -> Self {
        Self { source: source.map(|source| (source, at)), ..self }
    }

    /// All bytes, those that did not come zeros. They are not held over a call of [`Self::has`], which may fill some in.
    #[expect(unsafe_code, reason = "bytes come behind a shared reference")]
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: `fetch` alone writes to them behind a shared reference, and nobody holds them over that.
        unsafe { &*self.bytes.get() }.get(self.start..).unwrap_or_default()
    }

    /// Did all come, and were all checked?
    #[inline]
    pub fn is_whole(&self) -> bool {
        self.unchecked.get() == 0
    }

    /// Is a row there, or could it be read? Then it is right.
    #[inline]
    pub fn has(&self, row: u32) -> bool {
        let page = row as usize / self.per_page.max(1);
        self.is_here(page) || self.fetch(page)
    }

    #[inline]
    fn is_here(&self, page: usize) -> bool {
        match self.pages.get(page).map(Cell::get) {
            Some(State::Checked) => true,
            Some(State::Here) => self.check(page),
            _ => false,
        }
    }

    #[expect(unsafe_code, reason = "as of `bytes`")]
    #[inline(never)]
    fn fetch(&self, page: usize) -> bool {
        let absent = self.pages.get(page).filter(|state| state.get() == State::Absent);
        let (Some((source, at)), Some(state)) = (&self.source, absent) else { return false };
        let Range { start, end } = self.range(page);
        // SAFETY: no slice of them is held here, nor by who asks (see `bytes`); the source calls nobody who would take one.
        let bytes = unsafe { &mut *self.bytes.get() };
        let room = bytes.get_mut(self.start + start..self.start + end).unwrap_or_default();
        if room.is_empty() || !source(at + start, room) {
            return false;
        }
        state.set(State::Here);
        self.check(page)
    }

    #[inline(never)]
    fn check(&self, page: usize) -> bool {
        let Some(state) = self.pages.get(page) else { return false };
        let own = self.bytes().get(self.range(page)).unwrap_or_default();
        let is_link = |below: u32| own.as_chunks::<4>().0.iter().all(|link| u32::from_le_bytes(*link) < below);
        if crc32c(own) != u32_at(&self.sums, 4 * page) || !self.below.is_none_or(is_link) {
            self.damaged.set(Some(page as u32));
            // It may have been read wrong: who comes again asks for it again.
            state.set(State::Absent);
            return false;
        }
        state.set(State::Checked);
        self.unchecked.set(self.unchecked.get() - 1);
        true
    }

    /// Checks all that came; puts a row of each page that did not into `absent`: many pages are read faster together. True when there was none.
    pub fn check_all(&self, absent: &mut Vec<u32>) -> bool {
        let before = absent.len();
        let pages = (0..self.pages.len()).filter(|page| !self.is_here(*page));
        absent.extend(pages.map(|page| (page * self.per_page) as u32));
        absent.len() == before
    }

    /// Checks about `most` bytes of what came and was not read yet; false when none is left. What is damaged is as if it had not come: who needs it
    /// learns of it.
    pub fn check_some(&self, most: usize) -> bool {
        let waiting = |page: &usize| self.pages.get(*page).is_some_and(|state| state.get() == State::Here);
        let count = (most / (self.per_page * self.width).max(1)).max(1);
        let pages: Vec<usize> = (0..self.pages.len()).filter(waiting).take(count).collect();
        for &page in &pages {
            self.check(page);
        }
        self.damaged.set(None);
        !pages.is_empty()
    }

    /// The page that was found damaged since the last call. Then what came with it and was not checked yet is as if it had not come.
    pub fn take_damage(&self) -> Option<u32> {
        let page = self.damaged.take()?;
        self.pages.iter().filter(|state| state.get() == State::Here).for_each(|state| state.set(State::Absent));
        Some(page)
    }

    fn range(&self, page: usize) -> Range<usize> {
        let place = |page: usize| page.saturating_mul(self.per_page * self.width).min(self.bytes().len());
        place(page)..place(page + 1)
    }

    /// Bytes of the page of a row.
    pub fn range_of(&self, row: u32) -> Range<usize> {
        self.range(row as usize / self.per_page.max(1))
    }

    /// The first pages that did not come, at most `most` bytes of them but at least one; none when all did.
    pub fn absent(&self, most: usize) -> Option<Range<usize>> {
        let is_absent = |state: &Cell<State>| state.get() == State::Absent;
        let first = self.pages.iter().position(is_absent)?;
        let count = (most / (self.per_page * self.width).max(1)).max(1);
        let run = self.pages.iter().skip(first).take(count).take_while(|state| is_absent(state)).count();
        Some(self.range(first).start..self.range(first + run - 1).end)
    }

    /// Where bytes belong that are whole pages; none for others.
    pub fn room(&mut self, range: Range<usize>) -> Option<&mut [u8]> {
        let page = self.per_page * self.width;
        let starts = page > 0 && range.start.is_multiple_of(page) && range.start < range.end;
        let ends = range.end == self.bytes().len() || page > 0 && range.end.is_multiple_of(page);
        self.bytes.get_mut().get_mut(self.start + range.start..self.start + range.end).filter(|_| starts && ends)
    }

    /// Bytes of a range that [`Self::room`] gave were filled in. What was checked before is checked again.
    pub fn arrived(&mut self, range: Range<usize>) {
        let page = (self.per_page * self.width).max(1);
        for state in self.pages.iter().take(range.end.div_ceil(page)).skip(range.start / page) {
            if state.replace(State::Here) == State::Checked {
                self.unchecked.set(self.unchecked.get() + 1);
            }
        }
    }
}

impl Clone for Arrival {
    fn clone(&self) -> Self {
        let before = vec![0; self.start];
        Self {
            bytes: UnsafeCell::new([&before, self.bytes()].concat()),
            source: self.source.clone(),
            sums: self.sums.clone(),
            pages: self.pages.clone(),
            unchecked: self.unchecked.clone(),
            damaged: self.damaged.clone(),
            ..*self
        }
    }
}
