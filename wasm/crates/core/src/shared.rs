//! A stretch of bytes that several readers hold without copying it.

use std::ops::{Deref, Range};
use std::rc::Rc;

/// A part of bytes that live as long as anybody holds a part of them.
#[derive(Clone, Debug, Default)]
pub struct Shared {
    whole: Rc<Vec<u8>>,
    range: Range<usize>,
}

impl Shared {
    /// The part at `range` of this part; empty when it lies outside.
    pub fn part(&self, range: Range<usize>) -> Self {
        let inside = range.start <= range.end && range.end <= self.len();
        let range = if inside { self.range.start + range.start..self.range.start + range.end } else { 0..0 };
        Self { whole: Rc::clone(&self.whole), range }
    }
}

impl From<Vec<u8>> for Shared {
    fn from(bytes: Vec<u8>) -> Self {
        Self { range: 0..bytes.len(), whole: Rc::new(bytes) }
    }
}

impl Deref for Shared {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.whole.get(self.range.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Shared;

    #[test]
    fn parts_of_parts_are_where_they_should_be() {
        let whole = Shared::from(vec![0, 1, 2, 3, 4]);
        assert_eq!(&*whole.part(1..4).part(1..3), [2, 3]);
        assert!(whole.part(1..4).part(0..4).is_empty());
    }
}
