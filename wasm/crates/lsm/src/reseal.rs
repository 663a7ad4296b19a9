//! Segments made of rows that are in the index already, wherever they lie: what moves to an archive, what stays.

use crate::rows::{NONE, Rows};
use crate::shard::{Shard, absent};
use aetherv_core::{Bits, Error, Result};
use aetherv_segment::list::Occurrence;
use aetherv_segment::postings::MemPostings;
use aetherv_segment::{text, vectors};

impl Shard {
    /// The bytes of a text segment with exactly these chunk versions, in this order; empty when there are none. Postings
    /// are carried over, not analysed again, so scores keep their bits.
    ///
    /// # Errors
    /// `AV_INTERNAL` when a chunk version is not in the index or is given twice.
    pub fn seal_rows(&self, vnos: &[u32]) -> Result<Vec<u8>> {
        if vnos.is_empty() {
            return Ok(Vec::new());
        }
        let (mut rows, mut classes) = (Vec::with_capacity(vnos.len()), Vec::with_capacity(vnos.len()));
        let languages: Vec<_> = vnos.iter().map(|&vno| self.rows.language_of(vno)).collect();
        let mut row_of = vec![NONE; self.rows.place.len()];
        let (mut parts, mut in_mem) = (Bits::default(), false);
        for (row, &vno) in vnos.iter().enumerate() {
            rows.push(self.chunk(vno).ok_or_else(|| absent(vno))?);
            classes.push(self.rows.unit_of(vno).classes);
            if let Some(slot) = row_of.get_mut(vno as usize)
                && std::mem::replace(slot, row as u32) != NONE
            {
                return Err(Error::internal(format!("chunk version {vno} is given twice")));
            }
            let place = self.rows.place_of(vno);
            match place.in_mem() {
                Some(_) => in_mem = true,
                None => parts.set(place.part),
            }
        }
        let mut postings = MemPostings::of_rows(classes);
        let moved = |occurrence: Occurrence, vno: u32| match Rows::at(&row_of, vno) {
            NONE => None,
            row => Some(occurrence.moved(row)),
        };
        for slot in parts.iter() {
            if let Some(Some(part)) = self.text.get(slot as usize) {
                let held = |row| part.shows(&self.rows, slot, row);
                part.segment.dictionary().each_from(&[], &mut |term, list| {
                    let mut own = Vec::new();
                    list.each_occurrence(None, &mut |o| {
                        if held(o.row()) {
                            own.extend(moved(o, part.chunks.vno(o.row() as usize)));
                        }
                    });
                    postings.extend(term, own.into_iter());
                    true
                });
            }
        }
        if in_mem {
            self.mem.postings.each_from(&[], &mut |term, list| {
                let held = list.iter().filter(|o| self.mem.shows(&self.rows, o.row()));
                postings.extend(term, held.filter_map(|o| moved(*o, self.mem.vno(o.row()))));
                true
            });
        }
        postings.sort();
        Ok(text::seal(&rows, &languages, &postings))
    }

    /// The bytes of a vector segment with every content of these chunk versions and their part of the map; empty when
    /// none has a content. Codes and values are copied.
    pub fn seal_contents(&self, vnos: &[u32]) -> Vec<u8> {
        let pairs = vnos.iter().map(|&vno| (vno, self.content_of(vno))).filter(|&(_, cno)| cno != NONE);
        let pairs: Vec<(u32, u32)> = pairs.collect();
        if pairs.is_empty() {
            return Vec::new();
        }
        let mut numbers = Bits::default();
        pairs.iter().for_each(|&(_, cno)| numbers.set(cno));
        let contents: Vec<_> = numbers.iter().filter_map(|cno| self.content(cno)).collect();
        vectors::seal(self.space, self.dims, &contents, &pairs)
    }

    /// The bytes of one vector segment in place of those with these ids: their contents that a chunk version of `needed`
    /// is embedded as, and their pairs of such chunk versions; empty when nothing of them is needed.
    pub fn reseal_vectors(&self, ids: &[u32], needed: &Bits) -> Vec<u8> {
        let chosen: Vec<bool> = self.vectors.iter().map(|part| ids.contains(&part.id)).collect();
        let numbers = self.contents_of(needed, |part| chosen.get(part as usize).copied().unwrap_or_default());
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for part in self.vectors.iter().filter(|part| ids.contains(&part.id)) {
            let own = part.segment.map.iter().copied();
            pairs.extend(own.filter(|&(vno, cno)| needed.has(vno) && self.content_of(vno) == cno));
        }
        if numbers.is_empty() && pairs.is_empty() {
            return Vec::new();
        }
        let contents: Vec<_> = numbers.iter().filter_map(|cno| self.content(cno)).collect();
        vectors::seal(self.space, self.dims, &contents, &pairs)
    }

    /// How many contents the vector segment with this id holds, and how many of them a chunk version of `needed` is
    /// embedded as.
    pub fn content_use(&self, id: u32, needed: &Bits) -> [u32; 2] {
        let Some(at) = self.vectors.iter().position(|part| part.id == id) else {
            return [0, 0];
        };
        let rows = self.vectors.get(at).map_or(0, |part| part.segment.rows.len() as u32);
        [rows, self.contents_of(needed, |part| part as usize == at).len()]
    }

    /// Contents of these chunk versions that lie in sealed parts which fit.
    fn contents_of(&self, needed: &Bits, fits: impl Fn(u32) -> bool) -> Bits {
        let mut numbers = Bits::default();
        for vno in needed.iter() {
            let cno = self.content_of(vno);
            let place = self.contents.place_of(cno);
            if cno != NONE && place.is_somewhere() && place.in_mem().is_none() && fits(place.part) {
                numbers.set(cno);
            }
        }
        numbers
    }
}
