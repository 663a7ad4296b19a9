//! What item versions are, and which of them a view shows.

use crate::collection::view_of;
use crate::items::{Field, Items};
use crate::paging::Lack;
use crate::rows::Column;
use crate::select::{Selection, matched};
use crate::{Collection, NONE};
use aetherv_ann::codes::CodeRows;
use aetherv_core::Result;
use aetherv_core::bytes::put_u32s;

impl Collection {
    /// The item version that a view shows of each id, [`NONE`] where it shows none; id i ends at `ends[i]`.
    ///
    /// # Errors
    /// `AV_INTERNAL` for a view that is not here.
    pub fn find(&mut self, ids: &[u8], ends: &[u32], view: u32) -> Result<Vec<u32>> {
        self.refresh();
        self.directory.enter();
        let view = view_of(&self.views, view)?;
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let id = |(start, &end): (u32, &u32)| ids.get(start as usize..end as usize).unwrap_or_default();
        let ino = |rank: usize| self.directory.places.numbers.get(rank).copied();
        let shown = |id: &[u8]| self.directory.versions_of(id).filter_map(ino).find(|ino| view.has(*ino));
        Ok(starts.zip(ends).map(|pair| shown(id(pair)).unwrap_or(NONE)).collect())
    }

    /// Version ids, 16 bytes each.
    ///
    /// # Errors
    /// `AV_INTERNAL` for an item version that is not here.
    pub fn versions(&mut self, inos: &[u32]) -> Result<Vec<u8>> {
        let rows = self.rows_of(inos)?;
        Ok(rows.iter().flat_map(|(items, row)| items.version(*row)).copied().collect())
    }

    /// Contents.
    ///
    /// # Errors
    /// `AV_INTERNAL` for an item version that is not here.
    pub fn cnos(&mut self, inos: &[u32]) -> Result<Vec<u32>> {
        Ok(self.rows_of(inos)?.iter().map(|(items, row)| items.cno(*row)).collect())
    }

    /// Has an item version this vector, bit for bit? Only what has the same codes is compared value by value.
    ///
    /// # Errors
    /// `AV_INTERNAL` for an item version that is not here.
    pub fn same_vector(&mut self, ino: u32, vector: &[f32]) -> Result<bool> {
        let cno = self.cnos(&[ino])?.first().copied().unwrap_or(NONE);
        let Some((part, row)) = self.contents.find(cno).filter(|_| vector.len() == self.dims) else { return Ok(false) };
        let mut codes = CodeRows::new(self.metric, self.dims);
        codes.push(vector);
        let lack = |column| Lack { segment: part.id, column, row: row as u32 };
        if !part.rows.has_codes(row as u32) {
            self.lacking.push(lack(Column::Codes));
            return self.contents.intact(&mut self.lacking).map(|()| false);
        }
        if !part.rows.has_codes_of(row, &codes) {
            return Ok(false);
        }
        let own = part.rows.value(row).as_chunks::<4>().0;
        if own.is_empty() {
            self.lacking.push(lack(Column::Values));
        }
        Ok(own.len() == vector.len() && own.iter().zip(vector).all(|(own, given)| *own == given.to_le_bytes()))
    }

    /// n u32 | id ends u32[n] | meta ends u32[n] | text ends u32[n] | f32[n x dims], if asked for | ids | metas | texts, none unless asked
    /// for. The vector of a content that is not here is NaN.
    ///
    /// # Errors
    /// `AV_INTERNAL` for an item version that is not here.
    pub fn describe(&mut self, inos: &[u32], with_vectors: bool, with_text: bool) -> Result<Vec<u8>> {
        self.refresh();
        let contents = &self.contents;
        let rows: Vec<(&Items, usize)> = inos.iter().map(|&ino| self.directory.of(ino)).collect::<Result<_>>()?;
        let shown: &[Field] =
            if with_text { &[Field::Id, Field::Meta, Field::Text] } else { &[Field::Id, Field::Meta] };
        let mut out = Vec::new();
        put_u32s(&mut out, [inos.len() as u32]);
        for which in shown {
            let mut end = 0;
            for (items, row) in &rows {
                end += items.text(*which, *row).len() as u32;
                put_u32s(&mut out, [end]);
            }
        }
        out.resize(4 + 12 * inos.len(), 0);
        for (items, row) in rows.iter().filter(|_| with_vectors) {
            let found = contents.find(items.cno(*row));
            match found.map(|(part, row)| (part.id, row, part.rows.value(row))) {
                Some((_, _, value)) if !value.is_empty() => out.extend_from_slice(value),
                absent => {
                    let lack = |(segment, row, _)| Lack { segment, column: Column::Values, row: row as u32 };
                    self.lacking.extend(absent.map(|absent: (u32, usize, &[u8])| lack(absent)));
                    put_u32s(&mut out, std::iter::repeat_n(f32::NAN.to_bits(), self.dims));
                }
            }
        }
        for which in shown {
            rows.iter().for_each(|(items, row)| out.extend_from_slice(items.text(*which, *row)));
        }
        Ok(out)
    }

    fn rows_of(&mut self, inos: &[u32]) -> Result<Vec<(&Items, usize)>> {
        self.refresh();
        inos.iter().map(|&ino| self.directory.of(ino)).collect()
    }

    /// At most `most` of what a view shows and a filter matches, from a number on.
    ///
    /// # Errors
    /// `AV_INTERNAL` for a view that is not here, and those of a filter.
    pub fn list(&mut self, view: u32, filter: &[u8], from: u32, most: usize) -> Result<Vec<u32>> {
        let mut out = Vec::new();
        if most > 0 {
            self.each(view, filter, from, &mut |ino| {
                out.push(ino);
                out.len() < most
            })?;
        }
        Ok(out)
    }

    /// How many item versions a view shows and a filter matches.
    ///
    /// # Errors
    /// `AV_INTERNAL` for a view that is not here, and those of a filter.
    pub fn count(&mut self, view: u32, filter: &[u8]) -> Result<u32> {
        let mut count = 0;
        self.each(view, filter, 0, &mut |_| {
            count += 1;
            true
        })?;
        Ok(count)
    }

    fn each(&mut self, view: u32, filter: &[u8], from: u32, take: &mut dyn FnMut(u32) -> bool) -> Result<()> {
        self.refresh();
        let view = view_of(&self.views, view)?;
        let matched = matched(&mut self.directory, filter)?;
        Selection::each(&self.directory, view, matched.as_deref(), from, &mut |ino, _| take(ino));
        Ok(())
    }
}
