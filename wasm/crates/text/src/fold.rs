//! Folds one char: lower case, diacritics off.
//!
//! Lower case is Unicode's simple or special mapping of std. Diacritics go by canonical decomposition: a letter
//! of the Latin, Greek, Cyrillic, Hebrew or Arabic script becomes its base letter, and nonspacing marks
//! (category Mn) vanish, so that composed and decomposed spellings fold to the same word. Letters without
//! a canonical decomposition (ø, ß, ł) stay, other scripts keep their composed letters (が, 한, क़).

use crate::fold_tables::{LATIN, LATIN_ADDITIONAL, LATIN_ADDITIONAL_FIRST, LATIN_FIRST, MARKS, PAIRS};

/// Gives the folded chars of `c` to `f`: none for a nonspacing mark, else one (a few chars of Unicode whose
/// lower case is longer may give more).
///
/// ```
/// let mut s = String::new();
/// "Ångström".chars().for_each(|c| aetherv_text::fold(c, &mut |d| s.push(d)));
/// assert_eq!(s, "angstrom");
/// ```
#[inline]
pub fn fold(c: char, f: &mut impl FnMut(char)) {
    if c.is_ascii() {
        f(c.to_ascii_lowercase());
        return;
    }
    for lower in c.to_lowercase() {
        if !is_mark(lower) {
            f(base(lower));
        }
    }
}

/// Whether `c` is a nonspacing mark (general category Mn), which folding drops.
#[must_use]
pub fn is_mark(c: char) -> bool {
    let c = u32::from(c);
    // Nothing below U+0300 is one, and nothing from the CJK punctuation's end to Yi, where most such text lies.
    if c < 0x300 || (0x309b..0xa66f).contains(&c) {
        return false;
    }
    let after = MARKS.partition_point(|&range| range >> 8 <= c);
    match after.checked_sub(1).and_then(|i| MARKS.get(i)) {
        Some(&range) => c - (range >> 8) <= (range & 0xff),
        None => false,
    }
}

/// The base letter of a lower-case or caseless non-ASCII char; the char itself where it has none.
fn base(c: char) -> char {
    let code = u32::from(c);
    if code < 0x234 {
        return letter(LATIN, code.wrapping_sub(LATIN_FIRST)).unwrap_or_else(|| pair(c));
    }
    letter(LATIN_ADDITIONAL, code.wrapping_sub(LATIN_ADDITIONAL_FIRST)).unwrap_or_else(|| pair(c))
}

/// The ASCII letter at a place of a direct table, `None` where it has a dot or ends before.
fn letter(table: &[u8], at: u32) -> Option<char> {
    match table.get(at as usize) {
        None | Some(b'.') => None,
        Some(&b) => Some(char::from(b)),
    }
}

/// The base of a char by the sorted table of pairs; the char itself where it is not there.
fn pair(c: char) -> char {
    u16::try_from(u32::from(c))
        .ok()
        .and_then(|code| {
            let i = PAIRS.binary_search_by_key(&code, |p| p.0).ok()?;
            char::from_u32(u32::from(PAIRS.get(i)?.1))
        })
        .unwrap_or(c)
}
