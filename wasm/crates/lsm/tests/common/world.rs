//! A shard and, beside it, a plain account of what it holds: which rows, contents and pairs lie in which part.

use super::{Corpus, Random, SPACE};
use aetherv_core::hash::id_of;
use aetherv_lsm::Shard;
use aetherv_lsm::rows::NONE;
use std::collections::{BTreeMap, BTreeSet};

/// What a part holds.
#[derive(Clone, Default)]
pub struct Part {
    pub rows: BTreeSet<u32>,
    pub contents: BTreeSet<u32>,
    /// Chunk versions whose pair is in the part's map.
    pub pairs: BTreeSet<u32>,
}

/// A segment as it is stored.
#[derive(Clone)]
pub struct Stored {
    pub id: u32,
    pub is_text: bool,
    pub bytes: Vec<u8>,
    pub part: Part,
}

/// The shard, the store, and the account.
pub struct World {
    pub corpus: Corpus,
    pub shard: Shard,
    pub stored: Vec<Stored>,
    pub attached: BTreeMap<u32, Part>,
    mem: Part,
    pub revived: BTreeSet<u32>,
    /// Rows that were not written yet.
    coming: Vec<u32>,
    contents: u32,
    ids: u32,
}

impl World {
    /// Nothing written yet.
    pub fn new(corpus: Corpus) -> Self {
        Self {
            shard: Shard::new(SPACE, corpus.dims, 0),
            coming: corpus.all(),
            corpus,
            stored: Vec::new(),
            attached: BTreeMap::new(),
            mem: Part::default(),
            revived: BTreeSet::new(),
            contents: 0,
            ids: 0,
        }
    }

    fn cno(&self, vno: u32) -> Option<u32> {
        self.corpus.rows[vno as usize].content.map(|cno| cno as u32)
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        self.attached.values().chain([&self.mem])
    }

    /// Chunk versions that some part holds.
    pub fn present(&self) -> BTreeSet<u32> {
        self.parts().flat_map(|part| part.rows.iter().copied()).collect()
    }

    /// Contents that some part holds.
    pub fn held(&self) -> BTreeSet<u32> {
        self.parts().flat_map(|part| part.contents.iter().copied()).collect()
    }

    /// The content that each chunk version is known to have.
    pub fn known(&self) -> Vec<Option<u32>> {
        let held = self.held();
        let mapped: BTreeSet<u32> = self.parts().flat_map(|part| part.pairs.iter().copied()).collect();
        let known = |vno: u32| self.cno(vno).filter(|cno| mapped.contains(&vno) && held.contains(cno));
        self.corpus.all().into_iter().map(known).collect()
    }

    /// The corpus as the shard should see it: contents only where there is a vector.
    pub fn seen(&self) -> Corpus {
        let (mut seen, known) = (self.corpus.clone(), self.known());
        for (vno, row) in seen.rows.iter_mut().enumerate() {
            row.content = row.content.filter(|_| known[vno].is_some() || self.revived.contains(&(vno as u32)));
        }
        seen
    }

    /// Some of the rows that are present, in any order.
    pub fn some_rows(&self, random: &mut Random) -> Vec<u32> {
        let percent = [100, 50, 10][random.below(3)];
        let mut rows: Vec<u32> = self.present().into_iter().filter(|_| random.chance(percent)).collect();
        random.shuffle(&mut rows);
        rows
    }

    /// Writes the next rows into the memtable.
    pub fn write(&mut self, random: &mut Random) {
        let rest = self.coming.split_off(random.below(self.corpus.rows.len() / 3).min(self.coming.len()));
        let vnos = std::mem::replace(&mut self.coming, rest);
        let last = vnos.iter().filter_map(|&vno| self.cno(vno)).max();
        let end = last.map_or(self.contents, |last| self.contents.max(last + 1));
        self.corpus.apply(&mut self.shard, &vnos, self.contents as usize, end as usize);
        self.mem.contents.extend(self.contents..end);
        let mapped: Vec<u32> = vnos.iter().copied().filter(|&vno| self.cno(vno).is_some()).collect();
        self.mem.pairs.extend(mapped);
        self.mem.rows.extend(vnos);
        self.contents = end;
    }

    /// Stores segment bytes.
    pub fn store(&mut self, is_text: bool, bytes: Vec<u8>, part: Part) {
        if !bytes.is_empty() {
            self.ids += 1;
            self.stored.push(Stored { id: self.ids, is_text, bytes, part });
        }
    }

