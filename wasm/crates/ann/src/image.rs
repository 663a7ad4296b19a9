//! The graph as bytes that are used where they lie.
//!
//! ```text
//! grph  m u32 | layers l u32, at most 8 | places u32[8], layer 0 first, those without a layer 0
//!       | link u32[n x 2 m] of layer 0 | per layer above: row u32[p], rising; link u32[p x m]
//! ```
//! A link is a place of its layer; an empty slot holds the number of its own place. On layer 0 a place is a row of the segment. Its links, which
//! are most of it, may also lie apart.

use crate::graph::{DEGREE_MAX, Graph, Layer, Link, Links};
use aetherv_core::bytes::{Reader, put_u32s, u32_at};
use aetherv_core::crc::{BLOCK, apart as outside};
use aetherv_core::{Error, Result, Shared};

/// Layers that the section has room for.
pub const LAYERS_MAX: usize = 8;

/// Bytes before the links of layer 0: a multiple of 8, so that they can be read as words.
const HEAD: usize = 4 * (2 + LAYERS_MAX);

/// The section of a graph.
pub fn seal(graph: &Graph) -> Vec<u8> {
    sealed(graph, true)
}

/// The same without the links of layer 0, and those.
pub fn seal_apart(graph: &Graph) -> (Vec<u8>, &[u8]) {
    (sealed(graph, false), graph.layers.first().map_or(&[], |base| base.links().as_flattened()))
}

/// Bytes of the links of a place of layer 0, as a section says.
pub fn link_bytes(section: &[u8]) -> usize {
    (u32_at(section, 0) as usize).saturating_mul(8)
}

fn sealed(graph: &Graph, whole: bool) -> Vec<u8> {
    let m = graph.layers.first().map_or(0, |base| base.degree() / 2);
    let mut out = Vec::with_capacity(HEAD + graph.len() * m * 9);
    put_u32s(&mut out, [m as u32, graph.layers.len() as u32]);
    put_u32s(&mut out, graph.layers.iter().map(|layer| layer.len() as u32));
    out.resize(HEAD, 0);
    for (layer, at) in graph.layers.iter().zip(0..) {
        put_u32s(&mut out, layer.rows.iter().copied());
        if at > 0 || whole {
            out.extend_from_slice(layer.links().as_flattened());
        }
    }
    out
}

/// The graph of a section; it has `rows` rows. `apart`: the links of layer 0, if they are not in it.
///
/// # Errors
/// `AV_CORRUPT` for sizes that do not fit, rows that do not rise and links that lead nowhere; of links that are on their way that is seen later.
pub fn open(section: &Shared, mut apart: Option<Links>, rows: usize) -> Result<Graph> {
    let mut reader = Reader::new(section, "grph");
    let (m, count) = (reader.u32()? as usize, reader.u32()? as usize);
    let places = reader.u32s(LAYERS_MAX)?;
    let (places, beyond) =
        places.split_at_checked(count).ok_or_else(|| Error::corrupt(format!("a graph claims {count} layers")))?;
    let falls = places.is_sorted_by(|a, b| a >= b) && !places.contains(&0) && beyond.iter().all(|&none| none == 0);
    let fits = places.first().map_or(0, |&n| n as usize) == rows && (count == 0 || (4..=DEGREE_MAX / 2).contains(&m));
    if !falls || !fits {
        return Err(Error::corrupt(format!("a graph with m = {m} and {places:?} places cannot be one of {rows} rows")));
    }
    let mut layers: Vec<Layer> = Vec::with_capacity(count);
    for &places in places {
        let places = places as usize;
        let degree = if layers.is_empty() { 2 * m } else { m };
        let (rows, down) = match layers.last() {
            None => (Vec::new(), Vec::new()),
            Some(below) => {
                let rows = reader.u32s(places)?;
                let down = places_below(&rows, below)?;
                (rows, down)
            }
        };
        let links = match apart.take() {
            Some(links) => links,
            None => {
                let from = section.len() - reader.left();
                let length = reader.column(places, 4 * degree)?.len();
                Links::Lent(section.part(from..from + length))
            }
        };
        let layer = Layer::lent(degree, links, rows, down);
        if layer.links().len() != places * degree {
            return Err(Error::corrupt(format!("a layer of a graph has not {degree} links at {places} places")));
        }
        let largest = outside(largest as fn(&[Link]) -> u32);
        // Of those on their way each page is looked at when it is checked.
        let all = if layer.coming().is_some() { &[] } else { layer.links() };
        let last = all.chunks(BLOCK).fold(0, |max, block| largest(block).max(max));
        if last as usize >= places {
            return Err(Error::corrupt(format!("a link of a graph leads to place {last} of {places}")));
        }
        layers.push(layer);
    }
    if reader.left() != 0 {
        return Err(Error::corrupt("a graph is longer than its layers"));
    }
    Ok(Graph { layers })
}

/// One pass without an early exit: it runs in vector registers.
fn largest(links: &[Link]) -> u32 {
    links.iter().fold(0, |max, link| u32::from_le_bytes(*link).max(max))
}

/// Where rows, which have to rise, are on the layer below.
fn places_below(rows: &[u32], below: &Layer) -> Result<Vec<u32>> {
    let wrong = || Error::corrupt("rows of a graph's layer do not rise or are not on the layer below");
    if !rows.is_sorted_by(|a, b| a < b) {
        return Err(wrong());
    }
    let place = |row: &u32| {
        if below.rows.is_empty() {
            return ((*row as usize) < below.len()).then_some(*row);
        }
        below.rows.binary_search(row).ok().map(|place| place as u32)
    };
    rows.iter().map(|row| place(row).ok_or_else(wrong)).collect()
}
