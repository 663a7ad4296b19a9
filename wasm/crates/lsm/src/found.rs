//! The rows of one group of terms: those of its members, made one.

use crate::clause::ALL_FIELDS;
use aetherv_segment::list::Frequencies;
use aetherv_text::tuning::{BODY, CODE, FIELDS, HEADINGS, TITLE};

/// Rows of the group in hand, each once.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) rows: Vec<u32>,
    /// Its frequencies in each of them.
    pub(crate) tf: Vec<Frequencies>,
    /// Steps of each of them: 1 where they are weighted already.
    pub(crate) weight: u16,
}

/// Frequencies by number, most of them none.
#[derive(Default)]
pub(crate) struct Sparse {
    pub(crate) tf: Vec<Frequencies>,
    pub(crate) held: Vec<u32>,
}

pub(crate) const NOTHING: Frequencies = [0; FIELDS];

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
        let on = |field: usize, times: u16| if fields >> field & 1 == 1 { times } else { 0 };
        let (rows, tf) = (self.rows.split_off(start), self.tf.split_off(start));
        for (vno, [title, headings, body, code]) in rows.into_iter().zip(tf) {
            let own = [on(TITLE, title), on(HEADINGS, headings), on(BODY, body), on(CODE, code)];
            if own != NOTHING {
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
        self.weight = most.weight;
        if runs.len() == 1 {
            return;
        }
        if runs.iter().any(|run| run.weight != most.weight) {
            self.weight = 1;
            for run in runs {
                let own = self.tf.get_mut(run.start..run.end).unwrap_or_default();
                own.iter_mut().flatten().for_each(|times| *times = times.saturating_mul(run.weight));
            }
        }
        for run in runs.iter().filter(|run| run.start != most.start) {
            let rows = self.rows.get(run.start..run.end).unwrap_or_default().iter();
            for (&vno, &own) in rows.zip(self.tf.get(run.start..run.end).unwrap_or_default()) {
                if let Some(sum) = sums.get_mut(vno as usize) {
                    if *sum == NOTHING {
                        held.push(vno);
                    }
                    *sum = added(*sum, own);
                }
            }
        }
        self.rows.truncate(most.end);
        self.rows.drain(..most.start);
        self.tf.truncate(most.end);
        self.tf.drain(..most.start);
        for (&vno, own) in self.rows.iter().zip(&mut self.tf) {
            if let Some(sum) = sums.get_mut(vno as usize).filter(|sum| **sum != NOTHING) {
                *own = added(*own, std::mem::take(sum));
            }
        }
        for vno in held.drain(..) {
            if let Some(sum) = sums.get_mut(vno as usize).filter(|sum| **sum != NOTHING) {
                self.rows.push(vno);
                self.tf.push(std::mem::take(sum));
            }
        }
    }
}

/// Frequencies of more terms in a row.
#[inline]
fn added(a: Frequencies, b: Frequencies) -> Frequencies {
    let ([title, headings, body, code], [title_b, headings_b, body_b, code_b]) = (a, b);
    [
        title.saturating_add(title_b),
        headings.saturating_add(headings_b),
        body.saturating_add(body_b),
        code.saturating_add(code_b),
    ]
}
