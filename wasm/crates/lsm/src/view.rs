//! Views and masks: which chunk versions a read may see, with the statistics of exactly those (D3, D4).

use crate::rows::Rows;
use aetherv_core::{Bits, Error, Result};

/// A set of chunk versions; its statistics are those of the rows that are in the index.
#[derive(Default)]
pub struct View {
    /// The chunk versions.
    pub bits: Bits,
    /// How many of them there are.
    pub rows: u32,
    /// Terms in all of them.
    pub terms: u64,
    /// The attached text segments that hold any of them.
    pub parts: Bits,
    /// What [`Rows::generation`] was when the statistics were counted.
    counted: Option<u64>,
}

impl View {
    fn count(&mut self, rows: &Rows) {
        (self.rows, self.terms, self.parts, self.counted) = (0, 0, Bits::default(), Some(rows.generation));
        for vno in self.bits.iter() {
            let place = rows.place_of(vno);
            if place.is_somewhere() {
                self.rows += 1;
                self.terms += u64::from(rows.len.get(vno as usize).copied().unwrap_or_default());
                if place.in_mem().is_none() {
                    self.parts.set(place.part);
                }
            }
        }
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
    pub fn refresh(&mut self, handle: u32, rows: &Rows) {
        if let Some(Some(view)) = self.slots.get_mut(handle as usize)
            && view.counted != Some(rows.generation)
        {
            view.count(rows);
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
