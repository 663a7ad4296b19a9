//! A collection whose vectors are fetched page by page answers bit for bit as one that has them all in memory, at any budget; and damaged
//! pages are refused.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

mod common;

use aetherv_ann::build::Shape;
use aetherv_ann::codes::Metric;
use aetherv_collection::{Collection, Compactor, Query, Report};
use aetherv_core::Code;
use common::{Item, METRICS, Random, apart, bits, n_equals, section, section_of, source};
use std::collections::BTreeMap;

/// Supplies what a guest lacks of segment 5.
fn hand_in(guest: &mut Collection, segment: &[u8]) {
    for range in guest.lacking().chunks(3) {
        let (from, to) = (range[1] as usize, range[2] as usize);
        guest.supply(5, from, &segment[from..to]).unwrap();
    }
}

struct Twins {
    dims: usize,
    metric: Metric,
    random: Random,
    whole: Collection,
    paged: Collection,
    vectors: BTreeMap<u32, Vec<u8>>,
    items: Vec<Item>,
    rows: Vec<Vec<f32>>,
    next: u32,
    /// Pages that were fetched.
    fetched: usize,
}

impl Twins {
    fn new(seed: u64, metric: Metric, dims: usize) -> Self {
        let new = || Collection::new(dims, metric, Shape::DEFAULT, usize::MAX).unwrap();
        let (random, items, rows) = (Random(seed), Vec::new(), Vec::new());
        Self {
            dims,
            metric,
            random,
            whole: new(),
            paged: new(),
            vectors: BTreeMap::new(),
            items,
            rows,
            next: 0,
            fetched: 0,
        }
    }

    /// New items, and items with the vector of another.
    fn write(&mut self, count: usize) {
        let (first, from) = (self.rows.len(), self.items.len());
        for _ in 0..count {
            let again = self.random.below(4) == 0 && first > 0;
            let cno = if again { self.random.below(first) } else { self.rows.len() };
            if !again {
                // Equal vectors too: ties.
                let twin = self.random.below(10) == 0 && first > 0;
                let row = if twin {
                    self.rows[self.random.below(first)].clone()
                } else {
                    self.random.vector(self.metric, self.dims)
                };
                self.rows.push(row);
            }
            let ino = self.items.len() as u32;
            self.items.push(Item::new(ino, cno as u32, &format!("i{}", self.random.below(200))));
        }
        let bytes = section(self.dims, &self.items[from..], first as u32, &self.rows[first..]);
        self.whole.apply(bytes.clone()).unwrap();
        self.paged.apply(bytes).unwrap();
    }

    fn attach(&mut self, segment: Vec<u8>) {
        self.next += 1;
        self.whole.attach_vectors(self.next, segment.clone()).unwrap();
        let here = self.random.below(3) == 0;
        let (head, columns) = apart(&segment, here, self.random.below(64));
        let source = (self.random.below(2) == 0).then(|| source(&segment, self.random.below(4)));
        self.paged.attach_paged(self.next, head, columns, here, source).unwrap();
        self.vectors.insert(self.next, segment);
    }

    fn flush(&mut self) {
        let (items, vectors) = (self.whole.seal_items().unwrap(), self.whole.seal_vectors().unwrap());
        assert_eq!(
            (self.paged.seal_items().unwrap(), self.paged.seal_vectors().unwrap()),
            (items.clone(), vectors.clone())
        );
        self.next += 1;
        for guest in [&mut self.whole, &mut self.paged] {
            if !items.is_empty() {
                guest.attach_items(self.next, items.clone()).unwrap();
            }
        }
        if !vectors.is_empty() {
            self.attach(vectors);
        }
        self.whole.clear_mem();
        self.paged.clear_mem();
    }

