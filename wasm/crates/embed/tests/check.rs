//! The reader against the model's check vectors and its written rules.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use aetherv_embed::{Scratch, Table};

fn embed(table: &Table, text: &str) -> Vec<f32> {
    let mut out = vec![7.0; table.dims()];
    table.embed(text, &mut Scratch::default(), &mut out);
    out
}

fn worst(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max)
}

/// The model page's rules once more, as plainly as they read: strings, a map, one dimension after the other.
fn plain(vocab: &[String], asset: &[u8], text: &str) -> Vec<f32> {
    use std::collections::{BTreeMap, HashMap};
    let rows: HashMap<&str, usize> = vocab.iter().enumerate().map(|(i, p)| (p.as_str(), i)).collect();
    let float = |at: usize| f32::from_le_bytes(asset[at..at + 4].try_into().unwrap());
    let mut counts: BTreeMap<usize, u32> = BTreeMap::new();
    for word in text.to_lowercase().split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit())) {
        let (mut rest, mut found) = (word, Vec::new());
        while !rest.is_empty() && word.len() <= 100 {
            let mark = if rest.len() < word.len() { "##" } else { "" };
            let hit = (1..=rest.len()).rev().find_map(|n| Some((n, *rows.get(&*format!("{mark}{}", &rest[..n]))?)));
            let Some((n, row)) = hit else {
                found.clear();
                break;
            };
            found.push(row);
            rest = &rest[n..];
        }
        found.into_iter().for_each(|row| *counts.entry(row).or_default() += 1);
    }
    let mut v = vec![0.0_f32; 256];
    for (row, tf) in counts {
        let w = f64::from(1 + tf.min(63)).ln() as f32 * float(36 + 4 * usize::from(asset[1060 + row]));
        for (k, v) in v.iter_mut().enumerate() {
            let byte = asset[1060 + vocab.len() + row * 64 + k / 4];
            let code = usize::from(byte >> (k % 4 * 2) & 3);
            *v += w * float(20 + 4 * code);
        }
    }
    let mut lanes = [0.0_f32; 4];
    v.iter().enumerate().for_each(|(k, x)| lanes[k % 4] += x * x);
    let sum = ((lanes[0] + lanes[1]) + lanes[2]) + lanes[3];
    if sum > 0.0 {
        let z = 1.0 / sum.sqrt();
        v.iter_mut().for_each(|x| *x *= z);
    }
    v
}

#[test]
fn five_check_vectors() {
    let table = Table::open(common::shipped()).unwrap();
    assert_eq!((table.rows(), table.dims()), (27_558, 256));
    let lines: Vec<&str> = include_str!("check-5.txt").lines().collect();
    assert_eq!(lines.len(), 10);
    for pair in lines.chunks(2) {
        let want: Vec<f32> = pair[1].split(' ').map(|n| n.parse().unwrap()).collect();
        let off = worst(&embed(&table, pair[0]), &want);
        assert!(off <= 2e-6, "{off:e} for {}", pair[0]);
    }
}

/// The text of a line `{"t": "..."}`.
fn text_of(line: &str) -> String {
    let body = line.split_once("\"t\": \"").unwrap().1.strip_suffix("\"}").unwrap();
    let (mut out, mut units, mut rest) = (String::new(), Vec::new(), body.chars());
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match rest.next().unwrap() {
            'u' => {
                let hex: String = rest.by_ref().take(4).collect();
                units.push(u16::from_str_radix(&hex, 16).unwrap());
                if let Ok(s) = String::from_utf16(&units) {
                    out.push_str(&s);
                    units.clear();
                }
            }
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            c => out.push(c),
        }
    }
    out
}

