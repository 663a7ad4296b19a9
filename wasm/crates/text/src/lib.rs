//! Text analysis: from a text to the terms that are indexed and searched, and back to highlights.
//!
//! Pure functions over strings, the same results on every machine and in every build. The path of a text is
//! [`fold`] (case and diacritics) → [`token`] (words with their places) → [`stop`] words out → [`stem`] →
//! [`analyze::Analyzer`]; [`highlight`] goes back to places, [`bm25`] holds the arithmetic of the ranking,
//! [`tuning`] its parameters, [`edit`] the distance between words.

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

pub mod analyze;
pub mod bm25;
pub mod edit;
mod eight;
pub mod fold;
mod fold_tables;
mod function_words;
pub mod highlight;
pub mod language;
mod marks;
mod memo;
mod name;
mod normal;
mod pairs;
pub mod script;
pub mod stem;
mod stem_steps;
pub mod stop;
pub mod token;
pub mod tuning;
mod words;

pub use analyze::{ANALYZER_VERSION, Analyzer, Group, Sought, Stemmer, Term};
pub use fold::fold;
pub use language::{Language, Languages};
pub use pairs::is_sign;
pub use token::{Token, Tokenizer, head, tokens};
pub use words::{Heard, Votes};
