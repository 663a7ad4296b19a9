//! The graph against an exact search: recall, masks, removal, its section; by seed, so that a failure repeats.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

use aetherv_ann::build::Shape;
use aetherv_ann::codes::Metric;
use aetherv_ann::image;
use aetherv_ann::search::Ask;
use aetherv_ann::set::VectorSet;
use aetherv_core::{Bits, Code, Shared};

const DIMS: usize = 40;
const METRICS: [Metric; 4] = [Metric::Cosine, Metric::Dot, Metric::L2, Metric::Hamming];

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 29)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 33) as usize % limit
    }

    /// About normal.
    fn normal(&mut self) -> f32 {
        (0..4).map(|_| (self.next() >> 40) as f32 / (1 << 24) as f32 - 0.5).sum::<f32>() * 1.7
    }

    /// Rows around 30 centres, as the metric wants them.
    fn rows(&mut self, count: usize, metric: Metric) -> Vec<Vec<f32>> {
        let centres: Vec<Vec<f32>> = (0..30).map(|_| (0..DIMS).map(|_| self.normal()).collect()).collect();
        let row = |random: &mut Self| {
            let centre = &centres[random.below(30)];
            let row: Vec<f32> = centre.iter().map(|x| x + 0.6 * random.normal()).collect();
            let length = if metric == Metric::Cosine { row.iter().map(|x| x * x).sum::<f32>().sqrt() } else { 1.0 };
            row.iter().map(|x| x / length).collect()
        };
        (0..count).map(|_| row(self)).collect()
    }
}

fn set_of(metric: Metric, rows: &[Vec<f32>]) -> VectorSet {
    let mut set = VectorSet::new(metric, DIMS, Shape::DEFAULT);
    add(&mut set, rows);
    set
}

fn add(set: &mut VectorSet, rows: &[Vec<f32>]) {
    let mut hashes = Random(rows.len() as u64);
    set.push(&rows.concat(), &rows.iter().map(|_| hashes.next()).collect::<Vec<_>>()).unwrap();
    while set.grow(100) > 0 {}
}

fn score(metric: Metric, a: &[f32], b: &[f32]) -> f32 {
    let pairs = a.iter().zip(b);
    match metric {
        Metric::Cosine | Metric::Dot => pairs.map(|(a, b)| a * b).sum(),
        Metric::L2 => -pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f32>(),
        Metric::Hamming => -(pairs.filter(|(a, b)| (**a > 0.0) != (**b > 0.0)).count() as f32),
    }
}

/// The score that the k-th best has at least, a little less for f32's sake.
fn kth(metric: Metric, rows: &[Vec<f32>], lives: impl Fn(u32) -> bool, query: &[f32], k: usize) -> f32 {
    let mut scores: Vec<f32> =
        (0u32..).zip(rows).filter(|(row, _)| lives(*row)).map(|(_, row)| score(metric, row, query)).collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    scores[k.min(scores.len()) - 1] - 1e-4
}

/// Share of hits that belong to the best `k` rows; all of them have to be in the mask and have the score that is said.
fn recall(
    set: &mut VectorSet,
    metric: Metric,
    rows: &[Vec<f32>],
    queries: &[Vec<f32>],
    mask: Option<&Bits>,
    ef: usize,
) -> f64 {
    const K: usize = 10;
    let (mut found, mut wanted) = (0, 0);
    for query in queries {
        let lives = |row: u32| mask.is_none_or(|mask| mask.has(row));
        let floor = kth(metric, rows, lives, query, K);
        let mask = mask.map(|mask| (mask, mask.len()));
        set.search(&Ask { query, k: K, ef, mask, exact: false, ahead: None }).unwrap();
        let expected = mask.map_or(rows.len(), |mask| mask.1 as usize).min(K);
        assert_eq!(set.found().len(), expected, "k rows come back whenever they exist");
        for &(row, said) in set.found() {
            let real = score(metric, &rows[row as usize], query);
            assert!(lives(row) && (real - said).abs() < 1e-3, "row {row}: {said}, really {real}");
        }
        found += set.found().iter().filter(|hit| hit.1 >= floor).count();
        wanted += expected;
    }
    found as f64 / wanted as f64
}

#[test]
fn finds_nearly_all_and_exactly_all_when_asked() {
    for metric in METRICS {
        let mut random = Random(7);
        let rows = random.rows(3000, metric);
        let queries = random.rows(60, metric);
        let mut set = set_of(metric, &rows);
        assert_eq!(set.unreachable(), 0);
        let got = recall(&mut set, metric, &rows, &queries, None, 100);
        assert!(got >= if metric == Metric::Dot { 0.9 } else { 0.97 }, "{metric:?}: {got}");
        for query in &queries {
            let report = set.search(&Ask { query, k: 10, ef: 10, mask: None, exact: true, ahead: None }).unwrap();
            let floor = kth(metric, &rows, |_| true, query, 10);
            assert!(report.exact && set.found().iter().all(|hit| hit.1 >= floor), "{metric:?}");
        }
    }
}

