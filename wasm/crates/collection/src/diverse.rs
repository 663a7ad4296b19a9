//! Hits that are unlike each other: maximal marginal relevance (Carbonell and Goldstein 1998).

use crate::Collection;
use aetherv_ann::codes::Metric;
use aetherv_ann::kernels::{differing, dot_f32, l2_f32};
use aetherv_core::Result;

impl Collection {
    /// Of hits, the best first, the places of `k`: each the best by `(1 - diversity) * score / best score - diversity * likeness` with the most like
    /// one before it, of equals the first. Scores are those of [`Self::search_each`]; both they and likeness are taken from 0 (nothing in common) to
    /// 1 (the same): the cosine, of `dot` too; `1 / (1 + distance)`; the share of dimensions that agree.
    ///
    /// It is no answer while [`Self::lacking`] names values.
    ///
    /// # Errors
    /// `AV_INTERNAL` for an item version that is not here.
    pub fn diverse(&mut self, inos: &[u32], scores: &[f32], diversity: f32, k: usize) -> Result<Vec<u32>> {
        let cnos = self.cnos(inos)?;
        let (metric, dims) = (self.metric, self.dims);
        let Some(rows) = (if metric == Metric::Hamming { self.codes_of(&cnos) } else { self.values_of(&cnos) }) else {
            return Ok(Vec::new());
        };
        let shares: Vec<f32> = scores.iter().map(|score| closeness(metric, dims, *score)).collect();
        let top = shares.first().copied().unwrap_or_default();
        let share = |at: usize| if top > 0.0 { shares.get(at).map_or(0.0, |share| share / top) } else { 0.0 };
        let lengths: Vec<f32> = match metric {
            Metric::Dot => rows.iter().map(|row| dot_f32(&floats(row), row).sqrt()).collect(),
            _ => Vec::new(),
        };
        let length = |at: usize| lengths.get(at).copied().unwrap_or_default();
        // What is left: place, value by its score alone, and likeness to the most like one chosen.
        let mut rest: Vec<(usize, f32, f32)> =
            (0..rows.len()).map(|at| (at, (1.0 - diversity) * share(at), 0.0)).collect();
        let mut chosen = Vec::new();
        while chosen.len() < k && !rest.is_empty() {
            let mut best = (0, f32::NEG_INFINITY);
            for (at, (_, own, like)) in rest.iter().enumerate() {
                let value = own - diversity * like;
                if value > best.1 {
                    best = (at, value);
                }
            }
            let (place, ..) = rest.remove(best.0);
            chosen.push(place as u32);
            let own = rows.get(place).copied().unwrap_or_default();
            let values = floats(own);
            for (at, _, like) in &mut rest {
                let other = rows.get(*at).copied().unwrap_or_default();
                let alike = match metric {
                    Metric::Hamming => closeness(metric, dims, -(differing(own, other) as f32)),
                    Metric::L2 => closeness(metric, dims, -l2_f32(&values, other)),
                    Metric::Cosine => dot_f32(&values, other),
                    Metric::Dot => cosine(&values, other, length(place) * length(*at)),
                };
                *like = like.max(alike);
            }
        }
        Ok(chosen)
    }

    /// Codes of contents; none where one is not there.
    fn codes_of(&mut self, cnos: &[u32]) -> Option<Vec<&[u8]>> {
        self.refresh();
        let found = cnos.iter().map(|cno| self.contents.find(*cno));
        found.map(|found| found.map(|(part, row)| part.rows.codes().row(row as u32))).collect()
    }
}

/// A score from 0 to 1; of `dot` it has no upper bound.
fn closeness(metric: Metric, dims: usize, score: f32) -> f32 {
    match metric {
        Metric::Cosine | Metric::Dot => score.max(0.0),
        Metric::L2 => 1.0 / (1.0 + (-score).max(0.0).sqrt()),
        Metric::Hamming => 1.0 + score / dims as f32,
    }
}

/// Of two vectors, by the product of their lengths; one without length is like none.
fn cosine(a: &[f32], b: &[u8], lengths: f32) -> f32 {
    if lengths > 0.0 { dot_f32(a, b) / lengths } else { 0.0 }
}

fn floats(row: &[u8]) -> Vec<f32> {
    row.as_chunks::<4>().0.iter().map(|value| f32::from_le_bytes(*value)).collect()
}
