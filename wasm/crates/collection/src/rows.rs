//! Contents: vectors with their codes and, in large segments, a graph. The memtable and a vector segment are the same but for where their
//! bytes lie.
//!
//! ```text
//! Cnos  u32[n], rising
//! Code  codes, see `aetherv_ann::codes`
//! Scal  f32[n]   scale of each row of codes; none for Hamming
//! grph  see `aetherv_ann::image`; without it the segment is scanned
//! sums  see `pages`; none before version 6
//! Rows  dims u32 | n u32 | zeros up to 16 | f32[n x dims]
//! ```
//! `Rows` is last: a segment can be opened without it, and its pages are read by themselves.

use crate::NONE;
use crate::items::finite;
use crate::pages::{self, Pages};
use aetherv_ann::build::{Builder, Shape};
use aetherv_ann::codes::{CodeRows, Codes, Metric};
use aetherv_ann::graph::Graph;
use aetherv_ann::image;
use aetherv_ann::rerank;
use aetherv_core::bytes::{Reader, put_u32s};
use aetherv_core::hash::id_of;
use aetherv_core::{Code, Error, Result, Shared};
use aetherv_envelope::{Envelope, KIND_ITEM_VECTORS, Sums, Tag, Writer};

const NUMBERS: Tag = *b"Cnos";
const CODES: Tag = *b"Code";
const SCALES: Tag = *b"Scal";
const GRAPH: Tag = *b"grph";
const SUMS: Tag = *b"sums";
const VALUES: Tag = *b"Rows";
const KNOWN: [Tag; 4] = [NUMBERS, CODES, SCALES, VALUES];

/// Bytes of the section `Rows` before the values.
const HEAD: usize = 16;

/// Contents, their numbers rising.
pub struct Rows {
    /// Number of each content.
    pub cnos: Vec<u32>,
    codes: CodeRows,
    values: Values,
    width: usize,
    /// What they are searched through; without one they are scanned.
    pub graph: Option<Graph>,
    size: usize,
}

/// Where the values are.
enum Values {
    Own(Vec<u8>),
    Lent(Shared),
    Paged(Pages),
}

impl rerank::Values for Rows {
    #[inline]
    fn row(&self, row: u32) -> &[u8] {
        self.value(row as usize)
    }
}

impl Rows {
    /// None yet.
    pub fn new(metric: Metric, dims: usize) -> Self {
        let codes = CodeRows::new(metric, dims);
        Self { cnos: Vec::new(), codes, values: Values::Own(Vec::new()), width: 4 * dims, graph: None, size: 0 }
    }

    /// Takes contents in, f32 bytes, numbered from `first` on; nobody else may have those numbers.
    pub fn push(&mut self, values: &[u8], first: u32) {
        for (row, cno) in values.chunks_exact(self.width.max(1)).zip(first..) {
            let row: Vec<f32> = row.as_chunks::<4>().0.iter().map(|v| f32::from_le_bytes(*v)).collect();
            self.codes.push(&row);
            self.cnos.push(cno);
        }
        if let Values::Own(own) = &mut self.values {
            own.extend_from_slice(values);
        }
    }

    /// Takes a segment in.
    ///
    /// # Errors
    /// `AV_CORRUPT`, `AV_FORMAT_NEWER`.
    pub fn open(bytes: Vec<u8>, metric: Metric, dims: usize) -> Result<Self> {
        let size = bytes.len();
        let envelope = Envelope::open(bytes, KIND_ITEM_VECTORS, &KNOWN)?;
        let values = envelope.section(VALUES);
        let mut reader = Reader::new(&values, "Rows");
        let (given, rows) = (reader.u32()? as usize, reader.u32()? as usize);
        reader.bytes(HEAD - 8)?;
        let column = reader.column(rows, dims.saturating_mul(4))?;
        if given != dims || reader.left() != 0 {
            return Err(Error::corrupt(format!(
                "a vector segment holds {given} dimensions, not {dims}, or more than its rows"
            )));
        }
        finite(column)?;
        Self::over(&envelope, metric, dims, Values::Lent(values.part(HEAD..values.len())), size, rows)
    }

    /// Takes a segment in without its section `Rows`: `bytes` end where that begins, and it has checksums of its pages. `sums`: those of
    /// its sections that were taken already.
    ///
    /// # Errors
    /// `AV_CORRUPT`, `AV_FORMAT_NEWER`.
    pub fn open_paged(bytes: Vec<u8>, sums: &Sums, metric: Metric, dims: usize) -> Result<Self> {
        let size = bytes.len();
        let (envelope, absent) = Envelope::open_without(bytes, sums, KIND_ITEM_VECTORS, &KNOWN, VALUES)?;
        let rows = envelope.section(NUMBERS).len() / 4;
        let at = (absent.start + HEAD).min(absent.end)..absent.end;
        let pages = Pages::open(&envelope.section(SUMS), at, rows, 4 * dims)?;
        Self::over(&envelope, metric, dims, Values::Paged(pages), size, rows)
    }

