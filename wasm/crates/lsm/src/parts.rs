//! What an index is made of: segments come and go by their ids, and rows and contents with them.

use crate::memtable::VectorMem;
use crate::rows::{IN_MEM, Place, Rows};
use crate::shard::Shard;
use aetherv_core::Result;
use aetherv_core::hash::Id;
use aetherv_segment::vectors::Content;
use aetherv_segment::{Chunks, TextSegment, VectorSegment};
use aetherv_text::Language;
use aetherv_text::tuning::FIELDS;
use std::cell::Cell;

/// An attached text segment.
pub struct TextPart {
    /// Its id in the store.
    pub id: u32,
    /// Its postings.
    pub segment: TextSegment,
    /// Its rows.
    pub chunks: Chunks,
    /// The first row's chunk version, if those of the others follow it one by one: then none has to be looked up.
    pub run: Option<u32>,
    /// Do some of the rows lie elsewhere by now?
    pub stale: bool,
    /// Are its terms in the vocabulary?
    pub is_known: Cell<bool>,
}

impl TextPart {
    /// Is this row, in the segment of slot `part`, where its chunk version is found?
    #[inline]
    pub fn shows(&self, rows: &Rows, part: u32, row: u32) -> bool {
        !self.stale || rows.place_of(self.chunks.vno(row as usize)) == Place { part, row }
    }
}

/// An attached vector segment.
pub struct VectorPart {
    /// Its id in the store.
    pub id: u32,
    /// Its rows and its part of the map.
    pub segment: VectorSegment,
}

/// What is known of a row besides where it lies.
struct Facts {
    vno: u32,
    classes: [u8; FIELDS],
    language: Language,
    section: Id,
    doc: Id,
}

impl Facts {
    fn new(chunks: &Chunks, row: usize, classes: [u8; FIELDS], language: Language) -> Self {
        Self { vno: chunks.vno(row), classes, language, section: chunks.section_key(row), doc: chunks.doc_key(row) }
    }
}

impl Shard {
    /// Takes a sealed text segment in, stored as `id`. Rows that lay elsewhere are found in it from now on.
    ///
    /// # Errors
    /// `AV_CORRUPT`, `AV_FORMAT_NEWER`, `AV_MODEL_UNAVAILABLE` when it has to be analysed anew without its stemmers.
    pub fn attach_text(&mut self, id: u32, bytes: Vec<u8>) -> Result<&[u8]> {
        let (segment, chunks) = TextSegment::open(bytes, &mut self.analyzer)?;
        self.reserve(&chunks)?;
        let slot = self.text.iter().position(Option::is_none).unwrap_or_else(|| {
            self.text.push(None);
            self.text.len() - 1
        });
        if let Some(free) = self.text.get_mut(slot) {
            let first = if chunks.is_empty() { 0 } else { chunks.vno(0) };
            let follow = (first..).zip(chunks.vnos()).all(|(vno, own)| own == &vno.to_le_bytes());
            *free = Some(TextPart {
                id,
                segment,
                chunks,
                run: follow.then_some(first),
                stale: false,
                is_known: Cell::default(),
            });
        }
        self.enter_text(slot, false);
        let part = self.text.get(slot).and_then(Option::as_ref);
        Ok(part.map(|part| part.chunks.head()).unwrap_or_default())
    }

    /// Ids of the attached text segments that were analysed anew as they came: so they will be at every opening.
    pub fn analysed_anew(&self) -> Vec<u32> {
        self.text.iter().flatten().filter(|part| part.segment.is_anew()).map(|part| part.id).collect()
    }

    /// Takes a sealed vector segment of the active space in, stored as `id`.
    ///
    /// # Errors
    /// `AV_CORRUPT`, `AV_FORMAT_NEWER`, `AV_NON_FINITE`, `AV_DIM_MISMATCH`.
    pub fn attach_vectors(&mut self, id: u32, bytes: Vec<u8>) -> Result<()> {
        let segment = VectorSegment::open(bytes)?;
        if !segment.rows.is_empty() {
            self.admit(&segment.rows)?;
        }
        self.admit_pairs(&segment.map)?;
        self.contents.enter(self.vectors.len() as u32, &segment.rows, &mut self.rows);
        self.contents.map(&segment.map, &mut self.rows);
        self.vectors.push(VectorPart { id, segment });
        Ok(())
    }

    /// Drops the segments with these ids from memory. What another part holds too is found there; other rows are absent,
    /// and other contents unknown.
    pub fn detach(&mut self, ids: &[u32]) {
        let mut left = false;
        for slot in 0..self.text.len() {
            let gone = self.text.get_mut(slot).and_then(|part| part.take_if(|part| ids.contains(&part.id)));
            if let Some(part) = gone {
                let vnos = (0..part.chunks.len()).map(|row| part.chunks.vno(row));
                self.leave(vnos, |place| place.part == slot as u32);
                left = true;
            }
        }
        if left {
            // Made anew of those that stay.
            self.vocabulary.take();
            self.text.iter().flatten().for_each(|part| part.is_known.set(false));
            self.enter_stale();
        }
        let before = self.vectors.len();
        self.vectors.retain(|part| !ids.contains(&part.id));
        if self.vectors.len() < before {
            self.recount();
        }
    }

