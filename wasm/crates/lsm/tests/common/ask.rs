//! A question to a shard, and its answer with scores as bits.

use super::{Corpus, Random, bits, words};
use aetherv_lsm::clause::{ALL_FIELDS, Clause, Kind, Occur};
use aetherv_lsm::{Collapse, Proposed, Query, Shard};

/// A clause that owns its text.
#[derive(Clone, Debug)]
pub struct Part {
    pub occur: Occur,
    pub kind: Kind,
    pub fields: u8,
    pub boost: f32,
    pub text: String,
}

impl Part {
    /// Plain words.
    pub fn words(text: &str) -> Self {
        Self { occur: Occur::Should, kind: Kind::Words, fields: ALL_FIELDS, boost: 1.0, text: text.to_owned() }
    }

    /// A random clause, most of them plain words.
    pub fn random(random: &mut Random) -> Self {
        let text = words(random, 4);
        let cut = text.char_indices().nth(1 + random.below(6)).map_or(text.len(), |(at, _)| at);
        let (kind, text) = match random.below(8) {
            0 | 1 => (Kind::Phrase(random.below(3) as u32), text),
            2 => (Kind::Prefix, text[..cut].to_owned()),
            3 => (Kind::Fuzzy([None, Some(0), Some(1), Some(2)][random.below(4)]), text.replacen('e', "a", 1)),
            _ => (Kind::Words, text),
        };
        Self {
            occur: [Occur::Should, Occur::Should, Occur::Must, Occur::Not][random.below(4)],
            kind,
            fields: [ALL_FIELDS, ALL_FIELDS, 1, 4, 6][random.below(5)],
            boost: [1.0, 1.0, 0.5, 3.0][random.below(4)],
            text,
        }
    }
}

/// A question, without the handles of a shard.
#[derive(Clone, Debug)]
pub struct Ask {
    pub clauses: Vec<Part>,
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
            clauses: if random.chance(50) {
                vec![Part::words(&words(random, 5))]
            } else {
                (0..random.below(4)).map(|_| Part::random(random)).collect()
            },
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
        self.of_proposed(shard, view, mask, None)
    }

    /// The same, with rows that are said to be near.
    pub fn of_proposed(
        &self,
        shard: &mut Shard,
        view: u32,
        mask: Option<u32>,
        proposed: Option<Proposed<'_>>,
    ) -> Vec<Answer> {
        let clauses: Vec<Clause<'_>> = self
            .clauses
            .iter()
            .map(|p| Clause { occur: p.occur, kind: p.kind, fields: p.fields, boost: p.boost, text: &p.text })
            .collect();
        let found = shard.search(&Query {
            mask,
            vector: &self.vector,
            lexical: self.lexical,
            dense: self.dense,
            weight: self.weight,
            k: self.k,
            collapse: self.collapse(),
            proposed,
            ..Query::new(view, &clauses)
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
