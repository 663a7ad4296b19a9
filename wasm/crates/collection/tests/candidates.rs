//! Answers from candidates of another processor are those of a scan, whatever it says: honest ones, sloppy ones and wrong ones.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use aetherv_ann::build::Shape;
use aetherv_ann::codes::Metric;
use aetherv_collection::{Candidates, Collection, NONE, Precision, Query, Tally};
use common::{DIMS, Item, Random, bits, n_equals, score, section};

const K: usize = 10;
const EACH: usize = 32;
const METRICS: [Metric; 3] = [Metric::Cosine, Metric::Dot, Metric::L2];

struct World {
    metric: Metric,
    random: Random,
    guest: Collection,
    vectors: Vec<Vec<f32>>,
    view: u32,
}

type Hits = Vec<Vec<(u32, u32)>>;
/// What it does to an honest list.
type Lie = Box<dyn Fn(&mut Vec<(u32, f32)>)>;

impl World {
    /// Half in a segment, half in the memtable; some share a vector, some are not in the view.
    fn new(seed: u64, metric: Metric, rows: usize) -> Self {
        let (mut random, mut guest) =
            (Random(seed), Collection::new(DIMS, metric, Shape::DEFAULT, usize::MAX).unwrap());
        let mut vectors: Vec<Vec<f32>> = (0..rows).map(|_| random.vector(metric, DIMS)).collect();
        for i in (5..rows).step_by(9) {
            vectors[i] = vectors[i - 5].clone();
        }
        let half = rows / 2;
        for (from, to) in [(0, half), (half, rows)] {
            let items: Vec<Item> = (from..to)
                .map(|i| Item::new(i as u32, i as u32 - u32::from(i > from && i % 11 == 0), &format!("i{i}")))
                .collect();
            guest.apply(section(DIMS, &items, from as u32, &vectors[from..to])).unwrap();
            if from == 0 {
                let (items, values) = (guest.seal_items().unwrap(), guest.seal_vectors().unwrap());
                guest.clear_mem();
                guest.attach_items(1, items).unwrap();
                guest.attach_vectors(2, values).unwrap();
            }
        }
        let view = guest.add_view(bits((0..rows as u32).filter(|i| i % 13 != 0)));
        Self { metric, random, guest, vectors, view }
    }

    fn query<'a>(&self, filter: &'a [u8], k: usize) -> Query<'a> {
        Query { view: self.view, filter, k, ef: k, exact: true }
    }

    fn scan(&mut self, queries: &[f32], filter: &[u8], k: usize) -> Hits {
        let mut out = Vec::new();
        let query = self.query(filter, k);
        self.guest.search_each(queries, &query, &mut |_, hits| out.push(plain(hits))).unwrap();
        out
    }

    fn from(&mut self, queries: &[f32], filter: &[u8], k: usize, list: &[(u32, f32)]) -> (Hits, Tally) {
        self.told(queries, filter, k, list, Precision::Whole)
    }

    fn told(
        &mut self,
        queries: &[f32],
        filter: &[u8],
        k: usize,
        list: &[(u32, f32)],
        precision: Precision,
    ) -> (Hits, Tally) {
        let mut out = Vec::new();
        let query = self.query(filter, k);
        let (cnos, scores): (Vec<u32>, Vec<f32>) = list.iter().copied().unzip();
        let candidates = Candidates { each: list.len(), cnos: &cnos, scores: &scores, precision };
        let take = &mut |_, hits: &[(u32, f32)]| out.push(plain(hits));
        let tally = self.guest.search_from(queries, &query, &candidates, take).unwrap();
        (out, tally)
    }

    /// What an honest processor with another order of sums says, of one query.
    fn honest(&mut self, query: &[f32], filter: &[u8]) -> Vec<(u32, f32)> {
        let admitted = self.guest.admitted(self.view, filter).unwrap();
        let mut all = Vec::new();
        let mut at = 1;
        for part in 0..2 {
            let (rows, count) = (admitted[at + 1] as usize, admitted[at + 2]);
            at += 3;
            let mask = if count > 0 && count < rows as u32 { rows.div_ceil(32) } else { 0 };
            let cnos = self.guest.part_cnos(part).to_vec();
            assert!(self.guest.is_resident(part));
            assert_eq!(self.guest.part_values(part, 0..rows).len(), 4 * DIMS * rows);
            for (row, &cno) in cnos.iter().enumerate() {
                let admits = if mask > 0 { admitted[at + row / 32] >> (row % 32) & 1 == 1 } else { count > 0 };
                if admits {
                    all.push((cno, score(self.metric, &self.vectors[cno as usize], query)));
                }
            }
            at += mask;
        }
        assert_eq!((at, all.len()), (admitted.len(), admitted[0] as usize));
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        all.resize(EACH, (NONE, 0.0));
        all
    }
}

