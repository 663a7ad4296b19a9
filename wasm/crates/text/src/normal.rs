//! Writes words in one way: lower case and plain forms for the stemmers, then without what readers leave out.

use crate::fold::{fold, is_mark};
use crate::script::Script;

/// Full-width forms of half-width Katakana, U+FF66 to U+FF9D.
const KATAKANA: &str =
    "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";

/// Gives the lower-case form of `c` to `f`, half and full widths made usual; what only stretches or joins gives nothing.
#[inline]
pub(crate) fn lower(c: char, f: &mut impl FnMut(char)) {
    match c {
        '\0'..='\x7f' => f(c.to_ascii_lowercase()),
        '\u{640}' | '\u{200c}' | '\u{200d}' => {}
        '\u{ff01}'..='\u{ff5e}' => {
            let plain = u8::try_from(u32::from(c) - 0xfee0).unwrap_or(b' ');
            f(char::from(plain.to_ascii_lowercase()));
        }
        '\u{ff66}'..='\u{ff9d}' => f(KATAKANA.chars().nth((u32::from(c) - 0xff66) as usize).unwrap_or(c)),
        '\u{ff9e}' => f('\u{3099}'),
        '\u{ff9f}' => f('\u{309a}'),
        // One char, so that a word of n chars has n chars: the dot above, which Unicode adds, is no letter of Turkish.
        'İ' => f('i'),
        // Ligatures, as they come out of printed pages.
        '\u{fb00}'..='\u{fb06}' => {
            let letters = ["ff", "fi", "fl", "ffi", "ffl", "st", "st"].get((u32::from(c) - 0xfb00) as usize);
            letters.copied().unwrap_or_default().chars().for_each(f);
        }
        _ => c.to_lowercase().for_each(f),
    }
}

/// Joins a voiced mark of Kana to the sign before it; false where that sign takes none.
pub(crate) fn join_voiced(word: &mut String, mark: char) -> bool {
    let step = match mark {
        '\u{3099}' => 1,
        '\u{309a}' => 2,
        _ => return false,
    };
    // か き ... は ひ ...: the voiced form follows its sign, the half-voiced one comes after it.
    let before = word.chars().next_back().filter(|sign| ('か'..='ホ').contains(sign));
    let Some(joined) = before.and_then(|sign| char::from_u32(u32::from(sign) + step)) else {
        return false;
    };
    word.pop();
    word.push(joined);
    true
}

/// Appends a lower-case word as it is indexed: without diacritics where its script's readers leave them out, and with one
/// form of letters that are written in several ways.
pub(crate) fn fold_word(word: &str, script: Script, out: &mut String) {
    if word.is_ascii() {
        out.push_str(word);
        return;
    }
    match script {
        // Signs of vowels are no diacritics.
        Script::Devanagari | Script::Tamil | Script::Other | Script::Syllables | Script::Ideographs => {
            word.chars().for_each(|c| indian(c, out));
        }
        _ => word.chars().for_each(|c| fold(c, &mut |d| letter(d, out))),
    }
}

/// A letter without a canonical decomposition, as it is typed by those who lack it.
fn letter(c: char, out: &mut String) {
    let plain = match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ø' => "o",
        'ð' | 'đ' => "d",
        'ł' => "l",
        'ı' => "i",
        'ς' => "σ",
        // Persian and Urdu letters and final forms as Arabic writes them.
        'ک' => "ك",
        'ی' | 'ى' => "ي",
        'ة' | 'ہ' | 'ە' => "ه",
        'ٱ' => "ا",
        _ => return out.push(c),
    };
    out.push_str(plain);
}

/// Devanagari without the dot below of borrowed sounds, and one sign of nasals.
fn indian(c: char, out: &mut String) {
    match c {
        '\u{93c}' => {}
        '\u{901}' => out.push('\u{902}'),
        '\u{958}' => out.push('क'),
        '\u{959}' => out.push('ख'),
        '\u{95a}' => out.push('ग'),
        '\u{95b}' => out.push('ज'),
        '\u{95c}' => out.push('ड'),
        '\u{95d}' => out.push('ढ'),
        '\u{95e}' => out.push('फ'),
        '\u{95f}' => out.push('य'),
        _ if is_mark(c) && u32::from(c) < 0x370 => {}
        _ => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(word: &str, script: Script) -> String {
        let mut out = String::new();
        fold_word(word, script, &mut out);
        out
    }

    #[test]
    fn letters_take_their_plain_form() {
        assert_eq!(folded("größe", Script::Latin), "grosse");
        assert_eq!(folded("ışık", Script::Latin), "isik");
        assert_eq!(folded("ёлка", Script::Cyrillic), "елка");
        assert_eq!(folded("مدرسةٌ", Script::Arabic), "مدرسه");
        assert_eq!(folded("آی", Script::Arabic), "اي");
        assert_eq!(folded("λόγος", Script::Greek), "λογοσ");
    }

    #[test]
    fn signs_of_vowels_stay() {
        assert_eq!(folded("हिन्दी", Script::Devanagari), "हिन्दी");
        assert_eq!(folded("ज़रूर", Script::Devanagari), "जरूर");
        assert_eq!(folded("ज\u{93c}रूर", Script::Devanagari), "जरूर");
        assert_eq!(folded("ที่", Script::Syllables), "ที่");
    }
}
