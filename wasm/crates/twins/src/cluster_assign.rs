//! Twin of `cluster_assign.wgsl`.

use crate::pool::{best, key_of};
use wasm_bindgen::prelude::wasm_bindgen;

/// Of each row key and number of the nearest centroid, then of the second, among a batch and what the batches before left (`nearest`; none: it is the
/// first). `scores`: bits of f32, `stride` a centroid, of which `rows` are scores. `base`: number of the first centroid.
#[wasm_bindgen]
pub fn cluster_assign(scores: &[u32], nearest: &[u32], rows: usize, base: u32, stride: usize) -> Vec<u32> {
    let mut out = Vec::with_capacity(4 * rows);
    for row in 0..rows {
        let before = nearest.get(4 * row..4 * row + 4).unwrap_or_default().as_chunks::<2>().0;
        let own = scores.chunks(stride.max(1)).map(|scores| scores.get(row).map_or(0, |bits| key_of(*bits)));
        let entries = before.iter().map(|[key, id]| (*key, *id)).chain(own.zip(base..)).collect();
        out.extend(best(entries, 2));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::cluster_assign;
    use crate::pool::{NOBODY, key_of};

    fn key(score: f32) -> u32 {
        key_of(score.to_bits())
    }

    #[test]
    fn the_two_nearest_of_all_batches_are_kept_and_ties_go_to_the_lower_number() {
        let bits = |scores: &[f32]| scores.iter().map(|score| score.to_bits()).collect::<Vec<u32>>();
        // Two rows, one value between two centroids that is none.
        let first = cluster_assign(&bits(&[-1.0, -5.0, 9.0, -3.0, -5.0, 9.0]), &[], 2, 0, 3);
        assert_eq!(first, [key(-1.0), 0, key(-3.0), 1, key(-5.0), 0, key(-5.0), 1]);
        let second = cluster_assign(&bits(&[-1.0, -4.0, -2.0, -5.0]), &first, 2, 2, 2);
        assert_eq!(second, [key(-1.0), 0, key(-1.0), 2, key(-4.0), 2, key(-5.0), 0]);
    }

    #[test]
    fn one_centroid_has_no_second_and_what_is_no_number_comes_first() {
        let scores = [(-2.0f32).to_bits(), f32::NAN.to_bits()];
        assert_eq!(cluster_assign(&scores[..1], &[], 1, 0, 1), [key(-2.0), 0, 0, NOBODY]);
        assert_eq!(cluster_assign(&scores, &[], 1, 0, 1), [u32::MAX, 1, key(-2.0), 0]);
    }
}
