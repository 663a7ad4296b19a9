//! Known answers: BM25F of two levels by hand, highlights of what was really matched, corrections of a mistyped word.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use aetherv_lsm::clause::{Kind, write_all};
use aetherv_lsm::{Clause, Collapse, Query, Shard};
use aetherv_segment::chunks::{TestRow, build};
use common::bits;

/// Texts under headings, each row its own number.
fn shard(rows: &[(&str, &str)]) -> (Shard, u32) {
    let mut shard = Shard::new(0, 0, 0);
    let row =
        |(vno, (path, text)): (usize, &(&'static str, &'static str))| TestRow { vno: vno as u32, doc: "d", path, text };
    let rows: Vec<(&'static str, &'static str)> = rows
        .iter()
        .map(|(path, text)| (String::from(*path).leak() as &str, String::from(*text).leak() as &str))
        .collect();
    shard.apply_chunks(build(&rows.iter().enumerate().map(row).collect::<Vec<_>>())).unwrap();
    let all: Vec<u32> = (0..rows.len() as u32).collect();
    let view = shard.add_view(bits(&all));
    (shard, view)
}

#[test]
fn a_score_is_the_sum_that_the_formula_says() {
    let (mut shard, view) = shard(&[("T", "zebra walks"), ("U", "grass"), ("U", "grass")]);
    let clauses = [Clause::words("zebra")];
    let found = shard.search(&Query { collapse: Collapse::None, ..Query::new(view, &clauses) }).unwrap().1;
    // Body: once in 2 terms, 4/3 in the mean; k1 1.6, b 0.7. Sections: once in 2 terms, 2 in the mean.
    let saturated = |norm: f64| 2.6 / norm / (1.6 + 1.0 / norm);
    let chunk = (1.0 + 2.5 / 1.5f64).ln() * saturated(0.3 + 0.7 * 2.0 / (4.0 / 3.0));
    let section = (1.0 + 1.5 / 1.5f64).ln() * saturated(1.0);
    assert_eq!((found.len(), found[0].vno), (1, 0));
    assert!((f64::from(found[0].chunk) - chunk).abs() < 1e-6, "{} {chunk}", found[0].chunk);
    assert!((f64::from(found[0].section) - section).abs() < 1e-6, "{} {section}", found[0].section);
    // The best of both levels: the score is the chunk's.
    assert_eq!(found[0].lexical, found[0].chunk);
}

#[test]
fn highlights_cover_what_each_kind_of_clause_matched() {
    let text = "Reload hot modules; hot reload of the module configuration.";
    let (mut shard, view) = shard(&[("T", text)]);
    let mut marked = |kind: Kind, words: &str| -> Vec<&str> {
        let clauses = write_all(&[Clause { kind, ..Clause::words(words) }]);
        let spans = shard.highlights(view, 0, &clauses).unwrap();
        spans.as_chunks::<2>().0.iter().map(|&[from, to]| &text[from as usize..to as usize]).collect()
    };
    assert_eq!(marked(Kind::Words, "module"), ["modules", "module"]);
    assert_eq!(marked(Kind::Phrase(0), "hot reload"), ["hot", "reload"]);
    assert_eq!(marked(Kind::Phrase(0), "reload of the module"), ["reload", "module"]);
    assert_eq!(marked(Kind::Prefix, "conf"), ["configuration"]);
    assert_eq!(marked(Kind::Fuzzy(None), "confguration relaod"), ["Reload", "reload", "configuration"]);
    assert!(marked(Kind::Phrase(0), "modules reload").is_empty());
}

#[test]
fn corrections_are_words_of_the_view_nearest_first() {
    let (mut shard, view) = shard(&[("T", "branches and branch"), ("T", "brunch"), ("T", "branching")]);
    let found = shard.corrections(view, "bramch", 5).unwrap();
    let seen: Vec<(&str, usize, u32)> = found.iter().map(|c| (c.word.as_str(), c.edits, c.rows)).collect();
    assert_eq!((seen.len(), seen[0].1, seen[0].2), (1, 1, 2));
    assert!(seen[0].0.starts_with("branch"));
    assert_eq!(shard.corrections(view, "brunch", 1).unwrap()[0].edits, 0);
    assert!(
        shard.corrections(view, "", 5).unwrap().is_empty() && shard.corrections(view, "zzzzzz", 5).unwrap().is_empty()
    );
}
