//! Twin of `fuse_rank.wgsl`.

use crate::pool::{NOBODY, ZERO, key_of};
use wasm_bindgen::prelude::wasm_bindgen;

/// Key and number in turn.
type Entry = [u32; 2];

/// What the best of two channels become by rank: of each query first its `keep` entries of the words, then those of the cosines that are not among
/// the words.
#[wasm_bindgen]
pub fn fuse_rank(words: &[u32], cosines: &[u32], keep: usize) -> Vec<u32> {
    let width = (2 * keep).max(1);
    let mut out = Vec::with_capacity(words.len() + cosines.len());
    for (words, cosines) in words.chunks(width).zip(cosines.chunks(width)) {
        let (words, cosines) = (words.as_chunks::<2>().0, cosines.as_chunks::<2>().0);
        out.extend(words.iter().flat_map(|entry| fused(*entry, words, cosines)));
        let is_word = |id: u32| words.iter().any(|word| word[1] == id);
        let nobody = [0, NOBODY];
        out.extend(
            cosines.iter().flat_map(|entry| if is_word(entry[1]) { nobody } else { fused(*entry, cosines, words) }),
        );
    }
    out
}

fn fused(entry: Entry, own: &[Entry], others: &[Entry]) -> Entry {
    let [key, id] = entry;
    if id == NOBODY {
        return [0, NOBODY];
    }
    let other = others.iter().find(|other| other[1] == id).map_or(0, |other| other[0]);
    if key.max(other) == u32::MAX {
        return [u32::MAX, id];
    }
    let share = |key: u32, list: &[Entry]| {
        let rank = 1 + list.iter().filter(|entry| entry[0] > key).count();
        if [0, ZERO, ZERO - 1].contains(&key) { 0.0 } else { 1.0 / (60.0 + rank as f32) }
    };
    let score = (60.0 + 1.0) / 2.0 * (share(key, own) + share(other, others));
    [key_of(score.to_bits()), id]
}

#[cfg(test)]
mod tests {
    use super::fuse_rank;
    use crate::pool::key_of;

    fn entry(score: f32, id: u32) -> [u32; 2] {
        [key_of(score.to_bits()), id]
    }

    #[test]
    fn scores_are_those_of_the_definition() {
        let nobody = [0, u32::MAX];
        let words = [entry(3.0, 7), entry(2.0, 5), entry(2.0, 6), entry(0.0, 1)].concat();
        let cosines = [entry(0.9, 5), entry(0.5, 9), nobody, nobody].concat();
        let got = fuse_rank(&words, &cosines, 4);
        let score = |first: f32, second: f32| 30.5 * (first + second);
        let want = [
            [entry(score(1.0 / 61.0, 0.0), 7), entry(score(1.0 / 62.0, 1.0 / 61.0), 5)].concat(),
            [entry(score(1.0 / 62.0, 0.0), 6), entry(0.0, 1)].concat(),
            [nobody, entry(score(1.0 / 62.0, 0.0), 9), nobody, nobody].concat(),
        ];
        assert_eq!(got, want.concat());
        assert_eq!(fuse_rank(&[u32::MAX, 3], &entry(1.0, 3), 1), [u32::MAX, 3, 0, u32::MAX]);
    }
}
