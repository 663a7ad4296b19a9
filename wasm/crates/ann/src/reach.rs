//! Rows that no walk can reach, and links that make them reachable again.

use crate::codes::Codes;
use crate::graph::{Graph, Layer, WHOLE_MAX};
use crate::walk::Walker;
use aetherv_core::Bits;

/// Places of a repair's pool: one of those near a lost place takes it as a neighbour.
const EF: usize = 64;

/// How often a repair looks again: a link that makes room for a lost place may lose another one.
const ROUNDS: usize = 16;

/// How many rows no walk from the top reaches.
pub fn unreachable(graph: &Graph) -> usize {
    let mut seen = Bits::default();
    for layer in graph.layers.iter().take(graph.top() + 1).rev() {
        seen = reached(layer, &seen);
        if !layer.down.is_empty() {
            seen = below(layer, &seen);
        }
    }
    graph.len() - seen.len() as usize
}

/// Makes every place of every layer reachable: what a graph that rows were taken out of needs.
pub fn mend(graph: &mut Graph, codes: &Codes<'_>) {
    repair(graph, codes, &mut Walker::default());
}

/// The same with the buffers of a walker.
pub(crate) fn repair(graph: &mut Graph, codes: &Codes<'_>, walker: &mut Walker) {
    let top = graph.top();
    let mut entries = Bits::default();
    for at in (0..=top).rev() {
        for _ in 0..ROUNDS {
            let Some(layer) = graph.layers.get(at) else { break };
            let seen = reached(layer, &entries);
            let lost: Vec<u32> = (0..layer.len() as u32).filter(|&place| !seen.has(place)).collect();
            if lost.is_empty() {
                break;
            }
            for place in lost {
                adopt(graph, at, &entries, place, codes, walker);
            }
        }
        if let Some(layer) = graph.layers.get(at) {
            let seen = reached(layer, &entries);
            entries = below(layer, &seen);
        }
    }
}

/// Gives a lost place to the nearest one found that has a free slot, else to the nearest in place of its last neighbour.
fn adopt(graph: &mut Graph, at: usize, entries: &Bits, place: u32, codes: &Codes<'_>, walker: &mut Walker) {
    let Some(layer) = graph.layers.get_mut(at) else { return };
    let from = entries.iter().next().unwrap_or_default();
    walker.walk(layer, codes, &codes.probe_of(layer.row(place)), from, EF);
    let found: Vec<u32> = walker.pool.iter().map(|(other, _)| other).filter(|&other| other != place).collect();
    let free = |&other: &u32| layer.neighbours(other).count() < layer.degree();
    let Some(host) = found.iter().copied().find(free).or(found.first().copied()) else { return };
    let slots = layer.slots_mut(host);
    let slot = slots.iter().position(|link| *link == host.to_le_bytes()).unwrap_or(slots.len().saturating_sub(1));
    if let Some(slot) = slots.get_mut(slot) {
        *slot = place.to_le_bytes();
    }
}

/// Places that can be walked to from `entries`; all of a layer that is looked at whole.
fn reached(layer: &Layer, entries: &Bits) -> Bits {
    let mut seen = Bits::default();
    if layer.len() <= WHOLE_MAX {
        (0..layer.len() as u32).for_each(|place| seen.set(place));
        return seen;
    }
    let mut open: Vec<u32> = entries.iter().collect();
    open.iter().for_each(|&place| seen.set(place));
    while let Some(place) = open.pop() {
        for other in layer.neighbours(place) {
            if !seen.has(other) {
                seen.set(other);
                open.push(other);
            }
        }
    }
    seen
}

/// The same places, as they are numbered on the layer below.
fn below(layer: &Layer, places: &Bits) -> Bits {
    let mut out = Bits::default();
    places.iter().filter_map(|place| layer.down.get(place as usize)).for_each(|&place| out.set(place));
    out
}
