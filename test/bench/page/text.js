// What the suite `text` does in the page: passages go in, questions are timed one by one, all through the public API.
import { AetherV } from '/aetherv/index.js';

let db;

/** A database in memory with all documents of `url`. */
export async function fill(url) {
  const docs = await (await fetch(url)).json();
  db = await AetherV.open();
  const started = performance.now();
  await db.put(docs);
  return { ms: performance.now() - started };
}

/** Milliseconds of every question, texts of the ten best read. */
export async function ask(questions, options) {
  const times = [];
  let characters = 0;
  for (const question of questions) {
    const asked = performance.now();
    for (const hit of await db.search(question, options)) characters += hit.text.length;
    times.push(performance.now() - asked);
  }
  return { times, characters };
}