#[test]
fn many_rows_are_found_exactly_and_more_than_a_share_of_all_by_a_scan() {
    for metric in METRICS {
        let mut random = Random(11);
        let rows = random.rows(3000, metric);
        let mut set = set_of(metric, &rows);
        let query = &random.rows(1, metric)[0];
        let mut words = vec![0x7777_7777; 94];
        words[93] >>= 8;
        let mask = Bits::from_words(words);
        let count = mask.len() as usize;
        for (mask, all) in [(None, 3000), (Some((&mask, count as u32)), count)] {
            let lives = |row: u32| mask.is_none_or(|mask| mask.0.has(row));
            let mut scores: Vec<f32> =
                (0u32..).zip(&rows).filter(|one| lives(one.0)).map(|one| score(metric, one.1, query)).collect();
            scores.sort_by(|a, b| b.total_cmp(a));
            for k in [511, 512, 513, 1000, all - 1, all, all + 1, 5000] {
                let report = set.search(&Ask { query, k, ef: k, mask, exact: true, ahead: None }).unwrap();
                let found: Vec<(u32, f32)> = set.found().to_vec();
                assert_eq!((report.exact, found.len()), (true, k.min(all)), "{metric:?} {k}");
                for (place, ((row, said), want)) in found.iter().zip(&scores).enumerate() {
                    assert!(
                        lives(*row) && (said - want).abs() < 1e-3,
                        "{metric:?} {k}: place {place} has {said}, not {want}"
                    );
                }
                let ordered =
                    |pair: &[(u32, f32)]| pair[0].1 > pair[1].1 || (pair[0].1 == pair[1].1 && pair[0].0 < pair[1].0);
                assert!(found.windows(2).all(ordered), "{metric:?} {k}");
                // However it was asked for.
                let walked = set.search(&Ask { query, k, ef: k, mask, exact: false, ahead: None }).unwrap();
                assert_eq!(walked.exact, mask.is_some() || k > 512, "{metric:?} {k}");
                assert!(!walked.exact || set.found() == found);
            }
        }
    }
}

#[test]
fn a_mask_is_kept_at_every_selectivity() {
    let mut random = Random(8);
    let rows = random.rows(12_000, Metric::Cosine);
    let queries = random.rows(30, Metric::Cosine);
    let mut set = set_of(Metric::Cosine, &rows);
    for share in [1, 30, 1000, 8000, 9500, 10_000] {
        let mut mask = Bits::default();
        (0..12_000u32).filter(|_| random.below(10_000) < share).for_each(|row| mask.set(row));
        if !mask.is_empty() {
            let got = recall(&mut set, Metric::Cosine, &rows, &queries, Some(&mask), 60);
            assert!(got >= 0.95, "{share}: {got}");
        }
    }
    // Rows of one region, asked for from all others.
    let mut near = Bits::default();
    (0u32..).zip(&rows).filter(|(_, row)| row[0] > 0.02).for_each(|(row, _)| near.set(row));
    assert!(recall(&mut set, Metric::Cosine, &rows, &queries, Some(&near), 60) >= 0.95);
    assert_eq!(
        set.search(&Ask {
            query: &queries[0],
            k: 10,
            ef: 10,
            mask: Some((&Bits::default(), 0)),
            exact: false,
            ahead: None
        })
        .unwrap()
        .compared,
        0
    );
    assert!(set.found().is_empty());
}

#[test]
fn inserts_and_deletes_in_any_order_agree_with_a_list() {
    for metric in METRICS {
        let mut random = Random(9);
        let mut rows = random.rows(600, metric);
        let mut set = set_of(metric, &rows);
        for round in 0..12 {
            let share = [5, 50, 99][round % 3];
            let mut dead = Bits::default();
            (0..rows.len() as u32).filter(|_| random.below(100) < share).for_each(|row| dead.set(row));
            set.remove(&dead);
            let mut number = 0..;
            rows.retain(|_| !dead.has(number.next().unwrap()));
            assert_eq!((set.len(), set.unreachable()), (rows.len(), 0));
            let count = random.below(500);
            let more = random.rows(count, metric);
            add(&mut set, &more);
            rows.extend(more);
            assert_eq!((set.len(), set.waiting(), set.unreachable()), (rows.len(), 0, 0));
            if round == 5 {
                let section = set.seal();
                set.open(section.clone()).unwrap();
                assert_eq!(set.seal(), section);
            }
            let queries = random.rows(10, metric);
            let got = if rows.is_empty() { 1.0 } else { recall(&mut set, metric, &rows, &queries, None, 100) };
            assert!(got >= 0.9, "{metric:?}, round {round}, {} rows: {got}", rows.len());
        }
        let all = Bits::from_words(vec![u32::MAX; rows.len().div_ceil(32)]);
        set.remove(&all);
        assert!(
            set.is_empty()
                && set.search(&Ask { query: &[1.0; DIMS], k: 3, ef: 9, mask: None, exact: false, ahead: None }).is_ok()
        );
        assert!(set.found().is_empty());
    }
}

