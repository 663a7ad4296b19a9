//! The graph: layers of places with a fixed number of links, as in HNSW (Malkov & Yashunin 2016).
//!
//! Layer 0 holds every row; a place there is the row's number. Each layer above holds a share of the places below it, in
//! the same order. A place has `degree` slots for links; an empty slot holds the place's own number, which a walk has
//! always met already: so walks need no counts. Layer 0 has twice the degree of the others. A search begins on the lowest
//! layer that is small enough to be looked at whole: there is no entry point that could be deleted.

use crate::arrival::Arrival;
use aetherv_core::Shared;
use aetherv_core::order::order;

/// Slots of a place are at most this many.
pub const DEGREE_MAX: usize = 64;

/// A layer with at most this many places is looked at whole.
pub const WHOLE_MAX: usize = 64;

/// A link as it is stored: a place, little-endian.
pub type Link = [u8; 4];

/// Links where they lie in a segment.
#[derive(Clone)]
pub enum Links {
    /// One that is in memory.
    Lent(Shared),
    /// One that comes page by page.
    Coming(Arrival),
}

/// One layer.
#[derive(Clone)]
pub struct Layer {
    degree: usize,
    /// Until they are changed for the first time.
    away: Option<Links>,
    own: Vec<u8>,
    /// Row of each place; empty on layer 0, where a place is a row.
    pub rows: Vec<u32>,
    /// Where each place is on the layer below; empty on layer 0.
    pub down: Vec<u32>,
}

impl Layer {
    /// A layer without places.
    pub const fn new(degree: usize) -> Self {
        Self { degree, away: None, own: Vec::new(), rows: Vec::new(), down: Vec::new() }
    }

    /// A layer of links that lie elsewhere, `degree` for each place.
    pub const fn lent(degree: usize, links: Links, rows: Vec<u32>, down: Vec<u32>) -> Self {
        Self { degree, away: Some(links), own: Vec::new(), rows, down }
    }

    /// Its links, if not all of them are there.
    #[inline]
    pub fn coming(&self) -> Option<&Arrival> {
        self.arrival().filter(|coming| !coming.is_whole())
    }

    /// Its links, if they come page by page, all there or not.
    #[inline]
    pub const fn arrival(&self) -> Option<&Arrival> {
        if let Some(Links::Coming(coming)) = &self.away { Some(coming) } else { None }
    }

    /// The same, to be filled in.
    pub const fn arrival_mut(&mut self) -> Option<&mut Arrival> {
        if let Some(Links::Coming(coming)) = &mut self.away { Some(coming) } else { None }
    }

    /// Slots of each place.
    #[inline]
    pub const fn degree(&self) -> usize {
        self.degree
    }

    /// All slots, place after place; while some are coming, not to be held until it is asked whether others are there.
    #[inline]
    pub fn links(&self) -> &[Link] {
        let links: &[u8] = match &self.away {
            None => &self.own,
            Some(Links::Lent(lent)) => lent,
            Some(Links::Coming(coming)) => coming.bytes(),
        };
        links.as_chunks().0
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
        if self.away.is_some() {
            self.own = self.links().as_flattened().to_vec();
            self.away = None;
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

    /// Bytes of its links and places.
    pub fn bytes(&self) -> usize {
        self.layers.iter().map(|layer| layer.links().as_flattened().len() + 8 * layer.rows.len()).sum()
    }

    /// Bytes in memory beside links that lie elsewhere.
    pub fn own_bytes(&self) -> usize {
        self.layers.iter().map(|layer| layer.own.len() + 4 * (layer.rows.len() + layer.down.len())).sum()
    }

    /// The layer where searches begin.
    pub fn top(&self) -> usize {
        let whole = self.layers.iter().position(|layer| layer.len() <= WHOLE_MAX);
        whole.unwrap_or(self.layers.len().saturating_sub(1))
    }

    /// The same graph with its rows in another order: row r becomes `new[r]`, each number once.
    pub fn reordered(&self, new: &[u32]) -> Self {
        let to = |numbers: &[u32], old: u32| numbers.get(old as usize).copied().unwrap_or_default();
        let mut out = Self::default();
        let mut below = Vec::new();
        for layer in &self.layers {
            let row = |place: usize| to(new, layer.row(place as u32));
            let order = order(layer.len(), &|a, b| row(a).cmp(&row(b)));
            let mut places = vec![0; layer.len()];
            for (&old, place) in order.iter().zip(0..) {
                places.get_mut(old as usize).into_iter().for_each(|slot| *slot = place);
            }
            let mut moved = Layer::new(layer.degree());
            for &old in &order {
                let place = moved.add();
                for (slot, link) in moved.slots_mut(place).iter_mut().zip(layer.slots(old)) {
                    *slot = to(&places, u32::from_le_bytes(*link)).to_le_bytes();
                }
                if let Some(&down) = layer.down.get(old as usize) {
                    moved.rows.push(row(old as usize));
                    moved.down.push(to(&below, down));
                }
            }
            out.layers.push(moved);
            below = places;
        }
        out
    }
}
