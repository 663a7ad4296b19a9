//! What the graph compares: rows as codes, and a query made ready for them. Scores: higher is nearer.

use crate::arrival::Arrival;
use crate::kernels::{CODE_ALIGN, differing};
use crate::sq7::{self, row_bytes};
use aetherv_core::{Error, Result, Shared};
use std::cell::OnceCell;

/// How two vectors are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Dot product of unit vectors; the caller makes them so.
    Cosine,
    /// Dot product of vectors of any length.
    Dot,
    /// Minus the squared Euclidean distance.
    L2,
    /// Minus the number of dimensions in which one is above 0 and the other is not; codes are bits, and exact.
    Hamming,
}

impl Metric {
    /// Bytes of one row of codes.
    pub const fn width(self, dims: usize) -> usize {
        match self {
            Metric::Hamming => dims.div_ceil(8 * CODE_ALIGN) * CODE_ALIGN,
            _ => row_bytes(dims),
        }
    }
}

/// The codes of all rows.
#[derive(Clone, Copy)]
pub struct Codes<'a> {
    /// How they are compared.
    pub metric: Metric,
    /// Bytes of one row of codes.
    pub width: usize,
    own: &'a [u8],
    /// Scale of each row; none for Hamming.
    pub scales: &'a [f32],
    /// Squared length of each row as its codes have it, for L2 alone, once one was asked for and all codes are there.
    norms: &'a OnceCell<Vec<f32>>,
    /// The largest scale.
    pub coarsest: f32,
    /// The length of the longest row as its codes have it, once a scan has asked for it.
    longest: &'a OnceCell<f32>,
    /// They, while not all of them are there.
    pub coming: Option<&'a Arrival>,
}

impl<'a> Codes<'a> {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.bytes().len() / self.width.max(1)
    }

    /// Are there no rows?
    pub fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    /// Codes, row after row; while some are coming, not to be held until it is asked whether another row is there.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.coming.map_or(self.own, Arrival::bytes)
    }

    /// A row's codes.
    #[inline]
    pub fn row(&self, row: u32) -> &'a [u8] {
        let at = row as usize * self.width;
        self.bytes().get(at..at + self.width).unwrap_or_default()
    }

    /// A row as a query for the others.
    pub fn probe_of(&self, row: u32) -> Probe {
        match self.metric {
            Metric::Hamming => Probe::Bits(self.row(row).to_vec()),
            _ => Probe::Values(sq7::Query::of_row(self.row(row), at(self.scales, row))),
        }
    }

    /// Scores of rows named by number, into `out`.
    #[inline(never)]
    pub fn score(&self, probe: &Probe, rows: &[u32], out: &mut [f32]) {
        match probe {
            Probe::Values(query) => {
                query.gather(self.bytes(), self.scales, rows, out);
                if self.metric == Metric::L2 {
                    let own = query.norm();
                    for (score, &row) in out.iter_mut().zip(rows) {
                        *score = 2.0 * *score - self.norm(row) - own;
                    }
                }
            }
            Probe::Bits(bits) => {
                for (score, &row) in out.iter_mut().zip(rows) {
                    *score = -(differing(bits, self.row(row)) as f32);
                }
            }
        }
    }

    /// Asks for the cache lines of rows that will be scored, where codes are too many to be near anyway. WebAssembly has no prefetch, but
    /// loads that nothing waits for are as good: all rows' misses overlap, not just those of four.
    #[inline]
    pub fn touch(&self, rows: &[u32]) {
        const NEAR: usize = 8 << 20;
        if self.bytes().len() > NEAR {
            let lines = rows.iter().flat_map(|&row| self.row(row).iter().step_by(64));
            std::hint::black_box(lines.fold(0, |sum, byte| sum | byte));
        }
    }

    /// Scores of `out.len()` consecutive rows from `first` on.
    #[inline(never)]
    pub fn scan(&self, probe: &Probe, first: usize, out: &mut [f32]) {
        match probe {
            Probe::Values(query) => {
                let bytes = self.bytes().get(first * self.width..).unwrap_or_default();
                query.scan(bytes, self.scales.get(first..).unwrap_or_default(), out);
                if self.metric == Metric::L2 {
                    let own = query.norm();
                    for (score, row) in out.iter_mut().zip(first as u32..) {
                        *score = 2.0 * *score - self.norm(row) - own;
                    }
                }
            }
            Probe::Bits(bits) => {
                for (score, row) in out.iter_mut().zip(first as u32..) {
                    *score = -(differing(bits, self.row(row)) as f32);
                }
            }
        }
    }

    #[inline]
    fn norm(&self, row: u32) -> f32 {
        match self.coming {
            Some(_) => sq7::norm_of(self.row(row), at(self.scales, row)),
            None => at(self.norms.get_or_init(|| norms_of(self.own, self.width, self.scales)), row),
        }
    }

    /// How far a row's score is likely to be off, at most one in a thousand times.
    #[inline]
    pub fn likely_error(&self, probe: &Probe, row: u32) -> f32 {
        const SIGMAS: f32 = 3.0;
        match (probe, self.metric) {
            (Probe::Values(query), Metric::L2) => SIGMAS * query.sigma_apart(at(self.scales, row)),
            (Probe::Values(query), _) => SIGMAS * query.sigma(at(self.scales, row)),
            (Probe::Bits(_), _) => 0.0,
        }
    }

    /// How far the score of any row can be off.
    pub fn error_bound(&self, probe: &Probe, query: &[f32]) -> f32 {
        match (probe, self.metric) {
            (Probe::Values(codes), Metric::L2) => codes.error_bound_apart(query, self.coarsest),
            (Probe::Values(codes), _) => codes.error_bound(query, self.coarsest, self.longest()),
            (Probe::Bits(_), _) => 0.0,
        }
    }

    /// That length; the first call looks at every row.
    pub fn longest(&self) -> f32 {
        *self.longest.get_or_init(|| {
            let rows = self.bytes().chunks(self.width.max(1)).zip(self.scales);
            rows.fold(0.0, |longest, (row, scale)| sq7::row_length(row, *scale).max(longest))
        })
    }

    /// The best that the exact score can be behind one with this error. Errors of L2 are distances.
    #[inline]
    pub fn at_best(&self, score: f32, error: f32) -> f32 {
        if self.metric == Metric::L2 { square((-score).max(0.0).sqrt() - error) } else { score + error }
    }

    /// The worst that it can be.
    #[inline]
    pub fn at_worst(&self, score: f32, error: f32) -> f32 {
        if self.metric == Metric::L2 { square((-score).max(0.0).sqrt() + error) } else { score - error }
    }
}

