//! K-means of contents, step by step, against plain arithmetic; however it is cut into calls and whoever says what is near.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use aetherv_ann::build::Shape;
use aetherv_ann::codes::Metric;
use aetherv_collection::{Clusters, Collection, NONE, Near, Tally};
use common::{DIMS, Item, Random, score, section};

const METRICS: [Metric; 3] = [Metric::Cosine, Metric::Dot, Metric::L2];

/// What is near each content, by another processor.
type Said = (Vec<u32>, Vec<f32>);

struct World {
    guest: Collection,
    vectors: Vec<Vec<f32>>,
    cnos: Vec<u32>,
}

impl World {
    /// Half in a segment, half in the memtable.
    fn new(metric: Metric, vectors: Vec<Vec<f32>>) -> Self {
        let mut guest = Collection::new(DIMS, metric, Shape::DEFAULT, usize::MAX).unwrap();
        let half = vectors.len() / 2;
        for (from, to) in [(0, half), (half, vectors.len())] {
            let items: Vec<Item> = (from..to).map(|i| Item::new(i as u32, i as u32, &format!("i{i}"))).collect();
            guest.apply(section(DIMS, &items, from as u32, &vectors[from..to])).unwrap();
            if from == 0 && to > 0 {
                let (items, values) = (guest.seal_items().unwrap(), guest.seal_vectors().unwrap());
                guest.clear_mem();
                guest.attach_items(1, items).unwrap();
                guest.attach_vectors(2, values).unwrap();
            }
        }
        let cnos = (0..vectors.len() as u32).collect();
        Self { guest, vectors, cnos }
    }

    fn drawn(seed: u64, metric: Metric, rows: usize) -> Self {
        let mut random = Random(seed);
        Self::new(metric, (0..rows).map(|_| random.vector(metric, DIMS)).collect())
    }

    fn seeded(&mut self, count: usize, seed: u32, products: usize) -> Clusters {
        let mut clusters = Clusters::new(DIMS, self.is_spherical(), count, seed);
        for some in self.cnos.chunks(13) {
            assert!(clusters.sample(&mut self.guest, some));
        }
        while clusters.seed(products) < count {}
        clusters
    }

