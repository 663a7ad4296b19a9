//! What looks at the hits' vectors again: a query moved towards its best hits, hits that are unlike each other.

use crate::rank::Found;
use crate::shard::Shard;
use aetherv_ann::kernels::dot_f32;
use aetherv_text::tuning::FEEDBACK_WEIGHT;

/// Of how many groups the diverse ones are chosen.
pub const fn diverse_pool(k: usize) -> usize {
    let pool = k.saturating_mul(4);
    if pool < 50 { 50 } else { pool }
}

impl Shard {
    /// The vector moved towards the mean of the hits' vectors (Rocchio's feedback): `unit(q + 0.3 * unit(mean))`.
    pub(crate) fn moved<'a>(&self, vector: &[f32], hits: impl Iterator<Item = &'a Found>) -> Vec<f32> {
        let mut mean = vec![0.0; vector.len()];
        for row in hits.filter_map(|hit| self.vector(hit.vno)) {
            mean.iter_mut().zip(floats(row)).for_each(|(sum, value)| *sum += value);
        }
        unit(&mut mean);
        let mut moved: Vec<f32> = vector.iter().zip(mean).map(|(q, m)| q + FEEDBACK_WEIGHT * m).collect();
        unit(&mut moved);
        if moved.iter().all(|value| value.is_finite()) { moved } else { vector.to_vec() }
    }

    /// `k` hits, each the best by `(1 - d) * score / best score - d * cosine` with the most like one before it (maximal
    /// marginal relevance; Carbonell and Goldstein, 1998). One without a vector is like none.
    pub(crate) fn diverse(&self, mut hits: Vec<Found>, diversity: f32, k: usize) -> Vec<Found> {
        let top = hits.first().map_or(0.0, |hit| hit.score);
        let mut likeness = vec![0.0f32; hits.len()];
        let mut chosen: Vec<Found> = Vec::new();
        while chosen.len() < k && !hits.is_empty() {
            let (mut best, mut best_value) = (0, f32::NEG_INFINITY);
            for (at, (hit, like)) in hits.iter().zip(&likeness).enumerate() {
                let share = if top > 0.0 { hit.score / top } else { 0.0 };
                let value = (1.0 - diversity) * share - diversity * like;
                if value > best_value {
                    (best, best_value) = (at, value);
                }
            }
            let hit = hits.remove(best);
            likeness.remove(best);
            if let Some(own) = self.vector(hit.vno).map(|row| floats(row).collect::<Vec<f32>>()) {
                for (other, like) in hits.iter().zip(&mut likeness) {
                    *like = like.max(self.vector(other.vno).map_or(0.0, |row| dot_f32(&own, row)));
                }
            }
            chosen.push(hit);
        }
        chosen
    }
}

fn floats(row: &[u8]) -> impl Iterator<Item = f32> + '_ {
    row.as_chunks::<4>().0.iter().map(|value| f32::from_le_bytes(*value))
}

/// Makes a vector unit length; one without length stays.
fn unit(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|value| *value /= length);
    }
}
