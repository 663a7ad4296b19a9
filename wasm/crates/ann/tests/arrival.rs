//! Rows that come page by page: nothing is read that was not checked as it is now.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests may panic")]

use aetherv_ann::arrival::{Arrival, rows_of_page, seal};

const WIDTH: usize = 64;
const ROWS: usize = 40;

#[test]
fn bytes_that_come_again_are_checked_again() {
    let rows: Vec<u8> = (0..ROWS * WIDTH).map(|at| (at * 7 % 251) as u8).collect();
    let mut sums = Vec::new();
    seal(&rows, WIDTH, &mut sums);
    for before in [0, 5, 63] {
        let stored = [vec![0; before], rows.clone()].concat();
        let shape = (ROWS, WIDTH, rows_of_page(WIDTH));
        let mut arrival = Arrival::new(stored, shape, sums.clone().into(), None, true).unwrap();
        assert_eq!(arrival.bytes(), rows);
        assert!((0..ROWS as u32).all(|row| arrival.has(row)) && arrival.is_whole());
        let page = arrival.range_of(0);
        arrival.room(page.clone()).unwrap().fill(9);
        arrival.arrived(page.clone());
        assert!(!arrival.is_whole() && !arrival.has(0) && arrival.take_damage() == Some(0));
        assert_eq!(arrival.absent(1), Some(page.clone()));
        arrival.room(page.clone()).unwrap().copy_from_slice(rows.get(page.clone()).unwrap());
        arrival.arrived(page);
        assert!(arrival.has(0) && arrival.is_whole());
    }
    assert!(Arrival::new(vec![0; ROWS * WIDTH + 64], (ROWS, WIDTH, 16), sums.into(), None, true).is_err());
}