fn plain(hits: &[(u32, f32)]) -> Vec<(u32, u32)> {
    hits.iter().map(|hit| (hit.0, hit.1.to_bits())).collect()
}

#[test]
fn honest_candidates_give_the_hits_of_a_scan_bit_for_bit() {
    let mut proved = 0;
    for seed in 0..40 {
        for metric in METRICS {
            let rows = [2, 7, 40, 300][seed % 4];
            let mut world = World::new(seed as u64, metric, rows);
            for filter in [Vec::new(), n_equals(3.0), n_equals(99.0)] {
                let query = world.random.vector(metric, DIMS);
                let list = world.honest(&query, &filter);
                let (hits, tally) = world.from(&query, &filter, K, &list);
                assert_eq!(hits, world.scan(&query, &filter, K), "{seed} {metric:?}");
                assert_eq!((tally.wrong, tally.proved + tally.scanned), (0, 1), "{seed} {metric:?}");
                proved += tally.proved;
            }
        }
    }
    assert!(proved > 300, "{proved}");
}

#[test]
fn ties_across_the_last_candidate_are_answered_by_a_scan() {
    let mut world = World::new(1, Metric::Cosine, 200);
    let row = world.vectors[2].clone();
    let items: Vec<Item> = (200..260).map(|i| Item::new(i, i, &format!("i{i}"))).collect();
    world.guest.apply(section(DIMS, &items, 200, &vec![row.clone(); 60])).unwrap();
    world.vectors.extend(vec![row.clone(); 60]);
    world.view = world.guest.add_view(bits(0..260));
    let list = world.honest(&row, &[]);
    let (hits, tally) = world.from(&row, &[], K, &list);
    assert_eq!(tally, Tally { scanned: 1, ..Tally::default() });
    assert_eq!(hits, world.scan(&row, &[], K));
}

#[test]
fn wrong_candidates_are_seen_and_never_answer() {
    let mut world = World::new(3, Metric::L2, 300);
    let filter = n_equals(3.0);
    let query = world.random.vector(Metric::L2, DIMS);
    let honest = world.honest(&query, &filter);
    let whole = world.honest(&query, &[]);
    let hits = world.scan(&query, &filter, K);
    let other = whole.iter().find(|one| !honest.iter().any(|own| own.0 == one.0)).copied().unwrap();
    let lies: [(&str, Lie); 9] = [
        ("NaN", Box::new(|list| list[4].1 = f32::NAN)),
        ("all NaN", Box::new(|list| list.iter_mut().for_each(|one| one.1 = f32::NAN))),
        ("infinity", Box::new(|list| list[0].1 = f32::INFINITY)),
        ("a score too high", Box::new(|list| list[0].1 += 0.01)),
        ("zeros", Box::new(|list| list.iter_mut().for_each(|one| *one = (0, 0.0)))),
        ("twice the same", Box::new(|list| list[1] = list[0])),
        ("no such content", Box::new(|list| list[2].0 = 9999)),
        ("one that the filter keeps out", Box::new(move |list| list.insert(0, other))),
        ("nothing", Box::new(|list| list.iter_mut().for_each(|one| *one = (NONE, 0.0)))),
    ];
    for (lie, tell) in lies {
        let mut list = honest.clone();
        tell(&mut list);
        list.truncate(EACH);
        let (found, tally) = world.from(&query, &filter, K, &list);
        assert_eq!(found, hits, "{lie}");
        assert_eq!(tally, Tally { wrong: 1, ..Tally::default() }, "{lie}");
    }
}

#[test]
fn numbers_too_large_to_sum_prove_nothing() {
    let mut world = World::new(5, Metric::Dot, 40);
    let query: Vec<f32> = vec![1e37; DIMS];
    let list = world.honest(&query, &[]);
    let (hits, tally) = world.from(&query, &[], K, &list);
    assert_eq!(tally.proved, 0);
    assert_eq!(hits, world.scan(&query, &[], K));
}

/// What an honest processor says that has codes alone.
fn coded(world: &World, query: &[f32], each: usize) -> Vec<(u32, f32)> {
    let probe = world.guest.probes(query);
    let width = probe.len() - 8;
    let number = |at: usize| -> [u8; 4] { probe[at..at + 4].try_into().unwrap() };
    let (scale, correction) = (f32::from_le_bytes(number(width)), i32::from_le_bytes(number(width + 4)));
    let mut all = Vec::new();
    for part in 0..2 {
        let (codes, scales) = world.guest.part_codes(part);
        for ((row, cno), own) in codes.chunks(width).zip(world.guest.part_cnos(part)).zip(scales) {
            let product: i32 = row.iter().zip(&probe).map(|(a, b)| i32::from(*a) * i32::from(*b as i8)).sum();
            // Contents that no item refers to are admitted nowhere.
            if cno % 11 != 0 || *cno == 0 {
                all.push((*cno, (product - correction) as f32 * (own * scale)));
            }
        }
    }
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all.resize(each, (NONE, 0.0));
    all
}

