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
        let (mut df, mut rest) = (0, all);
        entries.clear();
        blocks.clear();
        writer.begin(u32::MAX);
        while let Some((first, after)) = rest.split_first() {
            rest = writer.add(*first, after);
            df += 1;
            if writer.tf.len() == BLOCK {
                writer.block(blocks);
                put_u32s(entries, [first.row(), blocks.len() as u32]);
                writer.bounds(classes, entries);
                writer.begin(first.row());
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

    /// Takes the next row, of its first occurrence and those behind; returns the occurrences of other rows.
    #[inline]
    fn add<'a>(&mut self, first: Occurrence, mut rest: &'a [Occurrence]) -> &'a [Occurrence] {
        let (mut tf, mut before) = (Frequencies::NONE, first);
        tf.add(first.field(), 1);
        self.positions.push(first.position());
        while let Some((next, after)) = rest.split_first().filter(|(next, _)| next.row() == first.row()) {
            // As many positions as the frequency says, which ends at 65,535.
            if tf.of(next.field()) < u16::MAX {
                let base = if next.field() == before.field() { before.position() } else { 0 };
                self.positions.push(next.position() - base);
                tf.add(next.field(), 1);
            }
            (before, rest) = (*next, after);
        }
        self.rows.push(first.row());
        self.tf.push(tf);
        rest
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
        let mut column = [0; BLOCK];
        let gaps = width_of(self.gaps());
        let fields = Frequencies::all_bits(&self.tf).fields().map(|bits| width_of([u32::from(bits)].into_iter()));
        // Positions take a bit at least, so that bytes bound how many can be claimed.
        let positions = width_of(self.positions.iter().copied()).max(1);
        out.push(gaps);
        out.extend(fields);
        out.push(positions);
        column.iter_mut().zip(self.gaps()).for_each(|(place, gap)| *place = gap);
        pack_lanes(out, gaps, &column);
        for (field, width) in fields.into_iter().enumerate().filter(|(_, width)| *width > 0) {
            column.iter_mut().zip(&self.tf).for_each(|(place, tf)| *place = u32::from(tf.of(field)));
            pack_lanes(out, width, &column);
        }
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
