//! A collection against a plain map and an exact search: put, replace, update of metadata, delete, seal, attach, detach, compact, and
//! views of earlier moments; by seed, so that a failure repeats.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use aetherv_ann::build::Shape;
use aetherv_ann::codes::Metric;
use aetherv_collection::{Collection, Compactor, NONE, Query, Report};
use aetherv_core::Bits;
use common::{DIMS, Item, METRICS, Random, bits, n_equals, packed, score, section};
use std::collections::BTreeMap;

const FLAT_MAX: usize = 20;
const IDS: usize = 120;

/// The same, kept plainly.
struct Model {
    metric: Metric,
    random: Random,
    guest: Collection,
    items: Vec<Item>,
    vectors: Vec<Vec<f32>>,
    /// Item version of each id now.
    now: BTreeMap<String, u32>,
    /// Views of some moments: handle and what they show.
    views: Vec<(u32, BTreeMap<String, u32>)>,
    item_segments: BTreeMap<u32, Vec<u8>>,
    vector_segments: BTreeMap<u32, Vec<u8>>,
    /// How searches were answered.
    strategies: u32,
    next: u32,
}

impl Model {
    fn new(seed: u64, metric: Metric) -> Self {
        Self {
            metric,
            random: Random(seed),
            guest: Collection::new(DIMS, metric, Shape::DEFAULT, usize::MAX).unwrap(),
            items: Vec::new(),
            vectors: Vec::new(),
            now: BTreeMap::new(),
            views: Vec::new(),
            item_segments: BTreeMap::new(),
            vector_segments: BTreeMap::new(),
            strategies: 0,
            next: 0,
        }
    }

    fn step(&mut self) {
        match self.random.below(20) {
            0..10 => self.write(),
            10..12 => (0..self.random.below(4)).for_each(|_| self.delete()),
            12..15 => self.look_back(),
            15..17 => self.flush(),
            17 => self.reseal(),
            18 => self.compact(),
            _ => self.reopen(),
        }
    }

    /// Puts, replaces and updates the metadata of some.
    fn write(&mut self) {
        let (mut items, first) = (Vec::new(), self.vectors.len());
        for _ in 0..=self.random.below(12) {
            let id = format!("\u{fc}-{}", self.random.below(IDS));
            let known =
                self.now.get(&id).map(|ino| self.items[*ino as usize].cno).filter(|_| self.random.below(3) == 0);
            let cno = known.unwrap_or_else(|| {
                self.vectors.push(self.random.vector(self.metric, DIMS));
                self.vectors.len() as u32 - 1
            });
            let item = Item::new(self.items.len() as u32, cno, &id);
            self.now.insert(id, item.ino);
            self.items.push(item.clone());
            items.push(item);
        }
        self.guest.apply(section(DIMS, &items, first as u32, &self.vectors[first..])).unwrap();
    }

    fn delete(&mut self) {
        let at = self.random.below(self.now.len().max(1));
        if let Some(id) = self.now.keys().nth(at).cloned() {
            self.now.remove(&id);
        }
    }

    /// Keeps a view of this moment, or drops one.
    fn look_back(&mut self) {
        if self.views.len() > 4 {
            let (handle, _) = self.views.remove(self.random.below(4));
            self.guest.drop_view(handle);
        }
        let handle = self.guest.add_view(bits(self.now.values().copied()));
        self.views.push((handle, self.now.clone()));
    }

