//! From places in bytes to places as JavaScript counts them.

/// Half-open ranges of bytes of `text`, sorted by their starts, as ranges of UTF-16 code units: sorted and without overlap.
///
/// Ranges side by side stay apart; those that overlap, as the pairs of an unspaced script do, are joined. Offsets beyond
/// `u32::MAX` are cut to it.
///
/// ```
/// assert_eq!(aetherv_text::highlight::units("😀é x", &[(0, 6), (7, 8)]), [(0, 3), (4, 5)]);
/// ```
#[must_use]
pub fn units(text: &str, ranges: &[(usize, usize)]) -> Vec<(u32, u32)> {
    let mut out: Vec<(u32, u32)> = Vec::new();
    // How far the text has been counted: in bytes and in UTF-16 units. Starts never go back.
    let (mut byte, mut unit) = (0, 0);
    for &(start, end) in ranges {
        unit += utf16_len(text, byte, start);
        byte = start;
        let (from, to) = (cut(unit), cut(unit + utf16_len(text, start, end)));
        match out.last_mut() {
            Some(last) if from < last.1 => last.1 = last.1.max(to),
            _ => out.push((from, to)),
        }
    }
    out
}

/// Number of UTF-16 code units of the chars between two bytes of a text.
fn utf16_len(text: &str, from: usize, to: usize) -> usize {
    let bytes = text.as_bytes().get(from..to).unwrap_or(&[]);
    // One unit for each first byte of a char, a second one for chars of four bytes.
    bytes.iter().map(|&b| usize::from(b & 0xc0 != 0x80) + usize::from(b >= 0xf0)).sum()
}

/// A length as `u32`, at most `u32::MAX`.
fn cut(units: usize) -> u32 {
    u32::try_from(units).unwrap_or(u32::MAX)
}