    fn over(
        envelope: &Envelope,
        metric: Metric,
        dims: usize,
        values: Values,
        size: usize,
        rows: usize,
    ) -> Result<Self> {
        let numbers = envelope.section(NUMBERS);
        let cnos: Vec<u32> = numbers.as_chunks::<4>().0.iter().map(|cno| u32::from_le_bytes(*cno)).collect();
        if numbers.len() != 4 * rows || !cnos.is_sorted_by(|a, b| a < b) || cnos.last() == Some(&NONE) {
            return Err(Error::corrupt("the content numbers of a vector segment do not rise or do not fit its rows"));
        }
        let scales = envelope.section(SCALES);
        let scales: Vec<f32> = scales.as_chunks::<4>().0.iter().map(|scale| f32::from_le_bytes(*scale)).collect();
        let codes = CodeRows::lent(metric, dims, rows, envelope.section(CODES), scales)?;
        let graph = if envelope.has(GRAPH) { Some(image::open(&envelope.section(GRAPH), rows)?) } else { None };
        Ok(Self { cnos, codes, values, width: 4 * dims, graph, size })
    }

    /// Contents as a segment; codes are given row by row too, in the same order.
    pub fn write<'a>(
        cnos: &[u32],
        codes: &Codes<'_>,
        dims: usize,
        graph: Option<&Graph>,
        value: &dyn Fn(usize) -> &'a [u8],
    ) -> Vec<u8> {
        let room = cnos.len() * (8 + codes.width + 4 * dims) + graph.map_or(0, Graph::bytes);
        let mut writer = Writer::new(KIND_ITEM_VECTORS, if graph.is_some() { 6 } else { 5 }, room + 16 * 7);
        writer.section(NUMBERS, |out| put_u32s(out, cnos.iter().copied()));
        writer.section(CODES, |out| out.extend_from_slice(codes.bytes));
        writer.section(SCALES, |out| put_u32s(out, codes.scales.iter().map(|scale| scale.to_bits())));
        if let Some(graph) = graph {
            writer.section(GRAPH, |out| out.extend_from_slice(&image::seal(graph)));
        }
        writer.section(SUMS, |out| out.extend_from_slice(&pages::seal(cnos.len(), 4 * dims, value)));
        writer.section(VALUES, |out| {
            put_u32s(out, [dims as u32, cnos.len() as u32, 0, 0]);
            (0..cnos.len()).for_each(|row| out.extend_from_slice(value(row)));
        });
        writer.finish()
    }

    /// A graph of them, built anew.
    pub fn graph_of(&self, shape: Shape) -> Graph {
        let (codes, mut builder) = (self.codes(), Builder::new(shape));
        (0..self.len()).for_each(|row| builder.insert(&codes, level_hash(self.value(row))));
        builder.finish(&codes)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.cnos.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.cnos.is_empty()
    }

    /// Their codes.
    pub fn codes(&self) -> Codes<'_> {
        self.codes.view()
    }

    /// The values of a row, as f32 bytes; empty when they are not in memory.
    #[inline]
    pub fn value(&self, row: usize) -> &[u8] {
        let at = row * self.width;
        match &self.values {
            Values::Own(own) => own.get(at..at + self.width).unwrap_or_default(),
            Values::Lent(lent) => lent.get(at..at + self.width).unwrap_or_default(),
            Values::Paged(pages) => pages.row(row),
        }
    }

    /// Have these codes, of one row, and those of a row of the same values the same bits? Values that differ may have them too.
    pub fn has_codes_of(&self, row: usize, vector: &CodeRows) -> bool {
        let (own, other) = (self.codes(), vector.view());
        let scale = |codes: &Codes<'_>, row: usize| codes.scales.get(row).map(|scale| scale.to_bits());
        own.row(row as u32) == other.row(0) && scale(&own, row) == scale(&other, 0)
    }

    /// Its values in pages, if that is how they are.
    pub const fn pages(&self) -> Option<&Pages> {
        if let Values::Paged(pages) = &self.values { Some(pages) } else { None }
    }

    /// The same, to be changed.
    pub const fn pages_mut(&mut self) -> Option<&mut Pages> {
        if let Values::Paged(pages) = &mut self.values { Some(pages) } else { None }
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let values = match &self.values {
            Values::Own(own) => own.len() + self.codes.view().bytes.len(),
            Values::Lent(_) => 0,
            Values::Paged(pages) => pages.held() + pages.bytes(),
        };
        self.size + values + self.codes.bytes() + 4 * self.cnos.len() + self.graph.as_ref().map_or(0, Graph::own_bytes)
    }
}

/// What decides the layers of a content: a hash of its f32 bytes, so that builds repeat.
pub fn level_hash(value: &[u8]) -> u64 {
    id_of(value).first_chunk().map_or(0, |head| u64::from_le_bytes(*head))
}

/// Can there be vectors of so many dimensions?
///
/// # Errors
/// `AV_DIM_MISMATCH`.
pub fn check_dims(dims: usize) -> Result<()> {
    const DIMS_MAX: usize = 1 << 16;
    if (1..=DIMS_MAX).contains(&dims) {
        return Ok(());
    }
    Err(Error::new(Code::DimMismatch, format!("vectors cannot have {dims} dimensions")))
}
