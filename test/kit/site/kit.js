// What the scripts of a test page have at hand: the library, a corpus, an embedder, and ways to look behind it and to break it.
import { AetherV } from '/aetherv/index.js';

/** Every worker that was started, so that a test can end it as a crash would. */
const workers = [];
globalThis.Worker = class extends Worker {
  constructor(...args) {
    super(...args);
    workers.push(this);
  }
};

const words =
  'anchor basket candle desert engine fabric garden harbor island jacket kettle ladder market needle orange pepper quarry ribbon saddle timber umbrella valley window yarn zipper bridge copper dragon feather glacier'.split(
    ' ',
  );

/** Sentences of common words, the same for the same seed. */
function prose(seed, sentences) {
  const pick = (at) => words[(seed * 31 + at * ((seed % 7) + 1) * 17 + at * at) % words.length];
  return Array.from({ length: sentences }, (_, s) => {
    const [a, b, c, d] = [0, 1, 2, 3].map((w) => pick(s * 5 + w));
    return `The ${a} stands near the ${b}, and a ${c} leads to the ${d}.`;
  }).join(' ');
}

/** Document `i`: three sections; the word `only{i}x` is in no other. */
function doc(i) {
  const text = `# Note ${i}\n\n${prose(i, 3)}\n\n## Purpose\n\nThis part holds only${i}x and ${prose(i + 1000, 2)}\n\n## Care\n\n${prose(i + 2000, 3)}\n`;
  const meta = { n: i, lang: i % 2 === 0 ? 'en' : 'de', tags: [`t${i % 3}`, `u${i % 5}`], place: { floor: i % 4 } };
  return { id: `notes/${String(i).padStart(4, '0')}.md`, text, meta };
}

const docs = (count, from = 0) => Array.from({ length: count }, (_, i) => doc(from + i));

/** How a call fails. */
async function failure(call) {
  try {
    await (typeof call === 'function' ? call() : call);
    return { code: 'none', name: '', message: '' };
  } catch (error) {
    return {
      code: error?.code ?? 'untyped',
      name: error?.name,
      message: String(error?.message),
      detail: error?.detail,
    };
  }
}

async function all(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Waits until `check` gives something. */
async function until(check, what = 'it') {
  for (const end = performance.now() + 10_000; performance.now() < end; await pause(20)) {
    const value = await check();
    if (value) return value;
  }
  throw new Error(`waited 10 s for ${what}`);
}

/** What a database holds and answers, as one short comparable text; how it is stored may differ. */
async function state(db) {
  const { head, commits, documents, chunks, chunkVersions } = await db.info();
  const hits = await db.search('the only3x basket near a lantern', { k: 50, explain: true });
  let sum = 17;
  for (const char of JSON.stringify(hits)) sum = (Math.imul(sum, 31) + char.charCodeAt(0)) >>> 0;
  const counts = { seq: head?.seq, commits, documents, chunks, chunkVersions, hits: hits.length, sum };
  return JSON.stringify({ commit: head?.commit, ...counts });
}

/** Makes a call that should fail, and looks whether it changed anything and whether searching still works. */
async function attempt(db, call) {
  const before = await state(db);
  const failed = await failure(async () => {
    const result = await call(db);
    // What can be iterated fails when it is read.
    if (result?.[Symbol.asyncIterator]) await all(result);
  });
  const [hit] = await db.search('only7x', { mode: 'lexical' });
  return { ...failed, found: hit?.id, same: (await state(db)) === before };
}

/** A model of this page: words hashed into a few dimensions. It counts what it is asked. */
function embedder({ id = 'hash-16', dims = 16, salt = 0, ...rest } = {}) {
  const vector = (text) => {
    const row = new Float32Array(dims);
    for (const word of text.toLowerCase().match(/[a-z0-9]+/g) ?? []) {
      let hash = 17 + salt;
      for (const char of word) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0;
      row[hash % dims] += 1;
    }
    return row;
  };
  return {
    id,
    dims,
    texts: { document: 0, query: 0 },
    vector,
    async embed(texts, { kind }) {
      this.texts[kind] += texts.length;
      return texts.map(vector);
    },
    ...rest,
  };
}

/** Opens IndexedDB behind the library's back and runs one transaction on one of its stores. */
async function raw(name, store, mode, run) {
  const db = await new Promise((done, fail) => {
    const request = indexedDB.open(`aetherv:${name}`);
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
  const tx = db.transaction(store, mode);
  const done = new Promise((ok, fail) => {
    tx.oncomplete = ok;
    tx.onabort = () => fail(tx.error);
  });
  const request = run(tx.objectStore(store));
  await done;
  db.close();
  return request.result;
}

/** Keys of a store of a closed database. */
const keys = (name, store) => raw(name, store, 'readonly', (s) => s.getAllKeys());
/** Changes one byte of a stored value: `at` from its start, or from its end when negative. */
async function flip(name, store, key, at) {
  const bytes = await raw(name, store, 'readonly', (s) => s.get(key));
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] ^= 0xff;
  await raw(name, store, 'readwrite', (s) => s.put(bytes, key));
}

globalThis.kit = {
  AetherV,
  workers,
  doc,
  docs,
  prose,
  failure,
  all,
  pause,
  until,
  state,
  attempt,
  embedder,
  raw,
  keys,
  flip,
};
