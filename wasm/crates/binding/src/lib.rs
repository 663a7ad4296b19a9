//! The WebAssembly boundary: bytes, typed arrays and numbers in and out, the only crate that knows wasm-bindgen.
//!
//! Every error crosses as the string `CODE: sentence`; TypeScript makes an `AetherError` of it (`src/index/shard.ts`).
//! Returned arrays are copies: memory may grow in any call, so no view of it ever leaves.

use aetherv_core::bytes::put_u32s;
use aetherv_core::{Bits, Error, hash};
use aetherv_lsm::corrections::Correction;
use aetherv_lsm::rows::NONE;
use aetherv_lsm::{Clause, Collapse, Fusion, Proposed, Query, Shard};
use aetherv_text::tuning::{TUNING, Tuning};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

mod stage;
mod stems;
mod table;

use stems::Stems;

type JsResult<T> = Result<T, JsValue>;

fn js(error: Error) -> JsValue {
    JsValue::from_str(&error.to_string())
}

/// UTF-16 length of a text.
fn units(text: &str) -> u32 {
    let length = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
    length as u32
}

/// CRC-32C of bytes.
#[wasm_bindgen]
pub fn crc32c(bytes: &[u8]) -> u32 {
    aetherv_core::crc::crc32c(bytes)
}

/// The 16-byte content hashes of consecutive messages; message i ends at `ends[i]`.
#[wasm_bindgen]
pub fn hashes(data: &[u8], ends: &[u32]) -> Vec<u8> {
    hash::ids_of(data, ends)
}

/// The linear memory: for writing into a [`Piece`], at once, before any other call.
#[wasm_bindgen]
pub fn linear_memory() -> JsValue {
    wasm_bindgen::memory()
}

/// Room for a stored piece, filled from outside frame by frame: large segments are copied once, not three times.
#[wasm_bindgen]
pub struct Piece {
    bytes: Vec<u8>,
}

#[wasm_bindgen]
impl Piece {
    /// Room for `length` bytes, zeros.
    #[wasm_bindgen(constructor)]
    pub fn new(length: usize) -> Self {
        Self { bytes: vec![0; length] }
    }

    /// Where it begins.
    pub fn address(&mut self) -> *mut u8 {
        self.bytes.as_mut_ptr()
    }
}

/// One database's index.
#[wasm_bindgen]
pub struct Index {
    shard: Shard,
}

#[wasm_bindgen]
impl Index {
    /// An empty index for embedding space `space` with `dims` dimensions (0: lexical only); `vnos` ordinals are known to
    /// exist, and one far above them is damage.
    #[wasm_bindgen(constructor)]
    pub fn new(space: u32, dims: u32, vnos: u32, stems: Stems) -> Self {
        let mut shard = Shard::new(space, dims as usize, vnos);
        shard.stem_with(Box::new(stems));
        Self { shard }
    }

    /// Does it hold rows whose stemmers are not loaded?
    pub fn lacks_stems(&self) -> bool {
        self.shard.lacks_stems()
    }

    /// Would it lack stemmers for the rows of a `Chnk` section?
    pub fn would_lack_stems(&mut self, section: Vec<u8>) -> JsResult<bool> {
        self.shard.would_lack_stems(section).map_err(js)
    }

    /// Takes a `Chnk` section in.
    pub fn apply_chunks(&mut self, section: Vec<u8>) -> JsResult<()> {
        self.shard.apply_chunks(section).map_err(js)
    }

    /// Takes a `Vect` section in.
    pub fn apply_vectors(&mut self, section: Vec<u8>) -> JsResult<()> {
        self.shard.apply_vectors(section).map_err(js)
    }

    /// Takes a `Vmap` section in.
    pub fn apply_map(&mut self, section: &[u8]) -> JsResult<()> {
        self.shard.apply_map(section).map_err(js)
    }

    /// Takes a text segment in, stored as `id`; returns the numbers and ids of its rows (a `Chnk` section without its
    /// texts).
    pub fn attach_text(&mut self, id: u32, piece: Piece) -> JsResult<Vec<u8>> {
        self.shard.attach_text(id, piece.bytes).map(<[u8]>::to_vec).map_err(js)
    }

    /// Ids of attached text segments that had to be analysed anew.
    pub fn analysed_anew(&self) -> Vec<u32> {
        self.shard.analysed_anew()
    }

    /// Takes a vector segment in, stored as `id`.
    pub fn attach_vectors(&mut self, id: u32, piece: Piece) -> JsResult<()> {
        self.shard.attach_vectors(id, piece.bytes).map_err(js)
    }

    /// Drops the segments with these ids from memory.
    pub fn detach(&mut self, ids: &[u32]) {
        self.shard.detach(ids);
    }

    /// A text segment of exactly these chunk versions, in this order; empty when there are none.
    pub fn seal_rows(&self, vnos: &[u32]) -> JsResult<Vec<u8>> {
        self.shard.seal_rows(vnos).map_err(js)
    }

