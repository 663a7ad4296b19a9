//! What the cosines of the rows of a query are at most: from their codes, or from what another processor found.

use crate::parts::VectorPart;
use crate::rows::{NONE, Rows};
use crate::shard::Shard;
use aetherv_ann::kernels::dot_f32;
use aetherv_ann::sq7;
use aetherv_core::{Bits, Result};
use aetherv_segment::VectorRows;

/// A row that a query may find.
#[derive(Clone, Copy)]
pub struct Row {
    /// The chunk version.
    pub vno: u32,
    /// Its group.
    pub group: u32,
    /// Where [`Shard::scan`] leaves what its cosine is at most, or [`NONE`] when it has no vector.
    pub at: u32,
}

/// Rows that another processor found to be near the vector. Its word is taken for which rows may be near, never for how near they are.
#[derive(Clone, Copy)]
pub struct Proposed<'a> {
    /// Each row's place among the rows of all parts, one part after the other (see [`Shard::vector_parts`]), and its cosine.
    pub rows: &'a [[f64; 2]],
    /// How far off each cosine can be.
    pub error: f32,
    /// What the cosine of any other admitted row of the parts is at most.
    pub rest: f32,
}

/// What became of proposals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// There were none, or nothing that they could spare.
    #[default]
    Unused,
    /// No other row could be among those found.
    Proved,
    /// Another could: the codes were looked at.
    Scanned,
    /// The same, as a cosine was not what it was said to be.
    Wrong,
}

impl Shard {
    /// What another processor has to know of the attached vector segments: of each its id, its rows, where their values lie, how many of them
    /// view and mask admit, and which: a bit a row.
    ///
    /// # Errors
    /// `AV_INTERNAL` for an unknown handle.
    pub fn vector_parts(&self, view: u32, mask: Option<u32>) -> Result<Vec<u32>> {
        let mut wanted = Bits::default();
        for vno in self.within(self.views.get(view)?, Some(mask.unwrap_or(view)))?.iter() {
            let cno = Rows::at(&self.rows.cno, vno);
            if cno != NONE {
                wanted.set(cno);
            }
        }
        let mut out = Vec::new();
        for VectorPart { id, segment } in &self.vectors {
            let rows = &segment.rows;
            let mut own = Bits::from_words(vec![0; rows.len().div_ceil(32)]);
            for row in 0..rows.len() {
                if wanted.has(rows.cno(row)) {
                    own.set(row as u32);
                }
            }
            out.extend_from_slice(&[*id, rows.len() as u32, rows.row(0).as_ptr() as usize as u32, own.len()]);
            out.extend_from_slice(own.words());
        }
        Ok(out)
    }

    /// Puts the exact cosines of proposed rows where [`Self::scan`] leaves what they are at most; false when one is not what it was said to be.
    pub(crate) fn take(&self, vector: &[f32], proposed: &Proposed<'_>, out: &mut [f32]) -> bool {
        for [place, cosine] in proposed.rows {
            let mut row = *place as usize;
            for VectorPart { segment, .. } in &self.vectors {
                let rows = &segment.rows;
                if row < rows.len() {
                    let exact = dot_f32(vector, rows.row(row));
                    out.get_mut(rows.cno(row) as usize).into_iter().for_each(|out| *out = exact);
                    // What is no number is not within the error.
                    if (exact - *cosine as f32).abs() <= proposed.error {
                        row = usize::MAX;
                    }
                    break;
                }
                row -= rows.len();
            }
            if row != usize::MAX {
                return false;
            }
        }
        true
    }

    /// Contents by number, then transient vectors by slot.
    #[inline]
    pub(crate) fn scanned_at(&self, vno: u32) -> u32 {
        match (Rows::at(&self.rows.cno, vno), self.revived.slot(vno)) {
            (NONE, NONE) => NONE,
            (NONE, slot) => self.contents.at.len() as u32 + slot,
            (cno, _) => cno,
        }
    }

    /// What the cosines of rows are at most, into `out`: approximate ones and how far off each can be; of rows of segments `rest`, if it is known. False
    /// when there is no telling: values so large that sums overflow.
    pub(crate) fn scan(&self, vector: &[f32], rows: &[Row], rest: Option<f32>, out: &mut Vec<f32>) -> bool {
        let query = sq7::Query::new(vector);
        let [base, step] = query.error_of_unit(vector);
        let contents = self.contents.at.len();
        out.clear();
        out.resize(contents + self.revived.scales.len(), rest.unwrap_or_default());
        let (mut slots, mut stored) = (Vec::new(), 0);
        for at in rows.iter().map(|row| row.at as usize) {
            if at < contents {
                stored += 1;
            } else if at != NONE as usize {
                slots.push((at - contents) as u32);
            }
        }
        // Rows side by side are read faster than those that are looked up, but a view or a filter may need few of them.
        let few = stored * 4 < self.contents.len() * 3;
        let mut wanted = Bits::from_words(vec![0; if few { contents / 32 + 1 } else { 0 }]);
        if few {
            rows.iter().filter(|row| (row.at as usize) < contents).for_each(|row| wanted.set(row.at));
        }
        let mut near = Vec::new();
        let mut some = |codes: &[u8], scales: &[f32], own: &[u32], place: &dyn Fn(u32) -> usize, out: &mut [f32]| {
            near.resize(own.len(), 0.0);
            query.gather(codes, scales, own, &mut near);
            for (&row, &near) in own.iter().zip(&near) {
                let scale = scales.get(row as usize).copied().unwrap_or_default();
                out.get_mut(place(row)).into_iter().for_each(|out| *out = near + (base + step * scale));
            }
        };
        let mut block = |rows: &VectorRows, codes: &[u8], scales: &[f32]| {
            if !few && rows.numbers().is_empty() {
                let out = out.get_mut(rows.first as usize..).unwrap_or_default();
                query.scan(codes, scales, out);
                out.iter_mut().zip(scales).for_each(|(near, scale)| *near += base + step * scale);
            } else {
                let cno = |row: u32| rows.cno(row as usize);
                let own: Vec<u32> = (0..rows.len() as u32).filter(|&row| !few || wanted.has(cno(row))).collect();
                some(codes, scales, &own, &|row| cno(row) as usize, out);
            }
        };
        for VectorPart { segment, .. } in self.vectors.iter().filter(|_| rest.is_none()) {
            block(&segment.rows, &segment.codes, &segment.scales);
        }
        self.vector_mem.each_block(&mut block);
        some(&self.revived.codes, &self.revived.scales, &slots, &|slot| contents + slot as usize, out);
        (base + step).is_finite()
    }
}
