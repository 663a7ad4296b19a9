//! Contents of one embedding space: the `Vect` section of WAL frames, and the vector segment made of it.
//!
//! ```text
//! Vect  space u32 | dims u32 | first cno u32 | rows n u32 | key 16[n] | f32[n x dims], row-major
//! Vmap  space u32 | pairs p u32 | { vno u32, cno u32 }[p]
//! Codes u8[n x padded dims]     see sq7
//! Scal  f32[n]                  scale of each row of codes
//! ```
//! A vector segment is { Vect, Code, Scal, Vmap }. A zero row (nothing of the text was known) has scale 0.

use crate::envelope::{Envelope, KIND_VECTOR, Tag, write};
use aetherv_ann::sq7::{encode_row, row_bytes};
use aetherv_core::bytes::{Reader, put_u32s};
use aetherv_core::hash::{ID_BYTES, Id};
use aetherv_core::{Code, Error, Result, Shared};

/// Tag of the rows.
pub const TAG: Tag = *b"Vect";
/// Tag of the map from chunk versions to contents.
pub const MAP_TAG: Tag = *b"Vmap";
const CODES: Tag = *b"Code";
const SCALES: Tag = *b"Scal";
const HEAD: usize = 16;

/// The rows of one `Vect` section, over bytes that they own.
#[derive(Debug, Default)]
pub struct VectorRows {
    bytes: Shared,
    /// Ordinal of the embedding space.
    pub space: u32,
    /// Dimensions.
    pub dims: usize,
    /// Ordinal of the first content; the others follow.
    pub first: u32,
    rows: usize,
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
        // One pass without an early exit: it runs in vector registers.
        let finite = values.as_chunks::<4>().0.iter().fold(true, |all, v| all & f32::from_le_bytes(*v).is_finite());
        if !finite {
            return Err(Error::new(Code::NonFinite, "a stored vector holds NaN or infinity"));
        }
        Ok(Self { space, dims, first, rows, bytes })
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

    fn concat(parts: &[Self]) -> Vec<u8> {
        let Some(head) = parts.first() else {
            return Vec::new();
        };
        let mut out = Vec::new();
        put_u32s(&mut out, [head.space, head.dims as u32, head.first, parts.iter().map(|p| p.rows as u32).sum()]);
        for part in parts {
            out.extend_from_slice(part.bytes.get(HEAD..HEAD + part.rows * ID_BYTES).unwrap_or_default());
        }
        for part in parts {
            out.extend_from_slice(part.bytes.get(HEAD + part.rows * ID_BYTES..).unwrap_or_default());
        }
        out
    }
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

/// Writes the rows of `parts` (one space, consecutive contents) and the map as one segment.
pub fn seal(parts: &[VectorRows], codes: &[u8], scales: &[f32], map: Vec<u8>) -> Vec<u8> {
    let scales = scales.iter().flat_map(|s| s.to_le_bytes()).collect();
    write(KIND_VECTOR, &[(TAG, VectorRows::concat(parts)), (CODES, codes.to_vec()), (SCALES, scales), (MAP_TAG, map)])
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
        let envelope = Envelope::open(bytes, KIND_VECTOR, &[TAG, CODES, SCALES, MAP_TAG])?;
        let map = read_map(&envelope.section(MAP_TAG))?.1;
        let codes = envelope.section(CODES);
        let scales: Vec<f32> =
            envelope.section(SCALES).as_chunks::<4>().0.iter().map(|s| f32::from_le_bytes(*s)).collect();
        let rows = envelope.section(TAG);
        let rows = if rows.is_empty() { VectorRows::default() } else { VectorRows::open(rows)? };
        if scales.len() != rows.len()
            || codes.len() != rows.len() * row_bytes(rows.dims)
            || codes.iter().fold(0, |all, code| all | code) > 127
        {
            return Err(Error::corrupt("codes and vectors of a segment do not fit each other"));
        }
        Ok(Self { rows, codes, scales, map })
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

    #[test]
    fn a_sealed_segment_holds_what_was_given() {
        let parts = [
            VectorRows::open(build(2, 5, &[("a", vec![1.0, 0.0]), ("b", vec![0.0, 0.5])])).unwrap(),
            VectorRows::open(build(2, 7, &[("c", vec![0.0, 0.0])])).unwrap(),
        ];
        let (mut codes, mut scales) = (Vec::new(), Vec::new());
        parts.iter().for_each(|p| p.encode(&mut codes, &mut scales));
        let open = VectorSegment::open(seal(&parts, &codes, &scales, write_map(2, &[(9, 5)]))).unwrap();
        assert_eq!(
            (open.rows.len(), open.rows.first, open.rows.space, open.map.as_slice()),
            (3, 5, 2, [(9, 5)].as_slice())
        );
        assert_eq!(open.rows.key(2), parts[1].key(0));
        assert_eq!(open.rows.row(1), parts[0].row(1));
        assert_eq!(open.scales[2], 0.0);
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