    /// Attaches a stored segment, unless it is attached.
    pub fn attach(&mut self, at: usize) {
        if let Some(Stored { id, is_text, bytes, part }) = self.stored.get(at).cloned()
            && self.attached.insert(id, part).is_none()
        {
            if is_text {
                assert!(!self.shard.attach_text(id, bytes).unwrap().is_empty());
            } else {
                self.shard.attach_vectors(id, bytes).unwrap();
            }
        }
    }

    /// Detaches segments.
    pub fn detach(&mut self, ids: &[u32]) {
        ids.iter().for_each(|id| drop(self.attached.remove(id)));
        self.shard.detach(ids);
    }

    /// Moves the memtable into segments.
    pub fn flush(&mut self) {
        let mem = std::mem::take(&mut self.mem);
        let first = self.stored.len();
        let (text, vectors) = (self.shard.seal_text(), self.shard.seal_vectors());
        self.store(true, text, Part { rows: mem.rows, ..Part::default() });
        self.store(false, vectors, Part { rows: BTreeSet::new(), ..mem });
        (first..self.stored.len()).for_each(|at| self.attach(at));
        self.shard.clear_mem();
    }

    /// Seals some rows that are present once more; the bytes are those of a memtable that got them in that order.
    pub fn seal_rows(&mut self, vnos: &[u32]) {
        let bytes = self.shard.seal_rows(vnos).unwrap();
        let mut fresh = Shard::new(SPACE, self.corpus.dims, 0);
        fresh.apply_chunks(self.corpus.chunks(vnos)).unwrap();
        assert_eq!(bytes, fresh.seal_text());
        self.store(true, bytes, Part { rows: vnos.iter().copied().collect(), ..Part::default() });
    }

    /// Seals the contents of some rows once more.
    pub fn seal_contents(&mut self, vnos: &[u32]) {
        let bytes = self.shard.seal_contents(vnos);
        let known = self.known();
        let pairs: BTreeSet<u32> = vnos.iter().copied().filter(|&vno| known[vno as usize].is_some()).collect();
        assert_eq!(bytes.is_empty(), pairs.is_empty());
        let contents = pairs.iter().filter_map(|&vno| known[vno as usize]).collect();
        self.store(false, bytes, Part { contents, pairs, ..Part::default() });
    }

    /// Gives transient vectors to some rows that lack one.
    pub fn revive(&mut self, random: &mut Random) {
        let mut vnos: Vec<u32> = self.some_rows(random);
        let known = self.known();
        vnos.retain(|&vno| self.cno(vno).is_some() && known[vno as usize].is_none());
        let vector = |&vno: &u32| self.corpus.contents[self.cno(vno).unwrap() as usize].clone();
        let vectors: Vec<f32> = vnos.iter().flat_map(vector).collect();
        self.shard.revive(&vnos, &vectors).unwrap();
        self.revived.extend(vnos);
    }

    /// Compares all that the shard tells about its rows and contents with the account.
    pub fn check(&mut self) {
        let (present, held, known) = (self.present(), self.held(), self.known());
        let all = self.corpus.all();
        let words = super::bits(&all);
        let absent: Vec<u32> = all.iter().copied().filter(|vno| !present.contains(vno)).collect();
        assert_eq!(self.shard.absent(words.clone()), absent);
        let bare = |vno: &u32| known[*vno as usize].is_none() && !self.revived.contains(vno);
        let bare: Vec<u32> = present.iter().copied().filter(bare).collect();
        assert_eq!(self.shard.unembedded(words), bare);
        for vno in all {
            assert_eq!(self.shard.content_of(vno), known[vno as usize].unwrap_or(NONE), "content of {vno}");
            let row = &self.corpus.rows[vno as usize];
            match (self.shard.text_of(vno), self.shard.path_of(vno)) {
                (Ok(text), Ok(path)) => assert_eq!((text, path), (row.text.as_str(), row.path.as_str())),
                _ => assert!(!present.contains(&vno)),
            }
        }
        for cno in 0..self.contents {
            let found = self.shard.find_contents(&id_of(format!("content {cno}").as_bytes()));
            assert_eq!(found, [if held.contains(&cno) { cno } else { NONE }]);
        }
        assert_eq!(self.shard.content_count(), self.contents);
        assert_eq!(self.shard.contents_held() as usize, held.len());
        assert_eq!(self.shard.revived_count() as usize, self.revived.len());
    }
}
