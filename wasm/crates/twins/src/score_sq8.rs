//! Twin of `score_sq8.wgsl` and of `score_sq8_plain.wgsl`, which differ in how they multiply alone.

use wasm_bindgen::prelude::wasm_bindgen;

/// Scores of rows for queries by their codes, `width` bytes each: rows 1 to 127, queries i8. `about` has of each query the bits of its scale and its
/// correction. Query by query, row by row.
#[wasm_bindgen]
pub fn score_sq8(rows: &[u8], row_scales: &[f32], queries: &[i8], about: &[u32], width: usize) -> Vec<f32> {
    let width = width.max(1);
    let mut out = Vec::new();
    for (query, about) in queries.chunks(width).zip(about.as_chunks::<2>().0) {
        let [scale, correction] = *about;
        for (row, own) in rows.chunks(width).zip(row_scales) {
            let product: i32 = row.iter().zip(query).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum();
            out.push((product - correction as i32) as f32 * (own * f32::from_bits(scale)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::score_sq8;

    #[test]
    fn scores_are_those_of_the_definition() {
        let (rows, queries) = ([1, 127, 64, 65], [-127, 3]);
        let about = [0.5f32.to_bits(), (-64i32 * 124) as u32];
        // -127 + 381 + 7936, and -8128 + 195 + 7936.
        assert_eq!(score_sq8(&rows, &[2.0, 0.25], &queries, &about, 2), [8190.0, 3.0 / 8.0]);
    }
}
