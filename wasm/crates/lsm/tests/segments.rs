//! Sealed pieces answer as the memtable did, also when more is written after them; damaged ones are refused.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use aetherv_core::Code;
use aetherv_lsm::clause::write_all;
use aetherv_lsm::{Clause, Shard};
use common::{Ask, Corpus, Random, SPACE, attach, corpus, flush};

/// What a shard answers to some questions.
fn answers(shard: &mut Shard, asks: &[Ask], view: &[u32]) -> Vec<Vec<common::Answer>> {
    asks.iter().map(|ask| ask.of(shard, view, None)).collect()
}

fn questions(random: &mut Random, corpus: &Corpus) -> Vec<Ask> {
    (0..5).map(|_| Ask::random(random, corpus)).collect()
}

#[test]
fn sealing_attaching_and_clearing_change_no_answer_and_no_text() {
    let mut random = Random::seeded("seal");
    for _ in 0..30 {
        let corpus = corpus(&mut random, 60);
        let asks = questions(&mut random, &corpus);
        let mut shard = corpus.in_memory();
        let before = answers(&mut shard, &asks, &corpus.all());
        flush(&mut shard);
        assert_eq!(shard.mem_bytes(), 0);
        assert_eq!(answers(&mut shard, &asks, &corpus.all()), before);
        for (vno, row) in corpus.rows.iter().enumerate() {
            let vno = vno as u32;
            assert_eq!(
                (shard.text_of(vno).unwrap(), shard.path_of(vno).unwrap()),
                (row.text.as_str(), row.path.as_str())
            );
            assert_eq!(shard.content_of(vno), row.content.map_or(u32::MAX, |cno| cno as u32));
        }
        assert!(shard.text_of(corpus.rows.len() as u32).is_err());
    }
}

#[test]
fn a_second_round_of_writes_after_a_flush_answers_as_one_memtable_would() {
    let mut random = Random::seeded("rounds");
    for _ in 0..30 {
        let corpus = corpus(&mut random, 60);
        let asks = questions(&mut random, &corpus);
        let want = answers(&mut corpus.in_memory(), &asks, &corpus.all());
        let mut shard = Shard::new(SPACE, corpus.dims, 0);
        let all = corpus.all();
        let mut contents = 0;
        for vnos in all.chunks(17) {
            let used = vnos.iter().filter_map(|&vno| corpus.rows[vno as usize].content);
            let end = used.max().map_or(contents, |last| contents.max(last + 1));
            corpus.apply(&mut shard, vnos, contents, end);
            contents = end;
            flush(&mut shard);
        }
        assert_eq!(answers(&mut shard, &asks, &all), want);
        // Nothing new: nothing to seal.
        assert!(shard.seal_text().is_empty() && shard.seal_vectors().is_empty());
    }
}

#[test]
fn the_same_rows_sealed_again_from_segments_of_a_stage_have_the_same_bytes() {
    let mut random = Random::seeded("bytes");
    let corpus = corpus(&mut random, 50);
    let (one, two) = (corpus.in_memory(), corpus.in_memory());
    assert_eq!(one.seal_text(), two.seal_text());
    assert_eq!(one.seal_vectors(), two.seal_vectors());
}

#[test]
fn a_vector_segment_with_a_map_alone_gives_old_contents_to_new_rows() {
    let mut random = Random::seeded("map");
    let corpus = corpus(&mut random, 30);
    let all = corpus.all();
    let (first, second) = all.split_at(all.len() / 2);
    let mut shard = Shard::new(SPACE, corpus.dims, 0);
    corpus.apply(&mut shard, first, 0, corpus.contents.len());
    flush(&mut shard);
    corpus.apply(&mut shard, second, 0, 0);
    flush(&mut shard);
    let asks = questions(&mut random, &corpus);
    let want = answers(&mut corpus.in_memory(), &asks, &all);
    assert_eq!(answers(&mut shard, &asks, &all), want);
}

/// Attaches a damaged segment and asks everything of it; a panic fails the test.
fn survives(corpus: &Corpus, asks: &[Ask], text: &[u8], vectors: &[u8]) -> Option<Vec<Vec<common::Answer>>> {
    let mut shard = Shard::new(SPACE, corpus.dims, 0);
    let text = shard.attach_text(1, text.to_vec()).map(|_| ());
    for result in [text, shard.attach_vectors(2, vectors.to_vec())] {
        if let Err(error) = result {
            assert!(!matches!(error.code, Code::Internal), "damage is not a defect of the caller: {error}");
            return None;
        }
    }
    let view = shard.add_view(common::bits(&corpus.all()));
    for vno in corpus.all() {
        let _ = (shard.text_of(vno), shard.path_of(vno), shard.content_of(vno));
        let _ = shard.highlights(view, vno, &write_all(&[Clause::words("hot reload")]));
    }
    Some(answers(&mut shard, asks, &corpus.all()))
}

