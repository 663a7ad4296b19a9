//! One database's index: takes sections and segments in, answers where things are, seals what is in memory.

use crate::memtable::{TextMem, VectorMem};
use crate::rows::{IN_MEM, Interner, NONE, Place, Rows};
use crate::search::Scratch;
use crate::view::Views;
use aetherv_core::hash::{ID_BYTES, Id};
use aetherv_core::{Bits, Code, Error, Result};
use aetherv_segment::vectors::read_map;
use aetherv_segment::{Chunks, TextSegment, VectorRows, VectorSegment};
use aetherv_text::Analyzer;

/// The index. Sections of WAL frames go through `apply_*`, sealed segments through `attach_*`; both may come in any
/// order as long as every ordinal is given once. Nothing is visible until a view names it.
#[derive(Default)]
pub struct Shard {
    pub(crate) analyzer: Analyzer,
    pub(crate) text: Vec<(TextSegment, Chunks)>,
    pub(crate) mem: TextMem,
    pub(crate) vectors: Vec<VectorSegment>,
    pub(crate) vector_mem: VectorMem,
    pub(crate) rows: Rows,
    pub(crate) views: Views,
    pub(crate) scratch: Scratch,
    pub(crate) dims: usize,
    sections: Interner,
    docs: Interner,
    contents: Interner,
    space: u32,
}

impl Shard {
    /// An empty index whose vectors belong to embedding space `space` with `dims` dimensions (0: no dense channel).
    pub fn new(space: u32, dims: usize) -> Self {
        Self { space, dims, ..Self::default() }
    }

    /// Takes a `Chnk` section into the memtable.
    ///
    /// # Errors
    /// `AV_CORRUPT`.
    pub fn apply_chunks(&mut self, section: Vec<u8>) -> Result<()> {
        let chunks = Chunks::open(section)?;
        let base = self.mem.vnos.len();
        let part = self.mem.parts.len() as u32 | IN_MEM;
        self.mem.push(&mut self.analyzer, chunks);
        if let Some(chunks) = self.mem.parts.last() {
            let lens: Vec<u32> = (0..chunks.len()).map(|row| self.mem.postings.row_len(base + row)).collect();
            enter(&mut self.rows, &mut self.sections, &mut self.docs, chunks, part, &lens)?;
        }
        Ok(())
    }

    /// Takes a `Vect` section into the memtable; another space's rows are left alone.
    ///
    /// # Errors
    /// `AV_CORRUPT`, `AV_NON_FINITE`, `AV_DIM_MISMATCH`.
    pub fn apply_vectors(&mut self, section: Vec<u8>) -> Result<()> {
        let rows = VectorRows::open(section)?;
        if rows.space != self.space {
            return Ok(());
        }
        self.enter_contents(&rows)?;
        self.vector_mem.push(rows)
    }

    /// Takes a `Vmap` section into the memtable; another space's pairs are left alone.
    ///
    /// # Errors
    /// `AV_CORRUPT`.
    pub fn apply_map(&mut self, section: &[u8]) -> Result<()> {
        let (space, pairs) = read_map(section)?;
        if space == self.space {
            self.enter_map(&pairs)?;
            self.vector_mem.push_map(space, &pairs);
        }
        Ok(())
    }

    /// Takes a sealed text segment in. Rows that were in the memtable are found in the segment from now on.
    ///
    /// # Errors
    /// `AV_CORRUPT`, `AV_FORMAT_NEWER`.
    pub fn attach_text(&mut self, bytes: Vec<u8>) -> Result<()> {
        let (segment, chunks) = TextSegment::open(bytes)?;
        let lens: Vec<u32> = (0..chunks.len()).map(|row| segment.postings().row_len(row)).collect();
        enter(&mut self.rows, &mut self.sections, &mut self.docs, &chunks, self.text.len() as u32, &lens)?;
        self.text.push((segment, chunks));
        Ok(())
    }

    /// Numbers and ids of the rows of the text segment attached last: a `Chnk` section without its texts.
    pub fn last_head(&self) -> &[u8] {
        self.text.last().map(|(_, chunks)| chunks.head()).unwrap_or_default()
    }

    /// Takes a sealed vector segment of the active space in.
    ///
    /// # Errors
    /// `AV_CORRUPT`, `AV_FORMAT_NEWER`, `AV_NON_FINITE`, `AV_DIM_MISMATCH`.
    pub fn attach_vectors(&mut self, bytes: Vec<u8>) -> Result<()> {
        let segment = VectorSegment::open(bytes)?;
        if !segment.rows.is_empty() {
            self.enter_contents(&segment.rows)?;
        }
        self.enter_map(&segment.map)?;
        self.vectors.push(segment);
        Ok(())
    }

    /// Forgets the memtables, once what they held is attached as segments.
    pub fn clear_mem(&mut self) {
        self.mem = TextMem::default();
        self.vector_mem = VectorMem::default();
    }