#[test]
fn candidates_by_codes_give_the_hits_of_a_scan_too() {
    let (mut proved, mut wrong) = (0, 0);
    for seed in 0..40 {
        for metric in [Metric::Cosine, Metric::Dot] {
            let mut world = World::new(seed, metric, 300);
            world.view = world.guest.add_view(bits(0..300));
            let query = world.random.vector(metric, DIMS);
            let mut list = coded(&world, &query, 64);
            let hits = world.scan(&query, &[], 3);
            let (found, tally) = world.told(&query, &[], 3, &list, Precision::Codes);
            assert_eq!((found, tally.wrong), (hits.clone(), 0), "{seed} {metric:?}");
            proved += tally.proved;
            // Off by more than codes can be.
            list[0].1 += 0.5 * list[0].1.abs().max(1.0);
            let (found, tally) = world.told(&query, &[], 3, &list, Precision::Codes);
            assert_eq!(found, hits);
            wrong += tally.wrong;
        }
    }
    assert!(proved > 40 && wrong == 80, "{proved} {wrong}");
}

/// What an honest processor says that has halves alone.
fn halved(world: &mut World, query: &[f32], each: usize) -> Vec<(u32, f32)> {
    let mut all = Vec::new();
    for part in 0..2 {
        let cnos = world.guest.part_cnos(part).to_vec();
        let halves = world.guest.part_halves(part, 0..cnos.len());
        assert_eq!(halves.len(), 2 * DIMS.next_multiple_of(4) * cnos.len());
        let value = |bits: &[u8; 2]| {
            let half = u16::from_le_bytes(*bits);
            let size = (f32::from(half & 1023) / 1024.0 + 1.0) * 2f32.powi(i32::from(half >> 10 & 31) - 15 - 14);
            if half & 0x7fff == 0 { 0.0 } else { size.copysign(if half >> 15 == 1 { -1.0 } else { 1.0 }) }
        };
        for (row, cno) in halves.chunks(2 * DIMS.next_multiple_of(4)).zip(cnos) {
            let near: f32 = row.as_chunks::<2>().0.iter().zip(query).map(|(x, q)| value(x) * q).sum();
            // Contents that no item refers to are admitted nowhere.
            if cno % 11 != 0 || cno == 0 {
                all.push((cno, near));
            }
        }
    }
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all.resize(each, (NONE, 0.0));
    all
}

#[test]
fn candidates_at_half_precision_give_the_hits_of_a_scan_too() {
    let (mut proved, mut wrong) = (0, 0);
    for seed in 0..80 {
        let mut world = World::new(seed, Metric::Cosine, 300);
        world.view = world.guest.add_view(bits(0..300));
        let query = world.random.vector(Metric::Cosine, DIMS);
        let mut list = halved(&mut world, &query, EACH);
        let hits = world.scan(&query, &[], K);
        let (found, tally) = world.told(&query, &[], K, &list, Precision::Half);
        assert_eq!((found, tally.wrong), (hits.clone(), 0), "{seed}");
        proved += tally.proved;
        // As scores of values they would be wrong; and these are off by more than halves can be.
        assert_eq!(world.told(&query, &[], K, &list, Precision::Whole).1.wrong, 1, "{seed}");
        list[0].1 += 0.001;
        let (found, tally) = world.told(&query, &[], K, &list, Precision::Half);
        assert_eq!(found, hits);
        wrong += tally.wrong;
    }
    assert!(proved > 70 && wrong == 80, "{proved} {wrong}");
}

#[test]
fn halves_of_rows_that_are_too_long_for_them_prove_nothing() {
    let mut world = World::new(5, Metric::Dot, 300);
    world.view = world.guest.add_view(bits(0..300));
    let row = vec![vec![4.5; DIMS]];
    world.guest.apply(section(DIMS, &[Item::new(300, 300, "long")], 300, &row)).unwrap();
    world.vectors.extend(row);
    let query = world.random.vector(Metric::Dot, DIMS);
    let list = halved(&mut world, &query, EACH);
    let (found, tally) = world.told(&query, &[], K, &list[1..], Precision::Half);
    assert_eq!(tally.proved, 0);
    assert_eq!(found, world.scan(&query, &[], K));
    // Nor do scores that are not of values where distances are asked for, whatever they are.
    let mut world = World::new(7, Metric::L2, 300);
    let query = world.random.vector(Metric::L2, DIMS);
    let (hits, list) = (world.scan(&query, &[], K), world.honest(&query, &[]));
    for (precision, proved) in [(Precision::Whole, 1), (Precision::Half, 0), (Precision::Codes, 0)] {
        let (found, tally) = world.told(&query, &[], K, &list, precision);
        assert_eq!((found, tally.proved), (hits.clone(), proved), "{precision:?}");
    }
}
