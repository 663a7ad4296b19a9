//! What the cosines of the rows of a query are at most, from their codes.

use crate::parts::VectorPart;
use crate::rows::{NONE, Rows};
use crate::shard::Shard;
use aetherv_ann::sq7;
use aetherv_core::Bits;
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

impl Shard {
    /// Contents by number, then transient vectors by slot.
    #[inline]
    pub(crate) fn scanned_at(&self, vno: u32) -> u32 {
        match (Rows::at(&self.rows.cno, vno), self.revived.slot(vno)) {
            (NONE, NONE) => NONE,
            (NONE, slot) => self.contents.at.len() as u32 + slot,
            (cno, _) => cno,
        }
    }

    /// What the cosines of rows are at most, into `out`: approximate ones and how far off each can be. False when there is no
    /// telling: values so large that sums overflow.
    pub(crate) fn scan(&self, vector: &[f32], rows: &[Row], out: &mut Vec<f32>) -> bool {
        let query = sq7::Query::new(vector);
        let [base, step] = query.error_of_unit(vector);
        let contents = self.contents.at.len();
        out.clear();
        out.resize(contents + self.revived.scales.len(), 0.0);
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
        for VectorPart { segment, .. } in &self.vectors {
            block(&segment.rows, &segment.codes, &segment.scales);
        }
        self.vector_mem.each_block(&mut block);
        some(&self.revived.codes, &self.revived.scales, &slots, &|slot| contents + slot as usize, out);
        (base + step).is_finite()
    }
}
