//! All contents in memory, by number.

use crate::NONE;
use crate::paging::Lack;
use crate::places::{Places, rank};
use crate::rows::Rows;
use aetherv_core::{Error, Result};

/// Contents of one segment, or of the memtable.
pub struct VectorPart {
    /// The segment they are, [`NONE`] the memtable.
    pub id: u32,
    /// They.
    pub rows: Rows,
}

/// Segments and the memtable, and where each content is in them. Between changes and [`Contents::refresh`] it finds nothing new.
pub struct Contents {
    /// Segments, and last the memtable.
    pub parts: Vec<VectorPart>,
    /// Where each number is.
    pub places: Places,
    /// Were parts attached or detached?
    pub stale: bool,
}

impl Contents {
    /// An empty memtable.
    pub fn new(memtable: Rows) -> Self {
        Self { parts: vec![VectorPart { id: NONE, rows: memtable }], places: Places::default(), stale: true }
    }

    /// Adds contents to the memtable, f32 bytes, numbered from `first` on: above all there.
    pub fn push(&mut self, values: &[u8], first: u32) {
        let base: u32 = self.parts.iter().map(|part| part.rows.len() as u32).sum();
        let Some(memtable) = self.parts.last_mut() else { return };
        let known = memtable.rows.len();
        memtable.rows.push(values, first);
        self.stale |= self.places.numbers.last().is_some_and(|last| first <= *last);
        if !self.stale {
            let new = memtable.rows.cnos.get(known..).unwrap_or_default();
            new.iter().zip(base..).for_each(|(&cno, row)| self.places.push(cno, row));
        }
    }

    /// Takes changes of the parts in.
    pub fn refresh(&mut self) {
        if std::mem::take(&mut self.stale) {
            self.places = Places::gather(self.parts.iter().map(|part| part.rows.cnos.as_slice()));
        }
    }

    /// The row of a content, counted through all parts; `near` as of [`rank`].
    #[inline]
    pub fn row(&self, cno: u32, near: &mut usize) -> Option<u32> {
        rank(&self.places.numbers, cno, near).map(|rank| self.places.row(rank))
    }

    /// Where a content is: its part, and which of its rows it is.
    pub fn find(&self, cno: u32) -> Option<(&VectorPart, usize)> {
        self.places.find(cno).and_then(|(part, row)| Some((self.parts.get(part)?, row)))
    }

    /// Were codes or links read that are damaged? Then what they were read for is no answer, and what it lacked is forgotten.
    ///
    /// # Errors
    /// `AV_CORRUPT`.
    pub fn intact(&self, lacking: &mut Vec<Lack>) -> Result<()> {
        let damage =
            |part: &VectorPart| part.rows.arrivals().find_map(|(at, own)| Some((part.id, at, own.take_damage()?)));
        let Some((id, at, page)) = self.parts.iter().find_map(damage) else { return Ok(()) };
        lacking.clear();
        Err(Error::corrupt(format!(
            "segment {id} (item-vectors) of this database is damaged: page {page} from byte {at} on. Restore a copy, or destroy() it and fill it again."
        )))
    }

    /// The memtable.
    pub fn memtable(&self) -> Option<&Rows> {
        self.parts.last().map(|part| &part.rows)
    }
}
