//! A search that starts from rows which another processor found gives the same hits, bit for bit, whatever that one says.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use aetherv_ann::kernels::dot_f32;
use aetherv_lsm::{Outcome, Proposed, Query};
use common::{Ask, Corpus, Random, bits, corpus, flush};

const ERROR: f32 = 1e-3;

/// How a processor errs.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// One cosine is wrong.
    Cosine,
    /// One is no number.
    Nan,
    /// A row that is not there.
    Row,
}

/// Rows of the parts that are admitted, by place, and how many places there are. The corpus attaches its contents in order: a place is a content.
fn admitted(parts: &[u32]) -> (Vec<u32>, u32) {
    let (mut rows, mut base, mut rest) = (Vec::new(), 0, parts);
    while let [_id, count, _address, held, words @ ..] = rest {
        let (own, others) = words.split_at(count.div_ceil(32) as usize);
        let before = rows.len();
        rows.extend((0..*count).filter(|row| own[(row >> 5) as usize] >> (row & 31) & 1 == 1).map(|row| base + row));
        assert_eq!(rows.len() - before, *held as usize);
        (base, rest) = (base + count, others);
    }
    (rows, base)
}

/// The best `each` of the rows, each cosine off by a little, and what the others have at most.
fn propose(random: &mut Random, corpus: &Corpus, ask: &Ask, rows: &[u32], each: usize) -> (Vec<u32>, Vec<f32>, f32) {
    let bytes = |row: u32| -> Vec<u8> { corpus.contents[row as usize].iter().flat_map(|v| v.to_le_bytes()).collect() };
    let mut near: Vec<(f32, u32)> = rows
        .iter()
        .map(|&row| (dot_f32(&ask.vector, &bytes(row)) + ERROR * 0.9 * (random.below(201) as f32 / 100.0 - 1.0), row))
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.truncate(each);
    let floor = near.last().map_or(-2.0, |last| last.0 + ERROR);
    let rest = if near.len() < each { -2.0 } else { floor };
    (near.iter().map(|n| n.1).collect(), near.iter().map(|n| n.0).collect(), rest)
}

#[test]
fn hits_are_those_of_a_search_without_proposals() {
    let mut random = Random::seeded("proposed");
    let mut outcomes = [0; 4];
    for case in 0..120 {
        let size = [5, 40, 160, 400][random.below(4)];
        let corpus = corpus(&mut random, size);
        let mut shard = corpus.scattered(&mut random);
        if random.chance(70) {
            flush(&mut shard);
        }
        let view: Vec<u32> = corpus.all().into_iter().filter(|_| random.chance(80)).collect();
        let mask: Vec<u32> = view.iter().copied().filter(|_| random.chance(60)).collect();
        let view = shard.add_view(bits(&view));
        let mask = random.chance(50).then(|| shard.add_view(bits(&mask)));
        for _ in 0..6 {
            let mut ask = Ask { dense: true, k: 1 + random.below(12), ..Ask::random(&mut random, &corpus) };
            ask.vector = random.unit(corpus.dims);
            let want = ask.of_views(&mut shard, view, mask);
            let parts = shard.vector_parts(view, mask).unwrap();
            let (rows, places) = admitted(&parts);
            let each = [1, 8, 32, 128][random.below(4)];
            let (mut chosen, mut cosines, rest) = propose(&mut random, &corpus, &ask, &rows, each);
            let fault = [Fault::None, Fault::None, Fault::None, Fault::Cosine, Fault::Nan, Fault::Row][random.below(6)];
            if let (Some(cosine), Some(row)) = (cosines.first_mut(), chosen.last_mut()) {
                match fault {
                    Fault::None => {}
                    Fault::Cosine => *cosine += 0.01,
                    Fault::Nan => *cosine = f32::NAN,
                    Fault::Row => *row = places,
                }
            }
            let near: Vec<[f64; 2]> =
                chosen.iter().zip(&cosines).map(|(row, cosine)| [f64::from(*row), f64::from(*cosine)]).collect();
            let proposed = Proposed { rows: &near, error: ERROR, rest };
            let got = ask.of_proposed(&mut shard, view, mask, Some(proposed));
            let outcome = shard.outcome();
            assert_eq!(got, want, "case {case}: {ask:?}, {fault:?}, {outcome:?}, {each} a query");
            outcomes[outcome as usize] += 1;
            if fault != Fault::None && !chosen.is_empty() {
                assert_eq!(outcome, Outcome::Wrong, "case {case}: {fault:?}");
            }
        }
    }
    assert!(outcomes[1..].iter().all(|count| *count > 50), "{outcomes:?}");
}

#[test]
fn an_unknown_view_has_no_parts_and_ranks_need_all_rows() {
    let mut random = Random::seeded("unused");
    let corpus = corpus(&mut random, 40);
    let mut shard = corpus.scattered(&mut random);
    assert!(shard.vector_parts(9, None).is_err());
    let view = shard.add_view(bits(&corpus.all()));
    let vector = random.unit(corpus.dims);
    let proposed = Some(Proposed { rows: &[[0.0, 9.0]], error: 0.0, rest: 0.0 });
    let query = Query { vector: &vector, dense: true, explain: true, proposed, ..Query::new(view, &[]) };
    shard.search(&query).unwrap();
    assert_eq!(shard.outcome(), Outcome::Unused);
    shard.search(&Query { explain: false, ..query }).unwrap();
    assert_eq!(shard.outcome(), Outcome::Wrong);
}
