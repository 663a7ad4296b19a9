//! Views and masks: which chunk versions a read may see, with the statistics of exactly those (D3, D4).

use crate::rows::Rows;
use aetherv_core::{Bits, Error, Result};

/// A set of chunk versions with its statistics.
pub struct View {
    /// The chunk versions.
    pub bits: Bits,
    /// How many there are.
    pub rows: u32,
    /// Terms in all of them.
    pub terms: u64,
}

/// Views by handle; a dropped handle is used again.
#[derive(Default)]
pub struct Views {
    slots: Vec<Option<View>>,
}

impl Views {
    /// Registers a view over `bits`, or a mask within one; returns its handle.
    pub fn add(&mut self, bits: Bits, rows: &Rows) -> u32 {
        let terms = bits.iter().map(|vno| u64::from(rows.len.get(vno as usize).copied().unwrap_or_default())).sum();
        let view = View { rows: bits.len(), terms, bits };
        let free = self.slots.iter().position(Option::is_none).unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        if let Some(slot) = self.slots.get_mut(free) {
            *slot = Some(view);
        }
        free as u32
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
