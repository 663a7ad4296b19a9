//! The stemmer against rust-stemmers 1.2.0, which is compiled from Snowball's english.sbl of the classic form.
//!
//! No deviation is known: both agree on every word tried. (Snowball 3.0 of 2025 changed the algorithm, for
//! example more prefixes and exceptions; that newer form is not meant here.)

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

use rust_stemmers::{Algorithm, Stemmer};

const WORDS: &str = include_str!("stem-words.txt");

fn ours(word: &str) -> String {
    let mut bytes = word.as_bytes().to_vec();
    let len = aetherv_text::stem::stem(&mut bytes);
    bytes.truncate(len);
    String::from_utf8(bytes).unwrap()
}

fn check<'a>(words: impl Iterator<Item = &'a str>) -> usize {
    let oracle = Stemmer::create(Algorithm::English);
    let mut n = 0;
    for word in words.filter(|w| w.is_ascii()) {
        assert_eq!(ours(word), oracle.stem(word), "{word}");
        n += 1;
    }
    n
}

#[test]
fn words_for_every_rule() {
    assert!(check(WORDS.split_whitespace()) > 400);
}

#[test]
fn known_stems() {
    for (word, stem) in [
        ("skis", "ski"),
        ("skies", "sky"),
        ("dying", "die"),
        ("news", "news"),
        ("inning", "inning"),
        ("consistency", "consist"),
        ("knightly", "knight"),
        ("ties", "tie"),
        ("cries", "cri"),
        ("gas", "gas"),
        ("gaps", "gap"),
        ("hopping", "hop"),
        ("hoping", "hope"),
        ("generously", "generous"),
        ("by", "by"),
        ("say", "say"),
        ("communism", "communism"),
        ("arsenal", "arsenal"),
        ("luxuriated", "luxuri"),
        ("as", "as"),
    ] {
        assert_eq!(ours(word), stem);
    }
    assert_eq!(ours("größen"), "größen");
}

#[test]
fn stems_joined_from_parts() {
    // Every suffix of the rules, and pairs of them, behind beginnings of many shapes.
    let heads = [
        "", "a", "b", "y", "ay", "by", "bay", "abl", "cre", "gener", "commun", "arsen", "hop", "hopp", "fil", "troubl",
        "siz", "ed", "lux", "yacht", "sky", "inst", "comp", "radic", "organ", "bow", "box", "lov", "xyz1",
    ];
    let tails = [
        "", "s", "ss", "us", "sses", "ies", "ied", "eed", "eedly", "ed", "edly", "ing", "ingly", "y", "ly", "tional",
        "enci", "anci", "abli", "entli", "izer", "ization", "ational", "ation", "ator", "alism", "aliti", "alli",
        "fulness", "ousli", "ousness", "iveness", "iviti", "biliti", "bli", "logi", "ogi", "fulli", "lessli", "li",
        "alize", "icate", "iciti", "ical", "ful", "ness", "ative", "al", "ance", "ence", "er", "ic", "able", "ible",
        "ant", "ement", "ment", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "sion", "tion", "ion", "e", "ll", "l",
        "'", "'s", "'s'", "at", "bb", "gg", "iz", "ow",
    ];
    let mut all = Vec::new();
    for head in heads {
        for first in tails {
            for second in tails {
                all.push(format!("{head}{first}{second}"));
                all.push(format!("'{head}{first}{second}"));
            }
        }
    }
    assert!(check(all.iter().map(String::as_str)) > 300_000);
}

#[test]
fn vocabulary_of_the_embedder() {
    let data = std::env::var("AETHERV_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared").into());
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../src/embed").to_string();
    let file = [data + "/models", own]
        .iter()
        .find_map(|f| std::fs::read_to_string(format!("{f}/aether-static-256x2/vocab.txt")).ok());
    match file {
        Some(vocab) => assert!(check(vocab.lines().map(|w| w.trim_start_matches('#'))) > 27_000),
        None => eprintln!("skipped: no vocab.txt; set AETHERV_DATA"),
    }
}
