//! Twin of `score_f32.wgsl`.

use wasm_bindgen::prelude::wasm_bindgen;

/// Scores of rows for queries, both row-major with `dims` values: dot products, or minus squared distances. Query by query, row by row.
#[wasm_bindgen]
pub fn score_f32(rows: &[f32], queries: &[f32], dims: usize, l2: bool) -> Vec<f32> {
    let score = |row: &[f32], query: &[f32]| {
        let pairs = row.iter().zip(query);
        if l2 { -pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f32>() } else { pairs.map(|(a, b)| a * b).sum() }
    };
    let dims = dims.max(1);
    queries.chunks(dims).flat_map(|query| rows.chunks(dims).map(move |row| score(row, query))).collect()
}

#[cfg(test)]
mod tests {
    use super::score_f32;

    #[test]
    fn scores_are_those_of_the_definition() {
        let (rows, queries) = ([1.0, 2.0, 0.0, -1.0, 0.5, 3.0], [2.0, 1.0, 1.0, 1.0]);
        assert_eq!(score_f32(&rows, &queries, 2, false), [4.0, -1.0, 4.0, 3.0, -1.0, 3.5]);
        assert_eq!(score_f32(&rows, &queries, 2, true), [-2.0, -8.0, -6.25, -1.0, -5.0, -4.25]);
        assert!(score_f32(&[], &queries, 2, true).is_empty());
    }
}
