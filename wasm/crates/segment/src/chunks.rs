//! Chunk rows as columns: the `Chnk` section of WAL frames and text segments alike.
//!
//! ```text
//! rows n u32 | paths p u32 | text bytes t u32 | path bytes u32
//! vno u32[n]         ordinal of the chunk version
//! parent u32[n]      vno it was edited from, 0xffffffff none
//! path u32[n]        index into this section's paths
//! utf16 u32[n]       length of the text in UTF-16 code units
//! textEnd u32[n]     end of the text in the text bytes
//! kind u32[n]        0 block
//! pathEnd u32[p]     end of each path in the path bytes
//! versionId 16[n] | chunkId 16[n] | docKey 16[n] | sectionKey 16[n]
//! text bytes | path bytes (heading path, its elements joined by U+001F)
//! ```

use aetherv_core::bytes::{Reader, put_u32s, u32_at};
use aetherv_core::hash::{ID_BYTES, Id};
use aetherv_core::{Code, Error, Result, Shared, Text};
use std::ops::Range;

/// The section's tag.
pub const TAG: [u8; 4] = *b"Chnk";
/// Joins the elements of a heading path.
pub const PATH_SEPARATOR: char = '\u{1f}';

const IDS: usize = 4;
const KIND_BLOCK: u32 = 0;

/// Rows of chunk versions over bytes that they own.
#[derive(Debug)]
pub struct Chunks {
    bytes: Shared,
    rows: usize,
    columns: Columns,
    texts: Text,
    paths: Text,
}

#[derive(Debug, Default)]
struct Columns {
    vno: usize,
    parent: usize,
    path: usize,
    utf16: usize,
    text_end: usize,
    kind: usize,
    path_end: usize,
    ids: [usize; IDS],
    text: usize,
}

impl Chunks {
    /// Takes the section's bytes in and checks every offset in them.
    ///
    /// # Errors
    /// `AV_CORRUPT` when a column is cut off, an offset falls or lies outside, or text is not UTF-8.
    pub fn open(bytes: impl Into<Shared>) -> Result<Self> {
        let bytes: Shared = bytes.into();
        let mut reader = Reader::new(&bytes, "Chnk");
        let (rows, paths) = (reader.u32()? as usize, reader.u32()? as usize);
        let (text_bytes, path_bytes) = (reader.u32()? as usize, reader.u32()? as usize);
        let mut columns = Columns::default();
        let mut take = |count: usize, size: usize| -> Result<usize> {
            let at = bytes.len() - reader.left();
            reader.column(count, size)?;
            Ok(at)
        };
        columns.vno = take(rows, 4)?;
        columns.parent = take(rows, 4)?;
        columns.path = take(rows, 4)?;
        columns.utf16 = take(rows, 4)?;
        columns.text_end = take(rows, 4)?;
        columns.kind = take(rows, 4)?;
        columns.path_end = take(paths, 4)?;
        for at in &mut columns.ids {
            *at = take(rows, ID_BYTES)?;
        }
        columns.text = take(text_bytes, 1)?;
        let path = take(path_bytes, 1)?;
        let text_of = |at: usize, len: usize| {
            let text = Text::new(bytes.part(at..at + len));
            text.ok_or_else(|| Error::corrupt("text of a chunk row is not UTF-8"))
        };
        let (texts, names) = (text_of(columns.text, text_bytes)?, text_of(path, path_bytes)?);
        check_ends(&bytes, columns.text_end, rows, &texts)?;
        check_ends(&bytes, columns.path_end, paths, &names)?;
        if (0..rows).any(|row| u32_at(&bytes, columns.kind + 4 * row) != KIND_BLOCK) {
            return Err(Error::new(Code::FormatNewer, "a chunk row is of a kind this version does not know"));
        }
        if (0..rows).any(|row| u32_at(&bytes, columns.path + 4 * row) as usize >= paths) {
            return Err(Error::corrupt("a chunk row names a path that is not there"));
        }
        Ok(Self { bytes, rows, columns, texts, paths: names })
    }

    /// How many rows.
    pub const fn len(&self) -> usize {
        self.rows
    }

    /// Has it no rows?
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The section's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The section's numbers and ids, without its texts.
    pub fn head(&self) -> &[u8] {
        self.bytes.get(..self.columns.text).unwrap_or_default()
    }