    fn compact(&mut self, shown: &[u32]) {
        let ids: Vec<u32> = self.vectors.keys().copied().collect();
        let mut job = Compactor::new(self.dims, self.metric, Shape::DEFAULT, 30).unwrap();
        for id in &ids {
            let live = self.whole.rows_used(*id, &bits(shown.iter().copied())).unwrap();
            let kept = self.whole.rows_used(*id, &bits(0..self.items.len() as u32)).unwrap();
            job.add(self.vectors[id].clone(), live, kept).unwrap();
        }
        while job.grow(100).unwrap() > 0 {}
        for segment in [job.live_segment().unwrap(), job.archive_segment().unwrap()] {
            if !segment.is_empty() {
                self.attach(segment);
            }
        }
        for guest in [&mut self.whole, &mut self.paged] {
            guest.detach(&ids);
        }
        self.vectors.retain(|id, _| !ids.contains(id));
    }

    /// Asks again until nothing is lacking.
    fn answered<T>(&mut self, ask: &dyn Fn(&mut Collection) -> T) -> T {
        for _ in 0..100 {
            let answer = ask(&mut self.paged);
            if !self.paged.lacks() {
                return answer;
            }
            for range in self.paged.lacking().chunks(3) {
                let (from, to) = (range[1] as usize, range[2] as usize);
                self.fetched += 1;
                self.paged.supply(range[0], from, &self.vectors[&range[0]][from..to]).unwrap();
            }
            assert!(!self.paged.lacks());
        }
        panic!("it lacks something in every round");
    }

    fn check(&mut self, shown: &[u32]) {
        let view = self.whole.add_view(bits(shown.iter().copied()));
        assert_eq!(self.paged.add_view(bits(shown.iter().copied())), view);
        for filter in [Vec::new(), n_equals(3.0)] {
            for exact in [true, false] {
                let (k, ef) = (1 + self.random.below(30), 10 + self.random.below(60));
                let query = Query { view, filter: &filter, k, ef, exact };
                let count = 1 + self.random.below(10);
                let vectors: Vec<f32> = (0..count).flat_map(|_| self.random.vector(self.metric, self.dims)).collect();
                let ask = |guest: &mut Collection| {
                    let mut out: Vec<(Report, Vec<(u32, u32)>)> = Vec::new();
                    let mut take = |report: Report, found: &[(u32, f32)]| {
                        out.push((report, found.iter().map(|hit| (hit.0, hit.1.to_bits())).collect()));
                    };
                    guest.search_each(&vectors, &query, &mut take).unwrap();
                    out
                };
                assert_eq!(self.answered(&ask), ask(&mut self.whole));
            }
        }
        let inos: Vec<u32> = (0..12).map(|_| shown[self.random.below(shown.len())]).collect();
        let describe = |guest: &mut Collection| guest.describe(&inos, true, true).unwrap();
        assert_eq!(self.answered(&describe), describe(&mut self.whole));
        for ino in inos {
            let other = self.rows[self.random.below(self.rows.len())].clone();
            let own = self.rows[self.items[ino as usize].cno as usize].clone();
            // One that has the same codes.
            let mut near = own.clone();
            near[0] = f32::from_bits(near[0].to_bits() ^ 1);
            for vector in [own, other, near] {
                let same = |guest: &mut Collection| guest.same_vector(ino, &vector).unwrap();
                assert_eq!(self.answered(&same), same(&mut self.whole));
            }
        }
        self.whole.drop_view(view);
        self.paged.drop_view(view);
    }

    /// Lets go of as much as the budget says, and fetches and checks what nobody asked for.
    fn breathe(&mut self) {
        if self.random.below(4) == 0 {
            while let [id, from, to] = self.paged.coming(1 + self.random.below(9000))[..] {
                let (range, bytes) = (from as usize..to as usize, &self.vectors[&id]);
                self.paged.room(id, &range).unwrap().copy_from_slice(&bytes[range.clone()]);
                self.paged.arrived(id, &range);
            }
        }
        if self.random.below(4) == 0 {
            while self.paged.check(1 + self.random.below(9000)) {}
        }
        let most = [0, 1, 3000, 20_000, usize::MAX][self.random.below(5)];
        self.paged.trim(most);
        assert!(self.paged.info().values_paged <= most);
        if self.random.below(4) == 0 {
            while let [id, from, to] = self.paged.absent(1 + self.random.below(9000))[..] {
                let bytes = &self.vectors[&id][from as usize..to as usize];
                self.paged.supply(id, from as usize, bytes).unwrap();
            }
            let info = self.paged.info();
            assert_eq!(info.values, info.values_here);
        }
    }
}

