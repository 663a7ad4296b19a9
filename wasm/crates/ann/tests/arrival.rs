//! Rows that come page by page: nothing is read that was not checked as it is now.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests may panic")]

use aetherv_ann::arrival::{Arrival, Source, rows_of_page, seal};
use std::cell::Cell;
use std::rc::Rc;

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

#[test]
fn what_is_asked_for_is_read_from_its_source_and_nothing_else() {
    let rows: Vec<u8> = (0..ROWS * WIDTH).map(|at| (at * 7 % 251) as u8).collect();
    let mut sums = Vec::new();
    seal(&rows, WIDTH, &mut sums);
    let per_page = rows_of_page(WIDTH);
    // Of a stored segment, in which the rows begin at byte 100; what is read turns out damaged, or cannot be read.
    let (asked, damages, fails) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let source: Source = Rc::new({
        let (rows, asked, damages, fails) = (rows.clone(), asked.clone(), damages.clone(), fails.clone());
        move |from, into: &mut [u8]| {
            asked.set(asked.get() + 1);
            into.copy_from_slice(rows.get(from - 100..from - 100 + into.len()).unwrap());
            into.iter_mut().take(usize::from(damages.get())).for_each(|byte| *byte ^= 1);
            !fails.get()
        }
    });
    let shape = (ROWS, WIDTH, per_page);
    let arrival = Arrival::new(vec![0; ROWS * WIDTH], shape, sums.into(), None, false).unwrap().from(Some(source), 100);
    let page = arrival.range_of(20);
    assert!(arrival.has(20) && arrival.has(20) && asked.get() == 1);
    assert_eq!(arrival.bytes().get(page.clone()), rows.get(page));
    fails.set(true);
    assert!(!arrival.has(0) && arrival.take_damage().is_none() && asked.get() == 2);
    fails.set(false);
    damages.set(true);
    assert!(!arrival.has(0) && arrival.take_damage() == Some(0) && asked.get() == 3);
    damages.set(false);
    // All at once is for others to read: many pages together.
    let mut absent = Vec::new();
    assert!(!arrival.check_all(&mut absent) && asked.get() == 3);
    assert_eq!(absent.len(), ROWS.div_ceil(per_page) - 1);
    assert!((0..ROWS as u32).all(|row| arrival.has(row)) && arrival.is_whole());
    assert_eq!(arrival.bytes(), rows);
}
