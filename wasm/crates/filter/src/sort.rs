//! The order of many numbers at once, digit by digit: columns are made while a query waits.

/// A key and what goes with it.
pub type Keyed = (u64, u32);

/// Sorts by the keys; equal ones stay as they are.
pub fn by_key(items: Vec<Keyed>) -> Vec<Keyed> {
    let (mut from, mut to) = (items, Vec::new());
    for shift in (0..64).step_by(8) {
        let digit = |item: &Keyed| (item.0 >> shift & 255) as usize;
        let mut starts = [0u32; 256];
        for item in &from {
            if let Some(count) = starts.get_mut(digit(item)) {
                *count += 1;
            }
        }
        if starts.iter().any(|count| *count as usize == from.len()) {
            continue;
        }
        let mut start = 0;
        for count in &mut starts {
            start += std::mem::replace(count, start);
        }
        to.resize(from.len(), (0, 0));
        for item in &from {
            if let Some(start) = starts.get_mut(digit(item)) {
                if let Some(slot) = to.get_mut(*start as usize) {
                    *slot = *item;
                }
                *start += 1;
            }
        }
        std::mem::swap(&mut from, &mut to);
    }
    from
}

/// Numbers as keys of the same order.
pub const fn key_of(number: f64) -> u64 {
    let bits = number.to_bits();
    bits ^ if bits >> 63 == 0 { 1 << 63 } else { u64::MAX }
}

/// The number of a key.
pub const fn number_of(key: u64) -> f64 {
    f64::from_bits(key ^ if key >> 63 == 1 { 1 << 63 } else { u64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_numbers() {
        let numbers = [5.0, -1.0, 0.0, f64::MAX, -5e-324, 5.0, f64::MIN, 5e-324, 1e-300, -1e300];
        let items = numbers.iter().zip(0..).map(|(number, at)| (key_of(*number), at)).collect();
        let sorted: Vec<u32> = by_key(items).iter().map(|item| item.1).collect();
        assert_eq!(sorted, [6, 9, 1, 4, 2, 7, 8, 0, 5, 3]);
        assert!(by_key(Vec::new()).is_empty());
        assert_eq!(numbers.map(|number| number_of(key_of(number))), numbers);
    }
}