fn norms_of(codes: &[u8], width: usize, scales: &[f32]) -> Vec<f32> {
    codes.chunks(width.max(1)).zip(scales).map(|(row, &scale)| sq7::norm_of(row, scale)).collect()
}

/// The score that a distance stands for.
#[inline]
fn square(distance: f32) -> f32 {
    -distance.max(0.0) * distance.max(0.0)
}

#[inline]
fn at(values: &[f32], row: u32) -> f32 {
    values.get(row as usize).copied().unwrap_or_default()
}

/// A query made ready for scoring codes.
pub enum Probe {
    /// Quantised values.
    Values(sq7::Query),
    /// One bit a dimension.
    Bits(Vec<u8>),
}

impl Probe {
    /// Makes a query ready.
    pub fn of(metric: Metric, query: &[f32]) -> Self {
        match metric {
            Metric::Hamming => {
                let mut bits = Vec::new();
                encode_bits(query, &mut bits);
                Self::Bits(bits)
            }
            _ => Self::Values(sq7::Query::new(query)),
        }
    }
}

/// Codes that grow row by row, or that lie in a segment.
pub struct CodeRows {
    metric: Metric,
    width: usize,
    lent: Option<Shared>,
    coming: Option<Arrival>,
    bytes: Vec<u8>,
    scales: Vec<f32>,
    norms: OnceCell<Vec<f32>>,
    coarsest: f32,
    longest: OnceCell<f32>,
}

impl CodeRows {
    /// No rows yet.
    pub fn new(metric: Metric, dims: usize) -> Self {
        let (bytes, scales) = (Vec::new(), Vec::new());
        let (norms, longest) = (OnceCell::from(Vec::new()), OnceCell::from(0.0));
        let width = metric.width(dims);
        Self { metric, width, lent: None, coming: None, bytes, scales, norms, coarsest: 0.0, longest }
    }

