//! Speed of the embedder on the host: `cargo test --release -p aetherv-embed -- --ignored --nocapture speed`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use aetherv_embed::{Scratch, Table};
use std::time::Instant;

#[test]
#[ignore = "a measurement, not a check"]
fn speed() {
    let asset = common::shipped();
    let begin = Instant::now();
    let table = Table::open(asset).unwrap();
    eprintln!("open: {:.2} ms", begin.elapsed().as_secs_f64() * 1e3);
    // Sentences of about 120 characters from the check texts.
    let texts = include_str!("check-5.txt").lines().step_by(2).collect::<Vec<_>>().join(" ").to_lowercase();
    let more = std::fs::read_to_string(common::data().join("models/aether-static-256x2/check.jsonl")).unwrap_or(texts);
    let mut sentences = vec![String::new()];
    for word in more.split_whitespace().filter(|w| w.is_ascii()) {
        let last = sentences.last_mut().unwrap();
        last.push_str(word);
        last.push(' ');
        if last.len() >= 118 {
            sentences.push(String::new());
        }
    }
    sentences.pop();
    let (mut scratch, mut out) = (Scratch::default(), vec![0.0; table.dims()]);
    let chars = sentences.iter().map(String::len).sum::<usize>() as f64 / sentences.len() as f64;
    for _ in 0..3 {
        let (begin, mut n, mut pieces) = (Instant::now(), 0_u32, 0_u32);
        while begin.elapsed().as_secs_f64() < 0.7 {
            for sentence in &sentences {
                pieces += table.embed(sentence, &mut scratch, &mut out);
                n += 1;
            }
        }
        let rate = f64::from(n) / begin.elapsed().as_secs_f64();
        eprintln!("{rate:.0} sentences/s of {chars:.0} characters, {:.1} pieces", f64::from(pieces) / f64::from(n));
    }
}
