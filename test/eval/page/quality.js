// What the quality rows do in the page: collections go in, rankings come out, all through the public API.
import { AetherV } from '/aetherv/index.js';
import { minilm } from '/eval/models.js';

const read = async (url) => (await fetch(url)).json();
let db;
let docs = [];

/** A database in memory with all documents of `url`, put in `order` (indices; default: as they stand), `batch` at a time. */
export async function fill(url, { model, order, batch } = {}) {
  docs = await read(url);
  db = await AetherV.open(undefined, model === 'minilm' ? { embedder: await minilm() } : {});
  return put(order, batch);
}

async function put(order = docs.map((_, i) => i), batch = order.length) {
  let chunks = 0;
  for (let at = 0; at < order.length; at += batch) {
    chunks += (await db.put(order.slice(at, at + batch).map((i) => docs[i]))).chunks;
  }
  const { documents, embedding } = await db.info();
  return { documents, chunks, space: embedding.space };
}

/** Deletes every document and puts them again in another order. */
export async function refill(order) {
  await db.delete(docs.map((doc) => doc.id));
  const { documents } = await db.info();
  if (documents !== 0) throw new Error(`${documents} documents are left after all were deleted`);
  return put(order);
}

/** Document ids, best first, of every question. */
export async function rankings(questions, options) {
  const out = [];
  for (const { text } of questions) {
    const hits = await db.search(text, options);
    out.push(hits.map((hit) => hit.id));
  }
  return out;
}

/** The best hits of every question, each a document, its heading path and what is behind its score. */
export async function explained(questions, options) {
  const out = [];
  for (const { text } of questions) {
    const hits = await db.search(text, { ...options, explain: true });
    out.push(hits.map(({ id, path, score, why }) => ({ id, path: path.join(' > '), score, why })));
  }
  return out;
}

/** Document and heading path of every hit of every question. */
export async function sections(questions, options) {
  const out = [];
  for (const { text } of questions) {
    const hits = await db.search(text, options);
    out.push(hits.map((hit) => ({ id: hit.id, path: hit.path.join(' > ') })));
  }
  return out;
}

export async function close() {
  await db.close();
}
