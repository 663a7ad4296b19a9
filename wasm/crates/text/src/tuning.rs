//! Every number that ranking depends on, in one place, the same for every collection.
//!
//! Chosen where the measured curves are flat, on Cranfield and the known-item questions of two documentation histories;
//! a query may override those of [`Tuning`].

/// The fields of a row, in the order of every per-field array.
pub const FIELDS: usize = 4;
/// First element of the heading path: the document's title.
pub const TITLE: usize = 0;
/// The rest of the heading path.
pub const HEADINGS: usize = 1;
/// Text outside code.
pub const BODY: usize = 2;
/// Fenced code.
pub const CODE: usize = 3;

/// Parameters of the lexical score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tuning {
    /// Weight of an occurrence in each field, 0 (not counted) and above.
    pub boosts: [f32; FIELDS],
    /// Saturation of the weighted frequency: the larger, the later a repeated term stops to count.
    pub k1: f32,
    /// Strength of the length normalisation in each field, 0 (none) to 1 (full).
    pub b: [f32; FIELDS],
}

/// What queries use unless they say otherwise.
pub const TUNING: Tuning = Tuning { boosts: [2.5, 2.5, 1.0, 1.0], k1: 1.6, b: [0.5, 0.5, 0.7, 0.7] };

/// Share of the chunk's own BM25F in the lexical score; the rest is its section's.
pub const CHUNK_SHARE: f32 = 0.5;

/// A frequency counts in steps of one `WHOLE`th, so that sums are exact in any order.
pub const WHOLE: u16 = 16;
/// Weight of a completed prefix, in steps.
pub const PREFIX_WEIGHT: u16 = 12;
/// Weight of a term at so many edits from the word, in steps.
pub const EDIT_WEIGHTS: [u16; 3] = [WHOLE, 8, 4];
/// At most so many terms stand for one word of a query: those with the fewest edits, then in the most rows of the view,
/// then first by their bytes.
pub const EXPANSIONS_MAX: usize = 50;
/// The same for one sign of a script without spaces, which is looked for in pairs.
pub const PAIRS_MAX: usize = 500;

/// Edits that are forgiven in a word of `letters` letters: none up to 3, one up to 7, then two.
#[must_use]
pub const fn auto_edits(letters: usize) -> usize {
    match letters {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009).
pub const RANK_CONSTANT: f32 = 60.0;
/// Pseudo-relevance feedback looks at so many of the best groups.
pub const FEEDBACK_GROUPS: usize = 3;
/// Weight of their mean vector beside the query's.
pub const FEEDBACK_WEIGHT: f32 = 0.3;
