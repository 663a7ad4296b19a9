// hnswlib-node on synth10k, beside our own search with a vector as the query, through the public API.
import { copyFileSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cache, synth10k } from '../lib/data.mjs';
import { Skip } from '../lib/suite.mjs';
import { round, summary } from '../lib/stats.mjs';
import { aboutPeer, peers } from './install.mjs';

const vectorRow = 'vector-search-10k-p50-ms';
const hnswlibRow = 'hnswlib-node-search-10k-p50-ms';

const [dims, k, truthK, tuned] = [384, 10, 100, 500];

export const hnswlibTasks = [
  { rows: [vectorRow], about: { suite: 'spine-peers' }, run: ours },
  { rows: [hnswlibRow], about: aboutPeer('hnswlib-node'), run: hnswlib },
];

/** Ours is exact, from the page through the worker, hits with their texts; theirs is the bare call in Node at recall 0.99. */
async function ours({ site, short }) {
  if (short) throw new Skip('--short: stands beside a peer only');
  const set = await vectors();
  for (const name of ['base', 'query'])
    copyFileSync(join(set.folder, `${name}.f32`), join(cache, `synth10k.${name}.f32`));
  const tab = await site.browse();
  const { times, ids } = await tab.call('peers', 'vectorSearch', '/data/synth10k', dims, tuned);
  await tab.close();
  const config = { k, recall: recall(set, ids, tuned), mode: 'dense', through: 'facade', embedder: 'given vectors' };
  return [{ row: vectorRow, ...summary(times), unit: 'ms', data: 'synth10k', config }];
}

async function hnswlib(context) {
  await peers(context);
  const Index = load();
  const set = await vectors();
  const index = new Index('ip', dims);
  const started = performance.now();
  index.initIndex(set.base.length / dims, 16, 200, 100);
  for (let i = 0; i < set.base.length / dims; i++) index.addPoint([...row(set.base, i)], i);
  const buildMs = Math.round(performance.now() - started);
  const ef = tunedEf(index, set);
  const { times, ids } = ask(index, set, tuned, set.query.length / dims);
  const config = { k, m: 16, efConstruction: 200, ef, recall: recall(set, ids, tuned), through: 'Node', buildMs };
  return [{ row: hnswlibRow, ...summary(times), unit: 'ms', data: 'synth10k', config }];
}

function load() {
  try {
    return createRequire(import.meta.url)('hnswlib-node').HierarchicalNSW;
  } catch {
    throw new Skip('hnswlib-node did not build here, see .tools/log/peers-rebuild.log');
  }
}

async function vectors() {
  const folder = await synth10k();
  const bytes = (name) => readFileSync(join(folder, name)).buffer;
  const [base, query] = ['base.f32', 'query.f32'].map((name) => new Float32Array(bytes(name)));
  return { folder, base, query, truth: new Int32Array(bytes('truth.i32')) };
}

const row = (matrix, i) => matrix.subarray(i * dims, (i + 1) * dims);

/** The smallest ef that reaches recall 0.99 on the first half of the queries. */
function tunedEf(index, set) {
  for (const ef of [10, 15, 20, 30, 40, 60, 80, 120, 160, 240, 400]) {
    index.setEf(ef);
    if (recall(set, ask(index, set, 0, tuned).ids, 0) >= 0.99) return ef;
  }
  throw new Error('hnswlib-node does not reach recall 0.99');
}

function ask(index, { query }, from, to) {
  const times = [];
  const ids = [];
  for (let i = from; i < to; i++) {
    const vector = [...row(query, i)];
    const started = performance.now();
    const { neighbors } = index.searchKnn(vector, k);
    times.push(performance.now() - started);
    ids.push(neighbors);
  }
  return { times, ids };
}

/** Share of the true ten that came back, for the queries from number `from` on. */
function recall({ truth }, ids, from) {
  let found = 0;
  ids.forEach((list, i) => {
    const start = (from + i) * truthK;
    const wanted = new Set(truth.subarray(start, start + k));
    found += list.filter((id) => wanted.has(id)).length;
  });
  return round(found / (ids.length * k));
}
