//! The static token table: its file format, reading it, and embedding a text.
//!
//! The asset (all numbers little-endian, no padding), written by `src/embed/pack-table.mjs`:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | magic `AVET` |
//! | 4 | u32 version, 1 |
//! | 4 | u32 rows, 1 to 65,534 |
//! | 4 | u32 dim, a multiple of 32 from 32 to 4,096 |
//! | 4 | u32 bytes of the vocabulary, below 2^24 |
//! | 16 | 4 x f32 levels of the 2-bit codes |
//! | 1,024 | 256 x f32 scales of the scale codes |
//! | rows | one scale code a row |
//! | rows x dim / 4 | 2-bit codes, row by row, first dimension in the low bits |
//! | vocabulary | one piece a line in row order, ASCII, `##` = continuation, each ended by a newline |
//! | 8 | u64 FNV-1a over everything before |
//!
//! The value at (row, k) is `levels[code] * scales[scale code of the row]`.

use crate::bytes::{floats, fnv1a64, u32_at};
use crate::pieces::{Pieces, ROWS_MAX, VOCAB_MAX, WORD_MAX, Word};
use crate::pool::{BLOCK, decoder, ln_1p, pool};
use crate::quad::Quad;
use crate::scratch::Scratch;
use aetherv_text::script::Script;
use aetherv_text::{Token, fold, tokens};
use core::fmt;

const VERSION: u32 = 1;
const LEVELS_AT: usize = 20;
const SCALES_AT: usize = LEVELS_AT + 4 * 4;
const HEAD: usize = SCALES_AT + 4 * 256;
const DIMS_MAX: usize = 4096;

/// Why a table could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableError {
    /// It does not begin with `AVET`: no such table.
    Magic,
    /// It has a format version that this reader does not know.
    Version(u32),
    /// Rows, dimensions or vocabulary are outside the limits of the format, or a number in the head is not finite.
    Shape,
    /// Its length is not what its head says: cut off or with something behind.
    Size {
        /// Bytes that the head asks for (the head's own length where that is cut off).
        expected: usize,
        /// Bytes that there are.
        got: usize,
    },
    /// The checksum does not fit: damaged.
    Checksum,
    /// The vocabulary has not one line for each row.
    Vocabulary,
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic => f.write_str("not an embedding table (magic AVET missing)"),
            Self::Version(v) => write!(f, "embedding table of version {v}, this build reads version {VERSION}"),
            Self::Shape => f.write_str("embedding table with a shape outside the format's limits"),
            Self::Size { expected, got } => {
                write!(f, "embedding table of {got} bytes instead of {expected}")
            }
            Self::Checksum => f.write_str("embedding table is damaged (checksum)"),
            Self::Vocabulary => f.write_str("embedding table whose vocabulary does not fit its rows"),
        }
    }
}

impl core::error::Error for TableError {}

/// A longer query is no better known.
const TRUST_BYTES_MAX: usize = 10_000;

/// A static token table, ready to embed.
#[derive(Clone, Debug)]
pub struct Table {
    /// The asset as it came.
    bytes: Vec<u8>,
    rows: usize,
    dims: usize,
    scales: [f32; 256],
    decode: Box<[Quad; 256]>,
    pieces: Pieces,
}

impl Table {
    /// Opens the packed asset. Takes a few milliseconds; never panics, whatever the bytes are.
    ///
    /// # Errors
    /// [`TableError`] when the bytes are not a whole, undamaged table of this version.
    pub fn open(bytes: Vec<u8>) -> Result<Self, TableError> {
        let (rows, dims) = check(&bytes)?;
        let levels = floats::<4>(&bytes, LEVELS_AT).ok_or(TableError::Shape)?;
        let scales = floats::<256>(&bytes, SCALES_AT).ok_or(TableError::Shape)?;
        let vocab = vocab_of(&bytes, rows, dims);
        let pieces = Pieces::read(vocab, rows).ok_or(TableError::Vocabulary)?;
        Ok(Self { bytes, rows, dims, scales, decode: decoder(levels), pieces })
    }

