//! The arithmetic of the lexical score for a block of rows or sections: what is found in memory for them, what is computed,
//! where it goes.

use crate::rows::Unit;
use crate::view::Level;
use aetherv_core::lanes::{F32s, U32s};
use aetherv_segment::Frequencies;
use aetherv_segment::lengths::length_of;
use aetherv_text::bm25::{length_norm, saturate};
use aetherv_text::tuning::{FIELDS, Tuning, WHOLE};

/// What a step of frequency is worth in a field of each length class, and the saturation of their sum.
pub(crate) struct Worth {
    fields: Box<[[f32; CLASSES]; FIELDS]>,
    pub(crate) tuning: Tuning,
    pub(crate) level: Level,
}

const CLASSES: usize = 256;

/// Rows that are scored together.
pub(crate) const BLOCK: usize = 128;

impl Worth {
    pub(crate) fn new(tuning: &Tuning, level: &Level) -> Self {
        let mut fields = Box::new([[0.0; CLASSES]; FIELDS]);
        for (field, worth) in fields.iter_mut().enumerate() {
            let at = |values: &[f32; FIELDS]| values.get(field).copied().unwrap_or_default();
            let step = at(&tuning.boosts) / f32::from(WHOLE);
            let longest = level.longest.get(field).copied().unwrap_or_default();
            for (class, worth) in (0..=longest).zip(worth) {
                let norm = length_norm(at(&tuning.b), length_of(class) as f32, at(&level.averages));
                // Finite, so that a frequency of 0 is worth 0.
                *worth = (step / norm).min(f32::MAX);
            }
        }
        Self { fields, tuning: *tuning, level: *level }
    }
}

/// Rows or sections that are scored together, four at a time.
pub(crate) struct Batch {
    /// Frequencies by field.
    times: [[f32; BLOCK]; FIELDS],
    classes: [[u8; FIELDS]; BLOCK],
    scores: [f32; BLOCK],
}

impl Batch {
    pub(crate) const NEW: Self =
        Self { times: [[0.0; BLOCK]; FIELDS], classes: [[0; FIELDS]; BLOCK], scores: [0.0; BLOCK] };

    /// Takes four in: their length classes and frequencies.
    #[inline(always)]
    fn put(&mut self, at: usize, classes: [[u8; FIELDS]; 4], times: [U32s; 4]) {
        self.classes.as_chunks_mut::<4>().0.get_mut(at).into_iter().for_each(|own| *own = classes);
        let [a, b, c, d] = U32s::turned(times).map(|own| own.as_halves().get());
        let [to_a, to_b, to_c, to_d] = self.times.each_mut().map(|own| own.as_chunks_mut::<4>().0.get_mut(at));
        if let (Some(to_a), Some(to_b), Some(to_c), Some(to_d)) = (to_a, to_b, to_c, to_d) {
            (*to_a, *to_b, *to_c, *to_d) = (a, b, c, d);
        }
    }

    /// Adds what the frequencies in a field are worth, to nothing if it is the first.
    #[inline(never)]
    fn column(&mut self, field: usize, table: &[f32; CLASSES], is_first: bool) {
        let Some(times) = self.times.get(field) else {
            return;
        };
        let fours = times.as_chunks::<4>().0.iter().zip(self.classes.as_chunks::<4>().0);
        for ((times, classes), scores) in fours.zip(self.scores.as_chunks_mut::<4>().0) {
            // A table of as many places as a byte has values: no check is left of this.
            let worth = classes.map(|own| {
                let class = (u32::from_le_bytes(own) >> (8 * field)) as u8;
                table.get(usize::from(class)).copied().unwrap_or_default()
            });
            let more = F32s::new(*times) * F32s::new(worth);
            *scores = if is_first { more } else { F32s::new(*scores) + more }.get();
        }
    }

    /// BM25F of those whose frequencies are in `steps` each and none outside the fields that are `seen`.
    pub(crate) fn score(&mut self, worth: &Worth, seen: U32s, steps: f32, weight: f32) {
        let mut is_first = true;
        // Field by field, and most terms are in few: a field that has none would add 0. If none has any, the last one says so.
        for (field, (table, seen)) in worth.fields.iter().zip(seen.get()).enumerate() {
            if seen > 0 || (is_first && field + 1 == FIELDS) {
                self.column(field, table, is_first);
                is_first = false;
            }
        }
        let [steps, weight, none] = [steps, weight, 0.0].map(F32s::all);
        for four in self.scores.as_chunks_mut::<4>().0 {
            *four = (weight * saturate(worth.tuning.k1, F32s::new(*four) * steps)).above(none).get();
        }
    }

    /// Leaves what rows hold a term with and adds it to their sections. Returns in which fields it is.
    #[inline(never)]
    pub(crate) fn look_up(
        &mut self,
        units: &[Unit],
        vnos: &[u32],
        tf: &[Frequencies],
        touched: &mut Touched<'_>,
    ) -> U32s {
        let mut seen = U32s::all(0);
        for (at, (vnos, tf)) in vnos.as_chunks::<4>().0.iter().zip(tf.as_chunks::<4>().0).enumerate() {
            let own = vnos.map(|vno| units.get(vno as usize).copied().unwrap_or(Unit::NONE));
            let times = tf.map(Frequencies::lanes);
            let [a, b, c, d] = own.map(|unit| unit.section);
            let [e, f, g, h] = times;
            touched.add(a, e);
            touched.add(b, f);
            touched.add(c, g);
            touched.add(d, h);
            seen = seen | e | f | g | h;
            self.put(at, own.map(|unit| unit.classes), times);
        }
        seen
    }

