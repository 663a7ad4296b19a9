//! A search ranks as the plain meaning says, whatever the order of insertion and the split into segments.
//!
//! Method: random corpora, views, masks and questions against `common/reference.rs`; equal means equal bits.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use common::reference::Reference;
use common::{Answer, Ask, Corpus, Random, corpus};

/// A random share of the rows.
fn some(random: &mut Random, of: &[u32]) -> Vec<u32> {
    let percent = [100, 70, 30, 3][random.below(4)];
    of.iter().copied().filter(|_| random.chance(percent)).collect()
}

#[test]
fn a_search_finds_and_scores_what_scoring_everything_would() {
    let mut random = Random::seeded("ranking");
    for case in 0..150 {
        let size = [1, 5, 40, 160][random.below(4)];
        let corpus = corpus(&mut random, size);
        let reference = Reference::new(&corpus);
        let mut shard = corpus.scattered(&mut random);
        for _ in 0..6 {
            let view = some(&mut random, &corpus.all());
            let mask = random.chance(50).then(|| some(&mut random, &view));
            let ask = Ask::random(&mut random, &corpus);
            assert_eq!(
                ask.of(&mut shard, &view, mask.as_deref()),
                reference.answer(&ask, &view, mask.as_deref()),
                "case {case}: {ask:?}, {} rows, view {view:?}, mask {mask:?}",
                corpus.rows.len(),
            );
        }
    }
}

/// The same rows under other ordinals; `to[old]` is the new one.
fn relabelled(corpus: &Corpus, to: &[u32]) -> Corpus {
    let mut other = corpus.clone();
    for (old, row) in corpus.rows.iter().enumerate() {
        other.rows[to[old] as usize] = row.clone();
    }
    other
}

#[test]
fn ranking_and_scores_do_not_depend_on_order_ordinals_or_segments() {
    let mut random = Random::seeded("order");
    for case in 0..40 {
        let corpus = corpus(&mut random, 90);
        let mut to = corpus.all();
        random.shuffle(&mut to);
        let mut shards =
            [corpus.in_memory(), corpus.scattered(&mut random), relabelled(&corpus, &to).scattered(&mut random)];
        for _ in 0..4 {
            let view = some(&mut random, &corpus.all());
            let mask = random.chance(50).then(|| some(&mut random, &view));
            let ask = Ask::random(&mut random, &corpus);
            let want = ask.of(&mut shards[0], &view, mask.as_deref());
            assert_eq!(ask.of(&mut shards[1], &view, mask.as_deref()), want, "case {case}: {ask:?}");
            let moved = |rows: &[u32]| rows.iter().map(|&vno| to[vno as usize]).collect::<Vec<_>>();
            let got = ask.of(&mut shards[2], &moved(&view), mask.as_deref().map(moved).as_deref());
            let want: Vec<Answer> =
                want.iter().map(|answer| Answer { vno: to[answer.vno as usize], ..*answer }).collect();
            assert_eq!(got, want, "case {case}, other ordinals: {ask:?}");
        }
    }
}

#[test]
fn a_search_as_of_a_commit_scores_as_an_index_that_stopped_there() {
    let mut random = Random::seeded("as of");
    for case in 0..40 {
        let corpus = corpus(&mut random, 80);
        // The past: the first rows, and the contents that they use.
        let rows = random.below(corpus.rows.len()) + 1;
        let mut past = corpus.clone();
        past.rows.truncate(rows);
        let used = past.rows.iter().filter_map(|row| row.content).max();
        past.contents.truncate(used.map_or(0, |last| last + 1));
        let (mut now, mut then) = (corpus.scattered(&mut random), past.scattered(&mut random));
        for _ in 0..4 {
            let view = some(&mut random, &past.all());
            let ask = Ask::random(&mut random, &corpus);
            assert_eq!(ask.of(&mut now, &view, None), ask.of(&mut then, &view, None), "case {case}: {ask:?}");
        }
    }
}