#[test]
fn pages_answer_as_the_whole_does_at_every_budget() {
    for metric in METRICS {
        // Pages of 341, 42 and 2 rows, and of one that is larger than a page.
        for dims in [3, 24, 400, 1100] {
            let mut twins = Twins::new(dims as u64, metric, dims);
            for _ in 0..14 {
                let count = 10 + twins.random.below(60);
                twins.write(count);
                let all = twins.items.len() as u32;
                let shown: Vec<u32> = (0..all).filter(|_| twins.random.below(4) > 0).collect();
                match twins.random.below(4) {
                    0 => {}
                    1 => twins.compact(&shown),
                    _ => twins.flush(),
                }
                twins.breathe();
                twins.check(&shown);
            }
            assert!(twins.fetched > 10, "{metric:?} {dims}: {} fetched", twins.fetched);
        }
    }
}

/// A segment of 300 rows of 24 dimensions: 42 a page.
fn opened() -> (Collection, Vec<u8>) {
    let mut twins = Twins::new(9, Metric::Cosine, 24);
    twins.write(300);
    twins.flush();
    let (_, segment) = twins.vectors.pop_first().unwrap();
    let mut guest = Collection::new(24, Metric::Cosine, Shape::DEFAULT, usize::MAX).unwrap();
    let (head, columns) = apart(&segment, false, 0);
    guest.attach_paged(5, head, columns, false, None).unwrap();
    (guest, segment)
}

#[test]
fn a_flipped_bit_of_any_page_is_noticed_and_nothing_of_it_is_kept() {
    let (mut guest, segment) = opened();
    let mut random = Random(3);
    let from = section_of(&segment, b"Rows").start + 16;
    for _ in 0..300 {
        let mut bytes = segment[from..].to_vec();
        let at = random.below(bytes.len());
        bytes[at] ^= 1 << random.below(8);
        let error = guest.supply(5, from, &bytes).unwrap_err();
        assert_eq!(error.code, Code::Corrupt);
        // Those before it are right.
        assert_eq!(guest.info().values_here, at / (42 * 96) * (42 * 96));
        guest.trim(0);
    }
    guest.supply(5, from, &segment[from..]).unwrap();
    assert_eq!(guest.info().values_here, segment.len() - from);
}

#[test]
fn bytes_that_are_no_pages_are_refused_and_those_of_other_segments_passed_over() {
    let (mut guest, segment) = opened();
    let (from, page) = (section_of(&segment, b"Rows").start + 16, 42 * 96);
    for (from, bytes) in [
        (from + 96, &segment[from + 96..]),
        (from, &segment[from..from + 96]),
        (from, &segment[from..from + page + 96]),
        (from - 16, &segment[from - 16..]),
        (0, &segment[..page]),
        (segment.len(), &segment[..page]),
        (usize::MAX, &segment[..page]),
    ] {
        assert_eq!(guest.supply(5, from, bytes).unwrap_err().code, Code::Internal);
        guest.trim(0);
    }
    guest.supply(6, from, &segment[..5]).unwrap();
    guest.supply(5, from, &[]).unwrap();
    assert_eq!(guest.info().values_here, 0);
}

#[test]
fn a_damaged_head_is_refused() {
    let (_, segment) = opened();
    let (head, columns) = apart(&segment, false, 0);
    let open = |bytes: Vec<u8>| {
        let mut guest = Collection::new(24, Metric::Cosine, Shape::DEFAULT, usize::MAX).unwrap();
        guest.attach_paged(5, bytes, columns.clone(), false, None)
    };
    open(head.clone()).unwrap();
    let mut random = Random(4);
    for len in (0..head.len()).step_by(97).chain([head.len() - 1]) {
        assert!(open(head[..len].to_vec()).is_err());
    }
    for _ in 0..2000 {
        let mut bytes = head.clone();
        let at = random.below(bytes.len());
        bytes[at] ^= 1 << random.below(8);
        // Only padding between sections does not matter.
        if let Err(error) = open(bytes) {
            assert!(matches!(error.code, Code::Corrupt | Code::FormatNewer), "byte {at}: {error}");
        }
    }
    assert!(open(segment).is_err());
}

