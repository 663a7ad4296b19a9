//! Which contents are held and where, and which chunk versions are embedded as which.

use crate::rows::{NONE, Place, Rows};
use aetherv_core::hash::{Id, IdMap};
use aetherv_core::{Error, Result};
use aetherv_segment::VectorRows;

/// Content numbers that may be missing: contents that come back after they were dropped get new ones, so there can be
/// more of them than chunk versions.
const GAP_MAX: usize = 1 << 22;

/// The contents of the active space.
#[derive(Default)]
pub struct Contents {
    /// Where each content lies, by number.
    pub at: Vec<Place>,
    keys: IdMap<u32>,
    /// Above every number ever seen, also of contents that are gone: a pair of an old map may still name them.
    next: u32,
    known: usize,
    /// Pairs whose content is not held.
    waiting: Vec<(u32, u32)>,
}

impl Contents {
    /// No contents yet, in an index of `known` chunk versions.
    pub fn new(known: u32) -> Self {
        Self { known: known as usize, ..Self::default() }
    }

    /// The number after the highest one ever seen.
    pub const fn next(&self) -> u32 {
        self.next
    }

    /// How many distinct embedding inputs are held.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Is none held?
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The number of a key, or [`NONE`].
    pub fn find(&self, key: &Id) -> u32 {
        self.keys.get(key).copied().unwrap_or(NONE)
    }

    /// Where a content lies.
    pub fn place_of(&self, cno: u32) -> Place {
        self.at.get(cno as usize).copied().unwrap_or(Place::NOWHERE)
    }

    /// Notes that a number is in use. One far beyond those that exist is damage, and would cost its memory.
    ///
    /// # Errors
    /// `AV_CORRUPT`.
    pub fn admit(&mut self, cno: u32) -> Result<()> {
        let known = self.known.max(self.next as usize);
        if cno as usize >= known + GAP_MAX || cno == NONE {
            return Err(Error::corrupt(format!("content {cno} is far beyond the {known} there are")));
        }
        self.next = self.next.max(cno + 1);
        Ok(())
    }

    /// Takes in the rows of a part whose numbers are admitted; pairs that waited for them become true.
    pub fn enter(&mut self, part: u32, contents: &VectorRows, rows: &mut Rows) {
        if let Some(last) = contents.len().checked_sub(1) {
            let size = self.at.len().max(contents.cno(last) as usize + 1);
            self.at.resize(size, Place::NOWHERE);
        }
        for row in 0..contents.len() {
            let cno = contents.cno(row);
            if let Some(place) = self.at.get_mut(cno as usize) {
                *place = Place { part, row: row as u32 };
                self.keys.insert(contents.key(row), cno);
            }
        }
        let waiting = std::mem::take(&mut self.waiting);
        self.map(&waiting, rows);
    }

    /// Takes pairs in whose numbers are admitted; those of a content that is not held wait for it.
    pub fn map(&mut self, pairs: &[(u32, u32)], rows: &mut Rows) {
        for &(vno, cno) in pairs {
            if !self.place_of(cno).is_somewhere() {
                self.waiting.push((vno, cno));
            } else if let Some(slot) = rows.cno.get_mut(vno as usize) {
                *slot = cno;
            }
        }
    }

    /// Forgets all but which numbers were used.
    pub fn clear(&mut self, rows: &mut Rows) {
        rows.cno.fill(NONE);
        *self = Self { next: self.next, known: self.known, ..Self::default() };
    }
}
