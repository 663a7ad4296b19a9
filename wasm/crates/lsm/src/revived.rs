//! Transient vectors: of chunk versions whose stored ones were dropped because their model gives the same bits again.

use crate::rows::{NONE, Rows};
use crate::shard::{self, Shard};
use aetherv_ann::sq7;
use aetherv_core::{Bits, Code, Error, Result};

/// Vectors by chunk version, never sealed and never found by content.
#[derive(Default)]
pub struct Revived {
    /// The chunk versions that have one.
    pub vnos: Bits,
    /// Codes of all of them.
    pub codes: Vec<u8>,
    /// Scale of each.
    pub scales: Vec<f32>,
    slots: Vec<u32>,
    values: Vec<u8>,
}

impl Revived {
    /// The slot of a chunk version's vector, or [`NONE`].
    #[inline]
    pub fn slot(&self, vno: u32) -> u32 {
        Rows::at(&self.slots, vno)
    }

    /// A chunk version's values as little-endian f32 bytes.
    pub fn row(&self, vno: u32, dims: usize) -> Option<&[u8]> {
        let start = (self.slot(vno) as usize).checked_mul(dims * 4)?;
        self.values.get(start..start.checked_add(dims * 4)?)
    }

    fn add(&mut self, vno: u32, row: &[f32]) {
        let at = vno as usize;
        if self.slots.len() <= at {
            self.slots.resize(at + 1, NONE);
        }
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = self.scales.len() as u32;
        }
        self.vnos.set(vno);
        self.scales.push(sq7::encode_row(row, &mut self.codes));
        self.values.extend(row.iter().flat_map(|v| v.to_le_bytes()));
    }
}

impl Shard {
    /// Chunk versions of a bitset (32 a word) that are in the index and have no vector, stored or transient.
    pub fn unembedded(&self, words: Vec<u32>) -> Vec<u32> {
        let wanted = Bits::from_words(words).and(&self.rows.present);
        wanted.iter().filter(|&vno| Rows::at(&self.rows.cno, vno) == NONE && self.revived.slot(vno) == NONE).collect()
    }

    /// Chunk versions of a bitset (32 a word) that no attached text segment and no memtable holds.
    pub fn absent(&self, words: Vec<u32>) -> Vec<u32> {
        Bits::from_words(words).iter().filter(|&vno| !self.rows.present.has(vno)).collect()
    }

    /// Gives chunk versions vectors (`dims` values each) until [`Shard::forget_revived`]. A stored vector goes before a
    /// transient one, and the first transient one stays.
    ///
    /// # Errors
    /// `AV_DIM_MISMATCH`, `AV_NON_FINITE`, `AV_INTERNAL` when a chunk version is not in the index; nothing is taken then.
    pub fn revive(&mut self, vnos: &[u32], vectors: &[f32]) -> Result<()> {
        if vectors.len() != vnos.len() * self.dims || self.dims == 0 {
            let (values, rows, dims) = (vectors.len(), vnos.len(), self.dims);
            return Err(Error::new(Code::DimMismatch, format!("{values} values for {rows} vectors of {dims}")));
        }
        if vectors.iter().any(|v| !v.is_finite()) {
            return Err(Error::new(Code::NonFinite, "a recomputed vector holds NaN or infinity"));
        }
        if let Some(vno) = vnos.iter().find(|vno| !self.rows.present.has(**vno)) {
            return Err(shard::absent(*vno));
        }
        for (&vno, row) in vnos.iter().zip(vectors.chunks_exact(self.dims)) {
            if self.revived.slot(vno) == NONE {
                self.revived.add(vno, row);
            }
        }
        Ok(())
    }

    /// How many chunk versions have a transient vector.
    pub fn revived_count(&self) -> u32 {
        self.revived.scales.len() as u32
    }

    /// Drops all transient vectors.
    pub fn forget_revived(&mut self) {
        self.revived = Revived::default();
    }
}
