// The page's side of the kill harness: writes until it dies, and afterwards tells what is there.
import { AetherV } from '/aetherv/index.js';
import { operation, perform } from '/workload.js';

/** Performs the writes after the first `done`, one by one; each is told to the harness (`ack`) as soon as it is acknowledged. */
export async function write(name, seed, done) {
  const state = new Map();
  for (let n = 1; n <= done; n++) perform(state, operation(seed, n, state));
  const db = await AetherV.open(name);
  for (let n = done + 1; ; n++) {
    const next = operation(seed, n, state);
    const { commit } = next.drop.length > 0 ? await db.delete(next.drop) : await db.put(next.put);
    perform(state, next);
    await window.ack(n, commit);
  }
}

/** All commits and all documents; and whether a search finds the words of write number `last`. */
export async function inspect(name, last) {
  const db = await AetherV.open(name);
  const commits = [];
  for await (const { id } of db.log()) commits.push(id);
  const docs = [];
  for await (const { id } of db.list()) docs.push([id, (await db.get(id))?.text]);
  const hits = last > 0 ? await db.search(`number${last}`, { mode: 'lexical' }) : [];
  await db.close();
  return { commits, docs, found: hits.map((hit) => hit.id) };
}
