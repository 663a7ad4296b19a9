//! Stemmers and stop words of other languages than English, in a module that is loaded when a text needs it.
//!
//! Most are Snowball's (Porter, "Snowball: A language for stemming algorithms", 2001), as its own compiler writes them
//! in Rust; languages that it lacks are stemmed by tables of endings ([`light`]). Numbers of languages are those of
//! `aetherv_text::Language`.
//!
//! The boundary is three numbers: a word is written where [`aetherv_room`] says, [`aetherv_stem`] leaves its stem there.

pub mod arabic;
pub mod light;
pub mod stop_words;

use std::sync::atomic::{AtomicU8, Ordering};
use waken_snowball::SnowballEnv;
use waken_snowball::algorithms as snowball;

/// Bytes of the room; a word has at most 64 chars, and no stemmer makes it twice as long.
const ROOM: usize = 512;

static ROOM_BYTES: [AtomicU8; ROOM] = [const { AtomicU8::new(0) }; ROOM];

/// Address of the room.
#[unsafe(no_mangle)]
pub extern "C" fn aetherv_room() -> *const AtomicU8 {
    ROOM_BYTES.as_ptr()
}

/// Stems the word of `length` bytes that is in the room; returns the length of the stem that is there then.
#[unsafe(no_mangle)]
pub extern "C" fn aetherv_stem(language: u32, length: u32) -> u32 {
    let bytes: Vec<u8> = ROOM_BYTES.iter().take(length as usize).map(|byte| byte.load(Ordering::Relaxed)).collect();
    let word = String::from_utf8(bytes).unwrap_or_default();
    let stem = stem(language as u8, &word);
    ROOM_BYTES.iter().zip(stem.bytes()).for_each(|(room, byte)| room.store(byte, Ordering::Relaxed));
    stem.len().min(ROOM) as u32
}

/// The stem of a lower-case word in the language of this number: empty for a stop word, the word itself where the
/// language has no stemmer.
#[must_use]
pub fn stem(language: u8, word: &str) -> String {
    if stop_words::is_stop_word(language, word) {
        return String::new();
    }
    let algorithm: fn(&mut SnowballEnv<'_>) -> bool = match language {
        2 => return arabic::stem(word),
        6 => snowball::danish_stemmer::stem,
        7 => snowball::german_stemmer::stem,
        8 => snowball::greek_stemmer::stem,
        9 => snowball::spanish_stemmer::stem,
        11 => snowball::finnish_stemmer::stem,
        12 => snowball::french_stemmer::stem,
        13 => snowball::hindi_stemmer::stem,
        14 => snowball::hungarian_stemmer::stem,
        15 => snowball::indonesian_stemmer::stem,
        16 => snowball::italian_stemmer::stem,
        18 => snowball::dutch_stemmer::stem,
        19 => snowball::norwegian_stemmer::stem,
        21 => snowball::portuguese_stemmer::stem,
        22 => snowball::romanian_stemmer::stem,
        23 => snowball::russian_stemmer::stem,
        25 => snowball::swedish_stemmer::stem,
        26 => snowball::tamil_stemmer::stem,
        27 => snowball::turkish_stemmer::stem,
        _ => return light::stem(language, word).to_owned(),
    };
    let mut env = SnowballEnv::create(word);
    algorithm(&mut env);
    env.get_current().into_owned()
}
