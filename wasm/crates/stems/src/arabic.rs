//! A light stemmer of Arabic: the article and "and" off the front, endings of number and person off the back.
//!
//! After Larkey, Ballesteros and Connell, "Light stemming for Arabic information retrieval" (2007). Snowball's takes
//! prepositions of one letter off too, and with them the first letter of many words.

const PREFIXES: [&str; 7] = ["وال", "بال", "كال", "فال", "ال", "لل", "و"];
const SUFFIXES: [&str; 8] = ["ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي"];

/// The stem of a word.
#[must_use]
pub fn stem(word: &str) -> String {
    let plain: String = word.chars().filter_map(letter).collect();
    let mut stem = plain.as_str();
    for prefix in PREFIXES {
        // "And" is also the first letter of words.
        let keep = if prefix.chars().count() == 1 { 3 } else { 2 };
        if let Some(rest) = rest(stem.strip_prefix(prefix), keep) {
            stem = rest;
            break;
        }
    }
    for suffix in SUFFIXES {
        stem = rest(stem.strip_suffix(suffix), 2).unwrap_or(stem);
    }
    stem.to_owned()
}

/// What is left, if it is long enough.
fn rest(left: Option<&str>, keep: usize) -> Option<&str> {
    left.filter(|rest| rest.chars().count() >= keep)
}

/// One form of letters that are written in several ways; no vowel signs.
fn letter(c: char) -> Option<char> {
    match c {
        '\u{64b}'..='\u{65f}' | '\u{670}' => None,
        'أ' | 'إ' | 'آ' | 'ٱ' => Some('ا'),
        'ى' => Some('ي'),
        'ة' => Some('ه'),
        _ => Some(c),
    }
}
