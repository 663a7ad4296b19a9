//! The language of a text, and which languages the rows of a view are in.
//!
//! A row's language is a function of its text alone: what stood in other rows, or in an earlier version, never counts,
//! so that the same texts rank the same in every store. A text that is too short or of an unknown language is taken for
//! English, whose stemmer does little to words of other languages; questions ask for the terms of every language that
//! the rows are in, so such a row is found all the same.
//!
//! Function words tell languages apart (Grefenstette, "Comparing two language identification schemes", 1995): few,
//! frequent, and needed as stop words anyway.

use crate::script::Script;

/// A language that words are analysed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Language(u8);

macro_rules! languages {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $code:literal, $script:ident;)*) => {
        impl Language {
            $($(#[$doc])* pub const $name: Self = Self($number);)*
        }

        /// Code and script of each language, by number.
        static LANGUAGES: &[(&str, Script)] = &[$(($code, Script::$script),)*];
    };
}

// Stored in segments: a number keeps its meaning for ever, new ones go to the end.
languages! {
    /// English, and every text that is not surely of another language.
    ENGLISH = 0, "en", Latin;
    /// No language: words are folded and nothing else.
    NONE = 1, "", Other;
    /// Arabic.
    ARABIC = 2, "ar", Arabic;
    /// Armenian.
    ARMENIAN = 3, "hy", Armenian;
    /// Catalan.
    CATALAN = 4, "ca", Latin;
    /// Czech.
    CZECH = 5, "cs", Latin;
    /// Danish.
    DANISH = 6, "da", Latin;
    /// German.
    GERMAN = 7, "de", Latin;
    /// Greek.
    GREEK = 8, "el", Greek;
    /// Spanish.
    SPANISH = 9, "es", Latin;
    /// Persian.
    PERSIAN = 10, "fa", Arabic;
    /// Finnish.
    FINNISH = 11, "fi", Latin;
    /// French.
    FRENCH = 12, "fr", Latin;
    /// Hindi.
    HINDI = 13, "hi", Devanagari;
    /// Hungarian.
    HUNGARIAN = 14, "hu", Latin;
    /// Indonesian.
    INDONESIAN = 15, "id", Latin;
    /// Italian.
    ITALIAN = 16, "it", Latin;
    /// Lithuanian.
    LITHUANIAN = 17, "lt", Latin;
    /// Dutch.
    DUTCH = 18, "nl", Latin;
    /// Norwegian.
    NORWEGIAN = 19, "no", Latin;
    /// Polish.
    POLISH = 20, "pl", Latin;
    /// Portuguese.
    PORTUGUESE = 21, "pt", Latin;
    /// Romanian.
    ROMANIAN = 22, "ro", Latin;
    /// Russian.
    RUSSIAN = 23, "ru", Cyrillic;
    /// Serbian.
    SERBIAN = 24, "sr", Cyrillic;
    /// Swedish.
    SWEDISH = 25, "sv", Latin;
    /// Tamil.
    TAMIL = 26, "ta", Tamil;
    /// Turkish.
    TURKISH = 27, "tr", Latin;
    /// Ukrainian.
    UKRAINIAN = 28, "uk", Cyrillic;
    /// Urdu.
    URDU = 29, "ur", Arabic;
    /// Vietnamese.
    VIETNAMESE = 30, "vi", Latin;
    /// Bulgarian.
    BULGARIAN = 31, "bg", Cyrillic;
}

/// How many languages there are.
pub(crate) const COUNT: usize = 32;

impl Language {
    /// The language with this number; [`Language::NONE`] for an unknown one.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        if usize::from(number) < COUNT { Self(number) } else { Self::NONE }
    }

    /// Its number; the same for ever.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Its ISO 639-1 code; empty for [`Language::NONE`].
    #[must_use]
    pub fn code(self) -> &'static str {
        LANGUAGES.get(usize::from(self.0)).map_or("", |known| known.0)
    }

    /// The script that it is written in.
    pub(crate) fn script(self) -> Script {
        LANGUAGES.get(usize::from(self.0)).map_or(Script::Other, |known| known.1)
    }

    /// The language in which a text of this language has a word of `script`: names of code and foreign words are English.
    #[must_use]
    pub fn of_word(self, script: Script) -> Self {
        // Most words.
        if self == Self::ENGLISH && script == Script::Latin || self.script() == script {
            self
        } else if script == Script::Latin {
            Self::ENGLISH
        } else {
            Self::NONE
        }
    }

    /// Are its stop words and stems in the second module?
    #[must_use]
    pub fn needs_stemmer(self) -> bool {
        self != Self::ENGLISH && self != Self::NONE
    }
}

/// How many rows are in each language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Languages([u32; COUNT]);

impl Languages {
    /// Counts a row.
    pub fn insert(&mut self, language: Language) {
        if let Some(rows) = self.0.get_mut(usize::from(language.0)) {
            *rows += 1;
        }
    }

    /// The languages of any row, by their numbers.
    pub fn iter(&self) -> impl Iterator<Item = Language> {
        self.0.iter().zip(0..).filter(|&(&rows, _)| rows > 0).map(|(_, number)| Language(number))
    }

    /// How many rows are in a language.
    #[must_use]
    pub fn rows(&self, language: Language) -> u32 {
        self.0.get(usize::from(language.0)).copied().unwrap_or_default()
    }
}
