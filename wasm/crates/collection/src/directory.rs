//! All item versions in memory, by number and by id.

use crate::NONE;
use crate::items::{Field, Items};
use crate::places::Places;
use aetherv_core::words::numbers;
use aetherv_core::{Error, Result};
use aetherv_filter::Columns;

/// One section of item versions.
pub struct ItemPart {
    /// The segment it is, [`NONE`] in the memtable.
    pub id: u32,
    /// Its rows.
    pub items: Items,
    /// What filters have asked for.
    pub columns: Columns,
}

/// Sections, and where each item version is in them. Between changes and [`Directory::refresh`] it finds nothing new.
///
/// An item version's rank is its place among all numbers; it costs 16 bytes, and each id 6 to 11 more.
#[derive(Default)]
pub struct Directory {
    /// Segments, then the memtable.
    pub parts: Vec<ItemPart>,
    /// Where each number is.
    pub places: Places,
    /// Rank → rank of the version of the same id with the next lower number.
    older: Vec<u32>,
    /// Ranks of the newest version of each id, where its hash says or in the next free slot.
    table: Vec<u32>,
    ids: usize,
    /// Were parts attached or detached?
    pub stale: bool,
}

impl Directory {
    /// Adds a section to the memtable; its numbers are above all there. Small sections become one, so that there are few.
    pub fn push(&mut self, items: Items, dims: usize) {
        let last = self.places.numbers.last();
        self.stale |= items.inos().next().zip(last).is_some_and(|(first, last)| first <= *last);
        let base = self.parts.iter().map(|part| part.items.len() as u32).sum();
        let has_vectors = !items.values().is_empty();
        self.parts.push(ItemPart { id: NONE, items, columns: Columns::default() });
        if !self.stale {
            self.places.begin(base);
            let numbers = self.parts.last().map(|part| part.items.inos()).into_iter().flatten();
            numbers.zip(base..).for_each(|(ino, row)| self.places.push(ino, row));
        }
        // A section with vectors is written anew without them.
        let mut count = 1;
        while let Some([before, after]) =
            self.parts.len().checked_sub(count + 1).and_then(|at| self.parts.get(at..at + 2))
        {
            let rows = self.parts.iter().rev().take(count).map(|part| part.items.len()).sum::<usize>();
            if before.id != NONE || after.id != NONE || before.items.len() > 2 * rows {
                break;
            }
            count += 1;
        }
        if count > 1 || has_vectors {
            self.join(count, dims);
        }
    }

    /// Makes one of the last `count` parts; rows keep their places.
    fn join(&mut self, count: usize, dims: usize) {
        let tail = self.parts.split_off(self.parts.len().saturating_sub(count));
        let mut section = Vec::new();
        Items::write(&mut section, tail.first().map_or(0, |part| part.items.collection), dims, &all_of(tail.iter()));
        self.places.truncate(self.parts.len() + 1);
        match Items::open(section, dims) {
            Ok(items) => self.parts.push(ItemPart { id: NONE, items, columns: Columns::default() }),
            // Not reached: the memtable's numbers rise.
            Err(_) => {
                self.parts.extend(tail);
                self.stale = true;
            }
        }
    }

    /// Takes changes of the parts in.
    pub fn refresh(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        let numbers: Vec<Vec<u32>> = self.parts.iter().map(|part| numbers(part.items.ino_words())).collect();
        let before = std::mem::replace(&mut self.places, Places::gather(numbers.iter().map(Vec::as_slice)));
        if before.numbers != self.places.numbers {
            (self.older, self.table, self.ids) = (Vec::new(), Vec::new(), 0);
        }
    }

    /// Enters the ids of ranks that are new. Searches know items by number, so this waits until an id is looked for.
    pub fn enter(&mut self) {
        let (from, to) = (self.older.len(), self.places.numbers.len());
        self.older.resize(to, NONE);
        for rank in from as u32..to as u32 {
            if 4 * (self.ids + 1) > 3 * self.table.len() {
                self.widen();
            }
            let slot = self.slot(self.id(rank));
            let Some(slot) = self.table.get_mut(slot) else { continue };
            let before = std::mem::replace(slot, rank);
            if before == NONE {
                self.ids += 1;
            } else if let Some(older) = self.older.get_mut(rank as usize) {
                *older = before;
            }
        }
    }

    fn widen(&mut self) {
        let wide = vec![NONE; (2 * self.table.len()).max(16)];
        for rank in std::mem::replace(&mut self.table, wide) {
            if rank != NONE {
                let slot = self.slot(self.id(rank));
                self.table.get_mut(slot).into_iter().for_each(|slot| *slot = rank);
            }
        }
    }

    /// The slot of an id: the one that holds it, or the free one where it belongs.
    fn slot(&self, id: &[u8]) -> usize {
        let mask = self.table.len().wrapping_sub(1);
        let mut at = hash(id) as usize & mask;
        while self.table.get(at).is_some_and(|&rank| rank != NONE && self.id(rank) != id) {
            at = (at + 1) & mask;
        }
        at
    }

    fn id(&self, rank: u32) -> &[u8] {
        let (part, row) = self.place(rank as usize);
        self.parts.get(part).map_or(&[], |part| part.items.text(Field::Id, row))
    }

    /// Ranks of the versions of an id, the newest first; of those that were entered.
    pub fn versions_of(&self, id: &[u8]) -> impl Iterator<Item = usize> + '_ {
        let held = |rank: u32| (rank != NONE).then_some(rank);
        let newest = self.table.get(self.slot(id)).copied().and_then(held);
        std::iter::successors(newest, move |rank| self.older.get(*rank as usize).copied().and_then(held))
            .map(|rank| rank as usize)
    }

    /// Part and row of a rank.
    #[inline]
    pub fn place(&self, rank: usize) -> (usize, usize) {
        self.places.split(self.places.row(rank))
    }

    /// Where an item version is.
    ///
    /// # Errors
    /// `AV_INTERNAL` when it is not here.
    pub fn of(&self, ino: u32) -> Result<(&Items, usize)> {
        let found = self.places.find(ino).and_then(|(part, row)| Some((&self.parts.get(part)?.items, row)));
        found.ok_or_else(|| Error::internal(format!("item version {ino} is not here")))
    }

    /// The memtable.
    pub fn memtable(&self) -> impl Iterator<Item = &ItemPart> {
        self.parts.iter().filter(|part| part.id == NONE)
    }

    /// Bytes beside the parts.
    pub fn bytes(&self) -> usize {
        self.places.bytes() + 4 * (self.older.len() + self.table.len())
    }
}

/// All rows of parts, in order.
pub fn all_of<'a>(parts: impl Iterator<Item = &'a ItemPart>) -> Vec<(&'a Items, usize)> {
    parts.flat_map(|part| (0..part.items.len()).map(|row| (&part.items, row))).collect()
}

/// Spreads ids over a table.
fn hash(id: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let (eights, rest) = id.as_chunks::<8>();
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(byte, rest)| *byte = *rest);
    let mix = |sum: u64, word: u64| {
        let product = (sum ^ word).wrapping_mul(ODD);
        product ^ product >> 32
    };
    let sum = eights.iter().fold(id.len() as u64, |sum, eight| mix(sum, u64::from_le_bytes(*eight)));
    mix(sum, u64::from_le_bytes(last))
}
