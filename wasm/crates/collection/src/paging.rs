//! What is not in memory: which of it is needed, and its way in and out.

use crate::pages::Pages;
use crate::rows::Column;
use crate::{Collection, NONE};
use aetherv_ann::arrival::Arrival;
use aetherv_core::{Error, Result};
use std::ops::Range;

/// A row of a segment that was needed and is not in memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lack {
    /// Which segment.
    pub segment: u32,
    /// What of the row.
    pub column: Column,
    /// Its number.
    pub row: u32,
}

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
        let mut before = None;
        for Lack { segment, column, row } in std::mem::take(&mut self.lacking) {
            let part = self.contents.parts.iter().find(|part| part.id == segment);
            let Some(range) = part.and_then(|part| part.rows.range_of(column, row)) else { continue };
            // Two columns may lie side by side, and each is taken in by itself.
            let goes_on = before.replace((segment, column)) == Some((segment, column));
            match out.as_mut_slice() {
                [.., end] if goes_on && *end as usize >= range.start => *end = range.end as u32,
                _ => out.extend([segment, range.start as u32, range.end as u32]),
            }
        }
        out
    }

    /// Bytes of values that were read since the last call as they were needed.
    pub fn take_read(&self) -> usize {
        self.pages().map(Pages::take_read).sum()
    }

    /// The next codes or links of any segment that did not come yet, at most `most` bytes of them or one page; none when all did.
    pub fn coming(&self, most: usize) -> Vec<u32> {
        let absent = self.contents.parts.iter().find_map(|part| {
            let absent =
                |(at, arrival): (usize, &Arrival)| arrival.absent(most).map(|range| (at + range.start, at + range.end));
            part.rows.arrivals().find_map(absent).map(|(from, to)| vec![part.id, from as u32, to as u32])
        });
        absent.unwrap_or_default()
    }

    /// Checks about `most` bytes of codes and links that came and were not read yet; false when there are none.
    pub fn check(&self, most: usize) -> bool {
        let mut arrivals = self.contents.parts.iter().flat_map(|part| part.rows.arrivals());
        arrivals.any(|(_, arrival)| arrival.check_some(most))
    }

    /// The next values of any segment that are not in memory, at most `most` bytes of them or one page; none when all are.
    pub fn absent(&self, most: usize) -> Vec<u32> {
        let absent = self.contents.parts.iter().find_map(|part| Some((part.id, part.rows.pages()?.absent(most)?)));
        absent.map_or_else(Vec::new, |(id, range)| vec![id, range.start as u32, range.end as u32])
    }

    /// Where bytes of a segment belong that are whole pages of codes or links: to be filled in at once, see [`Self::arrived`]. None for others.
    pub fn room(&mut self, id: u32, range: &Range<usize>) -> Option<&mut [u8]> {
        self.contents.parts.iter_mut().find(|part| part.id == id && id != NONE)?.rows.room(range)
    }

    /// Bytes that [`Self::room`] gave are filled in.
    pub fn arrived(&mut self, id: u32, range: &Range<usize>) {
        let mut parts = self.contents.parts.iter_mut().filter(|part| part.id == id && id != NONE);
        parts.next().filter(|_| !range.is_empty()).into_iter().for_each(|part| part.rows.arrived(range));
    }

    /// Takes whole pages of a segment in, `from` a byte of it on. Those of a segment that is not here any more are not needed.
    ///
    /// # Errors
    /// `AV_CORRUPT` for damaged values: what is wrong with codes and links is told to who reads them; `AV_INTERNAL` for bytes that are no pages.
    pub fn supply(&mut self, id: u32, from: usize, bytes: &[u8]) -> Result<()> {
        let mut parts = self.contents.parts.iter_mut().filter(|part| part.id == id && id != NONE);
        let Some(part) = parts.next() else { return Ok(()) };
        let range = from..from.saturating_add(bytes.len());
        if let Some(room) = part.rows.room(&range) {
            room.copy_from_slice(bytes);
            part.rows.arrived(&range);
            return Ok(());
        }
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
