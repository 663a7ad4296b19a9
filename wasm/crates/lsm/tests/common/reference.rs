//! The meaning of a search, written once more as plainly as the decisions tell it: every row scored, nothing skipped.

use super::lexical::{Lexicon, Scored};
use super::{Answer, Ask, Corpus};
use std::collections::{BTreeMap, BTreeSet};

/// The dot product with its written order: sixteen running sums, added in fours, lane by lane.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0f32; 16];
    for (at, (x, y)) in a.iter().zip(b).enumerate() {
        sums[at % 16] += x * y;
    }
    let lane = |l: usize| (sums[l] + sums[4 + l]) + (sums[8 + l] + sums[12 + l]);
    ((lane(0) + lane(1)) + lane(2)) + lane(3)
}

/// A corpus with its words.
pub struct Reference<'a> {
    corpus: &'a Corpus,
    words: Lexicon<'a>,
}

#[derive(Clone, Copy)]
struct Row {
    vno: u32,
    lexical: f32,
    cosine: f32,
}

impl<'a> Reference<'a> {
    pub fn new(corpus: &'a Corpus) -> Self {
        Self { corpus, words: Lexicon::new(corpus) }
    }

    fn group(&self, ask: &Ask, vno: u32) -> (String, String, u32) {
        let row = &self.corpus.rows[vno as usize];
        match ask.collapse {
            0 => (row.doc.clone(), row.path.clone(), 0),
            1 => (row.doc.clone(), String::new(), 0),
            _ => (String::new(), String::new(), vno),
        }
    }

    /// The answer; `mask` lies within `view`.
    pub fn answer(&self, ask: &Ask, view: &[u32], mask: Option<&[u32]>) -> Vec<Answer> {
        let Scored { mask, scores: lexical } = self.words.score(ask, view, mask.unwrap_or(view));
        let dense = ask.dense && ask.vector.iter().any(|v| *v != 0.0);
        let vector = |vno: u32| {
            let content = self.corpus.rows[vno as usize].content.filter(|_| dense)?;
            Some(&self.corpus.contents[content])
        };
        // A row is a candidate through a term or a vector; its group then counts whole.
        let mut groups: BTreeMap<_, Vec<Row>> = BTreeMap::new();
        let candidate = |vno: &&u32| lexical.contains_key(*vno) || vector(**vno).is_some();
        let wanted: BTreeSet<_> = mask.iter().filter(candidate).map(|&vno| self.group(ask, vno)).collect();
        for &vno in &mask {
            let group = self.group(ask, vno);
            if wanted.contains(&group) {
                groups.entry(group).or_default().push(Row {
                    vno,
                    lexical: lexical.get(&vno).copied().unwrap_or(0.0),
                    // A row without a vector never lifts its group.
                    cosine: vector(vno).map_or(f32::NEG_INFINITY, |row| dot(&ask.vector, row)),
                });
            }
        }
        let most = |of: fn(&Row) -> f32| groups.values().flatten().map(of).fold(0.0f32, f32::max);
        let (top_lexical, top_cosine) = (most(|s| s.lexical), most(|s| s.cosine));
        let share = |value: f32, top: f32| if top > 0.0 { value.max(0.0) / top } else { 0.0 };
        let score = |lexical_score: f32, cosine: f32| match (lexical.is_empty(), dense) {
            (false, true) => {
                ask.weight * share(lexical_score, top_lexical) + (1.0 - ask.weight) * share(cosine, top_cosine)
            }
            (true, true) => cosine,
            _ => lexical_score,
        };
        let ids = |vno: u32| self.corpus.rows[vno as usize].ids();
        let mut found: Vec<(f32, u32, f32, f32)> = groups
            .into_values()
            .map(|rows| {
                let best = |of: fn(&Row) -> f32| rows.iter().map(of).fold(f32::NEG_INFINITY, f32::max);
                let (lexical, cosine) = (best(|s| s.lexical), best(|s| s.cosine));
                let shown = rows.iter().min_by(|a, b| {
                    let (x, y) = (score(a.lexical, a.cosine), score(b.lexical, b.cosine));
                    y.total_cmp(&x).then_with(|| ids(a.vno).cmp(&ids(b.vno)))
                });
                let known = if cosine == f32::NEG_INFINITY { 0.0 } else { cosine };
                (score(lexical, cosine), shown.unwrap().vno, lexical, known)
            })
            .filter(|(_, _, lexical, _)| dense || *lexical > 0.0)
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| ids(a.1).cmp(&ids(b.1))));
        let cut = found.get(ask.k.wrapping_sub(1)).copied();
        let ties = |f: &&(f32, u32, f32, f32)| cut.is_some_and(|c| f.0 == c.0 && ids(f.1).0 == ids(c.1).0);
        let keep = ask.k.min(found.len()) + found.iter().skip(ask.k).take_while(ties).count();
        found.truncate(keep);
        found.iter().map(|f| Answer::new(f.1, f.0, f.2, f.3)).collect()
    }
}
