//! Twin of `topk_tile.wgsl`.

use crate::pool::{best, key_of};
use wasm_bindgen::prelude::wasm_bindgen;

/// Of each query and tile the best `keep` rows, as key and number in turn. `scores`: bits of f32, `stride` a query, of which `rows` are scores.
/// `mask`: bit `first + i` admits row i; none admits all. `base` is added to a row's place.
#[wasm_bindgen]
#[expect(clippy::too_many_arguments, reason = "the kernel's parameters")]
pub fn topk_tile(
    scores: &[u32],
    mask: &[u32],
    rows: usize,
    first: u32,
    base: u32,
    stride: usize,
    tile: usize,
    keep: usize,
) -> Vec<u32> {
    let admits = |row: u32| {
        let at = first + row;
        mask.is_empty() || mask.get((at >> 5) as usize).is_some_and(|word| word >> (at & 31) & 1 == 1)
    };
    let mut out = Vec::new();
    for own in scores.chunks(stride.max(1)) {
        let places: Vec<u32> = (0..rows as u32).collect();
        for places in places.chunks(tile.max(1)) {
            let admitted = places.iter().filter(|row| admits(**row));
            let entries = admitted.map(|&row| (own.get(row as usize).map_or(0, |bits| key_of(*bits)), base + row));
            out.extend(best(entries.collect(), keep));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::topk_tile;

    /// From a key back to the score.
    fn score(key: u32) -> f32 {
        f32::from_bits(if key >> 31 == 1 { key & 0x7fff_ffff } else { !key })
    }

    #[test]
    fn the_best_of_each_tile_come_in_order_and_ties_by_number() {
        let scores = [0.5f32, -1.0, 2.0, 2.0, -0.0, 0.0, f32::INFINITY, f32::NEG_INFINITY].map(f32::to_bits);
        let found = topk_tile(&scores, &[], 8, 0, 100, 8, 4, 3);
        let (tile, other) = found.split_at(6);
        assert_eq!([tile[1], tile[3], tile[5]], [102, 103, 100]);
        assert_eq!([tile[0], tile[2], tile[4]].map(score), [2.0, 2.0, 0.5]);
        assert_eq!([other[1], other[3], other[5]], [106, 105, 104]);
        assert_eq!([other[0], other[2], other[4]].map(score), [f32::INFINITY, 0.0, -0.0]);
    }

    #[test]
    fn masked_rows_stay_out_and_what_is_no_number_comes_first() {
        let scores = [1.0f32, f32::NAN, 3.0, 4.0].map(f32::to_bits);
        let found = topk_tile(&scores, &[0b1_0100], 4, 2, 0, 4, 4, 3);
        assert_eq!(found, [3.0f32.to_bits() | 1 << 31, 2, 1.0f32.to_bits() | 1 << 31, 0, 0, u32::MAX]);
        let found = topk_tile(&scores, &[], 4, 0, 0, 4, 4, 1);
        assert_eq!(found, [u32::MAX, 1]);
    }
}
