//! Views and masks: which chunk versions a read may see, with the statistics of exactly those (D3, D4).

use crate::parts::TextPart;
use crate::rows::{Rows, Unit};
use aetherv_core::{Bits, Error, Result};
use aetherv_segment::lengths::{class_of, length_of};
use aetherv_text::Languages;
use aetherv_text::tuning::{BODY, CODE, FIELDS, HEADINGS, TITLE};

/// Statistics of the rows, or of the sections, of a view.
#[derive(Clone, Copy, Default, PartialEq)]
pub struct Level {
    /// How many there are.
    pub units: u32,
    /// Mean length of each field, over those that have the field.
    pub averages: [f32; FIELDS],
    /// The longest length class of each field.
    pub longest: [u8; FIELDS],
}

/// Adds up what a [`Level`] is made of.
#[derive(Default)]
struct Tally {
    units: u32,
    terms: [u64; FIELDS],
    having: [u32; FIELDS],
    longest: [u8; FIELDS],
}

impl Tally {
    fn add(&mut self, classes: [u8; FIELDS]) {
        self.units += 1;
        let fields = self.terms.iter_mut().zip(&mut self.having).zip(&mut self.longest);
        for (((terms, having), longest), class) in fields.zip(classes) {
            *terms += u64::from(length_of(class));
            *having += u32::from(class > 0);
            *longest = (*longest).max(class);
        }
    }

    fn level(&self) -> Level {
        let mut averages = [0.0; FIELDS];
        for ((average, terms), having) in averages.iter_mut().zip(self.terms).zip(self.having) {
            *average = if having > 0 { terms as f32 / having as f32 } else { 0.0 };
        }
        Level { units: self.units, averages, longest: self.longest }
    }
}

/// A set of chunk versions; its statistics are those of the rows that are in the index.
#[derive(Default)]
pub struct View {
    /// The chunk versions.
    pub bits: Bits,
    /// Of the chunks.
    pub rows: Level,
    /// Of the sections that the chunks make up.
    pub sections: Level,
    /// Length class of each field of each section, by its number.
    pub classes: Vec<[u8; FIELDS]>,
    /// Languages that they were analysed in.
    pub languages: Languages,
    /// The attached text segments that hold any of them.
    pub parts: Bits,
    /// Those of them whose rows are all found there and in the view, so that none has to be asked.
    pub whole: Bits,
    /// Of each attached text segment the rows that are found there and in the view, by its slot.
    pub shown: Vec<Bits>,
    /// Those that are in the index.
    pub held: Bits,
    /// What [`Rows::generation`] was when the statistics were counted.
    counted: Option<u64>,
}

impl View {
    fn count(&mut self, rows: &Rows, parts: &[Option<TextPart>]) {
        let (mut own, mut sections, mut known) = (Tally::default(), Tally::default(), Bits::default());
        self.counted = Some(rows.generation);
        self.languages = Languages::default();
        self.held = self.bits.and(&rows.present);
        let mut of_part = vec![0usize; parts.len()];
        self.shown = vec![Bits::default(); parts.len()];
        let mut all: Vec<[u32; FIELDS]> = Vec::new();
        for vno in self.held.iter() {
            let (place, Unit { section, classes }) = (rows.place_of(vno), rows.unit_of(vno));
            // Parts of the memtable have numbers of their own.
            if let (Some(count), Some(shown)) =
                (of_part.get_mut(place.part as usize), self.shown.get_mut(place.part as usize))
            {
                *count += 1;
                shown.set(place.row);
            }
            self.languages.insert(rows.language_of(vno));
            own.add(classes);
            let lens = classes.map(length_of);
            if all.len() <= section as usize {
                all.resize(section as usize + 1, [0; FIELDS]);
            }
            known.set(section);
            if let Some(sum) = all.get_mut(section as usize) {
                // All rows of a section have the same title and headings.
                (sum[TITLE], sum[HEADINGS]) = (sum[TITLE].max(lens[TITLE]), sum[HEADINGS].max(lens[HEADINGS]));
                (sum[BODY], sum[CODE]) = (sum[BODY].saturating_add(lens[BODY]), sum[CODE].saturating_add(lens[CODE]));
            }
        }
        (self.parts, self.whole) = (Bits::default(), Bits::default());
        for (slot, (count, part)) in (0..).zip(of_part.iter().zip(parts)) {
            if *count > 0 {
                self.parts.set(slot);
            }
            if part.as_ref().is_some_and(|part| part.chunks.len() == *count) {
                self.whole.set(slot);
            }
        }
        self.classes = all.into_iter().map(|lens| lens.map(class_of)).collect();
        known.iter().filter_map(|at| self.classes.get(at as usize)).for_each(|classes| sections.add(*classes));
        (self.rows, self.sections) = (own.level(), sections.level());
    }
}

/// Views by handle; a dropped handle is used again.
#[derive(Default)]
pub struct Views {
    slots: Vec<Option<View>>,
}

impl Views {
    /// Registers a view over `bits`, or a mask within one; returns its handle.
    pub fn add(&mut self, bits: Bits) -> u32 {
        let free = self.slots.iter().position(Option::is_none).unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        if let Some(slot) = self.slots.get_mut(free) {
            *slot = Some(View { bits, ..View::default() });
        }
        free as u32
    }

    /// Counts a view's statistics unless they are of this moment: rows come and go with their segments.
    pub fn refresh(&mut self, handle: u32, rows: &Rows, parts: &[Option<TextPart>]) {
        if let Some(Some(view)) = self.slots.get_mut(handle as usize)
            && view.counted != Some(rows.generation)
        {
            view.count(rows, parts);
        }
    }

    /// The view of a handle.
    ///
    /// # Errors
    /// `AV_INTERNAL` when it was dropped or never given.
    pub fn get(&self, handle: u32) -> Result<&View> {
        self.slots
            .get(handle as usize)
            .and_then(Option::as_ref)
            .ok_or_else(|| Error::internal(format!("no view {handle}")))
    }

    /// Forgets a handle.
    pub fn drop(&mut self, handle: u32) {
        if let Some(slot) = self.slots.get_mut(handle as usize) {
            *slot = None;
        }
    }
}
