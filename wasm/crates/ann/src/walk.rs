//! Best-first search of the graph, over codes.

use crate::arrival::Arrival;
use crate::codes::{Codes, Probe};
use crate::graph::{DEGREE_MAX, Graph, Layer, Link, WHOLE_MAX};
use crate::pool::{Pool, Visited};
use aetherv_core::Bits;

/// A masked walk ends after so many steps for each place of its pool that led outside the mask and found nothing inside.
const PATIENCE: usize = 4;

/// What walks need besides the graph, kept between them.
pub struct Walker {
    /// The best places of the last walk; of a masked one, those in the mask.
    pub pool: Pool,
    /// Places outside the mask that may lead to some inside.
    aside: Pool,
    visited: Visited,
    fresh: [u32; DEGREE_MAX],
    rows: [u32; DEGREE_MAX],
    scores: [f32; DEGREE_MAX],
    /// What walks met since this was cleared and is not there: then their pool is no answer.
    pub lacks: Lacks,
    /// Rows whose codes were compared since this was set to 0.
    pub compared: u32,
    /// Places whose links were followed since this was set to 0.
    pub followed: u32,
}

/// What is not there yet. A walk goes on without it, so that it learns of as much as it can.
#[derive(Default)]
pub struct Lacks {
    /// Rows without codes.
    pub codes: Vec<u32>,
    /// Places of layer 0 without links.
    pub links: Vec<u32>,
}

impl Lacks {
    /// Is nothing lacking?
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.codes.is_empty() && self.links.is_empty()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.codes.clear();
        self.links.clear();
    }
}

impl Default for Walker {
    fn default() -> Self {
        Self {
            pool: Pool::default(),
            aside: Pool::default(),
            visited: Visited::default(),
            fresh: [0; DEGREE_MAX],
            rows: [0; DEGREE_MAX],
            scores: [0.0; DEGREE_MAX],
            lacks: Lacks::default(),
            compared: 0,
            followed: 0,
        }
    }
}

impl Walker {
    /// Walks from the top down to layer 0; the pool holds the best rows met there, at most `ef`.
    pub fn search(&mut self, graph: &Graph, codes: &Codes<'_>, probe: &Probe, ef: usize) {
        let from = self.descend(graph, codes, probe);
        if let Some(base) = graph.layers.first().filter(|_| self.lacks.is_empty()) {
            self.walk(base, codes, probe, from, ef);
        }
    }

    /// The same among the rows of a mask, which is walked into from `seeds` too. Other rows are walked through and take
    /// no place in the pool. False when it is given up, after comparing `budget` rows.
    #[expect(clippy::too_many_arguments, reason = "a walk is what all of these are for")]
    pub fn search_masked(
        &mut self,
        graph: &Graph,
        codes: &Codes<'_>,
        probe: &Probe,
        mask: &Bits,
        seeds: &[u32],
        ef: usize,
        budget: u32,
    ) -> bool {
        let patience = PATIENCE * ef;
        let from = self.descend(graph, codes, probe);
        let Some(base) = graph.layers.first() else { return false };
        if !self.lacks.is_empty() {
            return true;
        }
        self.pool.reset(ef);
        self.aside.reset(2 * ef);
        self.visited.reset(base.len());
        self.meet_masked(base, codes, probe, mask, &[from.to_le_bytes()]);
        for seeds in seeds.chunks(DEGREE_MAX) {
            let mut places = [from.to_le_bytes(); DEGREE_MAX];
            places.iter_mut().zip(seeds).for_each(|(place, seed)| *place = seed.to_le_bytes());
            self.meet_masked(base, codes, probe, mask, &places);
        }
        let mut idle = 0;
        while idle < patience {
            let inside = self.pool.advance();
            if let Some(place) = inside {
                self.follow_masked(base, codes, probe, mask, place);
            }
            if self.compared > budget {
                return false;
            }
            let Some(place) = self.aside.advance_above(self.pool.floor()) else {
                if inside.is_none() {
                    break;
                }
                continue;
            };
            let found = self.follow_masked(base, codes, probe, mask, place);
            idle = if inside.is_some() || found { 0 } else { idle + 1 };
        }
        true
    }

    /// Best-first search of one layer with a pool of `ef` places. A small layer is looked at whole.
    pub fn walk(&mut self, layer: &Layer, codes: &Codes<'_>, probe: &Probe, from: u32, ef: usize) {
        self.pool.reset(ef);
        if layer.len() <= WHOLE_MAX {
            return self.look(layer, codes, probe);
        }
        self.visited.reset(layer.len());
        if layer.coming().is_some() || codes.coming.is_some() {
            return self.walk_coming(layer, codes, probe, from);
        }
        let (links, degree) = (layer.links(), layer.degree());
        self.meet(layer, codes, probe, &[from.to_le_bytes()]);
        while let Some(place) = self.pool.advance() {
            self.followed += 1;
            let at = place as usize * degree;
            self.meet(layer, codes, probe, links.get(at..at + degree).unwrap_or_default());
        }
    }

    /// The place on layer 0 to begin at.
    fn descend(&mut self, graph: &Graph, codes: &Codes<'_>, probe: &Probe) -> u32 {
        let mut from = 0;
        for layer in graph.layers.iter().take(graph.top() + 1).skip(1).rev() {
            // Where to go on is not known: whatever is met from elsewhere would be fetched for nothing.
            if !self.lacks.is_empty() {
                break;
            }
            self.walk(layer, codes, probe, from, 1);
            from = self.below(layer);
        }
        from
    }

