//! Columns of little-endian numbers, as they lie in segments: looked at in one pass without an early exit, so that it runs in vector registers,
//! and apart from who asks, who may be built for size.

/// A number of a column.
pub type Word = [u8; 4];

/// The words of a column.
#[inline]
pub fn words(bytes: &[u8]) -> &[Word] {
    bytes.as_chunks().0
}

/// As numbers.
#[inline(never)]
pub fn numbers(words: &[Word]) -> Vec<u32> {
    words.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

/// Is each above the one before?
#[inline(never)]
pub fn rise(words: &[Word]) -> bool {
    let pairs = words.iter().zip(words.get(1..).unwrap_or_default());
    pairs.fold(true, |all, (a, b)| all & (u32::from_le_bytes(*a) < u32::from_le_bytes(*b)))
}

/// Is none below the one before?
#[inline(never)]
pub fn never_fall(words: &[Word]) -> bool {
    let pairs = words.iter().zip(words.get(1..).unwrap_or_default());
    pairs.fold(true, |all, (a, b)| all & (u32::from_le_bytes(*a) <= u32::from_le_bytes(*b)))
}

/// Are they `first` and those that follow on?
#[inline(never)]
pub fn count_up(words: &[Word], first: u32) -> bool {
    let all = words.iter().zip(0u32..);
    all.fold(true, |all, (word, at)| all & (u32::from_le_bytes(*word) == first.wrapping_add(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_out_of_order_is_noticed_wherever_it_is() {
        for count in 0..40u32 {
            let bytes: Vec<u8> = (0..count).flat_map(|at| (7 + at).to_le_bytes()).collect();
            let own = words(&bytes);
            assert!(rise(own) && never_fall(own) && count_up(own, 7));
            assert_eq!(numbers(own), (7..7 + count).collect::<Vec<_>>());
            for at in 1..count as usize {
                let with = |number: u32| {
                    let mut words = own.to_vec();
                    words.get_mut(at).into_iter().for_each(|word| *word = number.to_le_bytes());
                    words
                };
                let (same, below, above) = (with(6 + at as u32), with(5), with(u32::MAX));
                assert!(!rise(&same) && never_fall(&same) && !count_up(&same, 7));
                assert!(!rise(&below) && !never_fall(&below) && !count_up(&below, 7));
                assert!(!count_up(&above, 7) && rise(&above) == (at + 1 == count as usize));
            }
        }
    }
}
