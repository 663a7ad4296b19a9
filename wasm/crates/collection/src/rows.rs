//! Contents: vectors with their codes and, in large segments, a graph. The memtable and a vector segment are the same but for where their
//! bytes lie.
//!
//! ```text
//! Cnos  u32[n], rising
//! Scal  f32[n]   scale of each row of codes; none for Hamming
//! grph  see `aetherv_ann::image`, without the links of layer 0; without it the segment is scanned
//! sums  rows of a page u32 of Code, of lnks and of Rows, 0 for what is not there | checksum u32 of each page of Code, of lnks and of Rows
//! Code  codes, see `aetherv_ann::codes`
//! lnks  links of layer 0, where there is a graph
//! Rows  dims u32 | n u32 | zeros up to 16 | f32[n x dims]
//! ```
//! A segment can be opened without the last three: their pages are read by themselves. Before version 6 there were no `sums` and no `lnks`.

use crate::NONE;
use crate::items::finite;
use crate::pages::{self, PageSums, Pages};
use aetherv_ann::arrival::{self, Arrival, LINE, Source};
use aetherv_ann::build::{Builder, Shape};
use aetherv_ann::codes::{CodeRows, Codes, Metric};
use aetherv_ann::graph::{Graph, Links};
use aetherv_ann::image;
use aetherv_ann::rerank;
use aetherv_core::bytes::{Reader, put_u32s};
use aetherv_core::hash::id_of;
use aetherv_core::words::{numbers, rise, words};
use aetherv_core::{Code, Error, Result, Shared};
use aetherv_envelope::{Envelope, KIND_ITEM_VECTORS, Tag, Writer};
use std::ops::Range;

const NUMBERS: Tag = *b"Cnos";
const CODES: Tag = *b"Code";
const SCALES: Tag = *b"Scal";
const GRAPH: Tag = *b"grph";
const SUMS: Tag = *b"sums";
const LINKS: Tag = *b"lnks";
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
    /// Where codes and links begin in the stored segment, if they come page by page.
    at: [usize; 2],
}

