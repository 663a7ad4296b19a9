//! Segments come and go, rows and contents are sealed anew, vectors are revived: every search answers from what is there.
//!
//! Method: random steps on a shard and on a plain account of it (`common/world.rs`); after each, searches equal those of
//! `common/reference.rs` over exactly the rows and vectors that the account says are there. Equal means equal bits.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use aetherv_core::Code;
use aetherv_core::hash::id_of;
use aetherv_lsm::Shard;
use aetherv_lsm::rows::NONE;
use aetherv_segment::chunks::{self, TestRow};
use aetherv_segment::vectors::{self, write_map};
use common::reference::Reference;
use common::world::World;
use common::{Ask, Corpus, Random, SPACE, attach, bits, corpus};

/// One random step; its name.
fn step(world: &mut World, random: &mut Random) -> &'static str {
    let any = random.below(world.stored.len());
    match random.below(10) {
        0 | 1 => {
            world.write(random);
            "write"
        }
        2 => {
            world.flush();
            "flush"
        }
        3 => {
            let rows = world.some_rows(random);
            world.seal_rows(&rows);
            "seal rows"
        }
        4 => {
            let rows = world.some_rows(random);
            world.seal_contents(&rows);
            "seal contents"
        }
        5 | 6 => {
            world.attach(any);
            "attach"
        }
        7 => {
            let ids: Vec<u32> = world.attached.keys().copied().filter(|_| random.chance(30)).collect();
            world.detach(&ids);
            "detach"
        }
        8 => {
            world.revive(random);
            "revive"
        }
        _ => {
            world.shard.forget_revived();
            world.revived.clear();
            "forget"
        }
    }
}

#[test]
fn searches_answer_from_what_is_there_whatever_came_and_went() {
    let mut random = Random::seeded("archive");
    for case in 0..60 {
        let mut world = World::new(corpus(&mut random, 70));
        let all = world.corpus.all();
        // A view and a mask that live as long as the shard.
        let mask: Vec<u32> = all.iter().copied().filter(|_| random.chance(50)).collect();
        let handles = [world.shard.add_view(bits(&all)), world.shard.add_view(bits(&mask))];
        let mut steps = Vec::new();
        for _ in 0..30 {
            steps.push(step(&mut world, &mut random));
            world.check();
            let seen = world.seen();
            let reference = Reference::new(&seen);
            let present = world.present();
            let there = |rows: &[u32]| rows.iter().copied().filter(|vno| present.contains(vno)).collect::<Vec<_>>();
            let ask = Ask::random(&mut random, &seen);
            let want = reference.answer(&ask, &there(&all), Some(&there(&mask)));
            let got = ask.of_views(&mut world.shard, handles[0], Some(handles[1]));
            assert_eq!(got, want, "case {case}, {steps:?}: {ask:?}");
            let view: Vec<u32> = all.iter().copied().filter(|_| random.chance(60)).collect();
            let ask = Ask::random(&mut random, &seen);
            let want = reference.answer(&ask, &there(&view), None);
            assert_eq!(ask.of(&mut world.shard, &view, None), want, "case {case}, {steps:?}: {ask:?}");
        }
    }
}

