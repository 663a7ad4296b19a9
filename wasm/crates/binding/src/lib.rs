//! The WebAssembly boundary: bytes, typed arrays and numbers in and out, the only crate that knows wasm-bindgen.
//!
//! Every error crosses as the string `CODE: sentence`; TypeScript makes an `AetherError` of it (`src/index/shard.ts`).
//! Returned arrays are copies: memory may grow in any call, so no view of it ever leaves.

use aetherv_core::{Bits, Error, hash};
use aetherv_embed::{Scratch, Table, TableError};
use aetherv_lsm::memtable::{TextMem, VectorMem};
use aetherv_lsm::rows::NONE;
use aetherv_lsm::{Collapse, Fusion, Query, Shard};
use aetherv_segment::vectors::read_map;
use aetherv_segment::{Chunks, VectorRows};
use aetherv_text::Analyzer;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

type JsResult<T> = Result<T, JsValue>;

fn js(error: Error) -> JsValue {
    JsValue::from_str(&error.to_string())
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
    pub fn new(space: u32, dims: u32, vnos: u32) -> Self {
        Self { shard: Shard::new(space, dims as usize, vnos) }
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

    /// Texts of chunk versions.
    pub fn texts(&self, vnos: &[u32]) -> JsResult<Vec<String>> {
        vnos.iter().map(|&vno| self.text(vno)).collect()
    }

    /// Heading paths of chunk versions, as `path` gives them.
    pub fn paths(&self, vnos: &[u32]) -> JsResult<Vec<String>> {
        vnos.iter().map(|&vno| self.path(vno)).collect()
    }

    /// Heading path of a chunk version, elements joined by U+001F.
    pub fn path(&self, vno: u32) -> JsResult<String> {
        self.shard.path_of(vno).map(str::to_owned).map_err(js)
    }

    /// Matching words as UTF-16 offsets into the chunk's text, start and end in turn.
    pub fn highlights(&mut self, vno: u32, query: &str) -> JsResult<Vec<u32>> {
        self.shard.highlights(vno, query).map_err(js)
    }

    /// Registers a view or mask (32 chunk versions a word); returns its handle.
    pub fn add_view(&mut self, words: Vec<u32>) -> u32 {
        self.shard.add_view(words)
    }

    /// Forgets a view or mask.
    pub fn drop_view(&mut self, handle: u32) {
        self.shard.drop_view(handle);
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "numbers and arrays are what crosses cheaply; an options object would not"
    )]
    /// Searches. `mode`: bit 0 lexical, bit 1 dense, bits 2.. collapse (0 section, 1 document, 2 none).
    /// Returns the ranking (0 lexical, 1 cosine, 2 both), then vno, score, BM25, cosine of each hit; see `Shard::search`.
    pub fn search(
        &mut self,
        view: u32,
        mask: u32,
        text: &str,
        vector: &[f32],
        mode: u32,
        weight: f32,
        k: u32,
    ) -> JsResult<Vec<f64>> {
        let collapse = match mode >> 2 {
            0 => Collapse::Section,
            1 => Collapse::Document,
            _ => Collapse::None,
        };
        let mask = (mask != NONE).then_some(mask);
        let query = Query {
            view,
            mask,
            text,
            vector,
            lexical: mode & 1 != 0,
            dense: mode & 2 != 0,
            weight,
            k: k as usize,
            collapse,
        };
        let (ranked, found) = self.shard.search(&query).map_err(js)?;
        let ranked = match ranked {
            Fusion::Lexical => 0.0,
            Fusion::Cosine => 1.0,
            Fusion::Both(_) => 2.0,
        };
        let hits = found
            .iter()
            .flat_map(|f| [f64::from(f.vno), f64::from(f.score), f64::from(f.lexical), f64::from(f.cosine)]);
        Ok(std::iter::once(ranked).chain(hits).collect())
    }
}

/// Builds segments of a large put beside the index, before its commit exists.
#[wasm_bindgen]
#[derive(Default)]
pub struct Stage {
    analyzer: Analyzer,
    text: TextMem,
    vectors: VectorMem,
}

#[wasm_bindgen]
impl Stage {
    /// An empty stage.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a `Chnk` section in.
    pub fn apply_chunks(&mut self, section: Vec<u8>) -> JsResult<()> {
        self.text.push(&mut self.analyzer, Chunks::open(section).map_err(js)?);
        Ok(())
    }

    /// Takes a `Vect` section in.
    pub fn apply_vectors(&mut self, section: Vec<u8>) -> JsResult<()> {
        self.vectors.push(VectorRows::open(section).map_err(js)?).map_err(js)
    }

    /// Takes a `Vmap` section in.
    pub fn apply_map(&mut self, section: &[u8]) -> JsResult<()> {
        let (space, pairs) = read_map(section).map_err(js)?;
        self.vectors.push_map(space, &pairs);
        Ok(())
    }

    /// The text segment of what came in since the last call.
    pub fn take_text(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.text).seal()
    }

    /// The vector segment of what came in since the last call.
    pub fn take_vectors(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.vectors).seal()
    }
}

/// The embedded default embedder: a static token table.
#[wasm_bindgen]
pub struct StaticTable {
    table: Table,
    scratch: Scratch,
}

#[wasm_bindgen]
impl StaticTable {
    /// Opens the packed asset.
    pub fn open(bytes: Vec<u8>) -> JsResult<StaticTable> {
        let table = Table::open(bytes)
            .map_err(|error: TableError| js(Error::corrupt(format!("the embedding table cannot be read: {error}"))))?;
        Ok(Self { table, scratch: Scratch::default() })
    }

    /// Dimensions of its vectors.
    pub fn dims(&self) -> u32 {
        self.table.dims() as u32
    }

    /// Vectors of consecutive UTF-8 texts, text i ends at `ends[i]`; row-major.
    pub fn embed(&mut self, data: &[u8], ends: &[u32]) -> JsResult<Vec<f32>> {
        let mut out = vec![0.0; ends.len() * self.table.dims()];
        let mut start = 0;
        for (&end, row) in ends.iter().zip(out.chunks_exact_mut(self.table.dims().max(1))) {
            let text = data.get(start..end as usize).and_then(|bytes| str::from_utf8(bytes).ok());
            self.table.embed(
                text.ok_or_else(|| js(Error::internal("texts to embed are not UTF-8 or their ends are wrong")))?,
                &mut self.scratch,
                row,
            );
            start = end as usize;
        }
        Ok(out)
    }
}
