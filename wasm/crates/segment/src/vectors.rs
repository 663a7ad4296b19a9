//! Contents of one embedding space: the `Vect` section of WAL frames, and the vector segment made of it.
//!
//! ```text
//! Vect  space u32 | dims u32 | first cno u32 | rows n u32 | key 16[n] | f32[n x dims], row-major
//! Vmap  space u32 | pairs p u32 | { vno u32, cno u32 }[p]
//! Code  u8[n x padded dims]     see sq7
//! Scal  f32[n]                  scale of each row of codes
//! Cnos  u32[n]                  cno of each row, rising; without it they count up from the first
//! ```
//! A vector segment is { Vect, Code, Scal, Vmap }, and Cnos when its contents have gaps. A zero row (nothing of the text was known) has scale 0.

use aetherv_ann::sq7::{encode_row, row_bytes};
use aetherv_core::bytes::{Reader, put_u32s};
use aetherv_core::crc::BLOCK;
use aetherv_core::hash::{ID_BYTES, Id};
use aetherv_core::{Code, Error, Result, Shared};
use aetherv_envelope::{Envelope, KIND_VECTOR, Tag, write};

/// Tag of the rows.
pub const TAG: Tag = *b"Vect";
/// Tag of the map from chunk versions to contents.
pub const MAP_TAG: Tag = *b"Vmap";
const CODES: Tag = *b"Code";
const SCALES: Tag = *b"Scal";
const NUMBERS: Tag = *b"Cnos";
const HEAD: usize = 16;

/// The rows of one `Vect` section, over bytes that they own.
#[derive(Debug, Default)]
pub struct VectorRows {
    bytes: Shared,
    /// Ordinal of the embedding space.
    pub space: u32,
    /// Dimensions.
    pub dims: usize,
    /// Ordinal of the first content.
    pub first: u32,
    rows: usize,
    numbers: Vec<u32>,
}

/// One content, to be copied into a segment.
pub struct Content<'a> {
    /// Its number.
    pub cno: u32,
    /// hash(recipe of the space, embedding input).
    pub key: Id,
    /// Values as little-endian f32 bytes.
    pub values: &'a [u8],
    /// Codes of the values.
    pub codes: &'a [u8],
    /// Scale of the codes.
    pub scale: f32,
}

impl VectorRows {
    /// Takes the section's bytes in.
    ///
    /// # Errors
    /// `AV_CORRUPT` for a wrong length, `AV_NON_FINITE` for NaN or infinity.
    pub fn open(bytes: impl Into<Shared>) -> Result<Self> {
        let bytes: Shared = bytes.into();
        let mut reader = Reader::new(&bytes, "Vect");
        let (space, dims, first, rows) = (reader.u32()?, reader.u32()? as usize, reader.u32()?, reader.u32()? as usize);
        reader.column(rows, ID_BYTES)?;
        let values = reader.column(rows, dims.saturating_mul(4))?;
        if reader.left() != 0 || first.checked_add(rows as u32).is_none() {
            return Err(Error::corrupt("Vect is longer than its rows or its ordinals overflow"));
        }
        if !values.chunks(BLOCK).all(are_finite) {
            return Err(Error::new(Code::NonFinite, "a stored vector holds NaN or infinity"));
        }
        Ok(Self { space, dims, first, rows, bytes, numbers: Vec::new() })
    }

    /// Gives the rows the numbers of a `Cnos` section.
    fn renumber(&mut self, section: &[u8]) -> Result<()> {
        let numbers: Vec<u32> = section.as_chunks::<4>().0.iter().map(|n| u32::from_le_bytes(*n)).collect();
        let fits = section.len() == 4 * self.rows && numbers.first().is_none_or(|first| *first == self.first);
        if !fits || !numbers.is_sorted_by(|a, b| a < b) {
            return Err(Error::corrupt("the content numbers of a vector segment do not rise or do not fit its rows"));
        }
        self.numbers = numbers;
        Ok(())
    }

    /// Number of a row's content.
    #[inline]
    pub fn cno(&self, row: usize) -> u32 {
        self.numbers.get(row).copied().unwrap_or_else(|| self.first.wrapping_add(row as u32))
    }

    /// Numbers of all rows where they have gaps; else empty, and they count up from the first.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// A row with what is stored for it at `at` in `codes` and `scales`.
    pub fn content<'a>(&'a self, row: usize, codes: &'a [u8], scales: &[f32], at: usize) -> Option<Content<'a>> {
        let width = row_bytes(self.dims);
        let codes = codes.get(at * width..(at + 1) * width)?;
        let scale = *scales.get(at)?;
        Some(Content { cno: self.cno(row), key: self.key(row), values: self.row(row), codes, scale })
    }