    /// Forgets the memtables, once what they held is attached as segments.
    pub fn clear_mem(&mut self) {
        let mem = std::mem::take(&mut self.mem);
        self.leave(mem.vnos.into_iter(), |place| place.in_mem().is_some());
        self.vector_mem = VectorMem::default();
        if self.contents.at.iter().any(|place| place.in_mem().is_some()) {
            self.recount();
        }
    }

    /// A content, copied from where it lies.
    pub(crate) fn content(&self, cno: u32) -> Option<Content<'_>> {
        let place = self.contents.place_of(cno);
        match place.in_mem() {
            Some(part) => self.vector_mem.content(part, place.row as usize),
            None => self.vectors.get(place.part as usize)?.segment.content(place.row as usize),
        }
    }

    /// Values of a content as little-endian f32 bytes.
    pub(crate) fn values(&self, cno: u32) -> Option<&[u8]> {
        let place = self.contents.place_of(cno);
        let rows = match place.in_mem() {
            Some(part) => self.vector_mem.parts.get(part)?,
            None => &self.vectors.get(place.part as usize)?.segment.rows,
        };
        Some(rows.row(place.row as usize))
    }

    /// Puts the rows of an attached segment where they lie; `missing`: those that lie nowhere.
    fn enter_text(&mut self, slot: usize, missing: bool) {
        let Some(Some(part)) = self.text.get(slot) else {
            return;
        };
        let facts = |row| Facts::new(&part.chunks, row, part.segment.classes(row), part.segment.language(row));
        let facts: Vec<Facts> = (0..part.chunks.len()).map(facts).collect();
        self.enter(slot as u32, &facts, missing);
    }

    /// Like [`Self::enter_text`], for a part of the memtable whose first row is `base` in the postings.
    pub(crate) fn enter_mem(&mut self, part: usize, base: usize, missing: bool) {
        let Some(chunks) = self.mem.parts.get(part) else {
            return;
        };
        let language = |row: usize| self.mem.languages.get(base + row).copied().unwrap_or_default();
        let facts = |row| Facts::new(chunks, row, self.mem.postings.classes(base + row), language(row));
        let facts: Vec<Facts> = (0..chunks.len()).map(facts).collect();
        self.enter(part as u32 | IN_MEM, &facts, missing);
    }

    fn enter(&mut self, part: u32, facts: &[Facts], missing: bool) {
        for (row, facts) in facts.iter().enumerate() {
            if missing && self.rows.present.has(facts.vno) {
                continue;
            }
            let (section, doc) = (self.sections.number(facts.section), self.docs.number(facts.doc));
            let place = Place { part, row: row as u32 };
            let before = self.rows.enter(facts.vno, place, facts.classes, facts.language, section, doc);
            if before.in_mem().is_some() {
                self.mem.stale = true;
            } else if let Some(Some(other)) = self.text.get_mut(before.part as usize) {
                other.stale = true;
            }
        }
        self.rows.generation += 1;
    }

    fn leave(&mut self, vnos: impl Iterator<Item = u32>, lies_there: impl Fn(Place) -> bool) {
        for vno in vnos {
            if lies_there(self.rows.place_of(vno)) {
                self.rows.leave(vno);
            }
        }
        self.rows.generation += 1;
    }

    /// Rows that lie nowhere are found again in parts that hold them too.
    fn enter_stale(&mut self) {
        for slot in 0..self.text.len() {
            if self.text.get(slot).and_then(Option::as_ref).is_some_and(|part| part.stale) {
                self.enter_text(slot, true);
            }
        }
        let mut base = 0;
        for part in 0..if self.mem.stale { self.mem.parts.len() } else { 0 } {
            self.enter_mem(part, base, true);
            base += self.mem.parts.get(part).map_or(0, Chunks::len);
        }
    }

    /// Finds out anew which contents are held: rare, and the parts say all of it.
    fn recount(&mut self) {
        self.contents.clear(&mut self.rows);
        for (at, part) in self.vectors.iter().enumerate() {
            self.contents.enter(at as u32, &part.segment.rows, &mut self.rows);
        }
        for (at, rows) in self.vector_mem.parts.iter().enumerate() {
            self.contents.enter(at as u32 | IN_MEM, rows, &mut self.rows);
        }
        for part in &self.vectors {
            self.contents.map(&part.segment.map, &mut self.rows);
        }
        self.contents.map(&self.vector_mem.map, &mut self.rows);
    }
}