#[test]
fn a_flipped_bit_of_codes_or_links_is_told_to_who_reads_it_and_never_a_wrong_hit() {
    for metric in METRICS {
        let mut twins = Twins::new(11, metric, 24);
        twins.write(300);
        twins.flush();
        twins.compact(&(0..300).collect::<Vec<_>>());
        let (_, segment) = twins.vectors.pop_first().unwrap();
        let view = twins.whole.add_view(bits(0..300));
        let (mut random, mut told, mut unharmed) = (Random(5), 0, 0);
        for turn in 0..200 {
            let (head, mut columns) = apart(&segment, true, 0);
            let which = turn % 2;
            let at = random.below(columns[which].len());
            columns[which][at] ^= 1 << random.below(8);
            let (vector, exact) = (random.vector(metric, 24), which == 0 && random.below(3) == 0);
            let query = Query { view, filter: &[], k: 5, ef: 10, exact };
            twins.whole.search(&vector, &query).unwrap();
            let want = twins.whole.found().to_vec();
            let mut guest = Collection::new(24, metric, Shape::DEFAULT, usize::MAX).unwrap();
            guest.attach_paged(5, head, columns, true, None).unwrap();
            guest.apply(section(24, &twins.items, 0, &[])).unwrap();
            guest.add_view(bits(0..300));
            let mut taken = guest.search(&vector, &query);
            while taken.is_ok() && guest.lacks() {
                hand_in(&mut guest, &segment);
                taken = guest.search(&vector, &query);
            }
            match taken {
                Ok(_) => {
                    assert!(!exact);
                    assert_eq!(guest.found(), want, "{metric:?} {turn}");
                    unharmed += 1;
                }
                Err(error) => {
                    assert_eq!(error.code, Code::Corrupt);
                    assert!(error.detail.contains("segment 5 "), "{error}");
                    told += 1;
                    // It may have been read wrong: it is asked for again, and then all is well.
                    while let [_, from, to] = guest.coming(usize::MAX)[..] {
                        guest.supply(5, from as usize, &segment[from as usize..to as usize]).unwrap();
                    }
                    while guest.check(1 << 20) {}
                    while guest.search(&vector, &query).is_ok() && guest.lacks() {
                        hand_in(&mut guest, &segment);
                    }
                    assert_eq!(guest.found(), want, "{metric:?} {turn}");
                }
            }
        }
        assert!(told > 20 && unharmed > 20, "{metric:?}: {told} told, {unharmed} unharmed");
    }
}

/// Codes of 64 dimensions end where links begin.
#[test]
fn codes_and_links_that_lie_side_by_side_are_asked_for_apart() {
    let mut twins = Twins::new(13, Metric::Cosine, 64);
    twins.write(2000);
    twins.flush();
    twins.compact(&(0..2000).collect::<Vec<_>>());
    let (_, segment) = twins.vectors.pop_first().unwrap();
    assert_eq!(section_of(&segment, b"Code").end, section_of(&segment, b"lnks").start);
    let mut random = Random(7);
    for _ in 0..60 {
        let (head, columns) = apart(&segment, false, 0);
        let mut guest = Collection::new(64, Metric::Cosine, Shape::DEFAULT, usize::MAX).unwrap();
        guest.attach_paged(5, head, columns, false, None).unwrap();
        guest.apply(section(64, &twins.items, 0, &[])).unwrap();
        let view = guest.add_view(bits(0..2000));
        let vectors: Vec<f32> = (0..6).flat_map(|_| random.vector(Metric::Cosine, 64)).collect();
        let query = Query { view, filter: &[], k: 3, ef: 4, exact: false };
        let asked = |guest: &mut Collection| guest.search_each(&vectors, &query, &mut |_, _| ()).unwrap();
        asked(&mut guest);
        while guest.lacks() {
            hand_in(&mut guest, &segment);
            asked(&mut guest);
        }
    }
}
