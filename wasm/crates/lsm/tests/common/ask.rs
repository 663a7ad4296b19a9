//! A question to a shard, and its answer with scores as bits.

use super::{Corpus, Random, bits, words};
use aetherv_lsm::{Collapse, Query, Shard};

/// A question, without the handles of a shard.
#[derive(Clone, Debug)]
pub struct Ask {
    pub text: String,
    pub vector: Vec<f32>,
    pub lexical: bool,
    pub dense: bool,
    pub weight: f32,
    pub k: usize,
    pub collapse: u32,
}

impl Ask {
    /// A random question for a corpus.
    pub fn random(random: &mut Random, corpus: &Corpus) -> Self {
        let (lexical, dense) = [(true, true), (true, true), (true, false), (false, true)][random.below(4)];
        Self {
            text: words(random, 5),
            vector: match random.below(10) {
                0 => vec![0.0; corpus.dims],
                1 => Vec::new(),
                _ => random.unit(corpus.dims),
            },
            lexical,
            dense,
            weight: [0.0, 0.3, 0.5, 0.6, 1.0][random.below(5)],
            k: 1 + random.below(50),
            collapse: random.below(3) as u32,
        }
    }

    /// The groups: 0 sections, 1 documents, 2 rows.
    pub const fn collapse(&self) -> Collapse {
        match self.collapse {
            0 => Collapse::Section,
            1 => Collapse::Document,
            _ => Collapse::None,
        }
    }

    /// Asks a shard about the rows of `view`, of which `mask` may be found.
    pub fn of(&self, shard: &mut Shard, view: &[u32], mask: Option<&[u32]>) -> Vec<Answer> {
        let handle = shard.add_view(bits(view));
        let mask = mask.map(|mask| shard.add_view(bits(mask)));
        let found = self.of_views(shard, handle, mask);
        shard.drop_view(handle);
        if let Some(mask) = mask {
            shard.drop_view(mask);
        }
        found
    }

    /// Asks a shard about views that it knows.
    pub fn of_views(&self, shard: &mut Shard, view: u32, mask: Option<u32>) -> Vec<Answer> {
        let found = shard.search(&Query {
            view,
            mask,
            text: &self.text,
            vector: &self.vector,
            lexical: self.lexical,
            dense: self.dense,
            weight: self.weight,
            k: self.k,
            collapse: self.collapse(),
        });
        let answer = |f: &aetherv_lsm::Found| Answer::new(f.vno, f.score, f.lexical, f.cosine);
        found.unwrap().1.iter().map(answer).collect()
    }
}

/// A group found, its scores as bits, so that equal means equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub vno: u32,
    pub score: u32,
    pub lexical: u32,
    pub cosine: u32,
}

impl Answer {
    /// Zero has one sign here: -0.0 and 0.0 are the same score.
    pub fn new(vno: u32, score: f32, lexical: f32, cosine: f32) -> Self {
        let bits = |value: f32| (value + 0.0).to_bits();
        Self { vno, score: bits(score), lexical: bits(lexical), cosine: bits(cosine) }
    }
}
