//! Hits that are unlike each other, against the definition.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use aetherv_ann::build::Shape;
use aetherv_ann::codes::Metric;
use aetherv_collection::{Collection, Query};
use common::{DIMS, Item, METRICS, Random, bits, score, section};

/// From 0 to 1, as the docs have it.
fn closeness(metric: Metric, score: f64) -> f64 {
    match metric {
        Metric::Cosine | Metric::Dot => score.max(0.0),
        Metric::L2 => 1.0 / (1.0 + (-score).max(0.0).sqrt()),
        Metric::Hamming => 1.0 + score / DIMS as f64,
    }
}

fn alike(metric: Metric, a: &[f32], b: &[f32]) -> f64 {
    let raw = f64::from(score(metric, a, b));
    let length = |x: &[f32]| f64::from(score(Metric::Dot, x, x)).sqrt();
    if metric == Metric::Dot { raw / (length(a) * length(b)) } else { closeness(metric, raw) }
}

#[test]
fn every_hit_is_the_best_of_the_definition() {
    for metric in METRICS {
        for seed in 0..10 {
            let mut random = Random(seed);
            let mut vectors: Vec<Vec<f32>> = (0..120).map(|_| random.vector(metric, DIMS)).collect();
            // The same twice.
            (0..20).for_each(|i| vectors[2 * i + 1] = vectors[2 * i].clone());
            let items: Vec<Item> = (0..120).map(|i| Item::new(i, i, &format!("i{i}"))).collect();
            let mut guest = Collection::new(DIMS, metric, Shape::DEFAULT, usize::MAX).unwrap();
            guest.apply(section(DIMS, &items, 0, &vectors)).unwrap();
            let view = guest.add_view(bits(0..120));
            let query = random.vector(metric, DIMS);
            guest.search(&query, &Query { view, filter: &[], k: 50, ef: 50, exact: true }).unwrap();
            let (inos, scores): (Vec<u32>, Vec<f32>) = guest.found().iter().copied().unzip();
            assert_eq!(guest.diverse(&inos, &scores, 0.0, 10).unwrap(), (0..10).collect::<Vec<u32>>());
            for diversity in [0.3, 0.5, 1.0] {
                let chosen = guest.diverse(&inos, &scores, diversity, 12).unwrap();
                assert_eq!((chosen.len(), chosen[0]), (12, 0));
                let top = closeness(metric, f64::from(scores[0]));
                let row = |at: u32| &vectors[inos[at as usize] as usize];
                for (step, &place) in chosen.iter().enumerate() {
                    let before = &chosen[..step];
                    let value = |at: u32| {
                        let like = before.iter().map(|own| alike(metric, row(*own), row(at))).fold(0.0, f64::max);
                        let share = closeness(metric, f64::from(scores[at as usize])) / top;
                        (1.0 - f64::from(diversity)) * share - f64::from(diversity) * like
                    };
                    assert!(!before.contains(&place));
                    let best = (0..50).filter(|at| !before.contains(at)).map(value).fold(f64::MIN, f64::max);
                    assert!(value(place) >= best - 1e-5, "{metric:?} {diversity}: {} of {best}", value(place));
                }
            }
        }
    }
}

#[test]
fn few_hits_are_all_chosen_and_none_gives_none() {
    let mut guest = Collection::new(DIMS, Metric::Cosine, Shape::DEFAULT, usize::MAX).unwrap();
    let mut random = Random(1);
    let vectors: Vec<Vec<f32>> = (0..3).map(|_| random.vector(Metric::Cosine, DIMS)).collect();
    let items: Vec<Item> = (0..3).map(|i| Item::new(i, i, &format!("i{i}"))).collect();
    guest.apply(section(DIMS, &items, 0, &vectors)).unwrap();
    assert!(guest.diverse(&[], &[], 0.5, 10).unwrap().is_empty());
    let mut chosen = guest.diverse(&[0, 1, 2], &[0.9, 0.8, -0.5], 0.5, 10).unwrap();
    chosen.sort_unstable();
    assert_eq!(chosen, [0, 1, 2]);
    assert!(guest.diverse(&[7], &[1.0], 0.5, 1).is_err());
}
