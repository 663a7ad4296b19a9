//! Writes the list of one term; [`crate::list`] has the layout.

use crate::Frequencies;
use crate::list::Occurrence;
use crate::pack::{BLOCK, pack, pack_lanes, width_of};
use aetherv_core::bytes::{put_u32s, put_varint};
use aetherv_text::tuning::FIELDS;

const BODY_ONCE: [u16; FIELDS] = [0, 0, 1, 0];

/// Appends the list of a term's sorted occurrences; returns in how many rows it is.
#[cfg(test)]
pub fn encode(all: &[Occurrence], classes: &[[u8; FIELDS]], out: &mut Vec<u8>) -> u32 {
    Encoder::default().encode(all, classes, out)
}

/// Writes lists, one after the other, in the same buffers.
#[derive(Default)]
pub struct Encoder {
    writer: Writer,
    entries: Vec<u8>,
    blocks: Vec<u8>,
}

impl Encoder {
    /// Appends the list of a term's sorted occurrences; returns in how many rows it is.
    pub fn encode(&mut self, all: &[Occurrence], classes: &[[u8; FIELDS]], out: &mut Vec<u8>) -> u32 {
        let Self { writer, entries, blocks } = self;
        let mut df = 0;
        entries.clear();
        blocks.clear();
        writer.begin(u32::MAX);
        let mut rest = all;
        while let Some(row) = writer.add(&mut rest) {
            df += 1;
            if writer.tf.len() == BLOCK {
                writer.block(blocks);
                put_u32s(entries, [row, blocks.len() as u32]);
                writer.bounds(classes, entries);
                writer.begin(row);
            }
        }
        out.extend_from_slice(entries);
        out.extend_from_slice(blocks);
        writer.tail(out);
        df
    }
}

/// What is known of the rows of the block in hand.
#[derive(Default)]
struct Writer {
    /// The row before the first.
    last: u32,
    rows: Vec<u32>,
    tf: Vec<Frequencies>,
    positions: Vec<u32>,
}

impl Writer {
    /// Begins a block behind row `last`.
    fn begin(&mut self, last: u32) {
        self.last = last;
        self.rows.clear();
        self.tf.clear();
        self.positions.clear();
    }

    /// Takes the next row from occurrences, if there is one.
    fn add(&mut self, rest: &mut &[Occurrence]) -> Option<u32> {
        let row = rest.first()?.row();
        let (mut tf, mut before) = (Frequencies::NONE, Occurrence::default());
        while let Some((occurrence, after)) = rest.split_first().filter(|(next, _)| next.row() == row) {
            *rest = after;
            // As many positions as the frequency says, which ends at 65,535.
            let (field, times) = (occurrence.field(), tf.of(occurrence.field()));
            if times < u16::MAX {
                let base = if times > 0 { before.position() } else { 0 };
                self.positions.push(occurrence.position() - base);
                tf.add(field, 1);
            }
            before = *occurrence;
        }
        self.rows.push(row);
        self.tf.push(tf);
        Some(row)
    }

    /// Rows between each row and the one before.
    fn gaps(&self) -> impl Iterator<Item = u32> {
        let before = std::iter::once(&self.last).chain(&self.rows);
        self.rows.iter().zip(before).map(|(row, before)| row.wrapping_sub(*before).wrapping_sub(1))
    }

    /// Most occurrences and least length classes of each field.
    fn bounds(&self, classes: &[[u8; FIELDS]], out: &mut Vec<u8>) {
        let (mut most, mut least) = ([0; FIELDS], [u8::MAX; FIELDS]);
        for (row, tf) in self.rows.iter().zip(&self.tf) {
            for (most, times) in most.iter_mut().zip(tf.fields()) {
                *most = (*most).max(u8::try_from(times).unwrap_or(u8::MAX));
            }
            for (least, class) in least.iter_mut().zip(classes.get(*row as usize).copied().unwrap_or_default()) {
                *least = (*least).min(class);
            }
        }
        out.extend(most);
        out.extend(least);
    }

    fn block(&self, out: &mut Vec<u8>) {
        let mut columns = [[0; BLOCK]; 1 + FIELDS];
        for (at, (gap, tf)) in self.gaps().zip(&self.tf).enumerate() {
            let values = std::iter::once(gap).chain(tf.fields().map(u32::from));
            columns.iter_mut().zip(values).for_each(|(column, value)| {
                column.get_mut(at).into_iter().for_each(|place| *place = value);
            });
        }
        let widths = columns.each_ref().map(|column| width_of(column.iter().copied()));
        // Positions take a bit at least, so that bytes bound how many can be claimed.
        let positions = width_of(self.positions.iter().copied()).max(1);
        out.extend(widths);
        out.push(positions);
        columns.iter().zip(widths).for_each(|(values, width)| pack_lanes(out, width, values));
        pack(out, positions, self.positions.iter().copied());
    }

    fn tail(&self, out: &mut Vec<u8>) {
        for (gap, tf) in self.gaps().zip(self.tf.iter().map(|tf| tf.fields())) {
            let is_plain = tf == BODY_ONCE;
            // A gap of 2^31 rows cannot be: a segment holds fewer.
            put_varint(out, gap << 1 | u32::from(!is_plain));
            if !is_plain {
                out.push((0..).zip(tf).fold(0, |set, (field, times)| set | u8::from(times > 0) << field));
                tf.into_iter().filter(|times| *times > 0).for_each(|times| put_varint(out, u32::from(times)));
            }
        }
        self.positions.iter().for_each(|gap| put_varint(out, *gap));
    }
}