    /// Takes sections in: their length classes, and the frequencies that they are left without.
    pub(crate) fn take_sums(&mut self, classes: &[[u8; FIELDS]], held: &[u32], sums: &mut [[u32; FIELDS]]) {
        let fours = held.as_chunks::<4>().0.iter().zip(sums.as_chunks_mut::<4>().0);
        for (at, (sections, sums)) in fours.enumerate() {
            let own = sections.map(|section| classes.get(section as usize).copied().unwrap_or_default());
            self.put(at, own, std::mem::take(sums).map(U32s::new));
        }
    }

    /// Adds scores to the totals of these numbers and notes those that had none. Returns the best total, or `best`.
    #[inline(never)]
    pub(crate) fn spread(&mut self, numbers: &[u32], totals: &mut [f32], noted: &mut Noted<'_>, best: f32) -> f32 {
        let (mut count, room) = (noted.count, &mut *noted.room);
        for (&number, score) in numbers.iter().zip(&mut self.scores) {
            if let Some(total) = totals.get_mut(number as usize) {
                room.get_mut(count).into_iter().for_each(|slot| *slot = number);
                count += usize::from((total.to_bits() == 0) & (score.to_bits() > 0));
                *total += *score;
                *score = *total;
            }
        }
        noted.count = count;
        // What is behind the last number is of other rows.
        self.scores.get_mut(numbers.len()..).into_iter().for_each(|rest| rest.fill(0.0));
        let most =
            self.scores.as_chunks::<4>().0.iter().fold(F32s::all(best), |most, four| F32s::new(*four).above(most));
        most.get().into_iter().fold(best, above)
    }
}

/// Where each section that holds the group in hand has its frequencies: side by side, in the order in which sections are
/// met, and not all over memory.
#[derive(Default)]
pub(crate) struct Places {
    /// By number of the section, counted from `base`: what is below is of groups before.
    pub(crate) of: Vec<u32>,
    base: u32,
    /// By place; 0 behind the last.
    sums: Vec<[u32; FIELDS]>,
}

impl Places {
    /// Before a group of as many rows as there is room for sections that hold it.
    pub(crate) fn begin<'a>(&'a mut self, held: &'a mut [u32]) -> Touched<'a> {
        if self.base == 0 || self.base.checked_add(held.len() as u32).is_none() {
            self.of.fill(0);
            self.base = 1;
        }
        self.sums.resize(self.sums.len().max(held.len()), [0; FIELDS]);
        Touched { places: &mut self.of, base: self.base, sums: &mut self.sums, held, count: 0 }
    }

    /// Behind a group that so many sections hold: their sums, to be left empty.
    pub(crate) fn end(&mut self, count: usize) -> impl Iterator<Item = &mut [[u32; FIELDS]]> {
        self.base += count as u32;
        self.sums.chunks_mut(BLOCK)
    }
}

/// The sections that hold the group in hand.
pub(crate) struct Touched<'a> {
    places: &'a mut [u32],
    base: u32,
    sums: &'a mut [[u32; FIELDS]],
    held: &'a mut [u32],
    pub(crate) count: usize,
}

impl Touched<'_> {
    /// Adds to a section what one of its rows has: side by side in memory, in the order in which sections are met.
    #[inline(always)]
    fn add(&mut self, section: u32, more: U32s) {
        if let Some(slot) = self.places.get_mut(section as usize) {
            let known = slot.wrapping_sub(self.base) as usize;
            let is_new = known >= self.count;
            let at = if is_new { self.count } else { known };
            *slot = self.base + at as u32;
            if let (Some(held), Some(sum)) = (self.held.get_mut(at), self.sums.get_mut(at)) {
                *held = section;
                // Title and headings are those of all its rows. A sum is below 2^32, as a row has 2^16 at most.
                *sum = U32s::new(*sum).larger_or_sum(more).get();
            }
            self.count += usize::from(is_new);
        }
    }
}

/// Numbers noted one after another, without a branch: whether one is new cannot be foretold.
pub(crate) struct Noted<'a> {
    room: &'a mut [u32],
    pub(crate) count: usize,
}

impl<'a> Noted<'a> {
    /// Room for `more` numbers behind those there are.
    pub(crate) fn new(all: &'a mut Vec<u32>, more: usize) -> Self {
        let count = all.len();
        all.resize(count + more, 0);
        Self { room: all, count }
    }
}

/// The value if it is above the floor, else the floor: one instruction, where `max` has to look for what is no number.
#[inline(always)]
fn above(value: f32, floor: f32) -> f32 {
    if value > floor { value } else { floor }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_have_the_sums_of_one_group_alone_also_when_places_run_out() {
        let mut places = Places { of: vec![0; 4], base: u32::MAX - 7, sums: Vec::new() };
        for _ in 0..6 {
            let mut held = [0; 4];
            let mut touched = places.begin(&mut held);
            for (section, times) in [(3, 1), (1, 5), (3, 2), (9, 7)] {
                touched.add(section, U32s::all(times));
            }
            assert_eq!(touched.count, 2);
            assert_eq!(held, [3, 1, 0, 0]);
            let sums = places.end(2).next().unwrap();
            assert_eq!(std::mem::take(&mut sums[0]), [2, 2, 3, 3]);
            assert_eq!(std::mem::take(&mut sums[1]), [5; FIELDS]);
        }
        assert!(places.base < 100);
    }
}
