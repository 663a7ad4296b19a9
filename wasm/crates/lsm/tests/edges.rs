//! The corners of a search: zero vectors, wrong vectors, empty views, large k, rows without a vector, narrow masks.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use aetherv_core::Code;
use aetherv_lsm::{Clause, Query, Shard};
use common::{Ask, Corpus, Part, Row, SPACE, bits};

fn row(doc: &str, text: &str, content: Option<usize>) -> Row {
    Row { doc: doc.to_owned(), path: "T".to_owned(), text: text.to_owned(), content }
}

fn ask(text: &str, vector: &[f32], k: usize) -> Ask {
    let (clauses, vector) = (vec![Part::words(text)], vector.to_vec());
    Ask { clauses, vector, lexical: true, dense: true, weight: 0.5, k, collapse: 2 }
}

/// Three rows: east, north, and one whose content is a zero vector.
fn small() -> Corpus {
    Corpus {
        dims: 2,
        rows: vec![row("a", "hot reload", Some(0)), row("b", "cold start", Some(1)), row("c", "zebra", Some(2))],
        contents: vec![vec![1.0, 0.0], vec![0.0, 1.0], vec![0.0, 0.0]],
    }
}

fn vnos(ask: &Ask, shard: &mut Shard, view: &[u32], mask: Option<&[u32]>) -> Vec<u32> {
    ask.of(shard, view, mask).iter().map(|a| a.vno).collect()
}

fn code_of(shard: &mut Shard, vector: &[f32]) -> Code {
    let view = shard.add_view(bits(&[0, 1, 2]));
    let clauses = [Clause::words("hot")];
    let query = Query { vector, dense: true, ..Query::new(view, &clauses) };
    shard.search(&query).unwrap_err().code
}

#[test]
fn a_vector_that_is_no_query_is_refused_by_its_own_code() {
    let mut shard = small().in_memory();
    assert_eq!(code_of(&mut shard, &[f32::NAN, 0.0]), Code::NonFinite);
    assert_eq!(code_of(&mut shard, &[1.0, f32::INFINITY]), Code::NonFinite);
    assert_eq!(code_of(&mut shard, &[1.0, 0.0, 0.0]), Code::DimMismatch);
    assert_eq!(code_of(&mut shard, &[1.0]), Code::DimMismatch);
    // Refused queries leave nothing behind.
    assert_eq!(vnos(&ask("hot", &[1.0, 0.0], 1), &mut shard, &[0, 1, 2], None), [0]);
}

#[test]
fn a_handle_that_was_never_given_or_was_dropped_is_an_error() {
    let mut shard = small().in_memory();
    let view = shard.add_view(bits(&[0]));
    shard.drop_view(view);
    for (view, mask) in [(view, None), (77, None), (u32::MAX, None)] {
        let clauses = [Clause::words("hot")];
        let query = Query { mask, ..Query::new(view, &clauses) };
        assert_eq!(shard.search(&query).unwrap_err().code, Code::Internal);
    }
}

#[test]
fn a_zero_query_leaves_bm25_alone_and_finds_nothing_without_words() {
    let mut shard = small().in_memory();
    let all = [0, 1, 2];
    let zero = ask("cold", &[0.0, 0.0], 5).of(&mut shard, &all, None);
    assert_eq!(zero, ask("cold", &[], 5).of(&mut shard, &all, None));
    assert_eq!((zero.len(), zero[0].vno, zero[0].score), (1, 1, zero[0].lexical));
    assert!(ask("", &[0.0, 0.0], 5).of(&mut shard, &all, None).is_empty());
    assert!(ask("the of", &[], 5).of(&mut shard, &all, None).is_empty());
}

#[test]
fn a_zero_row_scores_zero_and_never_nan() {
    let mut shard = small().in_memory();
    let found = ask("", &[0.6, 0.8], 5).of(&mut shard, &[0, 1, 2], None);
    assert_eq!(found.iter().map(|a| a.vno).collect::<Vec<_>>(), [1, 0, 2]);
    assert_eq!((found[2].score, found[2].cosine), (0, 0));
}

#[test]
fn an_empty_view_or_mask_finds_nothing() {
    let mut shard = small().in_memory();
    let both = ask("hot cold zebra", &[1.0, 0.0], 5);
    assert!(both.of(&mut shard, &[], None).is_empty());
    assert!(both.of(&mut shard, &[0, 1, 2], Some(&[])).is_empty());
    assert!(both.of(&mut Shard::new(SPACE, 2, 0), &[0, 1], None).is_empty());
}

#[test]
fn k_beyond_everything_gives_everything() {
    let mut shard = small().in_memory();
    for k in [3, 4, 1_000_000, usize::MAX] {
        assert_eq!(vnos(&ask("hot", &[1.0, 0.0], k), &mut shard, &[0, 1, 2], None).len(), 3, "{k}");
    }
}

