//! From approximate scores to exact ones: the first of the candidates are scored again at full precision.

use crate::codes::{Codes, Metric, Probe};
use crate::kernels::{dot_f32, l2_f32};
use crate::prune::Scored;

/// Full-precision rows: little-endian f32 bytes by row, empty where they are not at hand.
pub trait Values {
    /// The bytes of a row.
    fn row(&self, row: u32) -> &[u8];
}

/// Rows that lie one after the other.
pub struct Columns<'a> {
    /// Bytes of one row.
    pub width: usize,
    /// All rows.
    pub bytes: &'a [u8],
}

impl Values for Columns<'_> {
    #[inline]
    fn row(&self, row: u32) -> &[u8] {
        let at = row as usize * self.width;
        self.bytes.get(at..at + self.width).unwrap_or_default()
    }
}

/// The best `k` of candidates that come the nearest first, with their exact scores, into `best`. It stops where no other could get in.
/// `error` is how far an approximate score can be off; without one, how far it is likely to be.
///
/// Rows that are not at hand go to `lacks`, and count with the worst score that they can have: then `best` is no answer, and all rows that
/// one takes are among them, but for likely errors that were larger.
///
/// Returns how many were scored.
#[expect(clippy::too_many_arguments, reason = "a query, its candidates and where the answer goes")]
pub fn rerank(
    query: &[f32],
    codes: &Codes<'_>,
    probe: &Probe,
    candidates: impl Iterator<Item = Scored> + Clone,
    k: usize,
    error: Option<f32>,
    values: &dyn Values,
    lacks: &mut Vec<u32>,
    best: &mut Vec<Scored>,
) -> u32 {
    best.clear();
    if codes.metric == Metric::Hamming {
        best.extend(candidates.take(k));
        return 0;
    }
    // Their cache lines are asked for together: to wait for one row after the other costs more than to score them.
    candidates.clone().take(k).for_each(|(row, _)| touch(values.row(row)));
    let mut scored = 0;
    for (row, approximate) in candidates {
        let worst = best.get(k.wrapping_sub(1)).map(|last| last.1);
        let error = error.unwrap_or_else(|| codes.likely_error(probe, row));
        if worst.is_some_and(|worst| codes.at_best(approximate, error) < worst) {
            break;
        }
        let value = values.row(row);
        let score = match codes.metric {
            _ if value.is_empty() => {
                lacks.push(row);
                codes.at_worst(approximate, error)
            }
            Metric::L2 => -l2_f32(query, value),
            _ => dot_f32(query, value),
        };
        scored += 1;
        if worst.is_none_or(|worst| score >= worst) {
            let at = best.partition_point(|other| other.1 > score || (other.1 == score && other.0 < row));
            best.insert(at, (row, score));
            best.truncate(k);
        }
    }
    scored
}

/// Reads a byte of each cache line: WebAssembly has no prefetch, and loads that nothing waits for are as good.
#[inline]
fn touch(row: &[u8]) {
    std::hint::black_box(row.iter().step_by(64).fold(0, |sum, byte| sum | byte));
}