#[test]
fn few_hits_of_many_rows_are_found_by_approximate_scores_of_scattered_and_revived_vectors() {
    let mut random = Random::seeded("scattered");
    for case in 0..12 {
        let mut corpus = corpus(&mut random, 700);
        corpus.dims = [8, 16, 40][case % 3];
        // In half of the cases all are so near each other that their codes tell little of their order.
        let (middle, spread) = (random.unit(corpus.dims), if case % 4 < 2 { 1.0 } else { 0.02 });
        for content in &mut corpus.contents {
            let row: Vec<f32> =
                random.unit(corpus.dims).iter().zip(&middle).map(|(x, m)| m + spread * (x - m)).collect();
            let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
            *content = row.iter().map(|x| x / norm).collect();
        }
        let all = corpus.all();
        let mut shard = corpus.in_memory();
        let (stored, dropped): (Vec<u32>, Vec<u32>) =
            all.iter().partition(|_| random.chance(if case % 2 == 0 { 50 } else { 100 }));
        let vectors = shard.seal_contents(&stored);
        shard.clear_mem();
        shard.apply_chunks(corpus.chunks(&all)).unwrap();
        shard.attach_vectors(1, vectors).unwrap();
        let content = |vno: u32| corpus.rows[vno as usize].content;
        let lost: Vec<u32> = dropped.into_iter().filter(|&vno| content(vno).is_some()).collect();
        let again: Vec<f32> = lost.iter().flat_map(|&vno| corpus.contents[content(vno).unwrap()].clone()).collect();
        shard.revive(&lost, &again).unwrap();
        let reference = Reference::new(&corpus);
        for _ in 0..12 {
            let mut ask = Ask::random(&mut random, &corpus);
            (ask.dense, ask.vector, ask.k, ask.collapse) = (true, random.unit(corpus.dims), 1 + random.below(8), 2);
            assert_eq!(ask.of(&mut shard, &all, None), reference.answer(&ask, &all, None), "case {case}: {ask:?}");
        }
    }
}

#[test]
fn what_is_not_there_cannot_be_sealed_or_revived() {
    let corpus = corpus(&mut Random::seeded("refused"), 20);
    let mut shard = corpus.in_memory();
    let count = corpus.rows.len() as u32;
    for vnos in [[0, count], [1, 1]] {
        assert_eq!(shard.seal_rows(&vnos).unwrap_err().code, Code::Internal);
    }
    assert!(shard.seal_rows(&[]).unwrap().is_empty() && shard.seal_contents(&[count, NONE]).is_empty());
    let row = vec![0.5; corpus.dims];
    assert_eq!(shard.revive(&[count], &row).unwrap_err().code, Code::Internal);
    assert_eq!(shard.revive(&[0], &[row.as_slice(), &[1.0]].concat()).unwrap_err().code, Code::DimMismatch);
    assert_eq!(shard.revive(&[0], &vec![f32::NAN; corpus.dims]).unwrap_err().code, Code::NonFinite);
    assert_eq!(Shard::new(SPACE, 0, 0).revive(&[], &[]).unwrap_err().code, Code::DimMismatch);
    assert_eq!(shard.revived_count(), 0);
    shard.detach(&[7, 8]);
    assert!(shard.text_of(0).is_ok());
}

#[test]
fn a_content_number_is_never_given_again_and_a_new_content_of_the_same_input_takes_over() {
    let (one, two) = (vec![1.0, 0.0], vec![0.0, 1.0]);
    let mut shard = Shard::new(SPACE, 2, 0);
    shard.apply_vectors(vectors::build(SPACE, 0, &[("a", one.clone()), ("b", two)])).unwrap();
    shard.apply_map(&write_map(SPACE, &[(0, 0), (1, 1)])).unwrap();
    let old = shard.seal_vectors();
    shard.attach_vectors(1, old.clone()).unwrap();
    shard.clear_mem();
    shard.detach(&[1]);
    let a = |shard: &Shard| shard.find_contents(&id_of(b"a"))[0];
    assert_eq!((shard.content_count(), shard.contents_held(), shard.content_of(0), a(&shard)), (2, 0, NONE, NONE));
    // The same input again: a new number, and the pair that named the old one stays without effect.
    shard.apply_vectors(vectors::build(SPACE, 2, &[("a", one)])).unwrap();
    shard.apply_map(&write_map(SPACE, &[(0, 2)])).unwrap();
    assert_eq!((shard.content_count(), shard.content_of(0), a(&shard)), (3, 2, 2));
    shard.attach_vectors(1, old).unwrap();
    assert_eq!((shard.content_count(), shard.contents_held(), shard.content_of(1)), (3, 2, 1));
    shard.detach(&[1]);
    assert_eq!((shard.content_of(0), shard.content_of(1), a(&shard)), (2, NONE, 2));
    // A map alone counts too: its numbers were in use.
    shard.apply_map(&write_map(SPACE, &[(5, 40)])).unwrap();
    assert_eq!((shard.content_count(), shard.content_of(5)), (41, NONE));
}

