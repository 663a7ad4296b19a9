//! Values that are not in memory: which ones are needed, and their way in and out.

use crate::pages::Pages;
use crate::{Collection, NONE};
use aetherv_core::{Error, Result};

impl Collection {
    /// Does [`Self::lacking`] name any?
    pub const fn lacks(&self) -> bool {
        !self.lacking.is_empty()
    }

    /// What the calls since the last one needed and did not have, none if they are answered: segment, first byte, end; by segment, rising.
    pub fn lacking(&mut self) -> Vec<u32> {
        self.lacking.sort_unstable();
        self.lacking.dedup();
        let mut out: Vec<u32> = Vec::new();
        for (id, row) in std::mem::take(&mut self.lacking) {
            let pages = self.contents.parts.iter().find(|part| part.id == id).and_then(|part| part.rows.pages());
            let Some(range) = pages.map(|pages| pages.range_of(row as usize)) else { continue };
            match out.as_mut_slice() {
                [.., last, _, end] if *last == id && *end as usize >= range.start => *end = range.end as u32,
                _ => out.extend([id, range.start as u32, range.end as u32]),
            }
        }
        out
    }

    /// The next bytes of any segment that are not in memory, at most `most` of them or one page; none when all are.
    pub fn absent(&self, most: usize) -> Vec<u32> {
        let absent = self.contents.parts.iter().find_map(|part| Some((part.id, part.rows.pages()?.absent(most)?)));
        absent.map_or_else(Vec::new, |(id, range)| vec![id, range.start as u32, range.end as u32])
    }

    /// Takes whole pages of a segment in, `from` a byte of it on. Those of a segment that is not here any more are not needed.
    ///
    /// # Errors
    /// `AV_CORRUPT` for damaged bytes; `AV_INTERNAL` for bytes that are no pages.
    pub fn supply(&mut self, id: u32, from: usize, bytes: &[u8]) -> Result<()> {
        let mut parts = self.contents.parts.iter_mut().filter(|part| part.id == id && id != NONE);
        let Some(part) = parts.next() else { return Ok(()) };
        let pages = part.rows.pages_mut();
        pages.ok_or_else(|| Error::internal(format!("segment {id} has no pages")))?.supply(from, bytes)
    }

    /// Lets go of values that were not read for longest, until at most `most` bytes of them are left.
    pub fn trim(&mut self, most: usize) {
        let held = self.pages().map(Pages::held).sum::<usize>();
        for part in &mut self.contents.parts {
            // Each segment keeps its share.
            if let Some(pages) = part.rows.pages_mut().filter(|_| held > most) {
                pages.trim((pages.held() as u64 * most as u64 / held as u64) as usize);
            }
        }
    }

    pub(crate) fn pages(&self) -> impl Iterator<Item = &Pages> {
        self.contents.parts.iter().filter_map(|part| part.rows.pages())
    }
}
