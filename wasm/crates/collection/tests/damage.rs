//! Damaged sections and segments are refused with a typed error, whatever bits are wrong; nothing of them stays.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use aetherv_ann::build::Shape;
use aetherv_ann::codes::Metric;
use aetherv_collection::{Collection, Compactor, Query};
use aetherv_core::{Code, Result};
use aetherv_envelope::{Envelope, KIND_ITEM_VECTORS, KIND_ITEMS, Tag, write};
use common::{Item, METRICS, Random, bits, section};

const SMALL: usize = 6;
const VECTOR_TAGS: [Tag; 6] = [*b"Cnos", *b"Scal", *b"grph", *b"Code", *b"lnks", *b"Rows"];

fn collection(metric: Metric) -> Collection {
    Collection::new(SMALL, metric, Shape::DEFAULT, usize::MAX).unwrap()
}

fn good(metric: Metric, count: u32) -> Vec<u8> {
    let mut random = Random(5);
    let items: Vec<Item> = (0..count).map(|at| Item::new(at, at, &format!("{at}\u{e4}"))).collect();
    section(SMALL, &items, 0, &items.iter().map(|_| random.vector(metric, SMALL)).collect::<Vec<_>>())
}

/// Items segment, and vector segment with a graph.
fn segments(metric: Metric) -> (Vec<u8>, Vec<u8>) {
    let mut guest = collection(metric);
    guest.apply(good(metric, 80)).unwrap();
    let mut job = Compactor::new(SMALL, metric, Shape::DEFAULT, 1).unwrap();
    job.add(guest.seal_vectors().unwrap(), bits(0..80), bits([])).unwrap();
    while job.grow(100).unwrap() > 0 {}
    (guest.seal_items().unwrap(), job.live_segment().unwrap())
}

/// Whatever was taken in answers without a panic; what was refused left nothing.
fn answers(mut guest: Collection, taken: Result<()>, what: &str) {
    match taken {
        Ok(()) => {}
        Err(error) => {
            assert!(matches!(error.code, Code::Corrupt | Code::FormatNewer), "{what}: {error}");
            let info = guest.info();
            assert_eq!((info.items, info.contents), (0, 0), "{what}");
        }
    }
    let view = guest.add_view(bits(0..200));
    let inos = guest.list(view, &[], 0, 1000).unwrap();
    guest.describe(&inos, true, true).unwrap();
    guest.find("0\u{e4}x".as_bytes(), &[3, 4], view).unwrap();
    for exact in [true, false] {
        guest.search(&[0.5; SMALL], &Query { view, filter: &[], k: 5, ef: 10, exact }).unwrap();
    }
    guest.seal_items().unwrap();
    guest.seal_vectors().unwrap();
}

/// Every way to cut a piece short, and many ways to change it.
fn damaged(whole: &[u8], seed: u64) -> Vec<Vec<u8>> {
    let mut random = Random(seed);
    let mut out: Vec<Vec<u8>> = (0..whole.len().min(400)).map(|len| whole[..len].to_vec()).collect();
    for _ in 0..3000 {
        let mut bytes = whole.to_vec();
        let within = if random.below(2) == 0 { whole.len() } else { whole.len().min(64) };
        let at = random.below(within);
        match random.below(4) {
            0 => bytes[at] = 0xff,
            1 => bytes[at] = 0,
            2 => bytes.truncate(at),
            _ => bytes[at] ^= 1 << random.below(8),
        }
        out.push(bytes);
    }
    out.push([whole, &[0]].concat());
    out
}

#[test]
fn a_damaged_section_of_item_versions_is_refused() {
    let whole = good(Metric::Cosine, 9);
    for (at, bytes) in damaged(&whole, 1).into_iter().enumerate() {
        let mut guest = collection(Metric::Cosine);
        let taken = guest.apply(bytes);
        answers(guest, taken, &format!("section {at}"));
    }
}

