//! Lengths of fields in one byte: exact up to 31 terms, then sixteen steps an octave (at most 6 % below the length).

/// The class of a length; never falls as lengths rise. Lengths above half a million share the last one.
#[must_use]
pub fn class_of(len: u32) -> u8 {
    if len < 32 {
        return len as u8;
    }
    let shift = len.ilog2() - 4;
    (16 * (shift - 1) + 32 + ((len >> shift) - 16)).min(255) as u8
}

/// The shortest length of a class, which stands for all of them.
#[must_use]
#[inline]
pub const fn length_of(class: u8) -> u32 {
    match class {
        0..32 => class as u32,
        _ => (16 + (class as u32 - 32) % 16) << ((class as u32 - 32) / 16 + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_rise_and_stand_for_lengths_near_by() {
        for class in 0..=255 {
            assert_eq!(class_of(length_of(class)), class);
        }
        for len in 0..600_000 {
            let class = class_of(len);
            assert!(class >= class_of(len.saturating_sub(1)));
            let near = length_of(class);
            assert!(near <= len && (class == 255 || len - near <= len / 16), "{len} {near}");
        }
        assert_eq!(class_of(u32::MAX), 255);
    }
}
