//! Insertion, row after row: the same rows in the same order give the same graph on every machine.

use crate::codes::{Codes, Probe};
use crate::graph::{DEGREE_MAX, Graph, Layer};
use crate::prune::{Pruner, Scored, hides};
use crate::walk::Walker;

/// What shapes a graph.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// Links that a new row asks for, `M`: as many slots has a place above layer 0, and twice as many one on it.
    pub m: usize,
    /// Size of the pool that a new row's neighbours are chosen from, `efConstruction`.
    pub ef_construction: usize,
    /// How much nearer to a neighbour than to the place another one must be to be left out.
    pub alpha: f32,
}

impl Shape {
    /// What measured best on sentence embeddings and images: fewer distances a search than with alpha 1 (HNSW) or 1.2, and no better
    /// with an `ef_construction` of 200.
    pub const DEFAULT: Self = Self { m: 16, ef_construction: 128, alpha: 1.1 };

    /// The same within what a graph can be.
    pub fn bounded(self) -> Self {
        let m = self.m.clamp(4, DEGREE_MAX / 2);
        Self { m, ef_construction: self.ef_construction.clamp(m, 4096), alpha: self.alpha.clamp(1.0, 2.0) }
    }
}

/// A graph that grows.
pub struct Builder {
    shape: Shape,
    graph: Graph,
    /// Score of each link, layer by layer; of an empty slot it means nothing.
    near: Vec<Vec<f32>>,
    walker: Walker,
    pruner: Pruner,
}

impl Builder {
    /// An empty graph.
    pub fn new(shape: Shape) -> Self {
        Self {
            shape: shape.bounded(),
            graph: Graph::default(),
            near: Vec::new(),
            walker: Walker::default(),
            pruner: Pruner::default(),
        }
    }

    /// Goes on with a graph that exists, in a copy of it.
    pub fn resume(shape: Shape, graph: Graph, codes: &Codes<'_>) -> Self {
        let near = graph.layers.iter().map(|layer| link_scores(layer, codes)).collect();
        Self { graph, near, ..Self::new(shape) }
    }

    /// Rows inserted.
    pub fn len(&self) -> usize {
        self.graph.len()
    }

    /// Is none inserted?
    pub fn is_empty(&self) -> bool {
        self.graph.is_empty()
    }

    /// The graph, every row of it reachable.
    pub fn finish(mut self, codes: &Codes<'_>) -> Graph {
        crate::reach::repair(&mut self.graph, codes, &mut self.walker);
        self.graph
    }

    /// Inserts the next row, whose codes `codes` holds already. The hash of its content decides how many layers it is on.
    pub fn insert(&mut self, codes: &Codes<'_>, hash: u64) {
        let row = self.graph.len() as u32;
        let level = level_of(hash, self.shape.m);
        let probe = codes.probe_of(row);
        let mut from = 0;
        for at in (0..(self.graph.top() + 1).max(level + 1)).rev() {
            self.pruner.kept.clear();
            if let Some(layer) = self.graph.layers.get(at).filter(|layer| !layer.is_empty()) {
                let ef = if at <= level { self.shape.ef_construction } else { 1 };
                self.walker.walk(layer, codes, &probe, from, ef);
                from = self.walker.below(layer);
                if at <= level {
                    self.pruner.prune(codes, layer, self.walker.pool.iter(), self.shape.m, self.shape.alpha);
                }
            }
            if at <= level {
                let place = self.add_place(at, row);
                self.connect(codes, at, place, &probe);
            }
        }
    }

    /// Adds a place without links; returns its number. On the layer below the row comes next.
    fn add_place(&mut self, at: usize, row: u32) -> u32 {
        while at >= self.graph.layers.len() {
            let degree = if self.graph.layers.is_empty() { 2 * self.shape.m } else { self.shape.m };
            self.graph.layers.push(Layer::new(degree));
            self.near.push(Vec::new());
        }
        let below = at.checked_sub(1).and_then(|below| self.graph.layers.get(below)).map_or(0, Layer::len) as u32;
        let (Some(layer), Some(near)) = (self.graph.layers.get_mut(at), self.near.get_mut(at)) else { return 0 };
        near.resize(near.len() + layer.degree(), 0.0);
        if at > 0 {
            layer.rows.push(row);
            layer.down.push(below);
        }
        layer.add()
    }

