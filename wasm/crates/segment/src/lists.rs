//! The occurrences of many terms in one piece of memory: most terms have one or two, and each is added to at any time.

use crate::list::Occurrence;
use aetherv_core::order::sort_by;

/// Lists by number. A list lies in a block with room for a power of two; one that is full moves to a block of twice the room,
/// and its old block serves another.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    all: Vec<Occurrence>,
    /// Where each list starts and how long it is.
    spans: Vec<(u32, u32)>,
    /// Starts of blocks that are free, by the power of their room.
    free: Vec<Vec<u32>>,
}

impl Lists {
    /// A list; empty when there is none of that number.
    #[inline]
    pub(crate) fn get(&self, number: u32) -> &[Occurrence] {
        let (start, len) = self.spans.get(number as usize).copied().unwrap_or_default();
        self.all.get(start as usize..start as usize + len as usize).unwrap_or_default()
    }

    /// Adds to the end of a list.
    #[inline]
    pub(crate) fn push(&mut self, number: u32, occurrence: Occurrence) {
        if self.spans.len() <= number as usize {
            self.spans.resize(number as usize + 1, (0, 0));
        }
        let Some((start, len)) = self.spans.get_mut(number as usize) else {
            return;
        };
        if *len == 0 || len.is_power_of_two() {
            let (from, room) = (*start as usize, (2 * *len).max(1));
            let free = self.free.get_mut(room.trailing_zeros() as usize).and_then(Vec::pop);
            *start = free.unwrap_or(self.all.len() as u32);
            if free.is_none() {
                self.all.resize(self.all.len() + room as usize, Occurrence::default());
            }
            self.all.copy_within(from..from + *len as usize, *start as usize);
            let power = len.trailing_zeros() as usize;
            if self.free.len() <= power {
                self.free.resize(power + 1, Vec::new());
            }
            if let (true, Some(free)) = (*len > 0, self.free.get_mut(power)) {
                free.push(from as u32);
            }
        }
        if let Some(place) = self.all.get_mut((*start + *len) as usize) {
            *place = occurrence;
            *len += 1;
        }
    }

    /// Puts every list in order.
    pub(crate) fn sort(&mut self) {
        for &(start, len) in &self.spans {
            if let Some(list) = self.all.get_mut(start as usize..start as usize + len as usize)
                && !list.is_sorted()
            {
                let mut sorted = list.to_vec();
                sort_by(&mut sorted, &Ord::cmp);
                list.copy_from_slice(&sorted);
            }
        }
    }

    /// Leaves of every sorted list what is in rows below `rows`.
    pub(crate) fn cut(&mut self, rows: u32) {
        for (start, len) in &mut self.spans {
            let list = self.all.get(*start as usize..*start as usize + *len as usize).unwrap_or_default();
            *len = list.partition_point(|occurrence| occurrence.row() < rows) as u32;
        }
    }
}