    /// A vector segment of the contents of these chunk versions; empty when there are none.
    pub fn seal_contents(&self, vnos: &[u32]) -> Vec<u8> {
        self.shard.seal_contents(vnos)
    }

    /// Chunk versions of a bitset (32 a word) that are here and have no vector, stored or transient.
    pub fn unembedded(&self, words: Vec<u32>) -> Vec<u32> {
        self.shard.unembedded(words)
    }

    /// Chunk versions of a bitset (32 a word) that are not here.
    pub fn absent(&self, words: Vec<u32>) -> Vec<u32> {
        self.shard.absent(words)
    }

    /// Gives chunk versions transient vectors, row-major.
    pub fn revive(&mut self, vnos: &[u32], vectors: &[f32]) -> JsResult<()> {
        self.shard.revive(vnos, vectors).map_err(js)
    }

    /// How many chunk versions have a transient vector.
    pub fn revived_count(&self) -> u32 {
        self.shard.revived_count()
    }

    /// Drops all transient vectors.
    pub fn forget_revived(&mut self) {
        self.shard.forget_revived();
    }

    /// The text memtable as segment bytes; empty when there is nothing.
    pub fn seal_text(&self) -> Vec<u8> {
        self.shard.seal_text()
    }

    /// The vector memtable as segment bytes; empty when there is nothing.
    pub fn seal_vectors(&self) -> Vec<u8> {
        self.shard.seal_vectors()
    }

    /// One vector segment in place of several: what chunk versions of a bitset need of them.
    pub fn reseal_vectors(&self, ids: &[u32], needed: Vec<u32>) -> Vec<u8> {
        self.shard.reseal_vectors(ids, &Bits::from_words(needed))
    }

    /// Contents of a vector segment, and how many of them chunk versions of a bitset are embedded as.
    pub fn content_use(&self, id: u32, needed: Vec<u32>) -> Vec<u32> {
        self.shard.content_use(id, &Bits::from_words(needed)).to_vec()
    }

    /// Forgets the memtables.
    pub fn clear_mem(&mut self) {
        self.shard.clear_mem();
    }

    /// Bytes in the memtables.
    pub fn mem_bytes(&self) -> u32 {
        self.shard.mem_bytes() as u32
    }

    /// Content numbers of embedding keys; 0xffffffff where there is none.
    pub fn find_contents(&self, keys: &[u8]) -> Vec<u32> {
        self.shard.find_contents(keys)
    }

    /// The number of the next new content.
    pub fn content_count(&self) -> u32 {
        self.shard.content_count()
    }

    /// How many distinct contents are here.
    pub fn contents_held(&self) -> u32 {
        self.shard.contents_held()
    }

    /// Content of a chunk version; 0xffffffff when it has none.
    pub fn content_of(&self, vno: u32) -> u32 {
        self.shard.content_of(vno)
    }

    /// Text of a chunk version.
    pub fn text(&self, vno: u32) -> JsResult<String> {
        self.shard.text_of(vno).map(str::to_owned).map_err(js)
    }

    /// Heading path of a chunk version, elements joined by U+001F.
    pub fn path(&self, vno: u32) -> JsResult<String> {
        self.shard.path_of(vno).map(str::to_owned).map_err(js)
    }

    /// What is shown of chunk versions: of each the UTF-16 length of its text, that of its heading path, the number of offsets, and the
    /// offsets, of words that clauses match in a view, into its text, start and end in turn; then all texts and paths, as UTF-8.
    pub fn shown(&mut self, view: u32, vnos: &[u32], clauses: &[u8]) -> JsResult<Vec<u8>> {
        let (mut numbers, mut texts) = (Vec::new(), String::new());
        for &vno in vnos {
            let offsets = self.shard.highlights(view, vno, clauses).map_err(js)?;
            let parts = [self.shard.text_of(vno).map_err(js)?, self.shard.path_of(vno).map_err(js)?];
            numbers.extend(parts.map(units));
            numbers.push(offsets.len() as u32);
            numbers.extend(offsets);
            parts.iter().for_each(|part| texts.push_str(part));
        }
        let mut out = Vec::with_capacity(4 * numbers.len() + texts.len());
        put_u32s(&mut out, numbers);
        out.extend_from_slice(texts.as_bytes());
        Ok(out)
    }

    /// Registers a view or mask (32 chunk versions a word); returns its handle.
    pub fn add_view(&mut self, words: Vec<u32>) -> u32 {
        self.shard.add_view(words)
    }

    /// Forgets a view or mask.
    pub fn drop_view(&mut self, handle: u32) {
        self.shard.drop_view(handle);
    }

