//! What a collection holds, in numbers.

use crate::Collection;
use crate::pages::Pages;
use crate::rows::Rows;
use aetherv_ann::reach;

/// What is in memory.
pub struct Info {
    /// Item versions.
    pub items: u32,
    /// Contents.
    pub contents: u32,
    /// Bytes, parts included.
    pub bytes: usize,
    /// Bytes of vectors at full precision, and how many of them are in memory.
    pub values: usize,
    /// See `values`.
    pub values_here: usize,
    /// Bytes of those in memory that can be let go of.
    pub values_paged: usize,
    /// Segments and memtables.
    pub parts: Vec<PartInfo>,
}

/// One part.
pub struct PartInfo {
    /// The segment it is, [`NONE`] in a memtable.
    pub id: u32,
    /// Contents, or item versions?
    pub vectors: bool,
    /// How many.
    pub rows: u32,
    /// Have they a graph?
    pub graph: bool,
    /// Bytes.
    pub bytes: usize,
}

impl Collection {
    /// What is in memory.
    pub fn info(&mut self) -> Info {
        self.refresh();
        let items = self.directory.parts.iter().map(|part| PartInfo {
            id: part.id,
            vectors: false,
            rows: part.items.len() as u32,
            graph: false,
            bytes: part.items.bytes() + part.columns.bytes(),
        });
        let vectors = self.contents.parts.iter().map(|part| PartInfo {
            id: part.id,
            vectors: true,
            rows: part.rows.len() as u32,
            graph: part.rows.graph.is_some(),
            bytes: part.rows.bytes(),
        });
        let parts: Vec<PartInfo> = items.chain(vectors).collect();
        let whole = |rows: &Rows| rows.len() * 4 * self.dims;
        let values: usize = self.contents.parts.iter().map(|part| whole(&part.rows)).sum();
        let absent = self.pages().map(|pages| pages.total() - pages.held()).sum::<usize>();
        Info {
            values,
            values_here: values - absent,
            values_paged: self.pages().map(Pages::held).sum(),
            items: self.directory.places.numbers.len() as u32,
            contents: self.contents.places.numbers.len() as u32,
            bytes: parts.iter().map(|part| part.bytes).sum::<usize>()
                + self.directory.bytes()
                + self.contents.places.bytes()
                + self.selections.bytes(),
            parts,
        }
    }

    /// Rows that no walk reaches, of all graphs.
    pub fn unreachable(&self) -> usize {
        self.contents.parts.iter().filter_map(|part| part.rows.graph.as_ref()).map(reach::unreachable).sum()
    }
}