    /// Segment bytes of everything in the text memtable; empty when there is nothing.
    pub fn seal_text(&self) -> Vec<u8> {
        self.mem.seal()
    }

    /// Segment bytes of everything in the vector memtable; empty when there is nothing.
    pub fn seal_vectors(&self) -> Vec<u8> {
        self.vector_mem.seal()
    }

    /// Bytes taken into the memtables since the last flush.
    pub fn mem_bytes(&self) -> usize {
        self.mem.bytes() + self.vector_mem.bytes()
    }

    /// The content numbers of embedding keys (16 bytes each); [`NONE`] where the content is not there yet.
    pub fn find_contents(&self, keys: &[u8]) -> Vec<u32> {
        keys.as_chunks::<ID_BYTES>().0.iter().map(|key| self.contents.find(key)).collect()
    }

    /// How many contents the active space holds.
    pub fn content_count(&self) -> u32 {
        self.contents.len() as u32
    }

    /// Content of a chunk version in the active space, or [`NONE`].
    pub fn content_of(&self, vno: u32) -> u32 {
        Rows::at(&self.rows.cno, vno)
    }

    /// A chunk version's rows and its place in them.
    pub(crate) fn chunk(&self, vno: u32) -> Option<(&Chunks, usize)> {
        let place = self.rows.place.get(vno as usize)?;
        let chunks = if place.part & IN_MEM != 0 && place.part != NONE {
            self.mem.parts.get((place.part & !IN_MEM) as usize)?
        } else {
            &self.text.get(place.part as usize)?.1
        };
        Some((chunks, place.row as usize))
    }

    /// A chunk version's text.
    ///
    /// # Errors
    /// `AV_INTERNAL` when there is no such ordinal.
    pub fn text_of(&self, vno: u32) -> Result<&str> {
        let (chunks, row) = self.chunk(vno).ok_or_else(|| Error::internal(format!("no chunk version {vno}")))?;
        Ok(chunks.text(row))
    }

    /// A chunk version's heading path, elements joined by U+001F.
    ///
    /// # Errors
    /// `AV_INTERNAL` when there is no such ordinal.
    pub fn path_of(&self, vno: u32) -> Result<&str> {
        let (chunks, row) = self.chunk(vno).ok_or_else(|| Error::internal(format!("no chunk version {vno}")))?;
        Ok(chunks.path(row))
    }

    /// Words of a chunk's text that match the query, as half-open UTF-16 offsets into that text, start and end in turn.
    ///
    /// # Errors
    /// `AV_INTERNAL` when there is no such ordinal.
    pub fn highlights(&mut self, vno: u32, query: &str) -> Result<Vec<u32>> {
        let mut terms: Vec<String> = Vec::new();
        self.analyzer.terms(query, |term, _, _| terms.push(term.to_owned()));
        let mut analyzer = std::mem::take(&mut self.analyzer);
        let spans = self.text_of(vno).map(|text| aetherv_text::highlights(&mut analyzer, text, &terms));
        self.analyzer = analyzer;
        Ok(spans?.into_iter().flat_map(|(start, end)| [start, end]).collect())
    }

    /// Registers a view (or a mask) over chunk versions; see [`Views::add`].
    pub fn add_view(&mut self, words: Vec<u32>) -> u32 {
        self.views.add(Bits::from_words(words), &self.rows)
    }

    /// Forgets a view.
    pub fn drop_view(&mut self, handle: u32) {
        self.views.drop(handle);
    }

    fn enter_contents(&mut self, rows: &VectorRows) -> Result<()> {
        if rows.dims != self.dims {
            return Err(Error::new(
                Code::DimMismatch,
                format!("stored vectors have {} dimensions, the space has {}", rows.dims, self.dims),
            ));
        }
        for row in 0..rows.len() {
            let key: Id = rows.key(row);
            self.contents.bind(key, rows.first + row as u32);
        }
        Ok(())
    }

    fn enter_map(&mut self, pairs: &[(u32, u32)]) -> Result<()> {
        for &(vno, cno) in pairs {
            self.rows.reserve(vno)?;
            if let Some(slot) = self.rows.cno.get_mut(vno as usize) {
                *slot = cno;
            }
        }
        Ok(())
    }
}

fn enter(
    rows: &mut Rows,
    sections: &mut Interner,
    docs: &mut Interner,
    chunks: &Chunks,
    part: u32,
    lens: &[u32],
) -> Result<()> {
    for row in 0..chunks.len() {
        let vno = chunks.vno(row);
        rows.reserve(vno)?;
        let at = vno as usize;
        if let (Some(place), Some(len), Some(section), Some(doc)) =
            (rows.place.get_mut(at), rows.len.get_mut(at), rows.section.get_mut(at), rows.doc.get_mut(at))
        {
            *place = Place { part, row: row as u32 };
            *len = lens.get(row).copied().unwrap_or_default();
            *section = sections.number(chunks.section_key(row));
            *doc = docs.number(chunks.doc_key(row));
        }
    }
    Ok(())
}
