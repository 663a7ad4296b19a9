//! Rows in memory with their codes and, once it is built, a graph: what a collection is searched with before it is a segment.

use crate::build::{Builder, Shape};
use crate::codes::{CodeRows, Metric};
use crate::graph::Graph;
use crate::rerank::Columns;
use crate::search::{Ask, Report, Searcher};
use crate::{image, reach, remove};
use aetherv_core::{Bits, Code, Error, Result, Shared};

/// Vectors of one space.
pub struct VectorSet {
    dims: usize,
    shape: Shape,
    codes: CodeRows,
    values: Vec<u8>,
    hashes: Vec<u64>,
    growing: Option<Builder>,
    graph: Option<Graph>,
    searcher: Searcher,
}

impl VectorSet {
    /// An empty set.
    pub fn new(metric: Metric, dims: usize, shape: Shape) -> Self {
        Self {
            dims,
            shape,
            codes: CodeRows::new(metric, dims),
            values: Vec::new(),
            hashes: Vec::new(),
            growing: None,
            graph: None,
            searcher: Searcher::default(),
        }
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Are there no rows?
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Rows that the graph does not have yet.
    pub fn waiting(&self) -> usize {
        let built = self.growing.as_ref().map_or(self.graph.as_ref().map_or(0, Graph::len), Builder::len);
        self.len() - built
    }

    /// Adds rows, row-major, with a hash of each one's content. Searches scan until the graph has them.
    ///
    /// # Errors
    /// `AV_DIM_MISMATCH` when values and hashes do not fit, `AV_NON_FINITE` for NaN or infinity; then nothing was added.
    pub fn push(&mut self, values: &[f32], hashes: &[u64]) -> Result<()> {
        if values.len() != hashes.len() * self.dims {
            let (values, rows, dims) = (values.len(), hashes.len(), self.dims);
            return Err(Error::new(Code::DimMismatch, format!("{values} values are not {rows} rows of {dims}")));
        }
        finite(values)?;
        values.chunks_exact(self.dims.max(1)).for_each(|row| self.codes.push(row));
        self.values.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        self.hashes.extend_from_slice(hashes);
        Ok(())
    }

    /// Inserts at most `limit` of the rows that wait; returns how many still do. At 0 the graph is finished and searched from then on.
    pub fn grow(&mut self, limit: usize) -> usize {
        let codes = self.codes.view();
        let mut builder = self.growing.take().unwrap_or_else(|| match self.graph.take() {
            Some(graph) => Builder::resume(self.shape, graph, &codes),
            None => Builder::new(self.shape),
        });
        for &hash in self.hashes.iter().skip(builder.len()).take(limit) {
            builder.insert(&codes, hash);
        }
        if builder.len() == self.hashes.len() {
            self.graph = Some(builder.finish(&codes));
        } else {
            self.growing = Some(builder);
        }
        self.waiting()
    }

    /// Takes rows out; those that stay are numbered anew, in order. The graph is mended if it is finished, else begun again.
    pub fn remove(&mut self, dead: &Bits) {
        let codes = self.codes.view();
        self.growing = None;
        let graph = self.graph.take().filter(|graph| graph.len() == codes.len());
        self.graph = graph.map(|graph| remove::without(&graph, &codes, dead, self.shape));
        let mut left = CodeRows::new(codes.metric, self.dims);
        let (mut values, mut hashes) = (Vec::new(), Vec::new());
        let rows = self.values.chunks(4 * self.dims.max(1)).zip(&self.hashes).zip(0u32..);
        for ((row, &hash), number) in rows.filter(|(_, number)| !dead.has(*number)) {
            left.push_codes(codes.row(number), codes.scales.get(number as usize).copied().unwrap_or_default());
            values.extend_from_slice(row);
            hashes.push(hash);
        }
        (self.codes, self.values, self.hashes) = (left, values, hashes);
        if let Some(graph) = &mut self.graph {
            reach::mend(graph, &self.codes.view());
        }
    }

    /// Answers; what it found is in [`Self::found`].
    ///
    /// # Errors
    /// `AV_DIM_MISMATCH`, `AV_NON_FINITE`.
    pub fn search(&mut self, ask: &Ask<'_>) -> Result<Report> {
        if ask.query.len() != self.dims {
            let detail = format!("the query vector has {} values, the space has {}", ask.query.len(), self.dims);
            return Err(Error::new(Code::DimMismatch, detail));
        }
        finite(ask.query)?;
        let values = Columns { width: 4 * self.dims, bytes: &self.values };
        let graph = self.graph.as_ref().filter(|graph| graph.len() == self.hashes.len());
        Ok(self.searcher.search(graph, &self.codes.view(), &values, ask))
    }

    /// What the last search found, the nearest first.
    pub fn found(&self) -> &[(u32, f32)] {
        &self.searcher.found
    }

    /// Rows that no walk reaches.
    pub fn unreachable(&self) -> usize {
        self.graph.as_ref().map_or(0, reach::unreachable)
    }

    /// The section of the finished graph; empty without one.
    pub fn seal(&self) -> Vec<u8> {
        self.graph.as_ref().map(image::seal).unwrap_or_default()
    }

    /// Takes the graph of these rows in, instead of building it.
    ///
    /// # Errors
    /// `AV_CORRUPT`.
    pub fn open(&mut self, section: Vec<u8>) -> Result<()> {
        self.growing = None;
        self.graph = Some(image::open(&Shared::from(section), None, self.hashes.len())?);
        Ok(())
    }
}

/// One pass without an early exit: it runs in vector registers.
fn finite(values: &[f32]) -> Result<()> {
    if values.iter().fold(true, |all, value| all & value.is_finite()) {
        return Ok(());
    }
    Err(Error::new(Code::NonFinite, "a vector holds NaN or infinity"))
}
