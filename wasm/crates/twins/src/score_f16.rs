//! Twin of `score_f16.wgsl`.

use crate::score_f32::score_f32;
use wasm_bindgen::prelude::wasm_bindgen;

/// Scores of rows at half precision, as bits and 2^14 times as large as they are, for queries, both row-major with `dims` values: dot products.
/// Query by query, row by row.
#[wasm_bindgen]
pub fn score_f16(rows: &[u16], queries: &[f32], dims: usize) -> Vec<f32> {
    let values: Vec<f32> = rows.iter().map(|half| value_of(*half)).collect();
    score_f32(&values, queries, dims, false)
}

/// Value of a half; those below the normal ones are 0.
fn value_of(half: u16) -> f32 {
    let size = u32::from(half & 0x7fff);
    // From a bias of 15 to one of 127, and down by the shift.
    let bits = if size < 0x0400 { 0 } else { (size << 13) + ((127 - 15 - 14) << 23) };
    f32::from_bits(bits | u32::from(half & 0x8000) << 16)
}

#[cfg(test)]
mod tests {
    use super::score_f16;

    #[test]
    fn scores_are_those_of_the_definition() {
        // 1, -0.5, 2^-28, and one below the normal halves.
        let rows = [0x7400, 0xf000, 0x0400, 0x03ff];
        assert_eq!(score_f16(&rows, &[1.0, 2.0], 2), [0.0, f32::from_bits((127 - 28) << 23)]);
        assert_eq!(score_f16(&rows, &[3.0], 1), [3.0, -1.5, 3.0 * f32::from_bits((127 - 28) << 23), 0.0]);
        // The largest half.
        assert_eq!(score_f16(&[0x7bff], &[1.0], 1), [65504.0 / 16384.0]);
    }
}