/// Everything as a text segment, and every second row's content, so that their numbers have gaps, as a vector segment.
fn sealed(corpus: &Corpus) -> (Vec<u8>, Vec<u8>) {
    let shard = corpus.in_memory();
    let second: Vec<u32> = corpus.all().into_iter().step_by(2).collect();
    let vectors = shard.seal_contents(&second);
    assert!(vectors.windows(4).any(|tag| tag == b"Cnos"));
    (shard.seal_text(), vectors)
}

#[test]
fn a_flipped_bit_is_a_typed_error_or_harmless() {
    let mut random = Random::seeded("flips");
    let corpus = corpus(&mut random, 25);
    let asks = questions(&mut random, &corpus);
    let (text, vectors) = sealed(&corpus);
    let want = survives(&corpus, &asks, &text, &vectors).unwrap();
    let mut refused = 0;
    for _ in 0..1_500 {
        let (mut bad_text, mut bad_vectors) = (text.clone(), vectors.clone());
        let bad = if random.chance(50) { &mut bad_text } else { &mut bad_vectors };
        for _ in 0..=random.below(3) {
            let at = random.below(bad.len());
            bad[at] ^= 1 << random.below(8);
        }
        match survives(&corpus, &asks, &bad_text, &bad_vectors) {
            Some(got) => assert_eq!(got, want),
            None => refused += 1,
        }
    }
    assert!(refused > 1_000, "{refused} of 1500 refused");
}

#[test]
fn a_segment_cut_off_or_with_bytes_behind_it_is_refused() {
    let mut random = Random::seeded("cuts");
    let corpus = corpus(&mut random, 10);
    let shard = corpus.in_memory();
    let (text, vectors) = (shard.seal_text(), shard.seal_vectors());
    for _ in 0..200 {
        let mut fresh = Shard::new(SPACE, corpus.dims, 0);
        let cut = random.below(text.len());
        assert_eq!(fresh.attach_text(1, text[..cut].to_vec()).unwrap_err().code, Code::Corrupt);
        let cut = random.below(vectors.len());
        assert_eq!(fresh.attach_vectors(2, vectors[..cut].to_vec()).unwrap_err().code, Code::Corrupt);
    }
    let mut fresh = Shard::new(SPACE, corpus.dims, 0);
    for more in [[text.clone(), vec![0]].concat(), vectors.clone()] {
        assert_eq!(fresh.attach_text(1, more).unwrap_err().code, Code::Corrupt);
    }
    // What was refused left nothing in the way of the good ones.
    attach(&mut fresh, text, vectors);
    let ask = Ask::random(&mut random, &corpus);
    assert_eq!(ask.of(&mut fresh, &corpus.all(), None), ask.of(&mut corpus.in_memory(), &corpus.all(), None));
}

/// Like a flip, but with every checksum made right again: what a bug of a writer or an attacker could store.
#[test]
fn a_segment_with_good_checksums_and_wrong_content_never_panics() {
    let mut random = Random::seeded("forged");
    let corpus = corpus(&mut random, 25);
    let asks = questions(&mut random, &corpus);
    let (text, vectors) = sealed(&corpus);
    for _ in 0..1_500 {
        let (mut bad_text, mut bad_vectors) = (text.clone(), vectors.clone());
        let bad = if random.chance(50) { &mut bad_text } else { &mut bad_vectors };
        forge(&mut random, bad);
        let _ = survives(&corpus, &asks, &bad_text, &bad_vectors);
    }
}

/// Overwrites a few bytes of the sections and repairs the directory's checksums.
fn forge(random: &mut Random, bytes: &mut [u8]) {
    use aetherv_core::bytes::u32_at;
    use aetherv_core::crc::crc32c;
    let count = (u32_at(bytes, 8) >> 16) as usize;
    let directory = 16 + 16 * count;
    for _ in 0..=random.below(3) {
        let entry = 16 + 16 * random.below(count);
        let (start, len) = (u32_at(bytes, entry + 4) as usize, u32_at(bytes, entry + 8) as usize);
        // The head of a section holds its counts: hit it more often.
        // An ordinal of four billion is believed and asks for that much memory, and a scale of NaN for ever more
        // candidates: not what this test is about.
        if [*b"Vmap", *b"Scal"].contains(&[0, 1, 2, 3].map(|i| bytes[entry + i])) {
            continue;
        }
        let near = if random.chance(50) { 32 } else { len };
        let at = random.below(len.min(near));
        let rows = u32_at(bytes, start) as usize;
        let ordinal = bytes[entry..entry + 4] == *b"Chnk" && (16..16 + 4 * rows).contains(&at);
        if len > 0 && !ordinal {
            bytes[start + at] = [0, 1, 0x7f, 0x80, 0xff, random.below(256) as u8][random.below(6)];
        }
        let sum = crc32c(&bytes[start..start + len]);
        bytes[entry + 12..entry + 16].copy_from_slice(&sum.to_le_bytes());
    }
    let sum = crc32c(&bytes[..directory]);
    bytes[directory..directory + 4].copy_from_slice(&sum.to_le_bytes());
}
