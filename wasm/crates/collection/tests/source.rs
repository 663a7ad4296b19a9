//! Values that a search reads from a source in its midst: checked before they are scored, counted, and let go of again.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use aetherv_ann::build::Shape;
use aetherv_ann::codes::Metric;
use aetherv_collection::{Collection, Query};
use aetherv_core::Code;
use common::{DIMS, Item, METRICS, Random, apart, bits, section, section_of, source};

const ROWS: u32 = 300;

fn empty(metric: Metric) -> Collection {
    Collection::new(DIMS, metric, Shape::DEFAULT, usize::MAX).unwrap()
}

#[test]
fn what_is_damaged_is_not_scored_and_what_is_not_is_as_if_it_were_in_memory() {
    for metric in METRICS {
        let mut random = Random(15);
        let rows: Vec<Vec<f32>> = (0..ROWS).map(|_| random.vector(metric, DIMS)).collect();
        let items: Vec<Item> = (0..ROWS).map(|ino| Item::new(ino, ino, &format!("i{ino}"))).collect();
        let mut whole = empty(metric);
        whole.apply(section(DIMS, &items, 0, &rows)).unwrap();
        let segment = whole.seal_vectors().unwrap();
        let values = section_of(&segment, b"Rows").start + 16;
        let (view, vector) = (whole.add_view(bits(0..ROWS)), random.vector(metric, DIMS));
        let query = Query { view, filter: &[], k: 5, ef: 10, exact: true };
        whole.search(&vector, &query).unwrap();
        for damaged in [false, true] {
            let mut stored = segment.clone();
            if damaged {
                stored[values..].iter_mut().step_by(50).for_each(|byte| *byte ^= 1);
            }
            let (head, columns) = apart(&segment, true, 0);
            let mut guest = empty(metric);
            guest.attach_paged(5, head, columns, true, Some(source(&stored, 0))).unwrap();
            guest.apply(section(DIMS, &items, 0, &[])).unwrap();
            guest.add_view(bits(0..ROWS));
            guest.search(&vector, &query).unwrap();
            // Codes of bits are exact: nobody asks for their values.
            let wants = metric != Metric::Hamming;
            assert_eq!(guest.lacks(), wants && damaged, "{metric:?}");
            let read = guest.take_read();
            assert_eq!((read > 0, guest.take_read(), guest.info().values_here), (wants && !damaged, 0, read));
            if guest.lacks() {
                let from = guest.lacking()[1] as usize;
                assert_eq!(guest.supply(5, from, &stored[from..]).unwrap_err().code, Code::Corrupt);
                continue;
            }
            assert_eq!(guest.found(), whole.found(), "{metric:?}");
            guest.trim(0);
            assert_eq!(guest.info().values_here, 0);
        }
    }
}