#[test]
fn damaged_pieces_are_refused_and_so_are_sections_with_right_checksums_that_say_wrong_things() {
    for metric in METRICS {
        let (items, vectors) = segments(metric);
        for bytes in damaged(&items, 2) {
            let mut guest = collection(metric);
            let taken = guest.attach_items(1, bytes);
            answers(guest, taken, "items");
        }
        for bytes in damaged(&vectors, 3) {
            let mut guest = collection(metric);
            let taken = guest.attach_vectors(1, bytes);
            answers(guest, taken, "vectors");
        }
        let section = Envelope::open(items, KIND_ITEMS, &[*b"Item"]).unwrap().section(*b"Item").to_vec();
        for bytes in damaged(&section, 4) {
            let mut guest = collection(metric);
            let taken = guest.attach_items(1, write(KIND_ITEMS, &[(*b"Item", bytes)]));
            answers(guest, taken, "Item");
        }
        let envelope = Envelope::open(vectors, KIND_ITEM_VECTORS, &VECTOR_TAGS).unwrap();
        let parts: Vec<(Tag, Vec<u8>)> =
            VECTOR_TAGS.iter().map(|tag| (*tag, envelope.section(*tag).to_vec())).collect();
        for (which, seed) in (0..parts.len()).zip(5..).filter(|(which, _)| !parts[*which].1.is_empty()) {
            for bytes in damaged(&parts[which].1, seed) {
                let mut parts = parts.clone();
                parts[which].1 = bytes;
                let mut guest = collection(metric);
                let taken = guest.attach_vectors(1, write(KIND_ITEM_VECTORS, &parts));
                answers(guest, taken, "a section of vectors");
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let mut guest = collection(Metric::Dot);
    guest.apply(good(Metric::Dot, 4)).unwrap();
    let refused = |result: Result<()>, code: Code| assert_eq!(result.unwrap_err().code, code);
    refused(guest.apply(good(Metric::Dot, 4)), Code::Corrupt);
    refused(guest.apply(section(SMALL, &[Item::new(9, 0, "a"), Item::new(8, 0, "b")], 9, &[])), Code::Corrupt);
    refused(guest.apply(section(SMALL, &[Item::new(9, 9, "a")], 9, &[vec![f32::NAN; SMALL]])), Code::Corrupt);
    refused(guest.apply(section(SMALL + 1, &[Item::new(9, 9, "a")], 9, &[])), Code::Corrupt);
    let (items, vectors) = segments(Metric::Dot);
    refused(guest.attach_vectors(1, items.clone()), Code::Corrupt);
    refused(guest.attach_items(1, vectors), Code::Corrupt);
    guest.attach_items(1, items.clone()).unwrap();
    refused(guest.attach_items(1, items), Code::Internal);
    guest.detach(&[1]);
    assert_eq!((guest.info().items, guest.info().contents), (4, 4));
    let view = guest.add_view(bits(0..4));
    let query = Query { view, filter: &[], k: 5, ef: 10, exact: false };
    for values in [0, SMALL - 1, SMALL + 1, 2 * SMALL] {
        refused(guest.search(&vec![0.0; values], &query).map(drop), Code::DimMismatch);
    }
    refused(guest.search_each(&[0.0; 2 * SMALL + 1], &query, &mut |_, _| {}), Code::DimMismatch);
    refused(guest.search_each(&[f32::NAN; 2 * SMALL], &query, &mut |_, _| {}), Code::NonFinite);
    refused(guest.search(&[f32::INFINITY; SMALL], &query).map(drop), Code::NonFinite);
    refused(guest.search(&[0.0; SMALL], &Query { view: 77, ..query }).map(drop), Code::Internal);
    refused(guest.describe(&[77], false, false).map(drop), Code::Internal);
    refused(guest.rows_used(77, &bits([])).map(drop), Code::Internal);
    refused(Collection::new(0, Metric::Dot, Shape::DEFAULT, 0).map(drop), Code::DimMismatch);
    let mut job = Compactor::new(SMALL, Metric::Dot, Shape::DEFAULT, 2).unwrap();
    refused(job.add_rows(&[0.0; SMALL + 1], 0), Code::DimMismatch);
    refused(job.add_rows(&[f32::NAN; SMALL], 0), Code::NonFinite);
    refused(job.add_rows(&[0.0; SMALL], u32::MAX), Code::Internal);
    refused(job.live_segment().map(drop), Code::Internal);
    job.add_rows(&[0.5; 2 * SMALL], 3).unwrap();
    assert_eq!(job.grow(1).unwrap(), 1);
    refused(job.add_rows(&[0.0; SMALL], 9), Code::Internal);
}

#[test]
fn ends_of_texts_that_fall_are_refused() {
    let items: Vec<Item> = ["a", "bb", "ccc"].iter().zip(0..).map(|(id, ino)| Item::new(ino, ino, id)).collect();
    let rows = vec![vec![0.5; SMALL]; 3];
    let good = section(SMALL, &items, 0, &rows);
    let apply = |bytes: &[u8]| {
        let mut guest = collection(Metric::Dot);
        guest.apply(bytes.to_vec())
    };
    apply(&good).unwrap();
    let ends = 20 + 3 * (4 + 4 + 16);
    assert_eq!(good[ends..ends + 12], [1, 0, 0, 0, 3, 0, 0, 0, 6, 0, 0, 0]);
    let mut falls = good;
    falls[ends] = 4;
    assert!(apply(&falls).is_err());
}
