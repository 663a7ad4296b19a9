//! One collection: item versions, their vectors, and searches in a view of them.
//!
//! Item versions are named by `ino`, contents (vectors) by `cno`; a view is a set of item versions, given as words (number i in bit
//! i % 32 of word i / 32). A filter is bytecode (`wasm/FORMAT.md`); none is no bytes. 0xffffffff stands for nothing.

use crate::{JsResult, Piece, js, metric_of, shape_of};
use aetherv_ann::arrival::Source;
use aetherv_collection::{Collection as Inner, NONE, Query, Report};
use aetherv_core::Bits;
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// A stored segment that can be read at once.
    pub type File;

    /// Fills in `length` bytes at `address`, of the file from byte `from` on; false when it cannot. It throws nothing and calls nothing of this module.
    #[wasm_bindgen(method)]
    fn read(this: &File, from: u32, address: *mut u8, length: usize) -> bool;
}

/// One collection.
#[wasm_bindgen]
pub struct Collection {
    pub(crate) inner: Inner,
    query: Vec<f32>,
    inos: Vec<u32>,
    scores: Vec<f32>,
    report: Report,
}

#[wasm_bindgen]
impl Collection {
    /// An empty collection. `metric`: 0 cosine (unit vectors), 1 dot, 2 l2, 3 hamming. `m` and `ef_construction` 0: as measured best.
    /// `seal_vectors` builds a graph for `flat_max` rows and more.
    #[wasm_bindgen(constructor)]
    pub fn new(dims: u32, metric: u32, m: u32, ef_construction: u32, flat_max: u32) -> JsResult<Collection> {
        let inner = Inner::new(dims as usize, metric_of(metric)?, shape_of(m, ef_construction), flat_max as usize)
            .map_err(js)?;
        let query = vec![0.0; dims as usize];
        Ok(Self { inner, query, inos: Vec::new(), scores: Vec::new(), report: Report::default() })
    }

    /// Takes an `Item` section in: item versions and new contents, both with numbers above all that the memtables hold. A refused section
    /// changes nothing.
    pub fn apply(&mut self, section: Vec<u8>) -> JsResult<()> {
        self.inner.apply(section).map_err(js)
    }

    /// Takes an items segment in, stored as `id`.
    pub fn attach_items(&mut self, id: u32, piece: Piece) -> JsResult<()> {
        self.inner.attach_items(id, piece.into_shared()).map_err(js)
    }

    /// Takes a vector segment in, stored as `id`.
    pub fn attach_vectors(&mut self, id: u32, piece: Piece) -> JsResult<()> {
        self.inner.attach_vectors(id, piece.into_shared()).map_err(js)
    }

    /// Takes a vector segment in without what is read by pages, stored as `id`: `head` ends where the section `Code` begins. `codes` and `links`
    /// are room for the sections `Code` and `lnks`, filled in if they are `here`; else `file`, if there is one, is asked for what is needed.
    pub fn attach_paged(
        &mut self,
        id: u32,
        head: Piece,
        codes: Piece,
        links: Piece,
        here: bool,
        file: Option<File>,
    ) -> JsResult<()> {
        let columns = [codes.into_bytes(), links.into_bytes()];
        let source = file.map(|file| -> Source {
            Rc::new(move |from, into: &mut [u8]| file.read(from as u32, into.as_mut_ptr(), into.len()))
        });
        self.inner.attach_paged(id, head.into_shared(), columns, here, source).map_err(js)
    }

    /// Where bytes of a stored segment belong that were named as lacking or coming, to be filled in at once; 0 where they have to be supplied.
    /// Then `arrived` says that they are there.
    pub fn room(&mut self, id: u32, from: u32, to: u32) -> *mut u8 {
        let range = from as usize..to as usize;
        self.inner.room(id, &range).map_or(std::ptr::null_mut(), <[u8]>::as_mut_ptr)
    }

    /// Bytes for which `room` gave a place are filled in.
    pub fn arrived(&mut self, id: u32, from: u32, to: u32) {
        self.inner.arrived(id, &(from as usize..to as usize));
    }

    /// The next codes and links that did not come yet, at most `most` bytes of one segment or one page: segment, first byte, end; nothing when
    /// all did.
    pub fn coming(&self, most: u32) -> Vec<u32> {
        self.inner.coming(most as usize)
    }

    /// Checks about `most` bytes of what came and was not read yet; false when there is none.
    pub fn check(&self, most: u32) -> bool {
        self.inner.check(most as usize)
    }

    /// Did any call since the last `lacking` need values that are not in memory? Then it is not answered.
    pub fn lacks(&self) -> bool {
        self.inner.lacks()
    }

