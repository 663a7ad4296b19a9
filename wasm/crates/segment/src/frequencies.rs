//! How often a row holds a term in each field, in one number.

use aetherv_core::lanes::U32s;
use aetherv_text::tuning::{BODY, CODE, FIELDS, HEADINGS, TITLE};

const BITS: usize = 16;

/// Frequencies of a term in the fields of a row: 16 bits each, the first field's lowest. One that is larger counts as 65,535.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frequencies(u64);

impl Frequencies {
    /// In no field.
    pub const NONE: Self = Self(0);

    /// By field.
    #[inline]
    pub fn new([title, headings, body, code]: [u16; FIELDS]) -> Self {
        Self(
            u64::from(title)
                | u64::from(headings) << BITS
                | u64::from(body) << (2 * BITS)
                | u64::from(code) << (3 * BITS),
        )
    }

    /// By field.
    #[inline]
    pub fn fields(self) -> [u16; FIELDS] {
        [self.of(TITLE), self.of(HEADINGS), self.of(BODY), self.of(CODE)]
    }

    /// In one field.
    #[inline]
    pub fn of(self, field: usize) -> u16 {
        (self.0 >> (BITS * field)) as u16
    }

    /// More of them in one field.
    #[inline]
    pub fn add(&mut self, field: usize, times: u32) {
        let times = u32::from(self.of(field)).saturating_add(times).min(u32::from(u16::MAX));
        self.0 = self.0 & !(0xffff << (BITS * field)) | u64::from(times) << (BITS * field);
    }

    /// Those of rows, from a column for each field; each is below 2^16.
    #[inline]
    pub fn of_columns<const ROWS: usize>(columns: &[[u32; ROWS]; FIELDS]) -> impl Iterator<Item = Self> {
        let [title, headings, body, code] =
            columns.each_ref().map(|column| column.as_chunks::<4>().0.iter().map(|four| U32s::new(*four)));
        let bits = BITS as u32;
        let pairs = title.zip(headings).zip(body.zip(code));
        pairs.flat_map(move |((a, b), (c, d))| (a | b << bits).below(c | d << bits).map(Self))
    }

    /// By field, each in a lane.
    #[inline]
    pub fn lanes(self) -> U32s {
        U32s::of_halves(self.0)
    }

    /// The bits that any of them has.
    #[inline]
    pub fn all_bits(rows: &[Self]) -> Self {
        Self(rows.iter().fold(0, |all, own| all | own.0))
    }

    /// So many of each.
    #[inline]
    #[must_use]
    pub fn times(self, weight: u16) -> Self {
        Self::new(self.fields().map(|times| times.saturating_mul(weight)))
    }

    /// With those of another term in the same row.
    #[inline]
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for field in 0..FIELDS {
            self.add(field, u32::from(other.of(field)));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_run_over() {
        let full = Frequencies::new([1, u16::MAX, 3, u16::MAX]);
        assert_eq!(full.and(full).fields(), [2, u16::MAX, 6, u16::MAX]);
        let mut own = Frequencies::NONE;
        own.add(BODY, 70_000);
        assert_eq!(own.fields(), [0, 0, u16::MAX, 0]);
        let columns = [[1, 2, 3, 4, 0, 0, 0, 0], [5; 8], [0xffff; 8], [0, 0, 0, 0, 6, 7, 8, 9]];
        let want = [[1, 0], [2, 0], [3, 0], [4, 0], [0, 6], [0, 7], [0, 8], [0, 9]];
        let want = want.map(|[title, code]| [title, 5, 0xffff, code]);
        assert!(Frequencies::of_columns(&columns).map(Frequencies::fields).eq(want));
        assert_eq!(full.lanes().get(), [1, 65_535, 3, 65_535]);
    }
}
