//! Columns over all chunk versions, by ordinal: where a row lies, its length, its groups, its content.

use aetherv_core::hash::{Id, IdMap};
use aetherv_core::{Error, Result};

/// No such ordinal.
pub const NONE: u32 = u32::MAX;

/// Gives every distinct key a small number.
#[derive(Default)]
pub struct Interner {
    numbers: IdMap<u32>,
}

impl Interner {
    /// The key's number, a new one at first sight.
    pub fn number(&mut self, key: Id) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(key).or_insert(next)
    }

    /// The key's number, or [`NONE`].
    pub fn find(&self, key: &Id) -> u32 {
        self.numbers.get(key).copied().unwrap_or(NONE)
    }

    /// Binds a key to a given number.
    pub fn bind(&mut self, key: Id, number: u32) {
        self.numbers.insert(key, number);
    }

    /// How many keys.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Has it no keys?
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }
}

/// Where a row's text lies: part number (see `Shard::chunks`) and row in it.
#[derive(Clone, Copy)]
pub struct Place {
    /// Sealed parts count from 0; parts of the memtable have the top bit set.
    pub part: u32,
    /// Row in the part.
    pub row: u32,
}

/// Ordinals that may be missing in a row.
const GAP_MAX: usize = 1 << 20;

/// Marks parts of the memtable.
pub const IN_MEM: u32 = 1 << 31;

/// The columns; every vector is indexed by vno.
#[derive(Default)]
pub struct Rows {
    /// Where the text lies.
    pub place: Vec<Place>,
    /// Terms in heading path and text.
    pub len: Vec<u32>,
    /// Number of the section.
    pub section: Vec<u32>,
    /// Number of the document.
    pub doc: Vec<u32>,
    /// Content in the active space, or [`NONE`].
    pub cno: Vec<u32>,
}

impl Rows {
    /// Makes room for ordinals up to `vno`. Ordinals are dense but for rows of writes that were taken back, so a far one
    /// is damage.
    ///
    /// # Errors
    /// `AV_CORRUPT`.
    pub fn reserve(&mut self, vno: u32) -> Result<()> {
        let size = vno as usize + 1;
        if size > self.place.len() + GAP_MAX {
            return Err(Error::corrupt(format!(
                "chunk version {vno} is far beyond the {} there are",
                self.place.len()
            )));
        }
        if size > self.place.len() {
            self.place.resize(size, Place { part: NONE, row: 0 });
            self.len.resize(size, 0);
            self.section.resize(size, NONE);
            self.doc.resize(size, NONE);
            self.cno.resize(size, NONE);
        }
        Ok(())
    }

    /// A column's value, or [`NONE`].
    #[inline]
    pub fn at(column: &[u32], vno: u32) -> u32 {
        column.get(vno as usize).copied().unwrap_or(NONE)
    }
}