    /// How many rows.
    pub const fn len(&self) -> usize {
        self.rows
    }

    /// Has it no rows?
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// hash(recipe of the space, embedding input) of a row.
    pub fn key(&self, row: usize) -> Id {
        let at = HEAD + row * ID_BYTES;
        self.bytes.get(at..at + ID_BYTES).and_then(|key| key.try_into().ok()).unwrap_or_default()
    }

    /// A row's values as little-endian f32 bytes.
    #[inline]
    pub fn row(&self, row: usize) -> &[u8] {
        let at = HEAD + self.rows * ID_BYTES + row * self.dims * 4;
        self.bytes.get(at..at + self.dims * 4).unwrap_or_default()
    }

    /// Appends the rows' codes and scales.
    pub fn encode(&self, codes: &mut Vec<u8>, scales: &mut Vec<f32>) {
        let mut values = Vec::with_capacity(self.dims);
        for row in 0..self.rows {
            values.clear();
            values.extend(self.row(row).as_chunks::<4>().0.iter().map(|v| f32::from_le_bytes(*v)));
            scales.push(encode_row(&values, codes));
        }
    }
}

/// One pass without an early exit: it runs in vector registers. So does [`union`].
#[inline(never)]
fn are_finite(values: &[u8]) -> bool {
    values.as_chunks::<4>().0.iter().fold(true, |all, v| all & f32::from_le_bytes(*v).is_finite())
}

/// All bits that any of the bytes has.
#[inline(never)]
fn union(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |all, byte| all | byte)
}

/// Reads a `Vmap` section: its space and its (vno, cno) pairs.
///
/// # Errors
/// `AV_CORRUPT` when it is cut off.
pub fn read_map(bytes: &[u8]) -> Result<(u32, Vec<(u32, u32)>)> {
    let mut reader = Reader::new(bytes, "Vmap");
    let (space, pairs) = (reader.u32()?, reader.u32()? as usize);
    let flat = reader.u32s(pairs.saturating_mul(2))?;
    Ok((space, flat.as_chunks::<2>().0.iter().map(|&[vno, cno]| (vno, cno)).collect()))
}

/// Writes a `Vmap` section.
pub fn write_map(space: u32, pairs: &[(u32, u32)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 + 8 * pairs.len());
    put_u32s(&mut out, [space, pairs.len() as u32]);
    put_u32s(&mut out, pairs.iter().flat_map(|&(vno, cno)| [vno, cno]));
    out
}

/// Writes contents (numbers rising) and the pairs of the map as one segment.
pub fn seal(space: u32, dims: usize, contents: &[Content<'_>], pairs: &[(u32, u32)]) -> Vec<u8> {
    let mut rows = Vec::new();
    let first = contents.first().map_or(0, |content| content.cno);
    if !contents.is_empty() {
        put_u32s(&mut rows, [space, dims as u32, first, contents.len() as u32]);
        contents.iter().for_each(|content| rows.extend_from_slice(&content.key));
        contents.iter().for_each(|content| rows.extend_from_slice(content.values));
    }
    let codes = contents.iter().flat_map(|content| content.codes).copied().collect();
    let scales = contents.iter().flat_map(|content| content.scale.to_le_bytes()).collect();
    let mut sections = vec![(TAG, rows), (CODES, codes), (SCALES, scales), (MAP_TAG, write_map(space, pairs))];
    if contents.iter().zip(first..).any(|(content, counted)| content.cno != counted) {
        let mut numbers = Vec::new();
        put_u32s(&mut numbers, contents.iter().map(|content| content.cno));
        sections.push((NUMBERS, numbers));
    }
    write(KIND_VECTOR, &sections)
}

/// An opened vector segment.
#[derive(Debug)]
pub struct VectorSegment {
    /// Keys and full-precision rows.
    pub rows: VectorRows,
    /// Codes of all rows.
    pub codes: Shared,
    /// Scale of each row.
    pub scales: Vec<f32>,
    /// (vno, cno) pairs that came with it.
    pub map: Vec<(u32, u32)>,
}

impl VectorSegment {
    /// Verifies a segment's bytes.
    ///
    /// # Errors
    /// `AV_CORRUPT`, `AV_FORMAT_NEWER`, `AV_NON_FINITE`.
    pub fn open(bytes: Vec<u8>) -> Result<Self> {
        let envelope = Envelope::open(bytes, KIND_VECTOR, &[TAG, CODES, SCALES, MAP_TAG, NUMBERS])?;
        let map = read_map(&envelope.section(MAP_TAG))?.1;
        let codes = envelope.section(CODES);
        let scales: Vec<f32> =
            envelope.section(SCALES).as_chunks::<4>().0.iter().map(|s| f32::from_le_bytes(*s)).collect();
        let rows = envelope.section(TAG);
        let mut rows = if rows.is_empty() { VectorRows::default() } else { VectorRows::open(rows)? };
        if envelope.has(NUMBERS) {
            rows.renumber(&envelope.section(NUMBERS))?;
        }
        if scales.len() != rows.len()
            || codes.len() != rows.len() * row_bytes(rows.dims)
            || codes.chunks(BLOCK).any(|block| union(block) > 127)
        {
            return Err(Error::corrupt("codes and vectors of a segment do not fit each other"));
        }
        Ok(Self { rows, codes, scales, map })
    }

    /// A row with its codes.
    pub fn content(&self, row: usize) -> Option<Content<'_>> {
        self.rows.content(row, &self.codes, &self.scales, row)
    }
}

