//! One database's index: takes sections and segments in, answers where things are, seals what is in memory.

use crate::contents::Contents;
use crate::highlight::Asked;
use crate::memtable::{TextMem, VectorMem};
use crate::parts::{TextPart, VectorPart};
use crate::revived::Revived;
use crate::rows::{IN_MEM, Interner, Rows};
use crate::search::Scratch;
use crate::view::Views;
use crate::vocabulary::Vocabulary;
use aetherv_core::hash::ID_BYTES;
use aetherv_core::{Bits, Code, Error, Result};
use aetherv_segment::text::languages_of;
use aetherv_segment::vectors::read_map;
use aetherv_segment::{Chunks, VectorRows};
use aetherv_text::{Analyzer, Stemmer};
use std::cell::Cell;

/// The index. Sections of WAL frames go through `apply_*`, sealed segments through `attach_*`; both may come in any
/// order, and what comes last goes before what was there. Nothing is visible until a view names it.
#[derive(Default)]
pub struct Shard {
    pub(crate) analyzer: Analyzer,
    /// Attached text segments by slot; the slot of a detached one is used again.
    pub(crate) text: Vec<Option<TextPart>>,
    pub(crate) mem: TextMem,
    pub(crate) vectors: Vec<VectorPart>,
    pub(crate) vector_mem: VectorMem,
    pub(crate) rows: Rows,
    pub(crate) contents: Contents,
    pub(crate) revived: Revived,
    pub(crate) views: Views,
    pub(crate) scratch: Scratch,
    pub(crate) asked: Asked,
    pub(crate) vocabulary: Cell<Vocabulary>,
    pub(crate) dims: usize,
    pub(crate) sections: Interner,
    pub(crate) docs: Interner,
    pub(crate) space: u32,
}

impl Shard {
    /// An empty index whose vectors belong to embedding space `space` with `dims` dimensions (0: no dense channel), and
    /// that may hold any of `vnos` chunk versions: an ordinal far above that is damage.
    pub fn new(space: u32, dims: usize, vnos: u32) -> Self {
        Self { space, dims, rows: Rows::new(vnos), contents: Contents::new(vnos), ..Self::default() }
    }

    /// Stems other languages than English by `stemmer`.
    pub fn stem_with(&mut self, stemmer: Box<dyn Stemmer>) {
        self.analyzer = Analyzer::with(stemmer);
    }

    /// Does it hold rows whose stemmers are not loaded?
    pub fn lacks_stems(&self) -> bool {
        self.rows.languages.iter().any(|language| self.analyzer.lacks(language))
    }

    /// Would it lack stemmers for the rows of a `Chnk` section?
    ///
    /// # Errors
    /// `AV_CORRUPT`.
    pub fn would_lack_stems(&mut self, section: Vec<u8>) -> Result<bool> {
        let chunks = Chunks::open(section)?;
        Ok(languages_of(&chunks, &mut self.analyzer).is_err())
    }

    /// Takes a `Chnk` section into the memtable.
    ///
    /// # Errors
    /// `AV_CORRUPT`, `AV_MODEL_UNAVAILABLE`.
    pub fn apply_chunks(&mut self, section: Vec<u8>) -> Result<()> {
        let chunks = Chunks::open(section)?;
        self.reserve(&chunks)?;
        let (base, part) = (self.mem.vnos.len(), self.mem.parts.len());
        self.mem.push(&mut self.analyzer, chunks)?;
        self.enter_mem(part, base, false);
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
        self.admit(&rows)?;
        let part = self.vector_mem.parts.len() as u32 | IN_MEM;
        self.vector_mem.push(rows)?;
        if let Some(rows) = self.vector_mem.parts.last() {
            self.contents.enter(part, rows, &mut self.rows);
        }
        Ok(())
    }