    /// Bytes of values that calls since the last one of this read from files as they needed them.
    pub fn take_read(&self) -> usize {
        self.inner.take_read()
    }

    /// Which: segment, first byte of it, end, ...; by segment, rising.
    pub fn lacking(&mut self) -> Vec<u32> {
        self.inner.lacking()
    }

    /// The next values that are not in memory, at most `most` bytes of one segment or one page: segment, first byte, end; nothing when all
    /// are.
    pub fn absent(&self, most: u32) -> Vec<u32> {
        self.inner.absent(most as usize)
    }

    /// Takes bytes of a stored segment in that were named so, `from` a byte on. A segment that is not here any more needs none.
    pub fn supply(&mut self, id: u32, from: u32, bytes: &[u8]) -> JsResult<()> {
        self.inner.supply(id, from as usize, bytes).map_err(js)
    }

    /// Lets go of the values that were not read for longest, until at most `most` bytes are left of those that can be had again.
    pub fn trim(&mut self, most: u32) {
        self.inner.trim(most as usize);
    }

    /// Drops the segments with these ids from memory.
    pub fn detach(&mut self, ids: &[u32]) {
        self.inner.detach(ids);
    }

    /// The memtable's item versions as an items segment; empty when there is none.
    pub fn seal_items(&self) -> JsResult<Vec<u8>> {
        self.inner.seal_items().map_err(js)
    }

    /// The memtable's contents as a vector segment; empty when there is none.
    pub fn seal_vectors(&self) -> JsResult<Vec<u8>> {
        self.inner.seal_vectors().map_err(js)
    }

    /// Forgets the memtables.
    pub fn clear_mem(&mut self) {
        self.inner.clear_mem();
    }

    /// Bytes in the memtables.
    pub fn mem_bytes(&self) -> u32 {
        self.inner.mem_bytes() as u32
    }

    /// One items segment in place of several: of their item versions those in the set `keep` (words over ino); empty when there is none.
    pub fn reseal_items(&self, ids: &[u32], keep: Vec<u32>) -> JsResult<Vec<u8>> {
        self.inner.reseal_items(ids, &Bits::from_words(keep)).map_err(js)
    }

    /// How many item versions of the items segment `id` are in a set (words over ino).
    pub fn items_kept(&self, id: u32, words: Vec<u32>) -> JsResult<u32> {
        self.inner.items_kept(id, &Bits::from_words(words)).map(|count| count as u32).map_err(js)
    }

    /// Which rows of the vector segment `id` hold contents of item versions in a set (words over ino): words over its rows, as
    /// `Compactor.add` takes them.
    pub fn rows_used(&mut self, id: u32, words: Vec<u32>) -> JsResult<Vec<u32>> {
        self.inner.rows_used(id, &Bits::from_words(words)).map(Bits::into_words).map_err(js)
    }

    /// The item version that a view shows of each id, 0xffffffff where it shows none. Ids are UTF-8, one after the other; id i ends at
    /// `ends[i]`.
    pub fn find(&mut self, ids: &[u8], ends: &[u32], view: u32) -> JsResult<Vec<u32>> {
        self.inner.find(ids, ends, view).map_err(js)
    }

    /// Version ids of item versions, 16 bytes each.
    pub fn versions(&mut self, inos: &[u32]) -> JsResult<Vec<u8>> {
        self.inner.versions(inos).map_err(js)
    }

    /// Contents of item versions.
    pub fn cnos(&mut self, inos: &[u32]) -> JsResult<Vec<u32>> {
        self.inner.cnos(inos).map_err(js)
    }

    /// Has an item version this vector, bit for bit? False where its content is not here.
    pub fn same_vector(&mut self, ino: u32, vector: &[f32]) -> JsResult<bool> {
        self.inner.same_vector(ino, vector).map_err(js)
    }

    /// What item versions are, packed: n u32 | id ends u32[n] | meta ends u32[n] | text ends u32[n] | f32[n x dims], if asked for
    /// | ids | metas | texts. Ends count from the beginning of their own column; a meta of no bytes is `{}`, a text of no bytes is none;
    /// `with_text` false gives none. A content that is not here has a vector of NaN.
    pub fn describe(&mut self, inos: &[u32], with_vectors: bool, with_text: bool) -> JsResult<Vec<u8>> {
        self.inner.describe(inos, with_vectors, with_text).map_err(js)
    }

    /// At most `most` of the item versions that a view shows and a filter matches, rising, from `from` on.
    pub fn list(&mut self, view: u32, filter: &[u8], from: u32, most: u32) -> JsResult<Vec<u32>> {
        self.inner.list(view, filter, from, most as usize).map_err(js)
    }