    fn id(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn flush(&mut self) {
        let (items, vectors) = (self.guest.seal_items().unwrap(), self.guest.seal_vectors().unwrap());
        let (id, other) = (self.id(), self.id());
        if !items.is_empty() {
            self.guest.attach_items(id, items.clone()).unwrap();
            self.item_segments.insert(id, items);
        }
        if !vectors.is_empty() {
            self.guest.attach_vectors(other, vectors.clone()).unwrap();
            self.vector_segments.insert(other, vectors);
        }
        self.guest.clear_mem();
        assert_eq!(self.guest.mem_bytes(), 0);
    }

    /// Item versions that the branch or a view shows.
    fn kept(&self) -> Bits {
        let views = self.views.iter().flat_map(|view| view.1.values());
        bits(self.now.values().chain(views).copied())
    }

    fn reseal(&mut self) {
        let ids: Vec<u32> = self.item_segments.keys().copied().filter(|_| self.random.below(2) == 0).collect();
        let whole = self.guest.reseal_items(&ids, &self.kept()).unwrap();
        let id = self.id();
        if !whole.is_empty() {
            // First the new one, then the old ones go: in between both are here.
            self.guest.attach_items(id, whole.clone()).unwrap();
            self.check();
            self.item_segments.insert(id, whole);
        }
        self.guest.detach(&ids);
        self.item_segments.retain(|id, _| !ids.contains(id));
    }

    fn compact(&mut self) {
        let ids: Vec<u32> = self.vector_segments.keys().copied().filter(|_| self.random.below(3) > 0).collect();
        let mut job = Compactor::new(DIMS, self.metric, Shape::DEFAULT, FLAT_MAX).unwrap();
        let (now, kept) = (bits(self.now.values().copied()), self.kept());
        for id in &ids {
            let (live, kept) = (self.guest.rows_used(*id, &now).unwrap(), self.guest.rows_used(*id, &kept).unwrap());
            job.add(self.vector_segments[id].clone(), live, kept).unwrap();
        }
        while job.grow(25).unwrap() > 0 {}
        for segment in [job.live_segment().unwrap(), job.archive_segment().unwrap()] {
            let id = self.id();
            if !segment.is_empty() {
                self.guest.attach_vectors(id, segment.clone()).unwrap();
                self.check();
                self.vector_segments.insert(id, segment);
            }
        }
        self.guest.detach(&ids);
        self.vector_segments.retain(|id, _| !ids.contains(id));
        assert_eq!(self.guest.unreachable(), 0);
    }

    /// All from the segments again.
    fn reopen(&mut self) {
        self.flush();
        self.guest = Collection::new(DIMS, self.metric, Shape::DEFAULT, usize::MAX).unwrap();
        for (id, segment) in self.vector_segments.iter().rev() {
            self.guest.attach_vectors(*id, segment.clone()).unwrap();
        }
        for (id, segment) in &self.item_segments {
            self.guest.attach_items(*id, segment.clone()).unwrap();
        }
        for (handle, shown) in &mut self.views {
            *handle = self.guest.add_view(bits(shown.values().copied()));
        }
    }

    /// All that can be asked, of now and of each view.
    fn check(&mut self) {
        let now = self.guest.add_view(bits(self.now.values().copied()));
        let views: Vec<_> = self.views.iter().cloned().chain([(now, self.now.clone())]).collect();
        for (view, shown) in &views {
            let mut inos: Vec<u32> = shown.values().copied().collect();
            inos.sort_unstable();
            assert_eq!(self.guest.list(*view, &[], 0, usize::MAX).unwrap(), inos);
            assert_eq!(self.guest.count(*view, &[]).unwrap() as usize, inos.len());
            let (ids, ends) = packed(&(0..IDS).map(|at| format!("\u{fc}-{at}")).collect::<Vec<_>>());
            let want: Vec<u32> =
                (0..IDS).map(|at| shown.get(&format!("\u{fc}-{at}")).copied().unwrap_or(NONE)).collect();
            assert_eq!(self.guest.find(&ids, &ends, *view).unwrap(), want);
            let of_three: Vec<u32> =
                inos.iter().copied().filter(|ino| self.items[*ino as usize].meta == "{\"n\":3}").collect();
            assert_eq!(self.guest.list(*view, &n_equals(3.0), 0, usize::MAX).unwrap(), of_three);
            for (filter, shown) in [(Vec::new(), &inos), (n_equals(3.0), &of_three)] {
                self.search(*view, &filter, shown);
            }
        }
        self.guest.drop_view(now);
        self.describe();
    }

    fn search(&mut self, view: u32, filter: &[u8], shown: &[u32]) {
        let vector = self.random.vector(self.metric, DIMS);
        let k = 1 + self.random.below(20);
        let query = Query { view, filter, k, ef: 60, exact: true };
        let report = self.guest.search(&vector, &query).unwrap();
        assert!(report.exact);
        assert_eq!(report.matches as usize, shown.len());
        let mut want: Vec<(u32, f32)> = shown
            .iter()
            .map(|&ino| (ino, score(self.metric, &vector, &self.vectors[self.items[ino as usize].cno as usize])))
            .collect();
        want.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        want.truncate(k);
        let found = self.guest.found().to_vec();
        assert_eq!(found.len(), want.len());
        for ((ino, score), (other, wanted)) in found.iter().zip(&want) {
            assert!((score - wanted).abs() < 1e-4, "{ino} has {score}, {other} has {wanted}");
            assert!(shown.binary_search(ino).is_ok());
        }
        // Queries asked together are answered as each is alone.
        let vectors: Vec<f32> = (0..11).flat_map(|_| self.random.vector(self.metric, DIMS)).collect();
        for exact in [true, false] {
            let (query, mut together, mut alone) = (Query { exact, ..query }, Vec::new(), Vec::new());
            let mut take = |report: Report, found: &[(u32, f32)]| together.push((report, found.to_vec()));
            self.guest.search_each(&vectors, &query, &mut take).unwrap();
            for vector in vectors.chunks(DIMS) {
                alone.push((self.guest.search(vector, &query).unwrap(), self.guest.found().to_vec()));
            }
            assert_eq!(together, alone);
        }
        // Walks find nearly the same, and never what is not shown.
        let report = self.guest.search(&vector, &Query { exact: false, ..query }).unwrap();
        self.strategies |= report.strategy;
        assert_eq!(self.guest.found().len(), want.len());
        assert!(self.guest.found().iter().all(|(ino, _)| shown.binary_search(ino).is_ok()));
        let same = self.guest.found().iter().filter(|hit| found.contains(hit)).count();
        assert!(10 * same >= 8 * found.len() || found.len() < 5, "{same} of {} {report:?}", found.len());
    }

    fn describe(&mut self) {
        let inos: Vec<u32> = (0..10).filter_map(|_| self.now.values().nth(self.random.below(IDS))).copied().collect();
        let items: Vec<&Item> = inos.iter().map(|ino| &self.items[*ino as usize]).collect();
        let blob = self.guest.describe(&inos, true, true).unwrap();
        let n = inos.len();
        let word = |at: usize| u32::from_le_bytes(blob[4 * at..4 * at + 4].try_into().unwrap());
        assert_eq!(word(0) as usize, n);
        let mut at = 4 + 12 * n;
        for item in &items {
            let vector = &self.vectors[item.cno as usize];
            assert_eq!(blob[at..at + 4 * DIMS], vector.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>());
            assert!(self.guest.same_vector(item.ino, vector).unwrap());
            at += 4 * DIMS;
        }
        for (column, texts) in [
            items.iter().map(|item| &item.id).collect::<Vec<_>>(),
            items.iter().map(|item| &item.meta).collect(),
            items.iter().map(|item| &item.text).collect(),
        ]
        .iter()
        .enumerate()
        {
            let mut start = 0;
            for (row, text) in texts.iter().enumerate() {
                let end = word(1 + column * n + row) as usize;
                assert_eq!(&blob[at + start..at + end], text.as_bytes());
                start = end;
            }
            at += start;
        }
        assert_eq!(at, blob.len());
        let cnos: Vec<u32> = items.iter().map(|item| item.cno).collect();
        assert_eq!(self.guest.cnos(&inos).unwrap(), cnos);
        let versions: Vec<u8> = items.iter().flat_map(|item| item.version()).collect();
        assert_eq!(self.guest.versions(&inos).unwrap(), versions);
    }
}

#[test]
fn a_collection_answers_as_a_map_and_an_exact_search_do() {
    for metric in METRICS {
        let mut strategies = 0;
        for seed in 0..8 {
            println!("seed {seed}, {metric:?}");
            let mut model = Model::new(seed, metric);
            for _ in 0..120 {
                model.step();
                model.check();
            }
            strategies |= model.strategies;
        }
        assert_eq!(strategies & 3, 3, "runs with scans alone or walks alone say little");
    }
}