/// What of a segment is read page by page, in the order in which it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Codes of rows.
    Codes,
    /// Links of places of layer 0.
    Links,
    /// Values of rows.
    Values,
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
        Self {
            cnos: Vec::new(),
            codes,
            values: Values::Own(Vec::new()),
            width: 4 * dims,
            graph: None,
            size: 0,
            at: [0; 2],
        }
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
    pub fn open(bytes: impl Into<Shared>, metric: Metric, dims: usize) -> Result<Self> {
        let bytes = bytes.into();
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
        let codes = CodeRows::lent(metric, dims, rows, envelope.section(CODES), scales_of(&envelope))?;
        let links = envelope.has(LINKS).then(|| Links::Lent(envelope.section(LINKS)));
        let graph = graph_of(&envelope, links, rows)?;
        let values = Values::Lent(values.part(HEAD..values.len()));
        Ok(Self { cnos: numbers_of(&envelope, rows)?, codes, values, width: 4 * dims, graph, size, at: [0; 2] })
    }

    /// Takes a segment in without what is read by pages: `head` ends where its section `Code` begins. `codes` and `links` (none without a graph) are
    /// room for those sections, see [`Arrival::new`], filled in or not; where they are, they are checked as they are read. `source`, if there is one,
    /// reads of the stored segment.
    ///
    /// # Errors
    /// `AV_CORRUPT`, `AV_FORMAT_NEWER`.
    pub fn open_paged(
        head: impl Into<Shared>,
        [codes, links]: [Vec<u8>; 2],
        here: bool,
        source: Option<Source>,
        metric: Metric,
        dims: usize,
    ) -> Result<Self> {
        let head = head.into();
        let size = head.len();
        let (envelope, absent) = Envelope::open_until(head, KIND_ITEM_VECTORS, &KNOWN, CODES)?;
        let place = |tag| absent.iter().find(|(of, _)| *of == tag).map_or(0..0, |(_, range)| range.clone());
        let [codes_at, links_at, values_at] = [CODES, LINKS, VALUES].map(place);
        let fits =
            |room: &Vec<u8>, at: &Range<usize>| room.len().checked_sub(at.len()).is_some_and(|before| before < LINE);
        if !fits(&codes, &codes_at) || !fits(&links, &links_at) || values_at.is_empty() {
            return Err(Error::corrupt("a vector segment lacks codes or values, or they are as long as others"));
        }
        let size = size + codes_at.len() + links_at.len();
        let rows = envelope.section(NUMBERS).len() / 4;
        let mut pages = PageSums::open(envelope.section(SUMS))?;
        let linked = if envelope.has(GRAPH) { rows } else { 0 };
        let (width, link) = (metric.width(dims), image::link_bytes(&envelope.section(GRAPH)));
        let (sums, per_page) = pages.next(rows)?;
        let codes =
            Arrival::new(codes, (rows, width, per_page), sums, None, here)?.from(source.clone(), codes_at.start);
        let codes = CodeRows::coming(metric, dims, rows, codes, scales_of(&envelope))?;
        let (sums, per_page) = pages.next(linked)?;
        let links = Arrival::new(links, (linked, link, per_page), sums, Some(rows as u32), here)?;
        let links = links.from(source.clone(), links_at.start);
        let graph = graph_of(&envelope, Some(Links::Coming(links)), rows)?;
        let (sums, per_page) = pages.next(rows)?;
        let values_at = (values_at.start + HEAD).min(values_at.end)..values_at.end;
        let values = Values::Paged(Pages::open(sums, per_page, values_at, rows, 4 * dims)?.from(source));
        pages.end()?;
        let (cnos, at) = (numbers_of(&envelope, rows)?, [codes_at.start, links_at.start]);
        Ok(Self { cnos, codes, values, width: 4 * dims, graph, size, at })
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
        let (graph, links) = graph.map(image::seal_apart).unzip();
        let link = graph.as_deref().map_or(0, image::link_bytes);
        let per_page = [
            arrival::rows_of_page(codes.width),
            if link == 0 { 0 } else { arrival::rows_of_page(link) },
            pages::rows_of_page(4 * dims),
        ];
        let mut writer =
            Writer::new(KIND_ITEM_VECTORS, if graph.is_some() { 7 } else { 5 }, room + room / 512 + 64 * 8);
        writer.section(NUMBERS, |out| put_u32s(out, cnos.iter().copied()));
        writer.section(SCALES, |out| put_u32s(out, codes.scales.iter().map(|scale| scale.to_bits())));
        if let Some(graph) = &graph {
            writer.section(GRAPH, |out| out.extend_from_slice(graph));
        }
        writer.section(SUMS, |out| {
            put_u32s(out, per_page.map(|rows| rows as u32));
            arrival::seal(codes.bytes(), codes.width, out);
            links.into_iter().for_each(|links| arrival::seal(links, link, out));
            pages::seal(cnos.len(), 4 * dims, value, out);
        });
        writer.rows(CODES, |out| out.extend_from_slice(codes.bytes()));
        if let Some(links) = links {
            writer.rows(LINKS, |out| out.extend_from_slice(links));
        }
        writer.rows(VALUES, |out| {
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

    /// Are its codes there?
    pub fn has_codes(&self, row: u32) -> bool {
        self.codes().coming.is_none_or(|coming| coming.has(row))
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

    fn arrival(&self, column: Column) -> Option<(usize, &Arrival)> {
        let [codes, links] = self.at;
        match column {
            Column::Codes => self.codes.arrival().map(|arrival| (codes, arrival)),
            Column::Links => Some((links, self.graph.as_ref()?.layers.first()?.arrival()?)),
            Column::Values => None,
        }
    }

    /// Codes and links that come page by page, and where they begin in the stored segment.
    pub fn arrivals(&self) -> impl Iterator<Item = (usize, &Arrival)> {
        [Column::Codes, Column::Links].into_iter().filter_map(|column| self.arrival(column))
    }

    /// Are codes and links all there?
    pub fn is_whole(&self) -> bool {
        self.arrivals().all(|(_, arrival)| arrival.is_whole())
    }

    /// Bytes of the stored segment that a row's page of a column is, where that is read by pages.
    pub fn range_of(&self, column: Column, row: u32) -> Option<Range<usize>> {
        match self.arrival(column) {
            None => self.pages().filter(|_| column == Column::Values).map(|pages| pages.range_of(row as usize)),
            Some((at, arrival)) => Some(arrival.range_of(row)).map(|range| at + range.start..at + range.end),
        }
    }

    /// Where bytes of the stored segment belong that are whole pages of codes or links; none for others.
    pub fn room(&mut self, range: &Range<usize>) -> Option<&mut [u8]> {
        let (column, range) = self.column_of(range)?;
        self.arrival_mut(column)?.room(range)
    }

    /// Bytes that [`Self::room`] gave were filled in.
    pub fn arrived(&mut self, range: &Range<usize>) {
        let Some((column, range)) = self.column_of(range) else { return };
        if let Some(arrival) = self.arrival_mut(column) {
            arrival.arrived(range);
        }
    }

    fn column_of(&self, range: &Range<usize>) -> Option<(Column, Range<usize>)> {
        [Column::Codes, Column::Links].into_iter().find_map(|column| {
            let (at, arrival) = self.arrival(column)?;
            let (from, to) = (range.start.checked_sub(at)?, range.end.checked_sub(at)?);
            (to <= arrival.bytes().len()).then_some((column, from..to))
        })
    }

    const fn arrival_mut(&mut self, column: Column) -> Option<&mut Arrival> {
        match (column, &mut self.graph) {
            (Column::Codes, _) => self.codes.arrival_mut(),
            (Column::Links, Some(graph)) => match graph.layers.as_mut_slice() {
                [base, ..] => base.arrival_mut(),
                [] => None,
            },
            _ => None,
        }
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let values = match &self.values {
            Values::Own(own) => own.len() + self.codes.view().bytes().len(),
            Values::Lent(_) => 0,
            Values::Paged(pages) => pages.held() + pages.bytes(),
        };
        self.size + values + self.codes.bytes() + 4 * self.cnos.len() + self.graph.as_ref().map_or(0, Graph::own_bytes)
    }
}

fn numbers_of(envelope: &Envelope, rows: usize) -> Result<Vec<u32>> {
    let section = envelope.section(NUMBERS);
    let cnos = numbers(words(&section));
    if section.len() != 4 * rows || !rise(words(&section)) || cnos.last() == Some(&NONE) {
        return Err(Error::corrupt("the content numbers of a vector segment do not rise or do not fit its rows"));
    }
    Ok(cnos)
}

fn scales_of(envelope: &Envelope) -> Vec<f32> {
    numbers(words(&envelope.section(SCALES))).into_iter().map(f32::from_bits).collect()
}

fn graph_of(envelope: &Envelope, links: Option<Links>, rows: usize) -> Result<Option<Graph>> {
    envelope.has(GRAPH).then(|| image::open(&envelope.section(GRAPH), links, rows)).transpose()
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
