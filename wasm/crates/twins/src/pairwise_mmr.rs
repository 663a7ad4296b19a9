//! Twin of `pairwise_mmr.wgsl`.

use crate::pool::NOBODY;
use wasm_bindgen::prelude::wasm_bindgen;

/// Dot products of all pairs of rows of each pool, `size` x `size` a pool. `rows`: row-major with `dims` values; `picks`: numbers of rows, `size` a
/// pool, nobody's where there are fewer: those are like none.
#[wasm_bindgen]
pub fn pairwise_mmr(rows: &[f32], picks: &[u32], dims: usize, size: usize) -> Vec<f32> {
    let row = |pick: u32| match pick {
        NOBODY => &[],
        pick => rows.get(pick as usize * dims..(pick as usize + 1) * dims).unwrap_or_default(),
    };
    let like = |a: u32, b: u32| row(a).iter().zip(row(b)).map(|(a, b)| a * b).sum::<f32>();
    let pairs = |pool: &[u32]| pool.iter().flat_map(|a| pool.iter().map(|b| like(*a, *b))).collect::<Vec<f32>>();
    picks.chunks(size.max(1)).flat_map(pairs).collect()
}

#[cfg(test)]
mod tests {
    use super::pairwise_mmr;

    #[test]
    fn every_pair_has_its_product() {
        let rows = [1.0, 2.0, 0.0, -1.0, 3.0, 0.5];
        let likeness = pairwise_mmr(&rows, &[2, 0, 1, u32::MAX], 2, 2);
        assert_eq!(likeness, [9.25, 4.0, 4.0, 5.0, 1.0, 0.0, 0.0, 0.0]);
    }
}