    /// Registers a view (words over ino); returns its handle.
    pub fn add_view(&mut self, words: Vec<u32>) -> u32 {
        self.inner.add_view(Bits::from_words(words))
    }

    /// Forgets a view.
    pub fn drop_view(&mut self, handle: u32) {
        self.inner.drop_view(handle);
    }

    /// How many item versions a view shows and a filter matches.
    pub fn count(&mut self, view: u32, filter: &[u8]) -> JsResult<u32> {
        self.inner.count(view, filter).map_err(js)
    }

    /// Where the query is to be written, `dims` f32 in linear memory, at once before `search`.
    pub fn query_at(&self) -> *const f32 {
        self.query.as_ptr()
    }

    /// Where the item versions of at most `k` hits will be, u32; ask again when `k` grows, and for the view of memory after each search.
    pub fn inos_at(&mut self, k: u32) -> *const u32 {
        self.inos.resize(self.inos.len().max(k as usize), 0);
        self.inos.as_ptr()
    }

    /// Where their scores will be, f32: higher is nearer; the dot product, minus the squared distance, or minus the differing bits.
    pub fn scores_at(&mut self, k: u32) -> *const f32 {
        self.scores.resize(self.scores.len().max(k as usize), 0.0);
        self.scores.as_ptr()
    }

    /// Searches for what is written at `query_at`, among what a view shows and a filter matches; returns how many hits there are, at most
    /// `k`. Their places are those that `inos_at(k)` and `scores_at(k)` give after it. `exact`: by a scan.
    pub fn search(&mut self, view: u32, filter: &[u8], k: u32, ef: u32, exact: bool) -> JsResult<u32> {
        let query = Query { view, filter, k: k as usize, ef: ef as usize, exact };
        self.report = self.inner.search(&self.query, &query).map_err(js)?;
        let count = self.inner.found().len();
        self.inos_at(count as u32);
        self.scores_at(count as u32);
        let slots = self.inos.iter_mut().zip(&mut self.scores);
        self.inner.found().iter().zip(slots).for_each(|(&(ino, score), (a, b))| (*a, *b) = (ino, score));
        Ok(count as u32)
    }

    /// Searches for each of several queries, row-major. Returns `k` item versions a query, 0xffffffff where there are fewer hits; after all
    /// of those as many scores, the bits of f32 (NaN where there is no hit).
    pub fn search_batch(
        &mut self,
        view: u32,
        filter: &[u8],
        queries: &[f32],
        k: u32,
        ef: u32,
        exact: bool,
    ) -> JsResult<Vec<u32>> {
        let query = Query { view, filter, k: k as usize, ef: ef as usize, exact };
        let (mut inos, mut scores) = (Vec::new(), Vec::new());
        let mut take = |report, found: &[(u32, f32)]| {
            self.report = report;
            let end = inos.len() + query.k;
            inos.extend(found.iter().map(|hit| hit.0));
            scores.extend(found.iter().map(|hit| hit.1.to_bits()));
            inos.resize(end, NONE);
            scores.resize(end, f32::NAN.to_bits());
        };
        self.inner.search_each(queries, &query, &mut take).map_err(js)?;
        inos.append(&mut scores);
        Ok(inos)
    }

    /// Of the last search: was it exact (0, 1); strategy (the sum of 1: parts were scanned, 2: graphs were walked, 4: graphs were walked
    /// within a mask); rows compared; places whose links were followed; rows scored at full precision; parts searched; contents that view
    /// and filter admit.
    pub fn report(&self) -> Vec<u32> {
        let Report { exact, strategy, compared, followed, reranked, parts, matches } = self.report;
        vec![u32::from(exact), strategy, compared, followed, reranked, parts, matches]
    }

    /// Item versions here, contents here, bytes in memory, bytes of all values, of those in memory, of those that can be let go of; then of
    /// each part: id (0xffffffff the memtable), kind (0 items, 1 vectors), rows,
    /// has it a graph (0, 1), bytes.
    pub fn info(&mut self) -> Vec<f64> {
        let info = self.inner.info();
        let sizes = [info.bytes, info.values, info.values_here, info.values_paged].map(|size| size as f64);
        let mut out = vec![f64::from(info.items), f64::from(info.contents)];
        out.extend(sizes);
        for part in info.parts {
            let graph = f64::from(u8::from(part.graph));
            out.extend([
                f64::from(part.id),
                f64::from(u8::from(part.vectors)),
                f64::from(part.rows),
                graph,
                part.bytes as f64,
            ]);
        }
        out
    }

    /// Rows that no walk reaches, of all graphs; it takes a walk over all links.
    pub fn unreachable(&self) -> u32 {
        self.inner.unreachable() as u32
    }
}
