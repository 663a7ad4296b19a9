//! The rows of one group of terms: those of its members, made one.

use crate::clause::ALL_FIELDS;
use aetherv_segment::Frequencies;
use aetherv_text::tuning::{FIELDS, WHOLE};

/// Rows of the group in hand, each once.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) rows: Vec<u32>,
    /// Its frequencies in each of them.
    pub(crate) tf: Vec<Frequencies>,
    /// What each of them counts, in steps: 1 where they are weighted already.
    pub(crate) steps: f32,
}

/// Frequencies by number, most of them none.
#[derive(Default)]
pub(crate) struct Sparse {
    pub(crate) tf: Vec<Frequencies>,
    pub(crate) held: Vec<u32>,
}

/// The rows of one member among those of the group.
pub(crate) struct Run {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) weight: u16,
}

impl Found {
    /// Leaves of the rows from `start` on those that hold the term in any of these fields.
    pub(crate) fn keep(&mut self, start: usize, fields: u8) {
        if fields == ALL_FIELDS {
            return;
        }
        let (rows, tf) = (self.rows.split_off(start), self.tf.split_off(start));
        for (vno, tf) in rows.into_iter().zip(tf) {
            let mut own = Frequencies::NONE;
            for field in (0..FIELDS).filter(|field| fields >> field & 1 == 1) {
                own.add(field, u32::from(tf.of(field)));
            }
            if own != Frequencies::NONE {
                self.rows.push(vno);
                self.tf.push(own);
            }
        }
    }

    /// Makes one of the rows of all members. Most words have one term that many rows hold and others that few do: the few
    /// are added up by row, and then to the many as they pass.
    pub(crate) fn merge(&mut self, runs: &[Run], Sparse { tf: sums, held }: &mut Sparse) {
        let Some(most) = runs.iter().max_by_key(|run| run.end - run.start) else {
            return;
        };
        // Whole ones need not be weighted one by one: they are a power of two.
        let is_whole = runs.iter().all(|run| run.weight == WHOLE);
        self.steps = if is_whole { f32::from(WHOLE) } else { 1.0 };
        if !is_whole {
            for run in runs {
                let own = self.tf.get_mut(run.start..run.end).unwrap_or_default();
                own.iter_mut().for_each(|tf| *tf = tf.times(run.weight));
            }
        }
        if runs.len() == 1 {
            return;
        }
        for run in runs.iter().filter(|run| run.start != most.start) {
            let rows = self.rows.get(run.start..run.end).unwrap_or_default().iter();
            for (&vno, &own) in rows.zip(self.tf.get(run.start..run.end).unwrap_or_default()) {
                if let Some(sum) = sums.get_mut(vno as usize) {
                    if *sum == Frequencies::NONE {
                        held.push(vno);
                    }
                    *sum = sum.and(own);
                }
            }
        }
        self.rows.truncate(most.end);
        self.rows.drain(..most.start);
        self.tf.truncate(most.end);
        self.tf.drain(..most.start);
        for (&vno, own) in self.rows.iter().zip(&mut self.tf) {
            if let Some(sum) = sums.get_mut(vno as usize).filter(|sum| **sum != Frequencies::NONE) {
                *own = own.and(std::mem::take(sum));
            }
        }
        for vno in held.drain(..) {
            if let Some(sum) = sums.get_mut(vno as usize).filter(|sum| **sum != Frequencies::NONE) {
                self.rows.push(vno);
                self.tf.push(std::mem::take(sum));
            }
        }
    }
}