    /// Links a new place with the neighbours that were kept for it, both ways.
    fn connect(&mut self, codes: &Codes<'_>, at: usize, place: u32, probe: &Probe) {
        let (Some(layer), Some(near)) = (self.graph.layers.get_mut(at), self.near.get_mut(at)) else { return };
        let mut linked = false;
        for (slot, &neighbour) in self.pruner.kept.iter().enumerate() {
            write(layer, near, place, slot, neighbour);
            linked |= offer(layer, near, codes, probe, self.shape.alpha, neighbour.0, (place, neighbour.1), false);
        }
        // Somebody has to know it.
        if let Some(&(nearest, score)) = self.pruner.kept.first().filter(|_| !linked) {
            offer(layer, near, codes, probe, self.shape.alpha, nearest, (place, score), true);
        }
    }
}

/// Offers a new neighbour, whose probe is given, to a place; does it take it? It always takes one into a free slot. Else none
/// that a nearer neighbour hides, unless `must`; room is made by the farthest neighbour that the new one hides, or the farthest.
#[expect(clippy::too_many_arguments, reason = "both ends of a link and its layer")]
fn offer(
    layer: &mut Layer,
    near: &mut [f32],
    codes: &Codes<'_>,
    probe: &Probe,
    alpha: f32,
    place: u32,
    new: Scored,
    must: bool,
) -> bool {
    let (mut rows, mut between) = ([0u32; DEGREE_MAX], [0f32; DEGREE_MAX]);
    for (slot, link) in layer.slots(place).iter().enumerate() {
        let other = u32::from_le_bytes(*link);
        if other == place {
            write(layer, near, place, slot, new);
            return true;
        }
        if let Some(row) = rows.get_mut(slot) {
            *row = layer.row(other);
        }
    }
    let degree = layer.degree();
    codes.score(probe, rows.get(..degree).unwrap_or_default(), &mut between);
    let own = near.get(place as usize * degree..).unwrap_or_default();
    let links = own.iter().zip(between).take(degree);
    let hides = |between, score| hides(codes.metric, alpha, between, score);
    if !must && links.clone().any(|(&old, between)| old > new.1 && hides(between, new.1)) {
        return false;
    }
    let out = links.enumerate().min_by(|(_, (a, ab)), (_, (b, bb))| {
        let stays = |old: f32, between: f32| !(old < new.1 && hides(between, old));
        stays(**a, *ab).cmp(&stays(**b, *bb)).then(a.total_cmp(b))
    });
    let Some((slot, (&old, between))) = out else { return false };
    let worse = old < new.1 || hides(between, old);
    if must || worse {
        write(layer, near, place, slot, new);
    }
    must || worse
}

fn write(layer: &mut Layer, near: &mut [f32], place: u32, slot: usize, (other, score): Scored) {
    let at = place as usize * layer.degree() + slot;
    if let (Some(link), Some(near)) = (layer.slots_mut(place).get_mut(slot), near.get_mut(at)) {
        (*link, *near) = (other.to_le_bytes(), score);
    }
}

fn link_scores(layer: &Layer, codes: &Codes<'_>) -> Vec<f32> {
    let mut scores = vec![0.0; layer.links().len()];
    for (place, scores) in (0..layer.len() as u32).zip(scores.chunks_mut(layer.degree().max(1))) {
        let rows: Vec<u32> = layer.slots(place).iter().map(|link| layer.row(u32::from_le_bytes(*link))).collect();
        codes.score(&codes.probe_of(layer.row(place)), &rows, scores);
    }
    scores
}

/// How many layers above layer 0 a row is on: of each layer one row in `m` goes up, by the hash alone, so that builds repeat.
fn level_of(hash: u64, m: usize) -> usize {
    const LEVEL_MAX: usize = 7;
    let limits = std::iter::successors(Some(u64::MAX / m as u64), |limit| Some(limit / m as u64));
    limits.take(LEVEL_MAX).take_while(|limit| hash <= *limit).count()
}
