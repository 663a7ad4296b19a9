//! What was written since the last flush: searchable at once, sealed into segments later.

use crate::rows::{NONE, Rows};
use aetherv_ann::sq7::row_bytes;
use aetherv_core::{Code, Error, Result};
use aetherv_segment::postings::MemPostings;
use aetherv_segment::vectors::{self, Content};
use aetherv_segment::{Chunks, VectorRows, text};
use aetherv_text::{Analyzer, Language};

/// Chunk rows with their postings.
#[derive(Default)]
pub struct TextMem {
    /// The `Chnk` sections in order of arrival.
    pub parts: Vec<Chunks>,
    /// Postings over all rows of all parts, in order.
    pub postings: MemPostings,
    /// Ordinal of each row.
    pub vnos: Vec<u32>,
    /// Language that each row was analysed in.
    pub languages: Vec<Language>,
    /// Do some of the rows lie in an attached segment by now?
    pub stale: bool,
}

impl TextMem {
    /// Takes a section's rows in.
    ///
    /// # Errors
    /// `AV_MODEL_UNAVAILABLE` when `analyzer` lacks a stemmer; nothing is changed then.
    pub fn push(&mut self, analyzer: &mut Analyzer, chunks: Chunks) -> Result<()> {
        let rows = self.vnos.len();
        for row in 0..chunks.len() {
            match self.postings.push(analyzer, chunks.path(row), chunks.text(row)) {
                Ok(language) => self.languages.push(language),
                Err(error) => {
                    self.postings.cut(rows);
                    self.languages.truncate(rows);
                    return Err(error);
                }
            }
        }
        self.vnos.extend((0..chunks.len()).map(|row| chunks.vno(row)));
        self.parts.push(chunks);
        Ok(())
    }

    /// Ordinal of a row of the postings.
    #[inline]
    pub fn vno(&self, row: u32) -> u32 {
        self.vnos.get(row as usize).copied().unwrap_or(NONE)
    }

    /// Is this row of the postings where its chunk version is found?
    #[inline]
    pub fn shows(&self, rows: &Rows, row: u32) -> bool {
        !self.stale || rows.place_of(self.vno(row)).in_mem().is_some()
    }

    /// The bytes of a text segment with all rows; empty when there are none.
    pub fn seal(&self) -> Vec<u8> {
        let rows: Vec<(&Chunks, usize)> =
            self.parts.iter().flat_map(|part| (0..part.len()).map(move |row| (part, row))).collect();
        if rows.is_empty() { Vec::new() } else { text::seal(&rows, &self.languages, &self.postings) }
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

    /// A row of a part with its codes.
    pub fn content(&self, part: usize, row: usize) -> Option<Content<'_>> {
        let rows = self.parts.get(part)?;
        // The parts follow each other without a gap, and so do their codes.
        let at = (rows.first - self.parts.first()?.first) as usize + row;
        rows.content(row, &self.codes, &self.scales, at)
    }

    /// The bytes of a vector segment with all rows and pairs; empty when there are none.
    pub fn seal(&self) -> Vec<u8> {
        if self.parts.is_empty() && self.map.is_empty() {
            return Vec::new();
        }
        let each = self.parts.iter().enumerate().flat_map(|(at, part)| (0..part.len()).map(move |row| (at, row)));
        let contents: Vec<Content<'_>> = each.filter_map(|(part, row)| self.content(part, row)).collect();
        vectors::seal(self.space, self.parts.first().map_or(0, |part| part.dims), &contents, &self.map)
    }

    /// Calls `f(rows, codes, scales)` for every part.
    pub fn each_block<'a>(&'a self, mut f: impl FnMut(&'a VectorRows, &'a [u8], &'a [f32])) {
        let (mut codes, mut scales) = (self.codes.as_slice(), self.scales.as_slice());
        for part in &self.parts {
            let own_codes = codes.split_at_checked(part.len() * row_bytes(part.dims));
            if let (Some((head, rest)), Some((head_scales, rest_scales))) =
                (own_codes, scales.split_at_checked(part.len()))
            {
                f(part, head, head_scales);
                (codes, scales) = (rest, rest_scales);
            }
        }
    }

    /// Bytes of the rows taken in.
    pub fn bytes(&self) -> usize {
        self.scales.len() * 4 + self.codes.len() * 5 + self.map.len() * 8
    }
}