    /// Codes of `rows` rows where they lie, with their scales (none for Hamming). No row can be added.
    ///
    /// # Errors
    /// `AV_CORRUPT` for lengths that do not fit, codes above 127 and scales that are no lengths.
    pub fn lent(metric: Metric, dims: usize, rows: usize, codes: Shared, scales: Vec<f32>) -> Result<Self> {
        let mut out = Self::of(metric, dims, (rows, codes.len()), scales)?;
        out.lent = Some(codes);
        Ok(out)
    }

    /// The same of codes that are on their way.
    ///
    /// # Errors
    /// As of [`Self::lent`].
    pub fn coming(metric: Metric, dims: usize, rows: usize, codes: Arrival, scales: Vec<f32>) -> Result<Self> {
        let mut out = Self::of(metric, dims, (rows, codes.bytes().len()), scales)?;
        out.coming = Some(codes);
        Ok(out)
    }

    fn of(metric: Metric, dims: usize, (rows, bytes): (usize, usize), scales: Vec<f32>) -> Result<Self> {
        let mut out = Self::new(metric, dims);
        let is_hamming = metric == Metric::Hamming;
        // That each code is 0..127 its checksum vouches for: to look at them would take as long as the first search.
        if bytes != rows.saturating_mul(out.width) || scales.len() != if is_hamming { 0 } else { rows } {
            return Err(Error::corrupt("codes of vectors do not fit their number"));
        }
        // In one pass without an early exit, as of numbers: it runs in vector registers.
        if !scales.iter().fold(true, |all, scale| all & (scale.is_finite() & (*scale >= 0.0))) {
            return Err(Error::corrupt("a scale of codes is no length"));
        }
        out.coarsest = f32::from_bits(scales.iter().fold(0, |most, scale| most.max(scale.abs().to_bits())));
        (out.scales, out.norms, out.longest) = (scales, OnceCell::new(), OnceCell::new());
        Ok(out)
    }

    /// Codes that come page by page, all there or not.
    pub const fn arrival(&self) -> Option<&Arrival> {
        self.coming.as_ref()
    }

    /// The same, to be filled in.
    pub const fn arrival_mut(&mut self) -> Option<&mut Arrival> {
        self.coming.as_mut()
    }

    /// Takes a row in.
    pub fn push(&mut self, row: &[f32]) {
        if self.metric == Metric::Hamming {
            return encode_bits(row, &mut self.bytes);
        }
        let from = self.bytes.len();
        let scale = sq7::encode_row(row, &mut self.bytes);
        self.take(from, scale);
    }

    /// Takes a row in that is codes already.
    pub fn push_codes(&mut self, codes: &[u8], scale: f32) {
        let from = self.bytes.len();
        self.bytes.extend_from_slice(codes);
        if self.metric != Metric::Hamming {
            self.take(from, scale);
        }
    }

    fn take(&mut self, from: usize, scale: f32) {
        let norm = sq7::norm_of(self.bytes.get(from..).unwrap_or_default(), scale);
        self.scales.push(scale);
        self.coarsest = self.coarsest.max(scale);
        if let Some(longest) = self.longest.get_mut() {
            *longest = longest.max(norm.sqrt());
        }
        if let Some(norms) = self.norms.get_mut().filter(|_| self.metric == Metric::L2) {
            norms.push(norm);
        }
    }

    /// Bytes in memory beside the codes.
    pub fn bytes(&self) -> usize {
        4 * (self.scales.len() + self.norms.get().map_or(0, Vec::len))
    }

    /// All rows.
    pub fn view(&self) -> Codes<'_> {
        Codes {
            metric: self.metric,
            width: self.width,
            own: match (&self.lent, &self.coming) {
                (Some(lent), _) => lent,
                // Those that may change are not held.
                (None, Some(coming)) => {
                    if coming.is_whole() {
                        coming.bytes()
                    } else {
                        &[]
                    }
                }
                (None, None) => &self.bytes,
            },
            scales: &self.scales,
            norms: &self.norms,
            coarsest: self.coarsest,
            longest: &self.longest,
            coming: self.coming.as_ref().filter(|coming| !coming.is_whole()),
        }
    }
}

/// Appends one bit a dimension: is it above 0?
fn encode_bits(row: &[f32], out: &mut Vec<u8>) {
    let from = out.len();
    out.extend(
        row.chunks(8).map(|eight| eight.iter().enumerate().fold(0, |byte, (i, &x)| byte | u8::from(x > 0.0) << i)),
    );
    out.resize(from + Metric::Hamming.width(row.len()), 0);
}
