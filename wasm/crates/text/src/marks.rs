//! What the bytes of a text are, a bit each: where words begin and end is read off those, without a branch a byte.

use aetherv_core::sixteen::Sixteen;

/// Bytes that a set of marks is of.
pub(crate) const BYTES: usize = 64;

/// Bit i tells of byte i.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks {
    /// ASCII letters and digits.
    pub(crate) words: u64,
    /// Joints of names: between two of those.
    pub(crate) joints: u64,
    /// ASCII capitals.
    pub(crate) capitals: u64,
    /// Bytes of chars that are not ASCII.
    pub(crate) foreign: u64,
}

/// The marks of a text, and none behind its end.
pub(crate) fn read(text: &[u8], all: &mut Vec<Marks>) {
    let (whole, rest) = text.as_chunks::<BYTES>();
    all.clear();
    all.extend(whole.iter().map(of));
    let mut last = [0; BYTES];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    all.extend([of(&last), Marks::default()]);
    let mut before = 0;
    for at in 0..whole.len() + 1 {
        let after = all.get(at + 1).map_or(0, |next| next.words << 63);
        if let Some(marks) = all.get_mut(at) {
            marks.joints &= (marks.words << 1 | before) & (marks.words >> 1 | after);
            before = marks.words >> 63;
        }
    }
}

/// Where the name that starts at `at` ends, and whether it may have several parts.
#[inline(always)]
pub(crate) fn name(all: &[Marks], at: usize) -> (usize, bool) {
    let Some(own) = all.get(at / BYTES) else {
        return (at, false);
    };
    let count = (!((own.words | own.joints) >> (at % BYTES))).trailing_zeros();
    // A capital tells of a part wherever it stands but at the beginning.
    let parts = (own.joints | own.capitals) >> (at % BYTES) & first(count) & !1;
    let end = at + count as usize;
    if end.is_multiple_of(BYTES) { rest_of_name(all, end, parts) } else { (end, parts != 0) }
}

/// Goes on where a set of marks begins.
#[inline(never)]
fn rest_of_name(all: &[Marks], mut end: usize, mut parts: u64) -> (usize, bool) {
    while let Some(own) = all.get(end / BYTES) {
        let count = (!(own.words | own.joints)).trailing_zeros();
        parts |= (own.joints | own.capitals) & first(count);
        end += count as usize;
        if count < u64::BITS {
            break;
        }
    }
    (end, parts != 0)
}

/// The first bits.
#[inline(always)]
fn first(count: u32) -> u64 {
    u64::MAX.checked_shr(u64::BITS - count).unwrap_or(0)
}

/// Joints are all the signs that may be one.
fn of(bytes: &[u8; BYTES]) -> Marks {
    let mut marks = Marks::default();
    for part in bytes.as_chunks().0.iter().rev() {
        let bytes = Sixteen::new(*part);
        let capitals = bytes.between(b'A', b'Z' + 1);
        let words = bytes.between(b'a', b'z' + 1) | bytes.between(b'0', b'9' + 1) | capitals;
        marks.words = marks.words << 16 | words;
        marks.joints = marks.joints << 16 | bytes.between(b'-', b'.' + 1) | bytes.between(b'_', b'_' + 1);
        marks.capitals = marks.capitals << 16 | capitals;
        marks.foreign = marks.foreign << 16 | bytes.beyond();
    }
    marks
}

#[cfg(test)]
mod tests {
    use crate::token::tokens;

    #[test]
    fn words_are_the_same_wherever_they_stand() {
        let long = format!("{} {}", "getUserName_".repeat(20), "x".repeat(200));
        for text in ["a.b--c v5.0.1. getUserName HTMLElement", "größe-GRÖSSE.x é.b x_é 日本v2 a’s", "_a_ -B- .", &long]
        {
            let words = |text: &str, pad: usize| {
                let mut all = Vec::new();
                tokens(text, |t| all.push((t.start - pad, t.end - pad, t.word.to_owned(), t.position)));
                all
            };
            let alone = words(text, 0);
            for pad in 0..130 {
                assert_eq!(words(&format!("{}{text}", " ".repeat(pad)), pad), alone, "{pad}");
            }
        }
    }
}
