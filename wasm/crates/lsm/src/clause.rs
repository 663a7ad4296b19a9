//! What a query asks for in words: clauses, as they cross the boundary.
//!
//! ```text
//! per clause: occur u8 (0 should, 1 must, 2 not) | kind u8 (0 words, 1 phrase, 2 prefix, 3 fuzzy) |
//!             argument u8 (phrase: slop; fuzzy: edits 0..2 or 255 by length) | fields u8, bit f = field f |
//!             boost f32 | bytes of the text u32 | text, UTF-8
//! ```

use aetherv_core::bytes::Reader;
use aetherv_core::{Error, Result};

/// Whether a hit needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occur {
    /// Counts where it is.
    Should,
    /// Every hit holds it, and it counts.
    Must,
    /// No hit holds it.
    Not,
}

/// How the words of a clause are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Each word by itself.
    Words,
    /// All words in one field in their order, at most so many places out of it.
    Phrase(u32),
    /// Each word begins a term.
    Prefix,
    /// Each word with at most so many edits; none: by its length.
    Fuzzy(Option<u8>),
}

/// One clause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clause<'a> {
    /// Whether a hit needs it; in a clause of several words each of them.
    pub occur: Occur,
    /// How its words are looked for.
    pub kind: Kind,
    /// Bit f: field f counts.
    pub fields: u8,
    /// Its scores are multiplied by this, 0 or more.
    pub boost: f32,
    /// The words.
    pub text: &'a str,
}

/// All fields.
pub const ALL_FIELDS: u8 = 15;

impl<'a> Clause<'a> {
    /// Plain words.
    pub const fn words(text: &'a str) -> Self {
        Self { occur: Occur::Should, kind: Kind::Words, fields: ALL_FIELDS, boost: 1.0, text }
    }

    /// Reads clauses.
    ///
    /// # Errors
    /// `AV_CORRUPT` or `AV_INTERNAL` when the bytes are none.
    pub fn read_all(bytes: &'a [u8]) -> Result<Vec<Self>> {
        let mut reader = Reader::new(bytes, "a query");
        let mut clauses = Vec::new();
        while reader.left() > 0 {
            let head = reader.u32()?;
            let [occur, kind, argument, fields] = head.to_le_bytes();
            let boost = f32::from_bits(reader.u32()?);
            let len = reader.u32()? as usize;
            let text = str::from_utf8(reader.bytes(len)?).map_err(|_| wrong())?;
            let occur = *[Occur::Should, Occur::Must, Occur::Not].get(usize::from(occur)).ok_or_else(wrong)?;
            let kind = match kind {
                0 => Kind::Words,
                1 => Kind::Phrase(u32::from(argument)),
                2 => Kind::Prefix,
                3 => Kind::Fuzzy((argument != u8::MAX).then_some(argument.min(2))),
                _ => return Err(wrong()),
            };
            if !boost.is_finite() || boost < 0.0 {
                return Err(wrong());
            }
            clauses.push(Self { occur, kind, fields: fields & ALL_FIELDS, boost, text });
        }
        Ok(clauses)
    }
}

/// The bytes of clauses.
#[must_use]
pub fn write_all(clauses: &[Clause<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for clause in clauses {
        let (kind, argument) = match clause.kind {
            Kind::Words => (0, 0),
            Kind::Phrase(slop) => (1, slop.min(255) as u8),
            Kind::Prefix => (2, 0),
            Kind::Fuzzy(edits) => (3, edits.unwrap_or(u8::MAX)),
        };
        out.extend_from_slice(&[clause.occur as u8, kind, argument, clause.fields]);
        out.extend_from_slice(&clause.boost.to_le_bytes());
        out.extend_from_slice(&(clause.text.len() as u32).to_le_bytes());
        out.extend_from_slice(clause.text.as_bytes());
    }
    out
}

fn wrong() -> Error {
    Error::internal("the clauses of a query cannot be read".to_owned())
}
