//! Twin of `mask_conformal.wgsl`.

use crate::pool::{ZERO, key_of};
use wasm_bindgen::prelude::wasm_bindgen;

/// The scores of several queries, bits of f32, `stride` a query, of which the first `rows` are minus infinity now where they are below the query's
/// cut-off (`cuts`, bits of f32).
#[wasm_bindgen]
pub fn mask_conformal(scores: &[u32], cuts: &[u32], rows: usize, stride: usize) -> Vec<u32> {
    let mut out = scores.to_vec();
    for (own, cut) in out.chunks_mut(stride.max(1)).zip(cuts) {
        // Zero of either sign is one cut-off.
        let cut = match key_of(*cut) {
            ZERO => ZERO - 1,
            key => key,
        };
        let masked = own.iter_mut().take(rows).filter(|bits| key_of(**bits) < cut);
        masked.for_each(|bits| *bits = f32::NEG_INFINITY.to_bits());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::mask_conformal;

    #[test]
    fn scores_below_the_cut_off_of_their_query_are_masked() {
        let masked = |scores: [f32; 6], cuts: [f32; 2], rows: usize| {
            let out = mask_conformal(&scores.map(f32::to_bits), &cuts.map(f32::to_bits), rows, 3);
            out.into_iter().map(f32::from_bits).collect::<Vec<f32>>()
        };
        let gone = f32::NEG_INFINITY;
        assert_eq!(masked([1.0, 2.0, 3.0, 1.0, 2.0, 3.0], [2.0, 3.5], 3), [gone, 2.0, 3.0, gone, gone, gone]);
        assert_eq!(masked([1.0, 2.0, 3.0, 1.0, 2.0, 3.0], [9.0, gone], 2), [gone, gone, 3.0, 1.0, 2.0, 3.0]);
        assert_eq!(masked([-0.0, 0.0, -1.0, -0.0, 0.0, -1.0], [0.0, -0.0], 3), [-0.0, 0.0, gone, -0.0, 0.0, gone]);
        assert!(masked([f32::NAN; 6], [1.0; 2], 3).iter().all(|score| score.is_nan()));
    }
}