    /// Are all vectors of length 1?
    fn is_spherical(&self) -> bool {
        self.vectors.iter().all(|row| (row.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-3)
    }

    /// All contents, so many a call; what is said of each, if anything.
    fn assign(&mut self, clusters: &mut Clusters, each: usize, said: Option<&Said>) -> (Vec<u32>, Tally) {
        let (mut out, mut sum) = (Vec::new(), Tally::default());
        for (some, at) in self.cnos.chunks(each).zip((0..).step_by(each)) {
            let (from, to) = (2 * at, 2 * (at + some.len()));
            let near = said.map(|(numbers, scores)| Near { numbers: &numbers[from..to], scores: &scores[from..to] });
            let weights: Vec<u32> = some.iter().map(|cno| weight(*cno)).collect();
            let (found, tally) = clusters.assign(&mut self.guest, some, &weights, near).unwrap();
            out.extend(found);
            sum.proved += tally.proved;
            sum.scanned += tally.scanned;
            sum.wrong += tally.wrong;
        }
        (out, sum)
    }

    /// What an honest processor says, which sums in another order.
    fn honest(&self, clusters: &Clusters) -> Said {
        let (mut numbers, mut scores) = (Vec::new(), Vec::new());
        for row in &self.vectors {
            let backwards: Vec<f32> = row.iter().rev().copied().collect();
            let mut all: Vec<(f32, u32)> = clusters
                .centroids()
                .chunks(DIMS)
                .zip(0..)
                .map(|(own, i)| {
                    let own: Vec<f32> = own.iter().rev().copied().collect();
                    (score(Metric::L2, &own, &backwards), i)
                })
                .collect();
            all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            all.resize(all.len().max(2), (0.0, NONE));
            all.iter().take(2).for_each(|near| {
                scores.push(near.0);
                numbers.push(near.1);
            });
        }
        (numbers, scores)
    }
}

/// How often a content counts.
const fn weight(cno: u32) -> u32 {
    1 + cno % 3
}

fn squared(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum()
}

#[test]
fn each_content_belongs_to_the_nearest_centroid_and_each_centroid_moves_to_the_mean() {
    for metric in METRICS {
        for (seed, count) in [(1, 1), (2, 2), (3, 7), (4, 40)] {
            let mut world = World::drawn(seed, metric, 300);
            let mut clusters = world.seeded(count, seed as u32, 1);
            let mut last = f64::INFINITY;
            for _ in 0..4 {
                let centroids = clusters.centroids().to_vec();
                let (found, tally) = world.assign(&mut clusters, 64, None);
                assert_eq!(tally, Tally::default());
                let (mut inertia, mut sums, mut weights) = (0.0, vec![vec![0.0; DIMS]; count], vec![0.0; count]);
                for ((row, &cluster), &cno) in world.vectors.iter().zip(&found).zip(&world.cnos) {
                    let gaps: Vec<f64> = centroids.chunks(DIMS).map(|own| squared(own, row)).collect();
                    let least = gaps.iter().copied().fold(f64::INFINITY, f64::min);
                    assert!(gaps[cluster as usize] <= least * 1.00001 + 1e-6, "{metric:?} {gaps:?} {cluster}");
                    let weight = f64::from(weight(cno));
                    inertia += weight * gaps[cluster as usize];
                    weights[cluster as usize] += weight;
                    sums[cluster as usize].iter_mut().zip(row).for_each(|(sum, x)| *sum += weight * f64::from(*x));
                }
                assert!((clusters.inertia() - inertia).abs() <= 1e-4 * inertia + 1e-6);
                // Without a cluster that is empty it only falls.
                assert!(inertia <= last * 1.00001 + 1e-6, "{metric:?} {count}: {inertia} after {last}");
                last = inertia;
                clusters.update();
                for ((own, sums), weight) in clusters.centroids().chunks(DIMS).zip(&sums).zip(weights) {
                    assert!(weight > 0.0);
                    let length = sums.iter().map(|x| x * x).sum::<f64>().sqrt();
                    let by = if metric == Metric::Cosine { length } else { weight };
                    let mean: Vec<f32> = sums.iter().map(|x| (x / by) as f32).collect();
                    assert!(squared(own, &mean) < 1e-8);
                }
            }
        }
    }
}

#[test]
fn the_answer_does_not_depend_on_how_it_is_cut_into_calls_but_on_the_seed() {
    for metric in METRICS {
        let run = |each: usize, products: usize, seed: u32| {
            let mut world = World::drawn(9, metric, 200);
            let mut clusters = world.seeded(9, seed, products);
            let mut all = Vec::new();
            for _ in 0..3 {
                all.push(world.assign(&mut clusters, each, None).0);
                clusters.update();
            }
            (all, clusters.centroids().iter().map(|x| x.to_bits()).collect::<Vec<u32>>())
        };
        assert_eq!(run(1, 1, 5), run(200, usize::MAX, 5));
        assert_eq!(run(77, 20_000, 5), run(200, usize::MAX, 5));
        assert_ne!(run(200, 1, 5).1, run(200, 1, 6).1);
    }
}

#[test]
fn seeds_are_spread_one_to_each_of_clusters_that_are_far_apart() {
    let mut random = Random(4);
    let mut row = |i: usize| (0..DIMS).map(|d| if d == i % 6 { 5000.0 } else { random.normal() }).collect::<Vec<f32>>();
    let vectors: Vec<Vec<f32>> = (0..240).map(&mut row).collect();
    let mut world = World::new(Metric::L2, vectors);
    for seed in 0..20 {
        let mut clusters = world.seeded(6, seed, 1);
        let (found, _) = world.assign(&mut clusters, 240, None);
        (6..240).for_each(|i| assert_eq!(found[i], found[i % 6], "seed {seed}"));
        assert_eq!((0..6).map(|i| 1 << found[i]).sum::<u32>(), 63, "seed {seed}");
    }
}

#[test]
fn what_is_said_to_be_near_changes_no_bit_true_or_not() {
    let (mut proved, mut scanned) = (0, 0);
    for metric in METRICS {
        for count in [1, 2, 3, 20] {
            for seed in 0..5 {
                let lies: [fn(&mut Said); 8] = [
                    |_| (),
                    |(numbers, _)| numbers.fill(NONE),
                    |(numbers, _)| numbers.fill(0),
                    |(_, scores)| scores.fill(0.0),
                    |(_, scores)| scores.fill(f32::NAN),
                    |(_, scores)| scores.iter_mut().for_each(|score| *score -= 1.0),
                    |(numbers, scores)| {
                        numbers.as_chunks_mut::<2>().0.iter_mut().for_each(|pair| pair.swap(0, 1));
                        scores.as_chunks_mut::<2>().0.iter_mut().for_each(|pair| pair.swap(0, 1));
                    },
                    |(numbers, _)| numbers.iter_mut().for_each(|number| *number ^= 1),
                ];
                for (which, lie) in lies.iter().enumerate() {
                    let (mut world, mut other) = (World::drawn(seed, metric, 90), World::drawn(seed, metric, 90));
                    // Centroids that are equal to others, and rows between two.
                    let mut plain = world.seeded(count, seed as u32, 1);
                    let mut told = other.seeded(count, seed as u32, 1);
                    for _ in 0..3 {
                        let mut said = other.honest(&told);
                        lie(&mut said);
                        let (found, tally) = other.assign(&mut told, 31, Some(&said));
                        assert_eq!(found, world.assign(&mut plain, 90, None).0, "lie {which}, {count}");
                        assert_eq!(told.inertia().to_bits(), plain.inertia().to_bits());
                        if which == 0 {
                            assert_eq!(tally.wrong, 0);
                            proved += tally.proved;
                            scanned += tally.scanned;
                        } else if count > 2 {
                            assert!(tally.wrong > 0 || which == 6, "lie {which}: {tally:?}");
                        }
                        plain.update();
                        told.update();
                        assert_eq!(told.centroids(), plain.centroids());
                    }
                }
            }
        }
    }
    assert!(proved > 4000 && scanned < proved / 50, "{proved} {scanned}");
}

#[test]
fn rows_as_near_to_a_third_centroid_are_decided_by_looking_at_all() {
    let at = |x: f32| (0..DIMS).map(|d| if d == 0 { x } else { 0.0 }).collect::<Vec<f32>>();
    let mut world = World::new(Metric::L2, vec![at(1.0), at(1.0), at(1.0), at(1.0)]);
    let mut clusters = world.seeded(3, 1, 1);
    let said = world.honest(&clusters);
    let (found, tally) = world.assign(&mut clusters, 4, Some(&said));
    assert_eq!((found, tally), (vec![0; 4], Tally { scanned: 4, ..Tally::default() }));
    assert_eq!(clusters.inertia(), 0.0);
    // Nothing is apart, so none can move.
    clusters.update();
    assert_eq!(clusters.centroids(), [at(1.0), at(1.0), at(1.0)].concat());
}

#[test]
fn a_centroid_that_nothing_belongs_to_moves_to_the_content_that_is_farthest() {
    let at = |x: f32| (0..DIMS).map(|d| if d == 0 { x } else { 0.0 }).collect::<Vec<f32>>();
    let mut world = World::new(Metric::L2, vec![at(1.0), at(1.0), at(1.0), at(9.0)]);
    let mut clusters = Clusters::new(DIMS, false, 2, 1);
    // Both seeds are of what is the same.
    assert!(clusters.sample(&mut world.guest, &[0, 1]));
    while clusters.seed(1) < 2 {}
    assert_eq!(world.assign(&mut clusters, 4, None).0, [0; 4]);
    clusters.update();
    assert_eq!(clusters.centroids()[DIMS..], at(9.0));
    assert_eq!(world.assign(&mut clusters, 4, None).0, [0, 0, 0, 1]);
}

#[test]
fn a_content_that_is_not_there_is_not_counted() {
    let mut world = World::drawn(3, Metric::Cosine, 20);
    let mut clusters = world.seeded(2, 1, 1);
    assert!(!clusters.sample(&mut world.guest, &[0, 99]));
    assert!(clusters.assign(&mut world.guest, &[0, 99], &[1, 1], None).is_none());
    assert!(!world.guest.lacks());
    assert_eq!(clusters.inertia(), 0.0);
}

#[test]
fn picks_are_spread_over_all_and_rise() {
    let mut clusters = Clusters::new(DIMS, false, 2, 7);
    assert_eq!(clusters.picks(3, 9), [0, 1, 2]);
    let picks = clusters.picks(1000, 10);
    assert!(picks.iter().zip(0..).all(|(pick, i)| (100 * i..100 * (i + 1)).contains(pick)), "{picks:?}");
    assert_ne!(picks, clusters.picks(1000, 10));
}