/// Builds a `Vect` section from plain rows.
#[cfg(any(test, feature = "testing"))]
pub fn build(space: u32, first: u32, rows: &[(&str, Vec<f32>)]) -> Vec<u8> {
    let mut out = Vec::new();
    let dims = rows.first().map_or(0, |r| r.1.len()) as u32;
    put_u32s(&mut out, [space, dims, first, rows.len() as u32]);
    out.extend(rows.iter().flat_map(|(key, _)| aetherv_core::hash::id_of(key.as_bytes())));
    out.extend(rows.iter().flat_map(|(_, row)| row.iter().flat_map(|v| v.to_le_bytes())));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contents with these numbers, as a segment.
    fn sealed(numbers: &[u32]) -> Vec<u8> {
        let rows = [("a", vec![1.0, 0.0]), ("b", vec![0.0, 0.5]), ("c", vec![0.0, 0.0])];
        let rows = VectorRows::open(build(2, 5, &rows[..numbers.len()])).unwrap();
        let (mut codes, mut scales) = (Vec::new(), Vec::new());
        rows.encode(&mut codes, &mut scales);
        let content = |(row, &cno)| Content { cno, ..rows.content(row, &codes, &scales, row).unwrap() };
        let contents: Vec<Content<'_>> = numbers.iter().enumerate().map(content).collect();
        seal(2, 2, &contents, &[(9, 5)])
    }

    #[test]
    fn a_sealed_segment_holds_what_was_given() {
        for numbers in [[5, 6, 7], [5, 7, 900], [0, 1, 3]] {
            let open = VectorSegment::open(sealed(&numbers)).unwrap();
            assert_eq!((open.rows.len(), open.rows.space, open.map.as_slice()), (3, 2, [(9, 5)].as_slice()));
            assert_eq!([0, 1, 2].map(|row| open.rows.cno(row)), numbers);
            assert_eq!(open.rows.numbers().is_empty(), numbers[2] == 7);
            assert_eq!(open.rows.key(2), aetherv_core::hash::id_of(b"c"));
            assert_eq!(open.rows.row(1), [0.0f32.to_le_bytes(), 0.5f32.to_le_bytes()].concat());
            assert_eq!((open.scales[2], open.content(1).unwrap().cno), (0.0, numbers[1]));
        }
        let open = VectorSegment::open(sealed(&[])).unwrap();
        assert!(open.rows.is_empty() && open.map == [(9, 5)]);
    }

    #[test]
    fn content_numbers_that_do_not_rise_or_do_not_fit_are_damage() {
        for numbers in [[5, 5, 6], [5, 4, 6], [7, 6, 5]] {
            assert_eq!(VectorSegment::open(sealed(&numbers)).unwrap_err().code, Code::Corrupt, "{numbers:?}");
        }
        let mut rows = VectorRows::open(build(2, 5, &[("a", vec![1.0]), ("b", vec![1.0])])).unwrap();
        let bytes = |numbers: &[u32]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
        for section in [bytes(&[]), bytes(&[5]), bytes(&[6, 7]), bytes(&[5, 6, 7]), vec![5, 0, 0, 0, 6, 0, 0]] {
            assert_eq!(rows.renumber(&section).unwrap_err().code, Code::Corrupt, "{section:?}");
        }
        assert!(rows.renumber(&bytes(&[5, 9])).is_ok());
    }

    #[test]
    fn nan_is_refused_with_its_own_code() {
        assert_eq!(VectorRows::open(build(0, 0, &[("a", vec![f32::NAN])])).unwrap_err().code, Code::NonFinite);
    }

    #[test]
    fn a_wrong_length_is_damage() {
        let good = build(0, 0, &[("a", vec![1.0])]);
        assert_eq!(VectorRows::open(good[..good.len() - 1].to_vec()).unwrap_err().code, Code::Corrupt);
        assert_eq!(VectorRows::open([good, vec![0]].concat()).unwrap_err().code, Code::Corrupt);
    }
}
