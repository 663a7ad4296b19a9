//! A graph without some of its rows: neighbours of a row that goes inherit its neighbours, by the rule of FreshDiskANN (Singh et
//! al. 2021), and who lost links to it is linked to again. The graph itself stays as it is, since a reader may hold it; what comes out
//! numbers the rows anew, in order.

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
    let rows = renumbered(graph.len(), |row| !dead.has(row));
    let mut below = Vec::new();
    for layer in &graph.layers {
        let lives = |place: u32| !dead.has(layer.row(place));
        let places = renumbered(layer.len(), lives);
        let mut mender = Mender { layer, codes, alpha: shape.bounded().alpha, pruner: Pruner::default() };
        let links = mender.links(lives);
        let mut thin = Layer::new(layer.degree());
        for (place, kept) in (0..).zip(&links).filter(|(place, _)| lives(*place)) {
            let new = thin.add();
            for (slot, &other) in thin.slots_mut(new).iter_mut().zip(kept) {
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

/// A layer whose links are chosen anew.
struct Mender<'a> {
    layer: &'a Layer,
    codes: &'a Codes<'a>,
    alpha: f32,
    pruner: Pruner,
}

impl Mender<'_> {
    /// Links of the living places; of the others none.
    fn links(&mut self, lives: impl Fn(u32) -> bool) -> Vec<Vec<u32>> {
        let places = 0..self.layer.len() as u32;
        let inherit = |place| if lives(place) { self.inherit(place, &lives) } else { Vec::new() };
        let mut links: Vec<Vec<u32>> = places.clone().map(inherit).collect();
        let mut known = vec![0u32; links.len()];
        links.iter().flatten().for_each(|&other| count(&mut known, other, 1));
        let mut lost = Bits::default();
        let heirs = places.filter(|&place| !lives(place)).flat_map(|gone| self.layer.neighbours(gone));
        heirs.filter(|&other| lives(other)).for_each(|other| lost.set(other));
        lost.iter().for_each(|place| self.offer(place, &mut links, &mut known));
        links
    }

    /// New neighbours of a place: the living ones of its own and of its dead neighbours.
    fn inherit(&mut self, place: u32, lives: &impl Fn(u32) -> bool) -> Vec<u32> {
        let layer = self.layer;
        let (own, dead): (Vec<u32>, Vec<u32>) = layer.neighbours(place).partition(|&other| lives(other));
        if dead.is_empty() {
            return own;
        }
        // As many as it had: a graph that gets thinner with every deletion loses recall.
        let most = own.len() + dead.len();
        let heirs =
            dead.iter().flat_map(|&gone| layer.neighbours(gone)).filter(|&other| other != place && lives(other));
        self.choose(place, own.into_iter().chain(heirs).collect(), most)
    }

    /// A place that few link to since others died, fewer than a new one asks for, is offered to its own neighbours: without it the edits of a
    /// history cost recall, and with more links a removal takes as long as a new build.
    fn offer(&mut self, place: u32, links: &mut [Vec<u32>], known: &mut [u32]) {
        let degree = self.layer.degree();
        for host in links.get(place as usize).cloned().unwrap_or_default() {
            if known.get(place as usize).is_none_or(|known| *known as usize >= degree / 2) {
                break;
            }
            let Some(own) = links.get_mut(host as usize).filter(|own| !own.contains(&place)) else { continue };
            let mut after = own.clone();
            after.push(place);
            if after.len() > degree {
                after = self.choose(host, after, degree);
            }
            own.iter().for_each(|&other| count(known, other, -1));
            after.iter().for_each(|&other| count(known, other, 1));
            *own = after;
        }
    }

    /// At most so many of the candidates: those that no nearer one hides, then the nearest of the others.
    fn choose(&mut self, place: u32, places: Vec<u32>, most: usize) -> Vec<u32> {
        let (layer, codes) = (self.layer, self.codes);
        let rows: Vec<u32> = places.iter().map(|&other| layer.row(other)).collect();
        let mut scores = vec![0.0; rows.len()];
        codes.score(&codes.probe_of(layer.row(place)), &rows, &mut scores);
        let mut sorted: Vec<Entry> =
            places.iter().zip(scores).map(|(&other, score)| Entry::new(other, score)).collect();
        sorted.sort_unstable();
        sorted.dedup();
        self.pruner.prune(codes, layer, sorted.iter().map(|near| (near.place(), near.score())), most, self.alpha);
        let mut kept: Vec<u32> = self.pruner.kept.iter().map(|&(other, _)| other).collect();
        let rest: Vec<u32> = sorted.iter().map(|near| near.place()).filter(|other| !kept.contains(other)).collect();
        kept.extend(rest.into_iter().take(most - kept.len()));
        kept
    }
}

fn count(known: &mut [u32], place: u32, by: i32) {
    known.get_mut(place as usize).into_iter().for_each(|known| *known = known.saturating_add_signed(by));
}

/// New numbers of those that stay, `GONE` for the others.
fn renumbered(count: usize, stays: impl Fn(u32) -> bool) -> Vec<u32> {
    let mut next = 0..;
    (0..count as u32).map(|old| if stays(old) { next.next().unwrap_or(GONE) } else { GONE }).collect()
}

fn at(numbers: &[u32], old: u32) -> u32 {
    numbers.get(old as usize).copied().unwrap_or(GONE)
}
