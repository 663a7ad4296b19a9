//! What a char is to the tokeniser: part of a word, a sign of a script without spaces, a mark, or neither.

use crate::fold::is_mark;

/// The scripts that words are told apart by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Script {
    /// Latin, and words of digits.
    #[default]
    Latin,
    /// Greek.
    Greek,
    /// Cyrillic.
    Cyrillic,
    /// Armenian.
    Armenian,
    /// Hebrew.
    Hebrew,
    /// Arabic, as Persian and Urdu write it too.
    Arabic,
    /// Devanagari.
    Devanagari,
    /// Tamil.
    Tamil,
    /// Another script with spaces.
    Other,
    /// Thai, Lao, Khmer, Myanmar: no spaces between words, several chars to a syllable.
    Syllables,
    /// Han, Kana, Hangul: no spaces between words, or words of many parts.
    Ideographs,
}

impl Script {
    /// The script of a letter or digit, by blocks.
    #[must_use]
    pub fn of(c: char) -> Self {
        match u32::from(c) {
            0..=0x36f | 0x1e00..=0x1eff | 0x2c60..=0x2c7f | 0xa720..=0xa7ff | 0xfb00..=0xfb06 | 0xff10..=0xff5a => {
                Self::Latin
            }
            0x370..=0x3ff | 0x1f00..=0x1fff => Self::Greek,
            0x400..=0x52f | 0x1c80..=0x1c8f | 0x2de0..=0x2dff | 0xa640..=0xa69f => Self::Cyrillic,
            0x530..=0x58f | 0xfb13..=0xfb17 => Self::Armenian,
            0x590..=0x5ff | 0xfb1d..=0xfb4f => Self::Hebrew,
            0x600..=0x6ff | 0x750..=0x77f | 0x870..=0x8ff | 0xfb50..=0xfdff | 0xfe70..=0xfefc => Self::Arabic,
            0x900..=0x97f | 0xa8e0..=0xa8ff => Self::Devanagari,
            0xb80..=0xbff => Self::Tamil,
            0xe00..=0xeff | 0x1000..=0x109f | 0x1780..=0x17ff | 0xa9e0..=0xa9ff | 0xaa60..=0xaa7f => Self::Syllables,
            0x1100..=0x11ff | 0x3130..=0x318f | 0xa960..=0xa97f | 0xac00..=0xd7ff // Hangul
            | 0x3005..=0x3007 | 0x3021..=0x3029 | 0x3038..=0x303b // Han signs and numbers
            | 0x3041..=0x30ff | 0x31f0..=0x31ff | 0xff66..=0xff9f | 0x1b000..=0x1b16f // Hiragana, Katakana
            | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff => Self::Ideographs,
            _ => Self::Other,
        }
    }

    /// Is it cut into pairs rather than into words?
    #[must_use]
    pub fn is_unspaced(self) -> bool {
        matches!(self, Self::Syllables | Self::Ideographs)
    }
}

/// What a char does to a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Begins or continues a word of this script.
    Letter(Script),
    /// Continues a word and begins none: a mark, a joiner inside words.
    Mark,
    /// Ends a word.
    Other,
}

impl Class {
    /// The class of a char.
    #[must_use]
    pub fn of(c: char) -> Self {
        // Quotes and dashes, which texts of all languages have.
        if matches!(c, '\u{2010}'..='\u{205e}') {
            return Self::Other;
        }
        // Zero-width joiners stand inside words of Persian and of Indian scripts, the tatweel stretches Arabic ones.
        if is_mark(c) || matches!(c, '\u{200c}' | '\u{200d}' | '\u{640}' | '\u{ff9e}' | '\u{ff9f}') {
            Self::Mark
        } else if c.is_alphanumeric() {
            Self::Letter(Script::of(c))
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_chars() {
        for (c, script) in [
            ('a', Script::Latin),
            ('9', Script::Latin),
            ('ß', Script::Latin),
            ('ệ', Script::Latin),
            ('Ａ', Script::Latin),
            ('λ', Script::Greek),
            ('ё', Script::Cyrillic),
            ('ש', Script::Hebrew),
            ('ع', Script::Arabic),
            ('क', Script::Devanagari),
            ('ி', Script::Tamil),
            ('ก', Script::Syllables),
            ('က', Script::Syllables),
            ('中', Script::Ideographs),
            ('カ', Script::Ideographs),
            ('한', Script::Ideographs),
            ('ア', Script::Ideographs),
            ('𠀀', Script::Ideographs),
            ('Ⴀ', Script::Other),
        ] {
            assert_eq!(Class::of(c), Class::Letter(script), "{c}");
        }
        for c in ['\u{301}', '\u{e34}', '\u{94d}', '\u{200d}', 'ـ'] {
            assert_eq!(Class::of(c), Class::Mark, "{c:?}");
        }
        assert!(('\u{2010}'..='\u{205e}').all(|c| !is_mark(c) && !c.is_alphanumeric()));
        for c in [' ', '。', '😀', '\0', '-', '\u{feff}'] {
            assert_eq!(Class::of(c), Class::Other, "{c:?}");
        }
    }
}
