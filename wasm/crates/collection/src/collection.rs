//! A collection in memory: what goes in, what is kept, and what is known of item versions.

use crate::NONE;
use crate::contents::{Contents, VectorPart};
use crate::directory::{Directory, ItemPart, all_of};
use crate::items::Items;
use crate::paging::Lack;
use crate::places::{Places, rank};
use crate::rows::{self, Rows};
use crate::search::Finder;
use crate::select::{Selection, Selections};
use aetherv_ann::arrival::Source;
use aetherv_ann::build::Shape;
use aetherv_ann::codes::Metric;
use aetherv_core::{Bits, Error, Result, Shared};
use aetherv_filter::Columns;

/// Item versions of one collection and their contents.
pub struct Collection {
    pub(crate) dims: usize,
    pub(crate) metric: Metric,
    shape: Shape,
    flat_max: usize,
    number: Option<u32>,
    pub(crate) directory: Directory,
    pub(crate) contents: Contents,
    pub(crate) views: Vec<Option<Bits>>,
    pub(crate) selections: Selections,
    pub(crate) finder: Finder,
    /// What was needed and is not in memory.
    pub(crate) lacking: Vec<Lack>,
    /// Values that another processor is given.
    pub(crate) gathered: Vec<u8>,
}

/// What a search works on: the selection, all contents, its buffers, and where it says what it lacks.
pub(crate) type Selected<'a> = (&'a Selection, &'a Contents, &'a mut Finder, &'a mut Vec<Lack>);

impl Collection {
    /// An empty collection. `flat_max` contents and more are sealed with a graph.
    ///
    /// # Errors
    /// `AV_DIM_MISMATCH` for no dimensions.
    pub fn new(dims: usize, metric: Metric, shape: Shape, flat_max: usize) -> Result<Self> {
        rows::check_dims(dims)?;
        Ok(Self {
            dims,
            metric,
            shape,
            flat_max,
            number: None,
            directory: Directory::default(),
            contents: Contents::new(Rows::new(metric, dims)),
            views: Vec::new(),
            selections: Selections::default(),
            finder: Finder::default(),
            lacking: Vec::new(),
            gathered: Vec::new(),
        })
    }

    /// Takes an `Item` section in. A refused one changes nothing.
    ///
    /// # Errors
    /// `AV_CORRUPT`, for numbers that are not above all of the memtable too.
    pub fn apply(&mut self, section: Vec<u8>) -> Result<()> {
        let items = Items::open(section, self.dims)?;
        let last = self.directory.memtable().filter_map(|part| part.items.inos().next_back()).last();
        let last_content = self.contents.memtable().and_then(|rows| rows.cnos.last());
        let falls = last.zip(items.inos().next()).is_some_and(|(last, first)| first <= last)
            || !items.values().is_empty() && last_content.is_some_and(|last| items.first <= *last);
        if falls {
            return Err(Error::corrupt("item versions or contents come with numbers that were there before"));
        }
        self.belongs(&items)?;
        self.contents.push(items.values(), items.first);
        if items.len() > 0 {
            self.directory.push(items, self.dims);
        }
        self.selections.clear();
        Ok(())
    }

    /// Takes an items segment in.
    ///
    /// # Errors
    /// `AV_CORRUPT`, `AV_FORMAT_NEWER`; `AV_INTERNAL` for an id that is there.
    pub fn attach_items(&mut self, id: u32, bytes: impl Into<Shared>) -> Result<()> {
        is_new(id, self.directory.parts.iter().map(|part| part.id))?;
        let items = Items::open_segment(bytes, self.dims)?;
        self.belongs(&items)?;
        let at = self.directory.parts.iter().position(|part| part.id == NONE).unwrap_or(self.directory.parts.len());
        self.directory.parts.insert(at, ItemPart { id, items, columns: Columns::default() });
        self.changed();
        Ok(())
    }

    /// Takes a vector segment in.
    ///
    /// # Errors
    /// `AV_CORRUPT`, `AV_FORMAT_NEWER`; `AV_INTERNAL` for an id that is there.
    pub fn attach_vectors(&mut self, id: u32, bytes: impl Into<Shared>) -> Result<()> {
        self.take_vectors(id, Rows::open(bytes, self.metric, self.dims))
    }

    /// Takes a vector segment in without what is read by pages: `head` ends where the section `Code` begins. `columns`: room for codes and links,
    /// filled in if they are `here`; else `source`, if there is one, reads of the stored segment what is needed.
    ///
    /// # Errors
    /// As of [`Self::attach_vectors`].
    pub fn attach_paged(
        &mut self,
        id: u32,
        head: impl Into<Shared>,
        columns: [Vec<u8>; 2],
        here: bool,
        source: Option<Source>,
    ) -> Result<()> {
        self.take_vectors(id, Rows::open_paged(head, columns, here, source, self.metric, self.dims))
    }

    fn take_vectors(&mut self, id: u32, rows: Result<Rows>) -> Result<()> {
        is_new(id, self.contents.parts.iter().map(|part| part.id))?;
        let rows = rows?;
        self.contents.parts.insert(self.contents.parts.len() - 1, VectorPart { id, rows });
        self.changed();
        Ok(())
    }

    /// Drops segments.
    pub fn detach(&mut self, ids: &[u32]) {
        let stays = |id: u32| id == NONE || !ids.contains(&id);
        self.directory.parts.retain(|part| stays(part.id));
        self.contents.parts.retain(|part| stays(part.id));
        self.changed();
    }

    /// Are they of this collection?
    fn belongs(&mut self, items: &Items) -> Result<()> {
        let number = *self.number.get_or_insert(items.collection);
        if number == items.collection {
            return Ok(());
        }
        Err(Error::corrupt(format!("item versions of collection {} came to collection {number}", items.collection)))
    }