    /// The ordinals of all rows, little-endian.
    #[inline]
    pub fn vnos(&self) -> &[[u8; 4]] {
        let column = self.bytes.get(self.columns.vno..self.columns.vno + 4 * self.rows);
        column.unwrap_or_default().as_chunks().0
    }

    /// The chunk version's ordinal.
    pub fn vno(&self, row: usize) -> u32 {
        u32_at(&self.bytes, self.columns.vno + 4 * row)
    }

    /// The version's content hash.
    pub fn version_id(&self, row: usize) -> &[u8] {
        self.id(0, row)
    }

    /// The stable slot's id.
    pub fn chunk_id(&self, row: usize) -> &[u8] {
        self.id(1, row)
    }

    /// hash(document id).
    pub fn doc_key(&self, row: usize) -> Id {
        self.id(2, row).try_into().unwrap_or_default()
    }

    /// hash(document id, heading path).
    pub fn section_key(&self, row: usize) -> Id {
        self.id(3, row).try_into().unwrap_or_default()
    }

    /// The chunk's text, a slice of the document as given.
    pub fn text(&self, row: usize) -> &str {
        self.texts.get(self.text_at(row)).unwrap_or_default()
    }

    fn text_bytes(&self, row: usize) -> &[u8] {
        self.texts.as_bytes().get(self.text_at(row)).unwrap_or_default()
    }

    fn text_at(&self, row: usize) -> Range<usize> {
        span(&self.bytes, self.columns.text_end, row)
    }

    /// The heading path, elements joined by U+001F.
    pub fn path(&self, row: usize) -> &str {
        let path = u32_at(&self.bytes, self.columns.path + 4 * row) as usize;
        self.paths.get(span(&self.bytes, self.columns.path_end, path)).unwrap_or_default()
    }

    fn id(&self, column: usize, row: usize) -> &[u8] {
        let at = self.columns.ids.get(column).map_or(usize::MAX, |ids| ids + row * ID_BYTES);
        at.checked_add(ID_BYTES).and_then(|end| self.bytes.get(at..end)).unwrap_or_default()
    }

    /// Bytes of a section that holds these rows, or a little more.
    pub fn gathered(rows: &[(&Self, usize)]) -> usize {
        let each = rows.iter().map(|&(part, row)| part.text_bytes(row).len() + part.path(row).len());
        each.sum::<usize>() + rows.len() * (7 * 4 + IDS * ID_BYTES) + 4 * 4
    }

    /// Appends one section that holds these rows, in order; equal neighbouring paths are stored once.
    pub fn gather(rows: &[(&Self, usize)], out: &mut Vec<u8>) {
        let (mut paths, mut path_of): (Vec<&[u8]>, _) = (Vec::new(), Vec::with_capacity(rows.len()));
        for &(part, row) in rows {
            let path = part.path(row).as_bytes();
            if paths.last() != Some(&path) {
                paths.push(path);
            }
            path_of.push(paths.len() as u32 - 1);
        }
        let texts = || rows.iter().map(|&(part, row)| part.text_bytes(row));
        let (text_ends, path_ends) = (ends(texts()), ends(paths.iter().copied()));
        let last = |ends: &[u32]| ends.last().copied().unwrap_or(0);
        put_u32s(out, [rows.len() as u32, paths.len() as u32, last(&text_ends), last(&path_ends)]);
        let column = |at: fn(&Columns) -> usize| {
            rows.iter().map(move |&(part, row)| u32_at(&part.bytes, at(&part.columns) + 4 * row))
        };
        put_u32s(out, column(|c| c.vno));
        put_u32s(out, column(|c| c.parent));
        put_u32s(out, path_of);
        put_u32s(out, column(|c| c.utf16));
        put_u32s(out, text_ends);
        put_u32s(out, column(|c| c.kind));
        put_u32s(out, path_ends);
        for id in 0..IDS {
            for &(part, row) in rows {
                out.extend_from_slice(part.id(id, row));
            }
        }
        texts().chain(paths).for_each(|text| out.extend_from_slice(text));
    }
}

/// Where each of the parts ends when they follow each other.
fn ends<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Vec<u32> {
    let mut end = 0;
    let each = parts.map(|part| {
        end += part.len() as u32;
        end
    });
    each.collect()
}

fn span(bytes: &[u8], ends: usize, at: usize) -> Range<usize> {
    let end = u32_at(bytes, ends + 4 * at) as usize;
    let start = if at == 0 { 0 } else { u32_at(bytes, ends + 4 * (at - 1)) as usize };
    start..end
}

