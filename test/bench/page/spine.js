// What the spine rows do in the page: only the public API, timed around its calls.
import { AetherV } from '/aetherv/index.js';

const read = async (url) => (await fetch(url)).json();
let docs = [];
let db;

/** Fetches documents before anything is timed or traced. */
export async function load(url) {
  docs = await read(url);
}

/** Rates of the model alone, in texts per millisecond, one for each of `batches` equal puts; `warm` documents go first. */
export async function embedRates(name, warm, batches) {
  db = await AetherV.open(name);
  await db.put(docs.slice(0, warm));
  const size = Math.floor((docs.length - warm) / batches);
  const rates = [];
  for (let i = 0; i < batches; i++) {
    const before = (await db.info()).embedding;
    await db.put(docs.slice(warm + i * size, warm + (i + 1) * size));
    const after = (await db.info()).embedding;
    rates.push({ texts: after.texts - before.texts, ms: after.ms - before.ms });
  }
  const { space } = (await db.info()).embedding;
  await db.close();
  return { rates, space, size };
}

/** From the call of `open` on a new name to the first answer that holds the section asked for. */
export async function ingest(name, { query, id, path }) {
  const started = performance.now();
  db = await AetherV.open(name);
  await db.put(docs);
  let searches = 0;
  for (let found = false; !found; searches++) {
    const hits = await db.search(query);
    found = hits.some((hit) => hit.id === id && hit.path.join(' > ').startsWith(path));
    if (performance.now() - started > 60_000) throw new Error(`"${query}" does not find "${path}" in ${id}`);
  }
  const ms = performance.now() - started;
  await db.close();
  await AetherV.destroy(name);
  return { ms, searches };
}

/** Opens a database for the calls that follow. */
export async function open(name) {
  db = await AetherV.open(name);
}

/** Puts what was loaded in one call, with progress as an application would show it. */
export async function putLoaded() {
  let steps = 0;
  const report = await db.put(docs, { onProgress: () => steps++ });
  return { ...report, steps };
}

/** Asks every question after the one before was answered; milliseconds each, with the texts of the hits read. */
export async function searchAll(queries, options) {
  const times = [];
  let hits = 0;
  let characters = 0;
  for (const query of queries) {
    const started = performance.now();
    const found = await db.search(query, options);
    for (const hit of found) characters += hit.text.length;
    times.push(performance.now() - started);
    hits += found.length;
  }
  return { times, hits, characters };
}

/** From the call of `open` on an existing name to the first hit. */
export async function reopen(name, query) {
  const started = performance.now();
  db = await AetherV.open(name);
  const hits = await db.search(query);
  const ms = performance.now() - started;
  const { openMs } = await db.info();
  await db.close();
  return { ms, hits: hits.length, openMs };
}

/** Replays steps (see spine/edits.mjs): the edits timed from the call of `put` to a search that returns the new text. */
export async function replay(name, url) {
  const steps = await read(url);
  db = await AetherV.open(name);
  const results = [];
  for (const { edit, put, drop } of steps) {
    if (edit) results.push(await timedEdit(edit));
    if (put?.length) await db.put(put);
    if (drop?.length) await db.delete(drop);
  }
  await db.close();
  return results;
}

/**
 * A hit shows the new text if it is a slice of the new document that covers the place of the change: a slice of the old one would
 * differ there. Where something was only taken away, the slice may end at that place.
 */
function showsChange(hit, { doc, at, grows }) {
  const [start, end] = hit.range;
  const covers = start <= at && (grows ? at < end : at <= end);
  return hit.id === doc.id && covers && hit.text === doc.text.slice(start, end);
}

async function timedEdit(edit) {
  const { doc, query } = edit;
  const before = (await db.info()).embedding.texts;
  const started = performance.now();
  const report = await db.put(doc);
  const putMs = performance.now() - started;
  let searches = 0;
  let found = false;
  while (!found && searches < 50) {
    const hits = await db.search(query);
    found = hits.some((hit) => showsChange(hit, edit));
    searches++;
  }
  const ms = performance.now() - started;
  const texts = (await db.info()).embedding.texts - before - searches;
  return { id: doc.id, query, ms, putMs, searches, found, embedded: report.embedded, texts };
}
