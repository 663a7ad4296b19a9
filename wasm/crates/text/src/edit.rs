//! Edit distance from one word to many, the many sorted: rows of the table are kept for the letters that neighbours
//! share, so a walk over a dictionary costs little more than its distinct letters.
//!
//! Optimal string alignment: insertion, deletion, substitution and the swap of two neighbours are one edit each
//! (Damerau 1964; Ukkonen 1985 for the cut-off).

/// A word, and the rows of the table for the last term that was compared with it.
#[derive(Clone, Debug)]
pub struct Distance {
    word: Vec<char>,
    max: u8,
    /// Letters of the last term and where each ends in its bytes.
    letters: Vec<(char, usize)>,
    term: Vec<u8>,
    /// One row for each letter of the last term and one before the first.
    rows: Vec<u8>,
    /// Bytes of the last term that nothing near the word begins with, if it was found to be far.
    far: Option<usize>,
}

impl Distance {
    /// Distances to `word`, those above `max` not told apart.
    #[must_use]
    pub fn new(word: &str, max: usize) -> Self {
        let word: Vec<char> = word.chars().collect();
        let rows = (0..=word.len()).map(|i| u8::try_from(i).unwrap_or(u8::MAX)).collect();
        Self { word, max: u8::try_from(max).unwrap_or(u8::MAX), letters: Vec::new(), term: Vec::new(), rows, far: None }
    }

    /// The distance from the first `i` letters of the word to `term` for every `i`, those above the maximum not told apart, if
    /// some is at most that; the last one is that of the whole word.
    pub fn row(&mut self, term: &str) -> Option<&[u8]> {
        let shared = self.term.iter().zip(term.as_bytes()).take_while(|(a, b)| a == b).count();
        if self.far.is_some_and(|far| shared >= far) {
            return None;
        }
        self.far = None;
        while self.letters.last().is_some_and(|(_, end)| *end > shared) {
            self.letters.pop();
        }
        let width = self.word.len() + 1;
        self.rows.truncate(width * (self.letters.len() + 1));
        let from = self.letters.last().map_or(0, |(_, end)| *end);
        self.term.truncate(from);
        for letter in term.get(from..).unwrap_or_default().chars() {
            if !self.push(letter) {
                self.far = Some(self.term.len());
                return None;
            }
        }
        let row = self.rows.get(self.rows.len() - width..)?;
        row.iter().any(|distance| *distance <= self.max).then_some(row)
    }

    /// How many bytes of the last term nothing near the word begins with, if it was found to be far.
    #[must_use]
    pub const fn far(&self) -> Option<usize> {
        self.far
    }

    /// The distance of the whole word to `term`, if it is at most the maximum.
    pub fn to(&mut self, term: &str) -> Option<u8> {
        let max = self.max;
        self.row(term)?.last().copied().filter(|distance| *distance <= max)
    }

    /// Appends a letter; false when no word that goes on like this can be near enough. Only what is so near the diagonal that
    /// it can be at most the maximum is computed, the rest is far.
    fn push(&mut self, letter: char) -> bool {
        let (width, letters, max) = (self.word.len() + 1, self.letters.len() + 1, usize::from(self.max));
        let before = self.rows.len() - width;
        let swapped = self.letters.last().map(|(last, _)| *last);
        let from = letters.saturating_sub(max);
        self.rows.resize(before + 2 * width, u8::MAX);
        let (known, own) = self.rows.split_at_mut(before + width);
        let known = |i: usize| known.get(i).copied().unwrap_or(u8::MAX);
        let (mut least, mut last) = (u8::MAX, u8::MAX);
        for (i, slot) in own.iter_mut().enumerate().take(letters + max + 1).skip(from) {
            let mut best = last.min(known(before + i)).saturating_add(1);
            if let Some(at) = i.checked_sub(1) {
                let same = self.word.get(at) == Some(&letter);
                best = best.min(known(before + at).saturating_add(u8::from(!same)));
                if at > 0
                    && swapped.is_some()
                    && self.word.get(at).copied() == swapped
                    && self.word.get(at - 1) == Some(&letter)
                {
                    best = best.min(known(before + at - 1 - width).saturating_add(1));
                }
            }
            *slot = best;
            (last, least) = (best, least.min(best));
        }
        let end = self.letters.last().map_or(0, |(_, end)| *end) + letter.len_utf8();
        self.letters.push((letter, end));
        let mut bytes = [0; 4];
        self.term.extend_from_slice(letter.encode_utf8(&mut bytes).as_bytes());
        least <= self.max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(a: &str, b: &str) -> usize {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                d[i][j] = match (i, j) {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => {
                        let mut best = d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                        best = best.min(d[i - 1][j] + 1).min(d[i][j - 1] + 1);
                        if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                            best = best.min(d[i - 2][j - 2] + 1);
                        }
                        best
                    }
                };
            }
        }
        d[a.len()][b.len()]
    }

    #[test]
    fn distances_of_a_walk_are_those_of_the_whole_table() {
        let mut terms: Vec<String> = Vec::new();
        let mut seed = 7_u32;
        for _ in 0..3_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let len = 1 + (seed >> 8) % 6;
            terms.push((0..len).map(|i| ['a', 'b', 'é', '本'][(seed >> (10 + 3 * i)) as usize % 4]).collect());
        }
        terms.sort();
        for word in ["ab", "abéb", "本aab", "a"] {
            for max in 0..=2 {
                let mut distance = Distance::new(word, max);
                for term in &terms {
                    let want = Some(plain(word, term)).filter(|d| *d <= max).map(|d| d as u8);
                    assert_eq!(distance.to(term), want, "{word} {term} {max}");
                }
            }
        }
    }
}