/// Ends must rise, finish at the end of all text, and cut it between chars.
fn check_ends(bytes: &[u8], ends: usize, count: usize, all: &str) -> Result<()> {
    let mut last = 0;
    for at in 0..count {
        let end = u32_at(bytes, ends + 4 * at) as usize;
        if end < last || !all.is_char_boundary(end) {
            return Err(Error::corrupt(format!("text offset {end} of chunk row {at} is wrong")));
        }
        last = end;
    }
    if last == all.len() { Ok(()) } else { Err(Error::corrupt("text of the chunk rows has bytes that belong to none")) }
}

/// Builds the bytes of a section from plain rows.
#[cfg(any(test, feature = "testing"))]
pub fn build(rows: &[TestRow<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    let text: String = rows.iter().map(|r| r.text).collect();
    let paths: String = rows.iter().map(|r| r.path).collect();
    let n = rows.len() as u32;
    put_u32s(&mut out, [n, n, text.len() as u32, paths.len() as u32]);
    put_u32s(&mut out, rows.iter().map(|r| r.vno));
    put_u32s(&mut out, rows.iter().map(|_| u32::MAX));
    put_u32s(&mut out, 0..n);
    put_u32s(&mut out, rows.iter().map(|r| r.text.encode_utf16().count() as u32));
    put_u32s(
        &mut out,
        rows.iter().scan(0, |end, r| {
            *end += r.text.len() as u32;
            Some(*end)
        }),
    );
    put_u32s(&mut out, rows.iter().map(|_| 0));
    put_u32s(
        &mut out,
        rows.iter().scan(0, |end, r| {
            *end += r.path.len() as u32;
            Some(*end)
        }),
    );
    let id = |bytes: String| aetherv_core::hash::id_of(bytes.as_bytes());
    for row in rows {
        out.extend(id(format!("v{}{}", row.path, row.text)));
    }
    for row in rows {
        out.extend(id(format!("c{}{}{}", row.doc, row.path, row.text)));
    }
    for row in rows {
        out.extend(id(format!("d{}", row.doc)));
    }
    for row in rows {
        out.extend(id(format!("s{}{}", row.doc, row.path)));
    }
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(paths.as_bytes());
    out
}

/// A row for [`build`].
#[cfg(any(test, feature = "testing"))]
pub struct TestRow<'a> {
    /// Ordinal.
    pub vno: u32,
    /// Document id.
    pub doc: &'a str,
    /// Heading path.
    pub path: &'a str,
    /// Text.
    pub text: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<u8> {
        build(&[
            TestRow { vno: 7, doc: "a", path: "T", text: "größe" },
            TestRow { vno: 8, doc: "a", path: "T", text: "" },
            TestRow { vno: 9, doc: "b", path: "U", text: "zwei" },
        ])
    }

    #[test]
    fn rows_come_back_as_written() {
        let chunks = Chunks::open(rows()).unwrap();
        assert_eq!(
            (chunks.len(), chunks.vno(2), chunks.text(0), chunks.text(1), chunks.path(2)),
            (3, 9, "größe", "", "U")
        );
    }

    #[test]
    fn gathered_rows_are_as_they_were_and_equal_neighbouring_paths_are_stored_once() {
        let (one, two) = (Chunks::open(rows()).unwrap(), Chunks::open(rows()).unwrap());
        let (rows, mut bytes) = ([(&one, 2), (&one, 0), (&two, 1), (&two, 0)], Vec::new());
        Chunks::gather(&rows, &mut bytes);
        assert!(Chunks::gathered(&rows) >= bytes.len());
        let whole = Chunks::open(bytes).unwrap();
        assert_eq!(
            (whole.len(), whole.text(3), whole.path(0), whole.vno(2), whole.version_id(0)),
            (4, "größe", "U", 8, one.version_id(2))
        );
        assert_eq!(u32_at(whole.bytes(), 4), 2);
    }

    #[test]
    fn damaged_rows_are_typed_errors_and_never_panic() {
        let good = rows();
        for at in 0..good.len() {
            for bit in [1, 128] {
                let mut bytes = good.clone();
                bytes[at] ^= bit;
                if let Ok(chunks) = Chunks::open(bytes) {
                    for row in 0..chunks.len() {
                        let _ = (chunks.text(row), chunks.path(row), chunks.version_id(row), chunks.vno(row));
                    }
                }
            }
            assert!(Chunks::open(good[..at].to_vec()).is_err());
        }
    }
}
