//! Folding of every char of Unicode against independent tables.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

fn folded(c: char) -> String {
    let mut out = String::new();
    aetherv_text::fold(c, &mut |d| out.push(d));
    out
}

/// The scripts whose letters lose their diacritics, by the blocks that hold such letters (U+0374, a sign of no
/// script, apart).
fn is_folded_script(c: char) -> bool {
    matches!(u32::from(c),
        0xc0..=0x24f | 0x250..=0x2af | 0x1e00..=0x1eff | 0x212a..=0x212b   // Latin
        | 0x370..=0x3ff | 0x1f00..=0x1fff | 0x2126                         // Greek
        | 0x400..=0x52f                                                    // Cyrillic
        | 0xfb1d..=0xfb4f                                                  // Hebrew
        | 0x600..=0x6ff) // Arabic
}

#[test]
fn every_char_of_unicode() {
    let (mut letters, mut marks) = (0, 0);
    for c in '\0'..=char::MAX {
        let is_mark = c.general_category() == GeneralCategory::NonspacingMark;
        assert_eq!(aetherv_text::fold::is_mark(c), is_mark, "{:x}", u32::from(c));
        let lower: String = c.to_lowercase().collect();
        let want: String = if is_folded_script(c) && c.is_alphabetic() && c != '\u{374}' {
            lower.nfd().filter(|d| d.general_category() != GeneralCategory::NonspacingMark).collect()
        } else {
            lower.chars().filter(|d| d.general_category() != GeneralCategory::NonspacingMark).collect()
        };
        assert_eq!(folded(c), want, "{:x} {c}", u32::from(c));
        letters += usize::from(want != lower && !is_mark);
        marks += usize::from(is_mark);
    }
    assert!(letters > 800 && marks > 1900, "{letters} {marks}");
}

#[test]
fn ascii_letters_come_from_nothing_else() {
    // What the embedder's tokenizer relies on: [a-z0-9] by folding = [a-z0-9] by lower case, NFD, marks off.
    for c in '\u{80}'..=char::MAX {
        let lower: String = c.to_lowercase().collect();
        let full: String = lower
            .nfd()
            .filter(|d| d.general_category() != GeneralCategory::NonspacingMark)
            .map(|d| if d.is_ascii_lowercase() || d.is_ascii_digit() { d } else { ' ' })
            .collect();
        let ours: String =
            folded(c).chars().map(|d| if d.is_ascii_lowercase() || d.is_ascii_digit() { d } else { ' ' }).collect();
        assert_eq!(ours.trim(), full.trim(), "{:x}", u32::from(c));
        assert_eq!(ours.is_empty(), full.is_empty(), "{:x}", u32::from(c));
    }
}

#[test]
fn by_hand() {
    for (c, want) in [
        ('A', "a"),
        ('É', "e"),
        ('ǖ', "u"),
        ('ệ', "e"),
        ('İ', "i"),
        ('K', "k"),
        ('Å', "a"),
        ('Ǿ', "ø"),
        ('Ø', "ø"),
        ('ß', "ß"),
        ('ẞ', "ß"),
        ('ł', "ł"),
        ('Й', "и"),
        ('Ώ', "ω"),
        ('が', "が"),
        ('한', "한"),
        ('7', "7"),
        ('\u{301}', ""),
        ('≠', "≠"),
        ('ﬁ', "ﬁ"),
    ] {
        assert_eq!(folded(c), want, "{c}");
    }
}
