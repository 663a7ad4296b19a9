//! What was written since the last flush: searchable at once, sealed into segments later.

use aetherv_core::{Code, Error, Result};
use aetherv_segment::postings::MemPostings;
use aetherv_segment::{Chunks, VectorRows, text, vectors};
use aetherv_text::Analyzer;

/// Chunk rows with their postings.
#[derive(Default)]
pub struct TextMem {
    /// The `Chnk` sections in order of arrival.
    pub parts: Vec<Chunks>,
    /// Postings over all rows of all parts, in order.
    pub postings: MemPostings,
    /// Ordinal of each row.
    pub vnos: Vec<u32>,
}

impl TextMem {
    /// Takes a section's rows in.
    pub fn push(&mut self, analyzer: &mut Analyzer, chunks: Chunks) {
        for row in 0..chunks.len() {
            self.postings.push(analyzer, chunks.path(row), chunks.text(row));
            self.vnos.push(chunks.vno(row));
        }
        self.parts.push(chunks);
    }

    /// The bytes of a text segment with all rows; empty when there are none.
    pub fn seal(&self) -> Vec<u8> {
        if self.vnos.is_empty() { Vec::new() } else { text::seal(&self.parts, &self.postings) }
    }

    /// Bytes of the rows taken in.
    pub fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.bytes().len()).sum()
    }
}

/// Contents of the active space with their codes.
#[derive(Default)]
pub struct VectorMem {
    /// The `Vect` sections in order of arrival.
    pub parts: Vec<VectorRows>,
    /// Codes of all rows.
    pub codes: Vec<u8>,
    /// Scale of each row.
    pub scales: Vec<f32>,
    /// (vno, cno) pairs since the last flush.
    pub map: Vec<(u32, u32)>,
    space: u32,
}

impl VectorMem {
    /// Takes a section's rows in.
    ///
    /// # Errors
    /// `AV_DIM_MISMATCH` when its dimensions differ from the rows before, `AV_INTERNAL` when its ordinals do not follow.
    pub fn push(&mut self, rows: VectorRows) -> Result<()> {
        if let Some(first) = self.parts.first().filter(|first| first.dims != rows.dims) {
            return Err(Error::new(
                Code::DimMismatch,
                format!("vectors of {} dimensions after ones of {}", rows.dims, first.dims),
            ));
        }
        if let Some(last) = self.parts.last().filter(|last| last.first + last.len() as u32 != rows.first) {
            return Err(Error::internal(format!(
                "contents from {} after ones up to {}",
                rows.first,
                last.first as usize + last.len()
            )));
        }
        self.space = rows.space;
        rows.encode(&mut self.codes, &mut self.scales);
        self.parts.push(rows);
        Ok(())
    }

    /// Takes pairs of the map in.
    pub fn push_map(&mut self, space: u32, pairs: &[(u32, u32)]) {
        self.space = space;
        self.map.extend_from_slice(pairs);
    }

    /// The bytes of a vector segment with all rows and pairs; empty when there are none.
    pub fn seal(&self) -> Vec<u8> {
        if self.parts.is_empty() && self.map.is_empty() {
            return Vec::new();
        }
        vectors::seal(&self.parts, &self.codes, &self.scales, vectors::write_map(self.space, &self.map))
    }

    /// Bytes of the rows taken in.
    pub fn bytes(&self) -> usize {
        self.scales.len() * 4 + self.codes.len() * 5 + self.map.len() * 8
    }
}
