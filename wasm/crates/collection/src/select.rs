//! What a view shows and a filter matches, as rows of vectors.

use crate::contents::Contents;
use crate::directory::Directory;
use crate::rows::Rows;
use aetherv_core::words::count_up;
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
    owners: Owners,
    /// Of each part.
    pub masks: Vec<Mask>,
    /// How many contents.
    pub matches: u32,
}

/// Which item versions refer to which rows, counted through all parts.
enum Owners {
    /// A row and an item version that refers to it; rising.
    Listed(Vec<u64>),
    /// Each of so many rows has one, `first` and those that follow on: as after one large put.
    Run { first: u32, rows: u32 },
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
        if let Some(all) = Self::run(directory, contents, view).filter(|_| matched.is_none()) {
            return all;
        }
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
        Self { owners: Owners::Listed(owners), masks, matches }
    }

    /// All, where each content has one item version and both are numbered in the same order, without gaps. To list them would be much of the first
    /// search after an opening.
    fn run(directory: &Directory, contents: &Contents, view: &Bits) -> Option<Self> {
        let ([only], inos, cnos) = (directory.parts.as_slice(), &directory.places.numbers, &contents.places.numbers)
        else {
            return None;
        };
        let (first, last, of) = (*inos.first()?, *inos.last()?, *cnos.first()?);
        let rows = inos.len() as u32;
        let has_no_gap = last - first == rows - 1 && view.has_all(first, last);
        let is_in_order = cnos.len() == inos.len() && cnos.last()? - of == rows - 1 && contents.places.is_in_order();
        let fits = is_in_order && count_up(only.items.cno_words(), of);
        let mask = |rows: &Rows| Mask { bits: None, count: rows.len() as u32 };
        (has_no_gap && fits).then(|| Self {
            owners: Owners::Run { first, rows },
            masks: contents.parts.iter().map(|part| mask(&part.rows)).collect(),
            matches: rows,
        })
    }

    /// The item versions that refer to the content of a row.
    pub fn owners(&self, row: u32) -> impl Iterator<Item = u32> + '_ {
        let (only, listed): (_, &[u64]) = match &self.owners {
            Owners::Run { first, rows } => ((row < *rows).then(|| first + row), &[]),
            Owners::Listed(listed) => (None, listed),
        };
        // Mostly every row is selected, and has one.
        let guess = row as usize;
        let is_first = |at: usize| {
            let of = |at: usize| listed.get(at).map(|owner| row_of(*owner));
            of(at) == Some(row) && at.checked_sub(1).is_none_or(|before| of(before) != Some(row))
        };
        let at = if is_first(guess) { guess } else { listed.partition_point(|owner| row_of(*owner) < row) };
        let owners = listed.get(at..).unwrap_or_default().iter();
        only.into_iter().chain(owners.take_while(move |owner| row_of(**owner) == row).map(|owner| *owner as u32))
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
        let of = |Selection { owners, masks, .. }: &Selection| {
            let listed = if let Owners::Listed(listed) = owners { 8 * listed.len() } else { 0 };
            listed + masks.iter().map(|mask| mask.count as usize / 8).sum::<usize>()
        };
        self.kept.iter().map(|kept| of(&kept.2)).sum()
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
