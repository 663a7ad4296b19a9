//! The graph: layers of places with a fixed number of links, as in HNSW (Malkov & Yashunin 2016).
//!
//! Layer 0 holds every row; a place there is the row's number. Each layer above holds a share of the places below it, in
//! the same order. A place has `degree` slots for links; an empty slot holds the place's own number, which a walk has
//! always met already: so walks need no counts. Layer 0 has twice the degree of the others. A search begins on the lowest
//! layer that is small enough to be looked at whole: there is no entry point that could be deleted.

use aetherv_core::Shared;

/// Slots of a place are at most this many.
pub const DEGREE_MAX: usize = 64;

/// A layer with at most this many places is looked at whole.
pub const WHOLE_MAX: usize = 64;

/// A link as it is stored: a place, little-endian.
pub type Link = [u8; 4];

/// One layer.
#[derive(Clone)]
pub struct Layer {
    degree: usize,
    /// Links where they lie in a segment, until they are changed for the first time.
    lent: Option<Shared>,
    own: Vec<u8>,
    /// Row of each place; empty on layer 0, where a place is a row.
    pub rows: Vec<u32>,
    /// Where each place is on the layer below; empty on layer 0.
    pub down: Vec<u32>,
}

impl Layer {
    /// A layer without places.
    pub const fn new(degree: usize) -> Self {
        Self { degree, lent: None, own: Vec::new(), rows: Vec::new(), down: Vec::new() }
    }

    /// A layer of links that lie elsewhere, `degree` for each place.
    pub fn lent(degree: usize, links: Shared, rows: Vec<u32>, down: Vec<u32>) -> Self {
        Self { degree, lent: Some(links), own: Vec::new(), rows, down }
    }

    /// Slots of each place.
    #[inline]
    pub const fn degree(&self) -> usize {
        self.degree
    }

    /// All slots, place after place.
    #[inline]
    pub fn links(&self) -> &[Link] {
        self.lent.as_deref().unwrap_or(&self.own).as_chunks().0
    }

    /// The slots of a place, to be changed.
    pub fn slots_mut(&mut self, place: u32) -> &mut [Link] {
        let (degree, at) = (self.degree, place as usize * self.degree);
        self.own().as_chunks_mut().0.get_mut(at..at + degree).unwrap_or_default()
    }

    /// How many places.
    #[inline]
    pub fn len(&self) -> usize {
        self.links().len() / self.degree.max(1)
    }

    /// Has it no places?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The slots of a place.
    #[inline]
    pub fn slots(&self, place: u32) -> &[Link] {
        let at = place as usize * self.degree;
        self.links().get(at..at + self.degree).unwrap_or_default()
    }

    /// The places that a place is linked to.
    pub fn neighbours(&self, place: u32) -> impl Iterator<Item = u32> + '_ {
        self.slots(place).iter().map(|link| u32::from_le_bytes(*link)).filter(move |&other| other != place)
    }

    /// Row of a place.
    #[inline]
    pub fn row(&self, place: u32) -> u32 {
        if self.rows.is_empty() { place } else { self.rows.get(place as usize).copied().unwrap_or_default() }
    }

    /// Adds a place without links; returns its number.
    pub fn add(&mut self) -> u32 {
        let place = self.len() as u32;
        let degree = self.degree;
        self.own().extend(std::iter::repeat_n(place.to_le_bytes(), degree).flatten());
        place
    }

    fn own(&mut self) -> &mut Vec<u8> {
        if let Some(lent) = self.lent.take() {
            self.own = lent.to_vec();
        }
        &mut self.own
    }
}

/// A whole graph.
#[derive(Clone, Default)]
pub struct Graph {
    /// Layer 0 first.
    pub layers: Vec<Layer>,
}

impl Graph {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.layers.first().map_or(0, Layer::len)
    }

    /// Has it no rows?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The layer where searches begin.
    pub fn top(&self) -> usize {
        let whole = self.layers.iter().position(|layer| layer.len() <= WHOLE_MAX);
        whole.unwrap_or(self.layers.len().saturating_sub(1))
    }
}
