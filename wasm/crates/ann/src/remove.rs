//! A graph without some of its rows: neighbours of a row that goes inherit its neighbours, by the rule of FreshDiskANN (Singh et
//! al. 2021). The graph itself stays as it is, since a reader may hold it; what comes out numbers the rows anew, in order.

use crate::build::Shape;
use crate::codes::Codes;
use crate::graph::{Graph, Layer};
use crate::pool::Entry;
use crate::prune::Pruner;
use aetherv_core::Bits;

const GONE: u32 = u32::MAX;

/// The graph of the rows that are not `dead`; row r of it is the r-th of those.
pub fn without(graph: &Graph, codes: &Codes<'_>, dead: &Bits, shape: Shape) -> Graph {
    let mut out = Graph::default();
    let mut pruner = Pruner::default();
    let rows = renumbered(graph.len(), |row| !dead.has(row));
    let mut below = Vec::new();
    for layer in &graph.layers {
        let lives = |place: u32| !dead.has(layer.row(place));
        let places = renumbered(layer.len(), lives);
        let mut thin = Layer::new(layer.degree());
        for place in (0..layer.len() as u32).filter(|&place| lives(place)) {
            let new = thin.add();
            let kept = if layer.neighbours(place).all(lives) {
                layer.neighbours(place).collect()
            } else {
                inherit(layer, codes, place, lives, &mut pruner, shape.bounded().alpha)
            };
            for (slot, other) in thin.slots_mut(new).iter_mut().zip(kept) {
                *slot = at(&places, other).to_le_bytes();
            }
            if let (Some(&row), Some(&down)) = (layer.rows.get(place as usize), layer.down.get(place as usize)) {
                thin.rows.push(at(&rows, row));
                thin.down.push(at(&below, down));
            }
        }
        if thin.is_empty() {
            break;
        }
        out.layers.push(thin);
        below = places;
    }
    out
}

/// New neighbours of a place: the living ones of its own and of its dead neighbours.
fn inherit(
    layer: &Layer,
    codes: &Codes<'_>,
    place: u32,
    lives: impl Fn(u32) -> bool,
    pruner: &mut Pruner,
    alpha: f32,
) -> Vec<u32> {
    let (own, dead): (Vec<u32>, Vec<u32>) = layer.neighbours(place).partition(|&other| lives(other));
    let before = own.len() + dead.len();
    let heirs = dead.iter().flat_map(|&gone| layer.neighbours(gone)).filter(|&other| other != place && lives(other));
    let places: Vec<u32> = own.into_iter().chain(heirs).collect();
    let rows: Vec<u32> = places.iter().map(|&other| layer.row(other)).collect();
    let mut scores = vec![0.0; rows.len()];
    codes.score(&codes.probe_of(layer.row(place)), &rows, &mut scores);
    let mut sorted: Vec<Entry> = places.iter().zip(scores).map(|(&other, score)| Entry::new(other, score)).collect();
    sorted.sort_unstable();
    sorted.dedup();
    pruner.prune(codes, layer, sorted.iter().map(|near| (near.place(), near.score())), before, alpha);
    // As many as it had: a graph that gets thinner with every deletion loses recall.
    let mut kept: Vec<u32> = pruner.kept.iter().map(|&(other, _)| other).collect();
    let rest: Vec<u32> = sorted.iter().map(|near| near.place()).filter(|other| !kept.contains(other)).collect();
    kept.extend(rest.into_iter().take(before - kept.len()));
    kept
}

/// New numbers of those that stay, `GONE` for the others.
fn renumbered(count: usize, stays: impl Fn(u32) -> bool) -> Vec<u32> {
    let mut next = 0..;
    (0..count as u32).map(|old| if stays(old) { next.next().unwrap_or(GONE) } else { GONE }).collect()
}

fn at(numbers: &[u32], old: u32) -> u32 {
    numbers.get(old as usize).copied().unwrap_or(GONE)
}
