//! Writes the list of one term; [`crate::list`] has the layout.

use crate::list::{BLOCK, Frequencies, Occurrence, each_row};
use crate::pack::{pack, width_of};
use aetherv_core::bytes::{put_u32s, put_varint};
use aetherv_text::tuning::{BODY, FIELDS};

const BODY_ONCE: u32 = 1 << BODY;

/// Appends the list of a term's sorted occurrences; returns in how many rows it is.
pub fn encode(all: &[Occurrence], classes: &[[u8; FIELDS]], out: &mut Vec<u8>) -> u32 {
    let mut writer = Writer { last: u32::MAX, ..Writer::default() };
    let (mut df, mut blocks, mut entries) = (0, Vec::new(), Vec::new());
    each_row(all, |row, tf, own| {
        writer.add(row, tf, own, classes.get(row as usize).copied().unwrap_or_default());
        df += 1;
        if writer.sets.len() == BLOCK {
            writer.block(&mut blocks);
            put_u32s(&mut entries, [row, blocks.len() as u32]);
            entries.extend_from_slice(&writer.most);
            entries.extend_from_slice(&writer.least);
            writer = Writer { last: row, ..Writer::default() };
        }
    });
    out.extend_from_slice(&entries);
    out.extend_from_slice(&blocks);
    writer.tail(out);
    df
}

/// What is known of the rows of the block in hand.
#[derive(Default)]
struct Writer {
    last: u32,
    gaps: Vec<u32>,
    sets: Vec<u32>,
    times: Vec<u32>,
    positions: Vec<u32>,
    most: [u8; FIELDS],
    least: [u8; FIELDS],
}

impl Writer {
    fn add(&mut self, row: u32, tf: Frequencies, own: &[Occurrence], classes: [u8; FIELDS]) {
        self.gaps.push(row.wrapping_sub(self.last).wrapping_sub(1));
        self.last = row;
        let mut set = 0;
        for (field, &times) in tf.iter().enumerate() {
            if times > 0 {
                set |= 1 << field;
                self.times.push(u32::from(times) - 1);
            }
        }
        if self.sets.is_empty() {
            self.least = classes;
        }
        self.sets.push(set);
        for (most, times) in self.most.iter_mut().zip(tf) {
            *most = (*most).max(u8::try_from(times).unwrap_or(u8::MAX));
        }
        for (least, class) in self.least.iter_mut().zip(classes) {
            *least = (*least).min(class);
        }
        let mut before = (usize::MAX, 0);
        let mut taken = Frequencies::default();
        for occurrence in own {
            let field = occurrence.field();
            // As many as the frequency says, which ends at 65,535.
            if let Some(count) = taken.get_mut(field).filter(|count| **count < u16::MAX) {
                *count += 1;
                let base = if before.0 == field { before.1 } else { 0 };
                self.positions.push(occurrence.position() - base);
                before = (field, occurrence.position());
            }
        }
    }

    fn block(&self, out: &mut Vec<u8>) {
        let least = self.sets.iter().copied().min().unwrap_or_default();
        let sets = || self.sets.iter().map(|set| set - least);
        let column = |values: &[u32]| width_of(values.iter().copied());
        // Positions take a bit at least, so that bytes bound how many can be claimed.
        let widths = [column(&self.gaps), width_of(sets()), column(&self.times), column(&self.positions).max(1)];
        let [gaps, own_sets, times, positions] = widths;
        out.extend_from_slice(&widths);
        out.push(least as u8);
        pack(out, gaps, self.gaps.iter().copied());
        pack(out, own_sets, sets());
        pack(out, times, self.times.iter().copied());
        pack(out, positions, self.positions.iter().copied());
    }

    fn tail(&self, out: &mut Vec<u8>) {
        let mut times = self.times.iter();
        for (gap, set) in self.gaps.iter().zip(&self.sets) {
            let own: Vec<u32> = times.by_ref().take(set.count_ones() as usize).copied().collect();
            let plain = *set == BODY_ONCE && own == [0];
            // A gap of 2^31 rows cannot be: a segment holds fewer.
            put_varint(out, gap << 1 | u32::from(!plain));
            if !plain {
                out.push(*set as u8);
                own.iter().for_each(|times| put_varint(out, times + 1));
            }
        }
        self.positions.iter().for_each(|gap| put_varint(out, *gap));
    }
}
