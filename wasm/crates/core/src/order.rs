//! One sort for everything that is not a query's inner loop: std's would be compiled anew for every kind of item.

use std::cmp::Ordering;

/// The numbers below `count` in the order that `compare` tells; those that tie stay as they are. O(n log n).
#[must_use]
pub fn order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<u32> {
    let (mut from, mut to): (Vec<u32>, Vec<u32>) = ((0..count as u32).collect(), Vec::with_capacity(count));
    let mut width = 1;
    while width < count {
        to.clear();
        for pair in from.chunks(2 * width) {
            let (mut left, mut right) = pair.split_at_checked(width).unwrap_or((pair, &[]));
            while let (Some((&a, rest_left)), Some((&b, rest_right))) = (left.split_first(), right.split_first()) {
                if compare(b as usize, a as usize).is_lt() {
                    to.push(b);
                    right = rest_right;
                } else {
                    to.push(a);
                    left = rest_left;
                }
            }
            to.extend_from_slice(left);
            to.extend_from_slice(right);
        }
        std::mem::swap(&mut from, &mut to);
        width *= 2;
    }
    from
}

/// Sorts items; those that tie stay in their order.
pub fn sort_by<T: Clone>(items: &mut Vec<T>, compare: &dyn Fn(&T, &T) -> Ordering) {
    let at = |a: usize, b: usize| match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    };
    let order = order(items.len(), &at);
    *items = order.iter().filter_map(|at| items.get(*at as usize).cloned()).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_as_std_does() {
        let mut seed = 1u32;
        for len in 0..200 {
            let mut items: Vec<(u32, u32)> = (0..len)
                .map(|at| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (seed >> 28, at)
                })
                .collect();
            let mut want = items.clone();
            want.sort_by_key(|item| item.0);
            sort_by(&mut items, &|a, b| a.0.cmp(&b.0));
            assert_eq!(items, want);
        }
    }
}