/// How many rows fewer than `least` others link to, on the lowest layer.
fn little_known(set: &VectorSet, least: usize) -> usize {
    let graph = image::open(&Shared::from(set.seal()), None, set.len()).unwrap();
    let mut known = vec![0; set.len()];
    for place in 0..set.len() as u32 {
        graph.layers[0].neighbours(place).for_each(|other| known[other as usize] += 1);
    }
    known.iter().filter(|known| **known < least).count()
}

#[test]
fn rows_whose_neighbours_died_are_linked_to_again() {
    // Of products of vectors of any length a few are everybody's neighbours.
    for (metric, percent) in METRICS.into_iter().zip([10, 52, 25, 10]) {
        let mut random = Random(12);
        let mut set = set_of(metric, &random.rows(1500, metric));
        let mut dead = Bits::default();
        (0..1500u32).filter(|_| random.below(100) < 30).for_each(|row| dead.set(row));
        set.remove(&dead);
        let found = little_known(&set, 16);
        assert!(found * 100 < set.len() * percent, "{metric:?}: {found} of {} rows", set.len());
    }
}

#[test]
fn the_same_rows_give_the_same_graph_and_slices_do_not_matter() {
    let rows = Random(10).rows(700, Metric::L2);
    let whole = set_of(Metric::L2, &rows).seal();
    let mut sliced = VectorSet::new(Metric::L2, DIMS, Shape::DEFAULT);
    let mut hashes = Random(rows.len() as u64);
    sliced.push(&rows.concat(), &rows.iter().map(|_| hashes.next()).collect::<Vec<_>>()).unwrap();
    while sliced.grow(7) > 0 {}
    assert_eq!(sliced.seal(), whole);
}

#[test]
fn equal_rows_and_zeros_do_no_harm() {
    for metric in METRICS {
        let mut rows = vec![vec![0.0; DIMS]; 300];
        rows.extend(vec![vec![0.5; DIMS]; 300]);
        let mut set = set_of(metric, &rows);
        assert_eq!(set.unreachable(), 0, "{metric:?}");
        set.search(&Ask { query: &[0.5; DIMS], k: 10, ef: 400, mask: None, exact: false, ahead: None }).unwrap();
        assert!(set.found().len() == 10 && set.found().iter().all(|hit| hit.1.is_finite()));
    }
}

#[test]
fn wrong_input_is_refused_and_changes_nothing() {
    let rows = Random(11).rows(50, Metric::Cosine);
    let mut set = set_of(Metric::Cosine, &rows);
    let code = |result: aetherv_core::Result<()>| result.unwrap_err().code;
    assert_eq!(code(set.push(&[1.0; DIMS - 1], &[1])), Code::DimMismatch);
    assert_eq!(code(set.push(&[f32::NAN; DIMS], &[1])), Code::NonFinite);
    assert_eq!(set.len(), 50);
    let mut ask =
        |query: &[f32]| set.search(&Ask { query, k: 1, ef: 9, mask: None, exact: false, ahead: None }).map(|_| ());
    assert_eq!(code(ask(&[1.0])), Code::DimMismatch);
    assert_eq!(code(ask(&[f32::INFINITY; DIMS])), Code::NonFinite);
    assert!(
        set.search(&Ask { query: &rows[0], k: usize::MAX, ef: usize::MAX, mask: None, exact: false, ahead: None })
            .is_ok()
    );
    assert_eq!(set.found().len(), 50);
}

#[test]
fn a_damaged_section_is_an_error_or_harmless() {
    let mut random = Random(12);
    let rows = random.rows(900, Metric::Cosine);
    let mut set = set_of(Metric::Cosine, &rows);
    let good = set.seal();
    for cut in [0, 1, 7, 39, 40, 100, good.len() - 1] {
        assert_eq!(set.open(good[..cut].to_vec()).unwrap_err().code, Code::Corrupt, "{cut} bytes");
    }
    assert_eq!(set.open([good.clone(), vec![0; 4]].concat()).unwrap_err().code, Code::Corrupt);
    for round in 0..2000 {
        let mut bad = good.clone();
        let at = if round % 2 == 0 { random.below(48) } else { random.below(bad.len()) };
        bad[at] ^= 1 << random.below(8);
        match set.open(bad) {
            Err(error) => assert_eq!(error.code, Code::Corrupt),
            Ok(()) => {
                set.search(&Ask {
                    query: &rows[random.below(900)],
                    k: 10,
                    ef: 50,
                    mask: None,
                    exact: false,
                    ahead: None,
                })
                .unwrap();
                assert_eq!(set.found().len(), 10);
            }
        }
    }
    set.open(good).unwrap();
}
