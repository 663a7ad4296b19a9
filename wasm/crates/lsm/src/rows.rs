//! Columns over all chunk versions, by ordinal: where a row lies, its lengths, its groups, its content.

use aetherv_core::hash::{Id, IdMap};
use aetherv_core::{Bits, Error, Result};
use aetherv_text::tuning::FIELDS;
use aetherv_text::{Language, Languages};

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

    /// How many keys.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Has it no keys?
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }
}

/// Where a row lies: the number of its part and its row in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Attached segments count from 0; parts of the memtable have the top bit set; [`NONE`] is nowhere.
    pub part: u32,
    /// Row in the part.
    pub row: u32,
}

impl Place {
    /// In no part.
    pub const NOWHERE: Self = Self { part: NONE, row: 0 };

    /// Is it in any part?
    pub const fn is_somewhere(self) -> bool {
        self.part != NONE
    }

    /// The part of the memtable, if it lies there.
    pub fn in_mem(self) -> Option<usize> {
        (self.is_somewhere() && self.part & IN_MEM != 0).then_some((self.part & !IN_MEM) as usize)
    }
}

/// Ordinals that may be missing beyond those that are known to exist.
const GAP_MAX: usize = 1 << 20;

/// Marks parts of the memtable.
pub const IN_MEM: u32 = 1 << 31;

/// What the score of a row is made of, side by side: a query meets rows all over the columns.
#[derive(Clone, Copy)]
pub struct Unit {
    /// Number of the section.
    pub section: u32,
    /// Length class of each field.
    pub classes: [u8; FIELDS],
}

impl Unit {
    /// Of no row.
    pub const NONE: Self = Self { section: NONE, classes: [0; FIELDS] };
}

/// The columns; every vector is indexed by vno.
#[derive(Default)]
pub struct Rows {
    /// Where the text lies.
    pub place: Vec<Place>,
    /// What a score is made of.
    pub units: Vec<Unit>,
    /// Language that the row was analysed in.
    pub language: Vec<Language>,
    /// Languages of any row there ever was.
    pub languages: Languages,
    /// Number of the document.
    pub doc: Vec<u32>,
    /// Content in the active space that an attached vector segment or the memtable holds, or [`NONE`].
    pub cno: Vec<u32>,
    /// The rows that have a place.
    pub present: Bits,
    /// Rises whenever rows get or lose their places.
    pub generation: u64,
    known: usize,
}

impl Rows {
    /// No rows yet, of `known` ordinals that are known to exist.
    pub fn new(known: u32) -> Self {
        Self { known: known as usize, ..Self::default() }
    }

    /// Makes room for ordinals up to `vno`. One far beyond those that exist is damage, and would cost its memory.
    ///
    /// # Errors
    /// `AV_CORRUPT`.
    pub fn reserve(&mut self, vno: u32) -> Result<()> {
        let (size, known) = (vno as usize + 1, self.known.max(self.place.len()));
        if size > known + GAP_MAX {
            return Err(Error::corrupt(format!("chunk version {vno} is far beyond the {known} there are")));
        }
        if size > self.place.len() {
            self.place.resize(size, Place::NOWHERE);
            self.units.resize(size, Unit::NONE);
            self.language.resize(size, Language::default());
            self.doc.resize(size, NONE);
            self.cno.resize(size, NONE);
        }
        Ok(())
    }

    /// Puts a row where it lies from now on, with its lengths and groups; returns where it lay.
    pub fn enter(
        &mut self,
        vno: u32,
        place: Place,
        classes: [u8; FIELDS],
        language: Language,
        section: u32,
        doc: u32,
    ) -> Place {
        let at = vno as usize;
        if let Some(own) = self.language.get_mut(at) {
            *own = language;
            self.languages.insert(language);
        }
        let mut before = Place::NOWHERE;
        if let (Some(own_place), Some(own_unit), Some(own_doc)) =
            (self.place.get_mut(at), self.units.get_mut(at), self.doc.get_mut(at))
        {
            before = std::mem::replace(own_place, place);
            (*own_unit, *own_doc) = (Unit { section, classes }, doc);
            self.present.set(vno);
        }
        before
    }

    /// Takes a row's place away.
    pub fn leave(&mut self, vno: u32) {
        if let Some(place) = self.place.get_mut(vno as usize) {
            *place = Place::NOWHERE;
            self.present.unset(vno);
        }
    }

    /// Where a row lies.
    pub fn place_of(&self, vno: u32) -> Place {
        self.place.get(vno as usize).copied().unwrap_or(Place::NOWHERE)
    }

    /// Language that a row was analysed in.
    pub fn language_of(&self, vno: u32) -> Language {
        self.language.get(vno as usize).copied().unwrap_or_default()
    }

    /// What the score of a row is made of.
    #[inline]
    pub fn unit_of(&self, vno: u32) -> Unit {
        self.units.get(vno as usize).copied().unwrap_or(Unit::NONE)
    }

    /// Number of the section of a row.
    #[inline]
    pub fn section_of(&self, vno: u32) -> u32 {
        self.unit_of(vno).section
    }

    /// A column's value, or [`NONE`].
    #[inline]
    pub fn at(column: &[u32], vno: u32) -> u32 {
        column.get(vno as usize).copied().unwrap_or(NONE)
    }
}
