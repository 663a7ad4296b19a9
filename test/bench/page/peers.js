// Comparison rows in the page: MiniSearch, and our own search with vectors that are given.
import { AetherV } from '/aetherv/index.js';

const matrix = async (url) => new Float32Array(await (await fetch(url)).arrayBuffer());

/** Milliseconds of every question, texts of the ten best read. */
export async function minisearch(url, warmUp, questions) {
  const { default: MiniSearch } = await import('/minisearch/index.js');
  const docs = await (await fetch(url)).json();
  const started = performance.now();
  const index = new MiniSearch({ fields: ['title', 'text'], storeFields: ['title', 'text'] });
  index.addAll(docs);
  const buildMs = performance.now() - started;
  const times = [];
  let characters = 0;
  for (const question of [...warmUp, ...questions]) {
    const asked = performance.now();
    for (const hit of index.search(question).slice(0, 10)) characters += hit.text.length;
    times.push(performance.now() - asked);
  }
  return { times: times.slice(warmUp.length), buildMs, characters };
}

/** Our search by vector over `base.f32`, for the queries from number `from` on; the ones before warm up. */
export async function vectorSearch(prefix, dims, from) {
  const [base, query] = await Promise.all([matrix(`${prefix}.base.f32`), matrix(`${prefix}.query.f32`)]);
  const rowOf = (source, i) => source.subarray(i * dims, (i + 1) * dims);
  const embedder = {
    id: 'given-vectors',
    dims,
    embed: async (texts) => texts.map((text) => rowOf(base, Number(text.slice(text.lastIndexOf('v') + 1)))),
  };
  const db = await AetherV.open(undefined, { embedder });
  await db.put(Array.from({ length: base.length / dims }, (_, i) => ({ id: `v${i}`, text: `v${i}` })));
  const times = [];
  const ids = [];
  for (let i = 0; i < query.length / dims; i++) {
    const vector = rowOf(query, i).slice();
    const started = performance.now();
    const hits = await db.search(vector, { k: 10 });
    times.push(performance.now() - started);
    ids.push(hits.map((hit) => Number(hit.id.slice(1))));
  }
  await db.close();
  return { times: times.slice(from), ids: ids.slice(from) };
}
