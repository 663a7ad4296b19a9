//! Twin of `score_top.wgsl`.

use crate::pool::key_of;
use wasm_bindgen::prelude::wasm_bindgen;

/// Of each query the key of its largest score, 0 where there is none. `scores`: bits of f32, `stride` a query, of which `rows` are scores.
/// `mask`: bit `first + i` admits row i; none admits all.
#[wasm_bindgen]
pub fn score_top(scores: &[u32], mask: &[u32], rows: usize, first: usize, stride: usize) -> Vec<u32> {
    let admits = |row: usize| {
        let at = first + row;
        mask.is_empty() || mask.get(at >> 5).is_some_and(|word| word >> (at & 31) & 1 == 1)
    };
    let top = |own: &[u32]| {
        own.iter().take(rows).enumerate().filter(|(row, _)| admits(*row)).map(|(_, bits)| key_of(*bits)).max()
    };
    scores.chunks(stride.max(1)).map(|own| top(own).unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::score_top;

    #[test]
    fn the_largest_admitted_score_of_each_query_is_found() {
        let scores = [1.0f32, -2.0, 9.0, -1.0, -3.0, f32::NAN].map(f32::to_bits);
        let above = |value: f32| value.to_bits() | 1 << 31;
        assert_eq!(score_top(&scores, &[], 2, 0, 3), [above(1.0), !(-1.0f32).to_bits()]);
        assert_eq!(score_top(&scores, &[], 3, 0, 3), [above(9.0), u32::MAX]);
        assert_eq!(score_top(&scores, &[0b1000], 2, 2, 3), [!(-2.0f32).to_bits(), !(-3.0f32).to_bits()]);
        assert_eq!(score_top(&scores, &[0], 3, 0, 3), [0, 0]);
    }
}