    /// The attached vector segments for another processor; see `Shard::vector_parts`.
    pub fn vector_parts(&self, view: u32, mask: u32) -> JsResult<Vec<u32>> {
        self.shard.vector_parts(view, (mask != NONE).then_some(mask)).map_err(js)
    }

    /// Searches. `settings`: lexical, dense (0 or 1), collapse (0 section, 1 document, 2 none), weight, k, fusion by rank,
    /// feedback (0 or 1), diversity, explain (0 or 1), and then boosts of the four fields, k1, b of the four fields, all if any and the default
    /// where it is NaN, and then, if rows are proposed, error and rest, and of each row its place and its cosine; see `Proposed`. `clauses` as
    /// `Clause::read_all` takes them. Returns the ranking (0 lexical, 1 cosine, 2 both) and four times what became of proposals (0 unused,
    /// 1 proved, 2 scanned, 3 wrong), then of each hit vno, score, lexical, cosine, chunk, section, lexical rank, cosine rank; see `Shard::search`.
    pub fn search(
        &mut self,
        view: u32,
        mask: u32,
        clauses: &[u8],
        vector: &[f32],
        settings: &[f64],
    ) -> JsResult<Vec<f64>> {
        let clauses = Clause::read_all(clauses).map_err(js)?;
        let query = query(view, mask, &clauses, vector, settings);
        let (ranked, found) = self.shard.search(&query).map_err(js)?;
        let ranked = match ranked {
            Fusion::Lexical => 0.0,
            Fusion::Cosine => 1.0,
            Fusion::Both(_) => 2.0,
        };
        let mut out = Vec::with_capacity(1 + 8 * found.len());
        out.push(ranked + f64::from(4 * self.shard.outcome() as u8));
        for f in found {
            out.push(f64::from(f.vno));
            out.extend([f.score, f.lexical, f.cosine, f.chunk, f.section].map(f64::from));
            out.extend([f.lexical_rank, f.cosine_rank].map(f64::from));
        }
        Ok(out)
    }

    /// Rows of a view and mask that clauses match, 32 a word; see `Shard::matches`.
    pub fn matches(&mut self, view: u32, mask: u32, clauses: &[u8]) -> JsResult<Vec<u32>> {
        let clauses = Clause::read_all(clauses).map_err(js)?;
        self.shard.matches(view, (mask != NONE).then_some(mask), &clauses).map_err(js)
    }

    /// Start, end and what the view knows of each word of a text; see `Shard::words`.
    pub fn words(&mut self, view: u32, text: &str, unfinished: bool) -> JsResult<Vec<u32>> {
        self.shard.words(view, text, unfinished).map_err(js)
    }

    /// Corrections of a word in a view, best first: word, edits and rows that hold it, joined by U+0000 and newlines.
    pub fn corrections(&mut self, view: u32, word: &str, most: u32) -> JsResult<String> {
        self.shard.corrections(view, word, most as usize).map(lines).map_err(js)
    }

    /// Words of a view that begin with the last word of a text, likeliest first, in the form of `corrections`.
    pub fn completions(&mut self, view: u32, text: &str, most: u32) -> JsResult<String> {
        self.shard.completions(view, text, most as usize).map(lines).map_err(js)
    }
}

fn lines(found: Vec<Correction>) -> String {
    let line = |c: Correction| format!("{}\0{}\0{}", c.word, c.edits, c.rows);
    found.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A query from its numbers; one that is missing is 0, of the tuning one that is NaN the default.
fn query<'a>(view: u32, mask: u32, clauses: &'a [Clause<'a>], vector: &'a [f32], settings: &'a [f64]) -> Query<'a> {
    let number = |at: usize| settings.get(at).copied().unwrap_or_default();
    let own = |at: usize, default: f32| match number(at) as f32 {
        given if given.is_nan() => default,
        given => given,
    };
    let four = |at: usize, [title, headings, body, code]: [f32; 4]| {
        [own(at, title), own(at + 1, headings), own(at + 2, body), own(at + 3, code)]
    };
    let tuning = Tuning { boosts: four(9, TUNING.boosts), k1: own(13, TUNING.k1), b: four(14, TUNING.b) };
    Query {
        mask: (mask != NONE).then_some(mask),
        vector,
        lexical: number(0) != 0.0,
        dense: number(1) != 0.0,
        collapse: match number(2) as u32 {
            0 => Collapse::Section,
            1 => Collapse::Document,
            _ => Collapse::None,
        },
        weight: number(3) as f32,
        k: number(4) as usize,
        by_rank: number(5) != 0.0,
        feedback: number(6) != 0.0,
        diversity: number(7) as f32,
        explain: number(8) != 0.0,
        tuning: if settings.len() > 9 { tuning } else { TUNING },
        proposed: settings.get(20..).map(|rows| Proposed {
            rows: rows.as_chunks().0,
            error: number(18) as f32,
            rest: number(19) as f32,
        }),
        ..Query::new(view, clauses)
    }
}
