// What the suite `vector` does in the page: collections through the public API, and hnswlib-wasm beside them.
import { AetherV } from '/aetherv/index.js';

const matrix = async (url) => new Float32Array(await (await fetch(url)).arrayBuffer());
const rowOf = (values, dims, i) => values.subarray(i * dims, (i + 1) * dims);

let db;
let collection;
let queries;
let dims;

/** A collection with the rows of a set, in memory or under a name; milliseconds of the put, and of the compaction after it. */
export async function fill(prefix, { name, index = 'auto', width = 384, compact = true, store }) {
  dims = width;
  const rows = await matrix(`${prefix}.base.f32`);
  queries = await matrix(`${prefix}.query.f32`);
  db ??= await AetherV.open(name, { store });
  collection = db.vectors(`rows ${index}`, { dims, index });
  const ids = Array.from({ length: rows.length / dims }, (_, i) => String(i));
  const started = performance.now();
  await collection.putColumns({ ids, vectors: rows });
  const put = performance.now() - started;
  if (compact) await db.compact();
  return { put, compact: performance.now() - started - put, info: await collection.info() };
}

export async function close() {
  await db.close();
  db = undefined;
}

/** Hits of the queries from one number to another, as row numbers. */
export async function hits(from, to, ef) {
  const { ids } = await collection.searchBatch(queries.slice(from * dims, to * dims), { k: 10, ef });
  return ids.map((list) => list.map(Number));
}

/** Milliseconds a query, of batches of queries in one call each. */
export async function batches({ from, to, ef, exact, rounds }) {
  const some = queries.slice(from * dims, to * dims);
  const times = [];
  for (let i = -1; i < rounds; i++) {
    const started = performance.now();
    await collection.searchBatch(some, { k: 10, ef, exact });
    if (i >= 0) times.push((performance.now() - started) / (to - from));
  }
  return times;
}

/** Milliseconds a query asked alone, the next when the one before was answered; of ten each, as the clock is coarse. */
export async function single({ from, to, ef }) {
  const times = [];
  for (let i = from; i + 10 <= to; i += 10) {
    const ten = Array.from({ length: 10 }, (_, j) => rowOf(queries, dims, i + j).slice());
    const started = performance.now();
    for (const query of ten) await collection.search(query, { k: 10, ef });
    times.push((performance.now() - started) / 10);
  }
  return times;
}

export const compact = () => db.compact();

/** Puts more rows, so many a put, with questions that are asked while it is written, and flushes; puts, questions and milliseconds. */
export async function add(url, each, asks) {
  const rows = await matrix(url);
  const count = rows.length / dims;
  const started = performance.now();
  let asked = 0;
  for (let from = 0; from < count; from += each) {
    const items = Array.from({ length: Math.min(each, count - from) }, (_, i) => ({
      id: `more${from + i}`,
      vector: rowOf(rows, dims, from + i).slice(),
    }));
    const put = collection.put(items);
    for (let i = 0; i < asks; i++) await collection.search(rowOf(queries, dims, asked++ % 1000).slice(), { k: 10 });
    await put;
  }
  await db.flush();
  const ids = (await collection.search(rowOf(rows, dims, count - 1).slice(), { k: 1 })).map(({ id }) => id);
  if (ids[0] !== `more${count - 1}`) throw new Error(`the last row put is not found: ${ids}`);
  return { puts: Math.ceil(count / each), asks: asked, ms: Math.round(performance.now() - started) };
}

/** From the call of `open` on an existing name to the first hit of a collection. */
export async function reopen(name, prefix, width, options) {
  const query = (await matrix(`${prefix}.query.f32`)).slice(0, width);
  const started = performance.now();
  db = await AetherV.open(name, options);
  const found = await db.vectors('rows auto', { dims: width }).search(query);
  const ms = performance.now() - started;
  await db.close();
  return { ms, hits: found.length };
}

/** Opens a database within a budget of memory, for the questions above; its worker counts its WebAssembly memories. */
export async function openWithin(name, prefix, width, memoryBudgetBytes) {
  dims = width;
  queries = await matrix(`${prefix}.query.f32`);
  const assets = { workerUrl: new URL('/memory-worker.js', location.href).href };
  db = await AetherV.open(name, { memoryBudgetBytes, assets });
  collection = db.vectors('rows auto', { dims });
}

export const infoOf = () => collection.info();

/** Bytes of all WebAssembly memories of the worker. */
export const wasmBytes = () =>
  new Promise((done) => {
    const channel = new BroadcastChannel('wasm-memories');
    channel.onmessage = ({ data }) => {
      channel.close();
      done(data);
    };
    channel.postMessage('how many');
  });

let peer;

/** hnswlib-wasm with the settings of its documentation's example, M 16 and efConstruction 200. */
export async function fillPeer(prefix, width) {
  dims = width;
  const { loadHnswlib } = await import('/hnswlib-wasm/hnswlib.js');
  const library = await loadHnswlib();
  const rows = await matrix(`${prefix}.base.f32`);
  queries = await matrix(`${prefix}.query.f32`);
  peer = new library.HierarchicalNSW('ip', dims, '');
  peer.initIndex(rows.length / dims, 16, 200, 100);
  const started = performance.now();
  for (let i = 0; i < rows.length / dims; i++) peer.addPoint(rowOf(rows, dims, i), i, false);
  return { ms: performance.now() - started };
}

export function peerHits(from, to, ef) {
  peer.setEfSearch(ef);
  return Array.from({ length: to - from }, (_, i) => [
    ...peer.searchKnn(rowOf(queries, dims, from + i), 10, undefined).neighbors,
  ]);
}

/** Milliseconds a query of hnswlib-wasm, in batches. */
export function peerBatches({ from, to, ef, rounds }) {
  peer.setEfSearch(ef);
  const times = [];
  for (let i = -1; i < rounds; i++) {
    const started = performance.now();
    for (let q = from; q < to; q++) peer.searchKnn(rowOf(queries, dims, q), 10, undefined);
    if (i >= 0) times.push((performance.now() - started) / (to - from));
  }
  return times;
}
