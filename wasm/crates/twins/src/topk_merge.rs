//! Twin of `topk_merge.wgsl`.

use crate::pool::best;
use wasm_bindgen::prelude::wasm_bindgen;

/// The best `keep` of each query's tiles, `keep` entries a tile, key and number in turn.
#[wasm_bindgen]
pub fn topk_merge(found: &[u32], tiles: usize, keep: usize) -> Vec<u32> {
    let entries = |query: &[u32]| query.as_chunks::<2>().0.iter().map(|[key, id]| (*key, *id)).collect();
    found.chunks((2 * tiles * keep).max(1)).flat_map(|query| best(entries(query), keep)).collect()
}

#[cfg(test)]
mod tests {
    use super::topk_merge;

    #[test]
    fn the_best_of_all_tiles_come_in_order() {
        let nobody = [0, u32::MAX];
        let tiles = [[9, 4], [7, 2], [9, 1], nobody].concat();
        assert_eq!(topk_merge(&tiles, 2, 2), [9, 1, 9, 4]);
        assert_eq!(topk_merge(&[nobody, nobody, nobody, [3, 3]].concat(), 2, 2), [3, 3, 0, u32::MAX]);
    }
}
