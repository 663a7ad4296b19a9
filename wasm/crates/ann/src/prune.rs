//! Which neighbours a place keeps: of all that are near, those that no nearer one hides.
//!
//! The rule is HNSW's heuristic with the slack of Vamana (Subramanya et al. 2019): a neighbour is left out when it is `alpha`
//! times nearer to a neighbour already kept than to the place itself. A walk would get to it through that one.

use crate::codes::{Codes, Metric};
use crate::graph::Layer;

/// A place with its score.
pub type Scored = (u32, f32);

/// Does a neighbour hide another? `between` is their score, `score` the other's to the place.
#[inline]
pub fn hides(metric: Metric, alpha: f32, between: f32, score: f32) -> bool {
    match metric {
        // Products of vectors of any length are no distances, only their order means something.
        Metric::Dot => between > score,
        Metric::Cosine => alpha * (1.0 - between) < 1.0 - score,
        Metric::L2 | Metric::Hamming => alpha * between > score,
    }
}

/// Room for the work of [`prune`], kept between calls.
#[derive(Default)]
pub struct Pruner {
    left: Vec<Scored>,
    next: Vec<Scored>,
    rows: Vec<u32>,
    scores: Vec<f32>,
    /// What is kept, the nearest first.
    pub kept: Vec<Scored>,
}

impl Pruner {
    /// Chooses at most `limit` of the candidates, which come the nearest first.
    pub fn prune(
        &mut self,
        codes: &Codes<'_>,
        layer: &Layer,
        candidates: impl Iterator<Item = Scored>,
        limit: usize,
        alpha: f32,
    ) {
        self.kept.clear();
        self.left.clear();
        self.left.extend(candidates);
        while let Some((&(place, score), rest)) = self.left.split_first() {
            self.kept.push((place, score));
            if self.kept.len() >= limit {
                break;
            }
            self.rows.clear();
            self.rows.extend(rest.iter().map(|&(other, _)| layer.row(other)));
            self.scores.resize(rest.len(), 0.0);
            codes.score(&codes.probe_of(layer.row(place)), &self.rows, &mut self.scores);
            let seen = rest.iter().zip(&self.scores);
            self.next.clear();
            self.next.extend(
                seen.filter(|((_, score), between)| !hides(codes.metric, alpha, **between, *score))
                    .map(|(other, _)| *other),
            );
            std::mem::swap(&mut self.left, &mut self.next);
        }
    }
}
