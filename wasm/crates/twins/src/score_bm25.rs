//! Twin of `score_bm25.wgsl`.

use crate::pool::NOBODY;
use wasm_bindgen::prelude::wasm_bindgen;

/// BM25F of rows for queries. `rows`: number of a term and bits of its weighted frequency, `slots` pairs a row, nobody's number where there is none.
/// `terms`: those of the batch, rising; `weights`: of each its weight in every query, `batch` a term. Query by query, row by row, `queries` of them.
#[wasm_bindgen]
pub fn score_bm25(
    rows: &[u32],
    slots: usize,
    terms: &[u32],
    weights: &[f32],
    batch: usize,
    queries: usize,
    k1: f32,
) -> Vec<f32> {
    let worth = |query: usize, [term, bits]: &[u32; 2]| {
        let place = terms.binary_search(term).ok().filter(|_| *term != NOBODY)?;
        let frequency = f32::from_bits(*bits);
        Some(weights.get(place * batch + query)? * ((k1 + 1.0) * frequency / (k1 + frequency)))
    };
    let score =
        |query: usize, row: &[u32]| row.as_chunks::<2>().0.iter().filter_map(|slot| worth(query, slot)).sum::<f32>();
    let rows = || rows.chunks((2 * slots).max(1));
    (0..queries).flat_map(|query| rows().map(move |row| score(query, row))).collect()
}

#[cfg(test)]
mod tests {
    use super::score_bm25;

    #[test]
    fn scores_are_those_of_the_definition() {
        let nobody = [u32::MAX, 7.0f32.to_bits()];
        let row = |a: [u32; 2], b: [u32; 2]| [a, b].concat();
        let rows = [
            row([3, 1.0f32.to_bits()], [9, 0.5f32.to_bits()]),
            row([4, 1.0f32.to_bits()], nobody),
            row([9, 3.0f32.to_bits()], nobody),
        ]
        .concat();
        // Saturated with k1 1: 1, 2/3 and 3/2.
        let scores = score_bm25(&rows, 2, &[3, 9], &[2.0, 0.0, 1.5, 3.0], 2, 2, 1.0);
        assert_eq!(scores, [3.0, 0.0, 2.25, 2.0, 0.0, 4.5]);
        assert_eq!(score_bm25(&rows, 2, &[], &[], 2, 1, 1.0), [0.0; 3]);
        // Nobody is no term, whatever is asked for.
        assert_eq!(score_bm25(&nobody, 1, &[u32::MAX], &[1.0], 1, 1, 1.0), [0.0]);
    }
}