    /// Takes a `Vmap` section into the memtable; another space's pairs are left alone.
    ///
    /// # Errors
    /// `AV_CORRUPT`.
    pub fn apply_map(&mut self, section: &[u8]) -> Result<()> {
        let (space, pairs) = read_map(section)?;
        if space == self.space {
            self.admit_pairs(&pairs)?;
            self.contents.map(&pairs, &mut self.rows);
            self.vector_mem.push_map(space, &pairs);
        }
        Ok(())
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

    /// The content numbers of embedding keys (16 bytes each); [`crate::rows::NONE`] where the content is not there.
    pub fn find_contents(&self, keys: &[u8]) -> Vec<u32> {
        keys.as_chunks::<ID_BYTES>().0.iter().map(|key| self.contents.find(key)).collect()
    }

    /// The number of the next new content: above every one ever seen, also of those that were detached.
    pub fn content_count(&self) -> u32 {
        self.contents.next()
    }

    /// How many distinct embedding inputs of the active space have their vector in the index.
    pub fn contents_held(&self) -> u32 {
        self.contents.len() as u32
    }

    /// Content of a chunk version in the active space, or [`crate::rows::NONE`].
    pub fn content_of(&self, vno: u32) -> u32 {
        Rows::at(&self.rows.cno, vno)
    }

    /// A chunk version's rows and its place in them.
    pub(crate) fn chunk(&self, vno: u32) -> Option<(&Chunks, usize)> {
        let place = self.rows.place_of(vno);
        let chunks = match place.in_mem() {
            Some(part) => self.mem.parts.get(part)?,
            None => &self.text.get(place.part as usize)?.as_ref()?.chunks,
        };
        Some((chunks, place.row as usize))
    }

    /// A chunk version's text.
    ///
    /// # Errors
    /// `AV_INTERNAL` when there is no such ordinal.
    pub fn text_of(&self, vno: u32) -> Result<&str> {
        let (chunks, row) = self.chunk(vno).ok_or_else(|| absent(vno))?;
        Ok(chunks.text(row))
    }

    /// A chunk version's heading path, elements joined by U+001F.
    ///
    /// # Errors
    /// `AV_INTERNAL` when there is no such ordinal.
    pub fn path_of(&self, vno: u32) -> Result<&str> {
        let (chunks, row) = self.chunk(vno).ok_or_else(|| absent(vno))?;
        Ok(chunks.path(row))
    }

    /// Registers a view (or a mask) over chunk versions; see [`Views::add`].
    pub fn add_view(&mut self, words: Vec<u32>) -> u32 {
        self.views.add(Bits::from_words(words))
    }

    /// Forgets a view.
    pub fn drop_view(&mut self, handle: u32) {
        self.views.drop(handle);
    }

    /// Checks the dimensions of contents and makes room for their numbers.
    pub(crate) fn admit(&mut self, rows: &VectorRows) -> Result<()> {
        if rows.dims != self.dims {
            return Err(Error::new(
                Code::DimMismatch,
                format!("stored vectors have {} dimensions, the space has {}", rows.dims, self.dims),
            ));
        }
        rows.len().checked_sub(1).map_or(Ok(()), |last| self.contents.admit(rows.cno(last)))
    }

    pub(crate) fn admit_pairs(&mut self, pairs: &[(u32, u32)]) -> Result<()> {
        if let (Some(vno), Some(cno)) = (pairs.iter().map(|p| p.0).max(), pairs.iter().map(|p| p.1).max()) {
            self.rows.reserve(vno)?;
            self.contents.admit(cno)?;
        }
        Ok(())
    }

    pub(crate) fn reserve(&mut self, chunks: &Chunks) -> Result<()> {
        (0..chunks.len()).map(|row| chunks.vno(row)).max().map_or(Ok(()), |last| self.rows.reserve(last))
    }
}

/// What a chunk version is that the index does not hold.
pub(crate) fn absent(vno: u32) -> Error {
    Error::internal(format!("no chunk version {vno}"))
}
