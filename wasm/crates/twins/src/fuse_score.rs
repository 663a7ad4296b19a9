//! Twin of `fuse_score.wgsl`.

use crate::pool::{ZERO, bits_of};
use wasm_bindgen::prelude::wasm_bindgen;

/// What the scores of two channels become, query by query, `stride` a query; `tops`: keys of the largest of each query; `shares`: weights of the
/// words.
#[wasm_bindgen]
pub fn fuse_score(
    words: &[f32],
    cosines: &[f32],
    word_tops: &[u32],
    cosine_tops: &[u32],
    shares: &[f32],
    stride: usize,
) -> Vec<f32> {
    let share = |value: f32, top: u32| {
        let value = if value < 0.0 { 0.0 } else { value };
        if top <= ZERO { 0.0 } else { value / f32::from_bits(bits_of(top)) }
    };
    let mut out = Vec::with_capacity(words.len());
    let stride = stride.max(1);
    let queries = word_tops.iter().zip(cosine_tops).zip(shares);
    for ((words, cosines), ((word, cosine), weight)) in words.chunks(stride).zip(cosines.chunks(stride)).zip(queries) {
        let both = words.iter().zip(cosines);
        out.extend(both.map(|(a, b)| weight * share(*a, *word) + (1.0 - weight) * share(*b, *cosine)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::fuse_score;

    fn key(value: f32) -> u32 {
        crate::pool::key_of(value.to_bits())
    }

    #[test]
    fn scores_are_those_of_the_definition() {
        let fused = |words: [f32; 3], cosines: [f32; 3], top: [f32; 2], weight: f32| {
            fuse_score(&words, &cosines, &[key(top[0])], &[key(top[1])], &[weight], 3)
        };
        assert_eq!(fused([4.0, 2.0, 0.0], [0.5, -0.5, 0.25], [4.0, 0.5], 0.25), [1.0, 0.125, 0.375]);
        // Without a word, or with nothing near, the other channel has its share alone.
        assert_eq!(fused([0.0; 3], [0.5, -0.5, 0.25], [0.0, 0.5], 0.25), [0.75, 0.0, 0.375]);
        assert_eq!(fused([4.0, 2.0, 0.0], [-0.5; 3], [4.0, -0.5], 0.25), [0.25, 0.125, 0.0]);
        assert_eq!(fuse_score(&[1.0], &[1.0], &[0], &[0], &[0.5], 1), [0.0]);
        assert!(fuse_score(&[1.0], &[1.0], &[u32::MAX], &[key(1.0)], &[0.5], 1)[0].is_nan());
    }
}
