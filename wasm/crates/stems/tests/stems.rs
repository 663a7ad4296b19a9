//! The stemmers against vectors of Snowball's own Python port (snowballstemmer 3.1.1, 14 words each), and against nonsense.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

use aetherv_stems::stem;

const VECTORS: &str = include_str!("vectors.txt");

#[test]
fn words_have_the_stems_of_snowball() {
    for line in VECTORS.lines() {
        let mut fields = line.split(' ');
        let language = fields.next().unwrap().parse().unwrap();
        for (word, want) in fields.map(|pair| pair.split_once('=').unwrap()) {
            let got = stem(language, word);
            assert!(got == want || got.is_empty(), "{language} {word}: {got}, not {want}");
        }
    }
    assert_eq!(VECTORS.lines().count(), 18);
}

#[test]
fn light_stems() {
    for (language, forms) in [
        (2, ["البركان", "وبركانها"]),
        (5, ["městech", "města"]),
        (20, ["książkach", "książkami"]),
        (24, ["градова", "града"]),
        (28, ["книгами", "книга"]),
        (31, ["градовете", "градове"]),
        (10, ["کتابها", "کتابهای"]),
    ] {
        assert_eq!(stem(language, forms[0]), stem(language, forms[1]), "{language}");
    }
}

#[test]
fn stop_words_have_no_stem() {
    for (language, word) in [(7, "und"), (12, "dans"), (23, "который"), (30, "của"), (13, "में"), (2, "التي")]
    {
        assert_eq!(stem(language, word), "", "{word}");
    }
}

#[test]
fn nonsense_is_stemmed_without_a_trap() {
    let letters: Vec<char> =
        "aeiouyäöüßéèçñãõăâîșțğışløæåąęłżźćńśőűěřůαεηιουωςάабвгдеиоуыэюяьъёіїєاويةىءأإآتنكهिीुूेैोौंःकखगमनरலகாி'-"
            .chars()
            .collect();
    let mut seed = 7_u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize
    };
    for _ in 0..40_000 {
        let word: String = (0..next() % 18).map(|_| letters[next() % letters.len()]).collect();
        for language in 0..34 {
            assert!(stem(language, &word).len() <= 512);
        }
    }
    for language in 0..34 {
        for letter in ["a", "é", "я", "ا", "क", "ி", "ß"] {
            assert!(stem(language, &letter.repeat(64)).len() <= 512);
        }
    }
}
