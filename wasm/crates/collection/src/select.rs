//! What a view shows and a filter matches, as rows of vectors.

use crate::contents::Contents;
use crate::directory::Directory;
use aetherv_core::{Bits, Result};
use aetherv_filter::Filter;

/// Selections kept for the next search.
const KEPT: usize = 8;

/// Which rows of a part a search may return.
pub struct Mask {
    /// They; none when all may be.
    pub bits: Option<Bits>,
    /// How many.
    pub count: u32,
}

/// The contents of selected item versions.
pub struct Selection {
    /// Row of a content, counted through all parts, and an item version that refers to it; rising.
    owners: Vec<u64>,
    /// Of each part.
    pub masks: Vec<Mask>,
    /// How many contents.
    pub matches: u32,
}

/// Selections by view and filter, the latest last.
#[derive(Default)]
pub struct Selections {
    kept: Vec<(u32, Vec<u8>, Selection)>,
}

impl Selection {
    /// The item versions that a view shows and a filter matches, `from` a number on, each with its content; until `take` says no.
    pub fn each(
        directory: &Directory,
        view: &Bits,
        matched: Option<&[Bits]>,
        from: u32,
        take: &mut dyn FnMut(u32, u32) -> bool,
    ) {
        let inos = &directory.places.numbers;
        let first = inos.partition_point(|ino| *ino < from);
        for (&ino, rank) in inos.iter().skip(first).zip(first..) {
            if !view.has(ino) {
                continue;
            }
            let (part, row) = directory.place(rank);
            let matches = matched.is_none_or(|parts| parts.get(part).is_some_and(|bits| bits.has(row as u32)));
            let cno = |part: &crate::directory::ItemPart| part.items.cno(row);
            if matches && !take(ino, directory.parts.get(part).map(cno).unwrap_or_default()) {
                break;
            }
        }
    }

    fn new(directory: &Directory, contents: &Contents, view: &Bits, matched: Option<&[Bits]>) -> Self {
        let (mut owners, mut near) = (Vec::new(), 0);
        Self::each(directory, view, matched, 0, &mut |ino, cno| {
            if let Some(row) = contents.row(cno, &mut near) {
                owners.push(u64::from(row) << 32 | u64::from(ino));
            }
            true
        });
        if !owners.is_sorted() {
            owners.sort_unstable();
        }
        owners.shrink_to_fit();
        let (mut masks, mut rest) = (Vec::new(), owners.as_slice());
        for (part, at) in contents.parts.iter().zip(0..) {
            let (base, length) = (contents.places.base(at), part.rows.len() as u32);
            let (own, others) = rest.split_at(rest.partition_point(|owner| row_of(*owner) - base < length));
            let (mut bits, mut count) = (Bits::default(), 0);
            for same in own.chunk_by(|a, b| row_of(*a) == row_of(*b)) {
                same.first().into_iter().for_each(|owner| bits.set(row_of(*owner) - base));
                count += 1;
            }
            masks.push(Mask { bits: (count < length).then_some(bits), count });
            rest = others;
        }
        let matches = masks.iter().map(|mask| mask.count).sum();
        Self { owners, masks, matches }
    }

    /// The item versions that refer to the content of a row.
    pub fn owners(&self, row: u32) -> impl Iterator<Item = u32> + '_ {
        // Mostly every row is selected, and has one.
        let guess = row as usize;
        let is_first = |at: usize| {
            let of = |at: usize| self.owners.get(at).map(|owner| row_of(*owner));
            of(at) == Some(row) && at.checked_sub(1).is_none_or(|before| of(before) != Some(row))
        };
        let at = if is_first(guess) { guess } else { self.owners.partition_point(|owner| row_of(*owner) < row) };
        let owners = self.owners.get(at..).unwrap_or_default().iter();
        owners.take_while(move |owner| row_of(**owner) == row).map(|owner| *owner as u32)
    }
}

const fn row_of(owner: u64) -> u32 {
    (owner >> 32) as u32
}

impl Selections {
    /// The selection of a view and a filter.
    ///
    /// # Errors
    /// Those of a filter.
    pub fn get(
        &mut self,
        directory: &mut Directory,
        contents: &Contents,
        (handle, view): (u32, &Bits),
        filter: &[u8],
    ) -> Result<&Selection> {
        match self.kept.iter().position(|(of, by, _)| *of == handle && by == filter) {
            Some(at) if at + 1 == self.kept.len() => {}
            Some(at) => {
                let again = self.kept.remove(at);
                self.kept.push(again);
            }
            None => {
                let matched = matched(directory, filter)?;
                let selection = Selection::new(directory, contents, view, matched.as_deref());
                if self.kept.len() >= KEPT {
                    self.kept.remove(0);
                }
                self.kept.push((handle, filter.to_vec(), selection));
            }
        }
        self.kept.last().map(|kept| &kept.2).ok_or_else(|| aetherv_core::Error::internal("no selection"))
    }

    /// Forgets those of a view.
    pub fn drop_view(&mut self, handle: u32) {
        self.kept.retain(|kept| kept.0 != handle);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.kept.clear();
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.kept
            .iter()
            .map(|kept| {
                8 * kept.2.owners.len() + kept.2.masks.iter().map(|mask| mask.count as usize / 8).sum::<usize>()
            })
            .sum()
    }
}

/// Rows of each part that a filter matches; none for no filter.
///
/// # Errors
/// Those of a filter.
pub fn matched(directory: &mut Directory, filter: &[u8]) -> Result<Option<Vec<Bits>>> {
    if filter.is_empty() {
        return Ok(None);
    }
    let filter = Filter::open(filter)?;
    Ok(Some(directory.parts.iter_mut().map(|part| part.columns.matches(&filter, &part.items)).collect()))
}