    /// Where the best place of the last walk is on the layer below.
    pub fn below(&self, layer: &Layer) -> u32 {
        let best = self.pool.iter().next().map_or(0, |(place, _)| place);
        layer.down.get(best as usize).copied().unwrap_or_default()
    }

    fn look(&mut self, layer: &Layer, codes: &Codes<'_>, probe: &Probe) {
        let count = layer.len();
        for (row, place) in self.rows.iter_mut().zip(0..count as u32) {
            *row = layer.row(place);
        }
        if let Some(coming) = codes.coming {
            let rows = self.rows.iter().take(count);
            self.lacks.codes.extend(rows.copied().filter(|row| !coming.has(*row)));
            if !self.lacks.is_empty() {
                return;
            }
        }
        self.compared += count as u32;
        codes.score(probe, self.rows.get(..count).unwrap_or_default(), &mut self.scores);
        for (place, &score) in (0..count as u32).zip(&self.scores) {
            self.pool.push(place, score);
        }
    }

    /// Scores those of the links that are new, and offers them to the pool.
    #[inline]
    fn meet(&mut self, layer: &Layer, codes: &Codes<'_>, probe: &Probe, links: &[Link]) {
        let count = self.enter(links);
        self.offer(layer, codes, probe, count);
    }

    /// The walk where codes or links may lack: apart, since it would slow down walks where none do.
    #[inline(never)]
    fn walk_coming(&mut self, layer: &Layer, codes: &Codes<'_>, probe: &Probe, from: u32) {
        self.meet_coming(layer, codes, probe, &[from.to_le_bytes()]);
        while let Some(place) = self.pool.advance() {
            self.followed += 1;
            if layer.coming().is_none_or(|coming| coming.has(place)) {
                self.meet_coming(layer, codes, probe, layer.slots(place));
            } else {
                self.lacks.links.push(place);
            }
        }
    }

    fn meet_coming(&mut self, layer: &Layer, codes: &Codes<'_>, probe: &Probe, links: &[Link]) {
        let count = self.enter(links);
        let kept = codes.coming.map_or(count, |coming| self.keep(layer, coming, count));
        self.offer(layer, codes, probe, kept);
    }

    /// Scores the first `count` places in `fresh`, and offers them to the pool.
    #[inline]
    fn offer(&mut self, layer: &Layer, codes: &Codes<'_>, probe: &Probe, count: usize) {
        let fresh = self.fresh.get(..count).unwrap_or_default();
        let rows = if layer.rows.is_empty() {
            fresh
        } else {
            for (row, &place) in self.rows.iter_mut().zip(fresh) {
                *row = layer.row(place);
            }
            self.rows.get(..count).unwrap_or_default()
        };
        codes.touch(rows);
        codes.score(probe, rows, &mut self.scores);
        for (&place, &score) in fresh.iter().zip(&self.scores) {
            self.pool.push(place, score);
        }
    }

    fn follow_masked(&mut self, base: &Layer, codes: &Codes<'_>, probe: &Probe, mask: &Bits, place: u32) -> bool {
        self.followed += 1;
        if base.coming().is_some_and(|coming| !coming.has(place)) {
            self.lacks.links.push(place);
            return false;
        }
        self.meet_masked(base, codes, probe, mask, base.slots(place))
    }

    /// Like `meet` on layer 0, each row to the pool it belongs in; did one inside the mask get in?
    #[inline]
    fn meet_masked(&mut self, base: &Layer, codes: &Codes<'_>, probe: &Probe, mask: &Bits, links: &[Link]) -> bool {
        let mut count = self.enter(links);
        if let Some(coming) = codes.coming {
            count = self.keep(base, coming, count);
        }
        let fresh = self.fresh.get(..count).unwrap_or_default();
        codes.touch(fresh);
        codes.score(probe, fresh, &mut self.scores);
        let mut found = false;
        for (&row, &score) in fresh.iter().zip(&self.scores) {
            if mask.has(row) {
                found |= self.pool.push(row, score);
            } else {
                self.aside.push(row, score);
            }
        }
        found
    }

    /// Of the first `count` places in `fresh` keeps those whose codes are there; how many there are.
    #[inline(never)]
    fn keep(&mut self, layer: &Layer, coming: &Arrival, count: usize) -> usize {
        let mut kept = 0;
        for at in 0..count {
            let place = self.fresh.get(at).copied().unwrap_or_default();
            let row = layer.row(place);
            if !coming.has(row) {
                self.lacks.codes.push(row);
            } else if let Some(slot) = self.fresh.get_mut(kept) {
                *slot = place;
                kept += 1;
            }
        }
        kept
    }

    /// Gathers the links not met before in `fresh` and marks them; how many there are. Without a branch, since nothing predicts
    /// which were met.
    #[inline]
    fn enter(&mut self, links: &[Link]) -> usize {
        let mut count = 0;
        for link in links {
            let place = u32::from_le_bytes(*link);
            if let Some(slot) = self.fresh.get_mut(count) {
                *slot = place;
            }
            count += usize::from(self.visited.enter(place));
        }
        self.compared += count as u32;
        count
    }
}
