//! Writes the list of one term; [`crate::list`] has the layout.

use crate::list::{Frequencies, Occurrence, each_row};
use crate::pack::{BLOCK, pack, pack_lanes, width_of};
use aetherv_core::bytes::{put_u32s, put_varint};
use aetherv_text::tuning::FIELDS;

const BODY_ONCE: Frequencies = [0, 0, 1, 0];

/// Appends the list of a term's sorted occurrences; returns in how many rows it is.
pub fn encode(all: &[Occurrence], classes: &[[u8; FIELDS]], out: &mut Vec<u8>) -> u32 {
    let mut writer = Writer { last: u32::MAX, ..Writer::default() };
    let (mut df, mut blocks, mut entries) = (0, Vec::new(), Vec::new());
    each_row(all, |row, tf, own| {
        writer.add(row, tf, own, classes.get(row as usize).copied().unwrap_or_default());
        df += 1;
        if writer.tf.len() == BLOCK {
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
    tf: Vec<Frequencies>,
    positions: Vec<u32>,
    most: [u8; FIELDS],
    least: [u8; FIELDS],
}

impl Writer {
    fn add(&mut self, row: u32, tf: Frequencies, own: &[Occurrence], classes: [u8; FIELDS]) {
        self.gaps.push(row.wrapping_sub(self.last).wrapping_sub(1));
        self.last = row;
        if self.tf.is_empty() {
            self.least = classes;
        }
        self.tf.push(tf);
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
        let column = |values: &[u32]| width_of(values.iter().copied());
        // Positions take a bit at least, so that bytes bound how many can be claimed.
        let positions = column(&self.positions).max(1);
        let of_field = |field: usize| {
            let times = self.tf.iter().map(|tf| tf.get(field).copied().map_or(0, u32::from));
            times.collect::<Vec<u32>>()
        };
        let mut columns = vec![self.gaps.clone()];
        columns.extend((0..FIELDS).map(of_field));
        out.extend(columns.iter().map(|values| column(values)));
        out.push(positions);
        columns.iter().for_each(|values| pack_lanes(out, column(values), values));
        pack(out, positions, self.positions.iter().copied());
    }

    fn tail(&self, out: &mut Vec<u8>) {
        for (gap, tf) in self.gaps.iter().zip(&self.tf) {
            let is_plain = *tf == BODY_ONCE;
            // A gap of 2^31 rows cannot be: a segment holds fewer.
            put_varint(out, gap << 1 | u32::from(!is_plain));
            if !is_plain {
                out.push((0..).zip(tf).fold(0, |set, (field, times)| set | u8::from(*times > 0) << field));
                tf.iter().filter(|times| **times > 0).for_each(|times| put_varint(out, u32::from(*times)));
            }
        }
        self.positions.iter().for_each(|gap| put_varint(out, *gap));
    }
}
