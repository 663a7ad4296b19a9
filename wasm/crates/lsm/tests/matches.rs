//! The rows that clauses match are those that a search by words finds, and a text's words are known as the view knows them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use aetherv_core::Bits;
use aetherv_core::Code;
use aetherv_lsm::clause::{Clause, Occur};
use aetherv_lsm::{Collapse, Query, Shard};
use common::{Corpus, Part, Random, Row, bits, corpus};

fn clauses(parts: &[Part]) -> Vec<Clause<'_>> {
    let clause = |p: &'_ Part| (p.occur, p.kind, p.fields, p.boost);
    parts
        .iter()
        .map(|p| {
            let (occur, kind, fields, boost) = clause(p);
            Clause { occur, kind, fields, boost, text: &p.text }
        })
        .collect()
}

#[test]
fn rows_that_match_are_those_that_a_search_finds() {
    let mut random = Random::seeded("matches");
    for case in 0..60 {
        let size = [1, 40, 160][random.below(3)];
        let corpus = corpus(&mut random, size);
        let mut shard = corpus.scattered(&mut random);
        for _ in 0..6 {
            let seen: Vec<u32> = corpus.all().into_iter().filter(|_| random.chance(80)).collect();
            let narrow: Vec<u32> = seen.iter().copied().filter(|_| random.chance(60)).collect();
            let view = shard.add_view(bits(&seen));
            let mask = random.chance(50).then(|| shard.add_view(bits(&narrow)));
            let mut parts: Vec<Part> = (0..1 + random.below(3)).map(|_| Part::random(&mut random)).collect();
            parts.push(Part::words("hot"));
            let asked = clauses(&parts);
            let query = Query { mask, k: usize::MAX, collapse: Collapse::None, ..Query::new(view, &asked) };
            let mut want: Vec<u32> = shard.search(&query).unwrap().1.iter().map(|found| found.vno).collect();
            want.sort_unstable();
            let found = Bits::from_words(shard.matches(view, mask, &asked).unwrap());
            assert_eq!(found.iter().collect::<Vec<_>>(), want, "case {case}: {parts:?}");
        }
    }
}

fn row(doc: &str, text: &str) -> Row {
    Row { doc: doc.to_owned(), path: "T".to_owned(), text: text.to_owned(), content: None }
}

fn small() -> Shard {
    let rows = vec![row("a", "hot reloading module"), row("b", "cold start"), row("c", "zebra start")];
    Corpus { dims: 2, rows, contents: Vec::new() }.in_memory()
}

#[test]
fn clauses_that_look_for_nothing_leave_everything_that_they_do_not_forbid() {
    let mut shard = small();
    let view = shard.add_view(bits(&[0, 1, 2]));
    let not = Clause { occur: Occur::Not, ..Clause::words("start") };
    let zero = Clause { boost: 0.0, ..Clause::words("zebra") };
    let mut rows = |clauses: &[Clause<'_>]| {
        Bits::from_words(shard.matches(view, None, clauses).unwrap()).iter().collect::<Vec<u32>>()
    };
    assert_eq!(rows(&[]), [0, 1, 2]);
    assert_eq!(rows(&[Clause::words("the of")]), [0, 1, 2]);
    assert_eq!(rows(&[not]), [0]);
    assert_eq!(rows(&[zero]), [2]);
    assert_eq!(rows(&[Clause::words("nowhere")]), []);
    assert_eq!(shard.matches(99, None, &[]).unwrap_err().code, Code::Internal);
}

#[test]
fn words_of_a_text_are_known_with_their_places() {
    let mut shard = small();
    let view = shard.add_view(bits(&[0, 1]));
    // The words, not the stop word; 1 is held, 2 begins something at the end of the text.
    assert_eq!(shard.words(view, "the 😀 Hot zebra", true).unwrap(), [7, 10, 1, 11, 16, 0]);
    assert_eq!(shard.words(view, "rel", true).unwrap(), [0, 3, 2]);
    assert_eq!(shard.words(view, "reload", true).unwrap(), [0, 6, 3]);
    assert_eq!(shard.words(view, "reload", false).unwrap(), [0, 6, 1]);
    assert_eq!(shard.words(view, "rel ", true).unwrap(), [0, 3, 0]);
    assert_eq!(shard.words(view, "reloadxyz", true).unwrap(), [0, 9, 2]);
    assert_eq!(shard.words(view, "of the", true).unwrap(), []);
    assert_eq!(shard.words(view, "", true).unwrap(), []);
}

#[test]
fn completions_are_words_of_the_view() {
    let mut shard = small();
    let view = shard.add_view(bits(&[0, 1, 2]));
    let mut words = |text: &str, most| {
        let found = shard.completions(view, text, most).unwrap();
        found.into_iter().map(|c| (c.word, c.rows)).collect::<Vec<_>>()
    };
    assert_eq!(words("hot re", 5), [("reloading".to_owned(), 1)]);
    assert_eq!(words("st", 5), [("start".to_owned(), 2)]);
    assert_eq!(words("", 5), []);
    assert_eq!(words("xyz", 5), []);
    assert_eq!(words("s", 0), []);
}
