//! Speed of the analyzer on the host: `cargo test --release -- --ignored --nocapture speed`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

use std::time::Instant;

#[test]
#[ignore = "a measurement, not a check"]
fn speed() {
    let data = std::env::var("AETHERV_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared").into());
    let text = match std::env::var("AETHERV_SPEED_TEXT") {
        Ok(path) => std::fs::read_to_string(path).unwrap(),
        Err(_) => {
            std::fs::read_to_string(data + "/anchors/embedders.md").unwrap_or_else(|_| "some words ".repeat(9000))
        }
    };
    let text = text.repeat(1 + 8_000_000 / text.len());
    let mut analyzer = aetherv_text::Analyzer::new();
    for _ in 0..3 {
        let (begin, mut n) = (Instant::now(), 0_usize);
        analyzer.terms(aetherv_text::Language::ENGLISH, &text, |t| n += t.term.len());
        let s = begin.elapsed().as_secs_f64();
        let begin = Instant::now();
        let mut words = 0_usize;
        aetherv_text::tokens(&text, |_| words += 1);
        let t = begin.elapsed().as_secs_f64();
        let mb = text.len() as f64 / 1e6;
        eprintln!("terms {:.0} MB/s, tokens alone {:.0} MB/s ({words} words, {n} bytes of stems)", mb / s, mb / t);
    }
}
