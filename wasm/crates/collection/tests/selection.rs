//! What is searched when all there is may be found: the shortcut for items that are numbered as their contents are is taken by those alone.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests may panic")]

mod common;

use aetherv_ann::build::Shape;
use aetherv_ann::codes::Metric;
use aetherv_collection::{Collection, Query};
use common::{DIMS, Item, Random, bits, section};

const ROWS: u32 = 40;

#[test]
fn each_content_brings_its_own_items_whatever_the_order_of_either() {
    let shuffled = |ino: u32| (ino * 7 + 3) % ROWS;
    let shared = |ino: u32| ino / 2;
    let ways: [&dyn Fn(u32) -> u32; 3] = [&|ino| ino, &shuffled, &shared];
    for cno_of in ways {
        let mut random = Random(21);
        let rows: Vec<Vec<f32>> = (0..ROWS).map(|_| random.vector(Metric::Cosine, DIMS)).collect();
        let items: Vec<Item> = (0..ROWS).map(|ino| Item::new(ino, cno_of(ino), &format!("i{ino}"))).collect();
        let mut guest = Collection::new(DIMS, Metric::Cosine, Shape::DEFAULT, usize::MAX).unwrap();
        guest.apply(section(DIMS, &items, 0, &rows)).unwrap();
        let view = guest.add_view(bits(0..ROWS));
        for (row, cno) in rows.iter().zip(0..) {
            let own: Vec<u32> = (0..ROWS).filter(|ino| cno_of(*ino) == cno).collect();
            guest.search(row, &Query { view, filter: &[], k: own.len().max(1), ef: 10, exact: true }).unwrap();
            let found: Vec<u32> = guest.found().iter().map(|hit| hit.0).collect();
            // Contents that no item refers to bring none.
            assert!(own.is_empty() || found == own, "{cno}: {found:?}");
            assert!(found.iter().all(|ino| !own.is_empty() || cno_of(*ino) != cno));
        }
    }
}
