// What the history rows do in the page: databases by handle, written and read through the public API only.
import { AetherV } from '/aetherv/index.js';
import { minilm } from '/eval/models.js';

const databases = new Map();
const counter = new BroadcastChannel('handed-to-indexeddb');

/**
 * Opens a database under a handle; without a name in memory. `counting` runs it in the worker that counts what goes to IndexedDB,
 * `model: 'minilm'` with the real model; the rest are options of `open`.
 */
export async function start(handle, name, { counting, model, ...options } = {}) {
  const assets = counting ? { assets: { workerUrl: '/eval/counting-worker.js' } } : {};
  const embedder = model === 'minilm' ? { embedder: await minilm() } : {};
  databases.set(handle, await AetherV.open(name ?? undefined, { ...assets, ...embedder, ...options }));
}

function database(handle) {
  const db = databases.get(handle);
  if (!db) throw new Error(`no database is open as "${handle}"`);
  return db;
}

const reader = (handle, ref) => (ref === undefined ? database(handle) : database(handle).at(ref));

/** Any verb that takes and gives plain data. */
export const verb = (handle, name, ...given) => database(handle)[name](...given);

export async function close(handle) {
  await database(handle).close();
  databases.delete(handle);
}

/** What was handed to IndexedDB since the last time it was asked. */
function handed() {
  return new Promise((resolve) => {
    counter.onmessage = ({ data }) => resolve(data);
    counter.postMessage('read');
  });
}

function write(db, { put, drop, message }) {
  if (put.length === 0) return db.delete(drop, { message });
  return db.put(put, drop.length === 0 ? { message } : { message, delete: drop });
}

/**
 * Performs steps `{ put, drop, message }`, one commit each; a step without changes is none. The commit, its embeddings and its hand-over
 * of every step.
 */
export async function feed(handle, url, { counted = false } = {}) {
  const db = database(handle);
  const out = [];
  if (counted) await handed();
  for (const step of await (await fetch(url)).json()) {
    const empty = step.put.length === 0 && step.drop.length === 0;
    const { commit, embedded } = empty ? {} : await write(db, step);
    out.push({ commit, embedded, ...(counted && { handed: await handed() }) });
  }
  return out;
}

async function digest(text) {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Every document that is listed at a commit, with the SHA-256 of its text. */
export async function documents(handle, ref) {
  const view = reader(handle, ref);
  const out = [];
  for await (const { id } of view.list()) {
    const doc = await view.get(id);
    out.push([id, doc ? await digest(doc.text) : 'listed, but not there']);
  }
  return out;
}

/** What the harness judges of a hit. `born`: milliseconds since 1970. */
function shown({ id, text, range, path, interval }) {
  return { id, text, range, path: path.join(' > '), born: interval.system[0] };
}

/** Hits of every question on one view. */
export async function answers(handle, ref, questions, options) {
  const view = reader(handle, ref);
  const out = [];
  for (const question of questions) out.push((await view.search(question, options)).map(shown));
  return out;
}

/** Hits of questions that are each asked of a view of its own. */
export async function answersAt(handle, asks, options) {
  const out = [];
  for (const { text, ref } of asks) out.push((await reader(handle, ref).search(text, options)).map(shown));
  return out;
}

/** What changed about each question since its commit. */
export async function changed(handle, asks, options) {
  const side = (given) => given && { path: given.path.join(' > '), range: given.range };
  const out = [];
  for (const { text, from } of asks) {
    const hits = await database(handle).changes(text, { from, ...options });
    out.push(hits.map((hit) => ({ id: hit.id, op: hit.op, from: side(hit.from), to: side(hit.to) })));
  }
  return out;
}

/** Commit ids with their times. */
export async function times(handle) {
  const out = [];
  for await (const { id, time } of database(handle).log()) out.push([id, time]);
  return out;
}