#[test]
fn pairs_wait_for_their_contents() {
    let mut shard = Shard::new(SPACE, 1, 0);
    shard.apply_map(&write_map(SPACE, &[(3, 1), (4, 0)])).unwrap();
    assert_eq!((shard.content_of(3), shard.content_of(4)), (NONE, NONE));
    shard.apply_vectors(vectors::build(SPACE, 1, &[("b", vec![1.0])])).unwrap();
    assert_eq!((shard.content_of(3), shard.content_of(4)), (1, NONE));
}

#[test]
fn memtables_that_are_cleared_without_a_segment_are_gone() {
    let corpus = corpus(&mut Random::seeded("cleared"), 20);
    let mut shard = corpus.in_memory();
    shard.clear_mem();
    assert_eq!(shard.absent(bits(&corpus.all())), corpus.all());
    assert_eq!((shard.contents_held(), shard.content_of(0)), (0, NONE));
    assert!(Ask::random(&mut Random::seeded("cleared"), &corpus).of(&mut shard, &corpus.all(), None).is_empty());
}

/// The rows of a corpus under far ordinals with holes.
fn far(corpus: &Corpus, to: impl Fn(u32) -> u32) -> (Vec<u8>, Vec<u8>) {
    let (mut rows, mut pairs) = (Vec::new(), Vec::new());
    for (vno, row) in corpus.rows.iter().enumerate() {
        let vno = to(vno as u32);
        rows.push(TestRow { vno, doc: &row.doc, path: &row.path, text: &row.text });
        pairs.extend(row.content.map(|cno| (vno, cno as u32)));
    }
    (chunks::build(&rows), write_map(SPACE, &pairs))
}

#[test]
fn ordinals_far_apart_answer_as_dense_ones() {
    let mut random = Random::seeded("far");
    let corpus = corpus(&mut random, 60);
    let to = |vno: u32| 2_000_000 + 7_919 * vno;
    let (section, map) = far(&corpus, to);
    let mut shard = Shard::new(SPACE, corpus.dims, to(corpus.rows.len() as u32));
    shard.apply_chunks(section).unwrap();
    shard.apply_vectors(corpus.vectors(0, corpus.contents.len())).unwrap();
    shard.apply_map(&map).unwrap();
    let (text, vectors) = (shard.seal_text(), shard.seal_vectors());
    attach(&mut shard, text, vectors);
    shard.clear_mem();
    let (mut dense, view) = (corpus.in_memory(), corpus.all());
    let far_view: Vec<u32> = view.iter().copied().map(to).collect();
    for _ in 0..20 {
        let ask = Ask::random(&mut random, &corpus);
        let mut want = ask.of(&mut dense, &view, None);
        want.iter_mut().for_each(|answer| answer.vno = to(answer.vno));
        assert_eq!(ask.of(&mut shard, &far_view, None), want, "{ask:?}");
    }
}

#[test]
fn an_ordinal_far_beyond_those_that_exist_is_damage() {
    let row = |vno| chunks::build(&[TestRow { vno, doc: "d", path: "T", text: "hot" }]);
    let mut shard = Shard::new(SPACE, 1, 5_000_000);
    assert_eq!(shard.apply_chunks(row(5_000_000 + (1 << 20))).unwrap_err().code, Code::Corrupt);
    assert_eq!(shard.apply_map(&write_map(SPACE, &[(NONE, 0)])).unwrap_err().code, Code::Corrupt);
    assert_eq!(shard.apply_map(&write_map(SPACE, &[(0, NONE)])).unwrap_err().code, Code::Corrupt);
    let content = vectors::build(SPACE, 1 << 30, &[("a", vec![1.0])]);
    assert_eq!(shard.apply_vectors(content).unwrap_err().code, Code::Corrupt);
    shard.apply_chunks(row(5_000_000)).unwrap();
    assert_eq!((shard.text_of(5_000_000).unwrap(), shard.content_count()), ("hot", 0));
}