    fn changed(&mut self) {
        (self.directory.stale, self.contents.stale) = (true, true);
        self.selections.clear();
    }

    pub(crate) fn refresh(&mut self) {
        self.directory.refresh();
        self.contents.refresh();
    }

    /// The memtable's item versions as a segment; empty when there is none.
    ///
    /// # Errors
    /// None yet.
    pub fn seal_items(&self) -> Result<Vec<u8>> {
        Ok(self.items_segment(&all_of(self.directory.memtable())))
    }

    /// The memtable's contents as a segment; empty when there is none.
    ///
    /// # Errors
    /// None yet.
    pub fn seal_vectors(&self) -> Result<Vec<u8>> {
        let Some(rows) = self.contents.memtable().filter(|rows| !rows.is_empty()) else { return Ok(Vec::new()) };
        let graph = (rows.len() >= self.flat_max).then(|| rows.graph_of(self.shape));
        Ok(Rows::write(&rows.cnos, &rows.codes(), self.dims, graph.as_ref(), &|row| rows.value(row)))
    }

    /// Forgets the memtables.
    pub fn clear_mem(&mut self) {
        self.directory.parts.retain(|part| part.id != NONE);
        self.contents.parts.retain(|part| part.id != NONE);
        self.contents.parts.push(VectorPart { id: NONE, rows: Rows::new(self.metric, self.dims) });
        self.changed();
    }

    /// Bytes in the memtables.
    pub fn mem_bytes(&self) -> usize {
        self.directory.memtable().map(|part| part.items.bytes()).sum::<usize>()
            + self.contents.memtable().map_or(0, Rows::bytes)
    }

    /// How many item versions of an items segment are in a set.
    ///
    /// # Errors
    /// `AV_INTERNAL` for a segment that is not here.
    pub fn items_kept(&self, id: u32, keep: &Bits) -> Result<usize> {
        let part = self.directory.parts.iter().find(|part| part.id == id && id != NONE);
        let part = part.ok_or_else(|| Error::internal(format!("items segment {id} is not here")))?;
        Ok(part.items.inos().filter(|ino| keep.has(*ino)).count())
    }

    /// One items segment in place of several: of their item versions those to keep. Empty when there is none.
    ///
    /// # Errors
    /// `AV_INTERNAL` for a segment that is not here.
    pub fn reseal_items(&self, ids: &[u32], keep: &Bits) -> Result<Vec<u8>> {
        let part = |&id: &u32| self.directory.parts.iter().find(|part| part.id == id && id != NONE).ok_or(id);
        let parts: std::result::Result<Vec<&ItemPart>, u32> = ids.iter().map(part).collect();
        let parts = parts.map_err(|id| Error::internal(format!("items segment {id} is not here")))?;
        let numbers: Vec<Vec<u32>> = parts.iter().map(|part| part.items.inos().collect()).collect();
        let places = Places::gather(numbers.iter().map(Vec::as_slice));
        let ranks = places.numbers.iter().zip(0..).filter(|(ino, _)| keep.has(**ino)).map(|(_, rank)| rank);
        let pick = |rank| {
            let (part, row) = places.split(places.row(rank));
            parts.get(part).map(|part| (&part.items, row))
        };
        Ok(self.items_segment(&ranks.filter_map(pick).collect::<Vec<_>>()))
    }

    fn items_segment(&self, picks: &[(&Items, usize)]) -> Vec<u8> {
        match picks.first() {
            Some((items, _)) => Items::write_segment(items.collection, self.dims, picks),
            None => Vec::new(),
        }
    }

    /// Rows of a vector segment that hold contents of item versions of a set.
    ///
    /// # Errors
    /// `AV_INTERNAL` for a segment that is not here.
    pub fn rows_used(&mut self, id: u32, inos: &Bits) -> Result<Bits> {
        self.refresh();
        let part = self.contents.parts.iter().find(|part| part.id == id);
        let part = part.ok_or_else(|| Error::internal(format!("vector segment {id} is not here")))?;
        let (mut used, mut near) = (Bits::default(), 0);
        Selection::each(&self.directory, inos, None, 0, &mut |_, cno| {
            rank(&part.rows.cnos, cno, &mut near).into_iter().for_each(|row| used.set(row as u32));
            true
        });
        Ok(used)
    }

    /// Registers a view; returns its handle. A dropped one is used again.
    pub fn add_view(&mut self, bits: Bits) -> u32 {
        let free = self.views.iter().position(Option::is_none).unwrap_or_else(|| {
            self.views.push(None);
            self.views.len() - 1
        });
        if let Some(slot) = self.views.get_mut(free) {
            *slot = Some(bits);
        }
        free as u32
    }

    /// Forgets a view.
    pub fn drop_view(&mut self, handle: u32) {
        self.views.get_mut(handle as usize).into_iter().for_each(|slot| *slot = None);
        self.selections.drop_view(handle);
    }

    pub(crate) fn selected(&mut self, view: u32, filter: &[u8]) -> Result<Selected<'_>> {
        self.refresh();
        let bits = view_of(&self.views, view)?;
        let selection = self.selections.get(&mut self.directory, &self.contents, (view, bits), filter)?;
        Ok((selection, &self.contents, &mut self.finder, &mut self.lacking))
    }
}

pub(crate) fn view_of(views: &[Option<Bits>], handle: u32) -> Result<&Bits> {
    let view = views.get(handle as usize).and_then(Option::as_ref);
    view.ok_or_else(|| Error::internal(format!("no view {handle}")))
}

fn is_new(id: u32, mut ids: impl Iterator<Item = u32>) -> Result<()> {
    if id == NONE || ids.any(|other| other == id) {
        return Err(Error::internal(format!("segment {id} is attached already")));
    }
    Ok(())
}