#[test]
fn a_mask_that_leaves_one_row_finds_it_and_scores_with_the_whole_view() {
    let mut shard = small().in_memory();
    let whole = ask("zebra hot", &[], 5).of(&mut shard, &[0, 1, 2], None);
    let one = ask("zebra hot", &[], 5).of(&mut shard, &[0, 1, 2], Some(&[2]));
    assert_eq!(one.len(), 1);
    assert_eq!(one[0], *whole.iter().find(|answer| answer.vno == 2).unwrap());
}

#[test]
fn rows_without_a_vector_are_found_by_their_words_with_cosine_zero() {
    let mut corpus = small();
    corpus.rows.push(row("d", "hot hot hot", None));
    let mut shard = corpus.in_memory();
    let found = ask("hot", &[0.0, 1.0], 9).of(&mut shard, &[0, 1, 2, 3], None);
    let late = found.iter().find(|a| a.vno == 3).unwrap();
    assert_eq!((late.cosine, f32::from_bits(late.score)), (0, 0.5));
    // Nothing but the vector to go by: it is no candidate.
    let mut dense = ask("hot", &[0.0, 1.0], 9);
    dense.lexical = false;
    dense.vector = vec![0.6, 0.8];
    assert_eq!(vnos(&dense, &mut shard, &[0, 1, 2, 3], None), [1, 0, 2]);
}

#[test]
fn a_vector_that_comes_late_or_for_another_space_changes_only_its_own() {
    let corpus = small();
    let mut shard = Shard::new(SPACE, 2, 0);
    shard.apply_chunks(corpus.chunks(&[0, 1, 2])).unwrap();
    shard.apply_vectors(aetherv_segment::vectors::build(SPACE + 1, 0, &[("x", vec![0.5; 7])])).unwrap();
    shard.apply_map(&aetherv_segment::vectors::write_map(SPACE + 1, &[(0, 0)])).unwrap();
    assert_eq!((shard.content_count(), shard.content_of(0)), (0, aetherv_lsm::rows::NONE));
    shard.apply_vectors(corpus.vectors(0, 3)).unwrap();
    shard.apply_map(&corpus.map(&[0, 1, 2])).unwrap();
    let question = ask("hot", &[0.6, 0.8], 3);
    assert_eq!(question.of(&mut shard, &[0, 1, 2], None), question.of(&mut corpus.in_memory(), &[0, 1, 2], None));
}

#[test]
fn stored_vectors_of_other_dimensions_or_with_a_gap_are_refused() {
    let corpus = small();
    let mut shard = corpus.in_memory();
    let wrong = aetherv_segment::vectors::build(SPACE, 3, &[("x", vec![1.0, 0.0, 0.0])]);
    assert_eq!(shard.apply_vectors(wrong).unwrap_err().code, Code::DimMismatch);
    let gap = aetherv_segment::vectors::build(SPACE, 9, &[("y", vec![1.0, 0.0])]);
    assert_eq!(shard.apply_vectors(gap).unwrap_err().code, Code::Internal);
}

/// Regression: 130 sections whose rows all point away from the query; one of them also has a row without a vector. That
/// row counted as cosine 0 and made its section the best, but only when k was so large that all sections were scored.
#[test]
fn the_best_section_is_the_same_for_every_k() {
    let mut corpus = Corpus { dims: 2, rows: Vec::new(), contents: Vec::new() };
    for n in 0..130 {
        let angle = 0.5 + n as f32 / 100.0;
        corpus.contents.push(vec![-angle.sin(), -angle.cos()]);
        corpus.rows.push(row(&format!("d{n}"), "first", Some(n)));
    }
    let worst = (0..130).min_by(|&a, &b| corpus.contents[a][0].total_cmp(&corpus.contents[b][0])).unwrap();
    corpus.rows.push(row(&format!("d{worst}"), "second", None));
    let mut shard = corpus.in_memory();
    let best = |k: usize, shard: &mut Shard| {
        let mut dense = ask("", &[1.0, 0.0], k);
        (dense.lexical, dense.collapse) = (false, 0);
        dense.of(shard, &corpus.all(), None)[0]
    };
    assert_eq!(best(5, &mut shard), best(131, &mut shard));
}

/// Regression: a query so long that its norm overflows made the error bound infinite, and the search never ended.
#[test]
fn a_query_of_huge_finite_values_ends() {
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let found = ask("", &[1e30, 0.0], 5).of(&mut small().in_memory(), &[0, 1, 2], None);
        done.send(found.len())
    });
    let found = wait.recv_timeout(std::time::Duration::from_secs(5));
    assert!(found.is_ok(), "no answer after 5 s");
}