#[test]
fn all_fifty_check_vectors() {
    let folder = common::data().join("models/aether-static-256x2");
    let read = |name: &str| std::fs::read_to_string(folder.join(name));
    let (Ok(texts), Ok(vectors)) = (read("check.jsonl"), read("check.json")) else {
        eprintln!("skipped: no check.jsonl in {}; set AETHERV_DATA", folder.display());
        return;
    };
    let asset = common::shipped();
    let vocab: Vec<String> = read("vocab.txt").unwrap().lines().map(String::from).collect();
    let table = Table::open(asset.clone()).unwrap();
    let vectors: Vec<Vec<f32>> = vectors
        .trim()
        .trim_start_matches("[[")
        .trim_end_matches("]]")
        .split("],")
        .map(|v| v.trim().trim_start_matches('[').split(',').map(|n| n.trim().parse().unwrap()).collect())
        .collect();
    let texts: Vec<String> = texts.lines().map(text_of).collect();
    assert_eq!((texts.len(), vectors.len()), (50, 50));
    let mut off = 0.0_f32;
    for (text, want) in texts.iter().zip(&vectors) {
        let got = embed(&table, text);
        off = off.max(worst(&got, want));
        if text.is_ascii() {
            assert_eq!(got, plain(&vocab, &asset, text), "bit for bit: {text}");
        }
    }
    assert!(off <= 2e-6, "{off:e}");
    eprintln!("50 check vectors: largest difference {off:e}");
}

#[test]
fn nothing_known_gives_zeros() {
    let table = Table::open(common::shipped()).unwrap();
    for text in ["", " \n\t.,-", "日本語", "Привет мир", "\u{301}", &"a".repeat(101)] {
        assert_eq!(embed(&table, text), vec![0.0; 256], "{text}");
    }
    let mut out = [1.0; 8];
    assert_eq!(table.embed("known words", &mut Scratch::default(), &mut out), 0);
    assert_eq!(out, [0.0; 8]);
}

#[test]
fn case_marks_and_other_scripts_make_no_difference() {
    let table = Table::open(common::shipped()).unwrap();
    let want = embed(&table, "the cafe in angstrom is naive");
    for text in [
        "THE Café, in Ångström is naïve",
        "the cafe\u{301} in A\u{30a}ngstro\u{308}m \u{301}— is na\u{308}\u{131}\u{308}i\u{308}ve",
    ] {
        let got = embed(&table, text);
        let same = got == want;
        assert_eq!(same, !text.contains('\u{131}'), "{text}"); // a dotless i has no base and cuts the word
    }
    assert_eq!(embed(&table, "vector 数据库 database"), embed(&table, "vector database"));
    assert_eq!(embed(&table, "250 K"), embed(&table, "250 k"));
}

#[test]
fn counts_are_logarithmic_and_capped() {
    let table = Table::open(common::shipped()).unwrap();
    let at = |n: usize| embed(&table, &format!("boundary {}", "layer ".repeat(n)));
    assert_eq!(at(63), at(64));
    assert_eq!(at(63), at(5000));
    assert_ne!(at(62), at(63));
    assert_ne!(at(1), at(2));
}

#[test]
fn one_scratch_for_many_texts_and_tables() {
    let table = Table::open(common::shipped()).unwrap();
    let other = Table::open(common::small("a\nb\n##a\n")).unwrap();
    let mut scratch = Scratch::default();
    let (mut out, mut small) = ([0.0; 256], [0.0; 32]);
    for text in ["first text with many words", "", "second", "first text with many words"] {
        table.embed(text, &mut scratch, &mut out);
        assert_eq!(out.to_vec(), embed(&table, text));
        assert_eq!(other.embed("a b aa ab x", &mut scratch, &mut small), 4);
        assert_eq!(small.to_vec(), embed(&other, "a b aa"));
    }
}

#[test]
fn a_megabyte_of_text() {
    let table = Table::open(common::shipped()).unwrap();
    let vocab = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../src/embed/aether-static-256x2/vocab.txt"),
    )
    .unwrap();
    let words: Vec<&str> = vocab.lines().filter(|w| !w.starts_with("##")).collect();
    let all = words.join(" ");
    let text = all.repeat(1 + (1 << 20) / all.len());
    let mut out = vec![0.0; 256];
    let count = table.embed(&text, &mut Scratch::default(), &mut out);
    assert!(count as usize >= 5 * words.len());
    let length: f32 = out.iter().map(|x| x * x).sum();
    assert!((length - 1.0).abs() < 1e-5);
    let long = embed(&table, &"x".repeat(1 << 20));
    assert_eq!(long, vec![0.0; 256]);
}