    /// Dimensions of its vectors.
    #[must_use]
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// Number of word pieces.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Writes the vector of a text to `out`, of length one, or the zero vector when nothing in the text is known.
    ///
    /// Returns the number of known pieces, repeats included. An `out` that has not [`Table::dims`] places is
    /// filled with zeros and the answer is 0. Allocates only when the scratch meets a new table or a text with
    /// more distinct pieces than any before.
    pub fn embed(&self, text: &str, scratch: &mut Scratch, out: &mut [f32]) -> u32 {
        if out.len() != self.dims {
            out.fill(0.0);
            return 0;
        }
        let vocab = vocab_of(&self.bytes, self.rows, self.dims);
        let count = scratch.count(text, vocab, &self.pieces, self.rows);
        let body = self.bytes.get(HEAD..).unwrap_or(&[]);
        scratch.drain(|row, tf| ln_1p(tf) * self.scale(body, row));
        let codes = body.get(self.rows..).unwrap_or(&[]);
        pool(codes, &self.decode, &scratch.rows, out);
        count
    }

    /// How far the vector of a query is to be believed, 0 to 1.
    ///
    /// The table learned from English. A query of words that it knows whole counts in full; Latin words that it has to
    /// spell by pieces still tell which are alike, for a quarter; words of other letters are not seen at all. So
    /// `r (1/4 + 3/4 c^2)`, with `r` the share of Latin words and `c` that of known ones.
    pub fn trust(&self, query: &str) -> f32 {
        let vocab = vocab_of(&self.bytes, self.rows, self.dims);
        let (mut all, mut latin, mut known) = (0.0, 0.0, 0.0);
        let head = aetherv_text::head(query, TRUST_BYTES_MAX);
        tokens(head, |Token { word, script, .. }| {
            all += 1.0;
            if script == Script::Latin {
                latin += 1.0;
                let mut letters = Word::default();
                word.chars().for_each(|c| fold(c, &mut |d| letters.push(d as u8)));
                known += f32::from(u8::from(self.pieces.spell(vocab, &letters, &mut [0; WORD_MAX]) == 1));
            }
        });
        if all == 0.0 { 0.0 } else { latin / all * (0.25 + 0.75 * (known / all) * (known / all)) }
    }

    /// The scale of a row.
    fn scale(&self, body: &[u8], row: u32) -> f32 {
        let code = body.get(row as usize).copied().unwrap_or(0);
        self.scales.get(usize::from(code)).copied().unwrap_or(0.0)
    }
}

/// Checks everything but the vocabulary's lines; gives rows and dimensions.
fn check(bytes: &[u8]) -> Result<(usize, usize), TableError> {
    let got = bytes.len();
    if !bytes.starts_with(b"AVET") {
        return Err(TableError::Magic);
    }
    let cut = TableError::Size { expected: HEAD + 8, got };
    let field = |i: usize| u32_at(bytes, 4 * i).ok_or(cut);
    let version = field(1)?;
    if version != VERSION {
        return Err(TableError::Version(version));
    }
    let (rows, dims, vocab) = (field(2)? as usize, field(3)? as usize, field(4)? as usize);
    if !(1..=ROWS_MAX).contains(&rows) || !(BLOCK..=DIMS_MAX).contains(&dims) || dims % BLOCK != 0 || vocab > VOCAB_MAX
    {
        return Err(TableError::Shape);
    }
    // At most 1,060 + 65,534 * 1,025 + 2^24 + 8: far below 2^32, so nothing overflows on wasm32.
    let expected = HEAD + rows * (1 + dims / 4) + vocab + 8;
    if got != expected {
        return Err(TableError::Size { expected, got });
    }
    let (data, sum) = bytes.split_last_chunk::<8>().ok_or(cut)?;
    if fnv1a64(data) != u64::from_le_bytes(*sum) {
        return Err(TableError::Checksum);
    }
    Ok((rows, dims))
}

/// The bytes of the vocabulary in a checked asset.
fn vocab_of(bytes: &[u8], rows: usize, dims: usize) -> &[u8] {
    bytes.get(HEAD + rows * (1 + dims / 4)..bytes.len().saturating_sub(8)).unwrap_or(&[])
}
