// What deleting and inserting does to a graph: recall against a fresh build of the same rows, rows that are lost, rows that are gone.
import { random, round } from '../lib/stats.mjs';
import { ours } from './engines.mjs';
import { k, row, sets } from './sets.mjs';

const seeds = [1, 2, 3];
const edits = 1000;
const wanted = 0.95;

export const churn = {
  rows: ['churn-recall-loss', 'unreachable', 'self-miss-percent', 'deleted-returned', 'stale-returned'],
  run: measure,
};

async function measure({ short }) {
  const set = await sets.synth10k();
  const runs = [];
  for (const seed of short ? seeds.slice(0, 1) : seeds) runs.push(await fifth(set, seed));
  const hot = await oneRow(set, short ? edits / 10 : edits);
  const all = [...runs, hot];
  const mean = runs.reduce((sum, { loss }) => sum + loss, 0) / runs.length;
  const most = (of) => Math.max(...all.map(of));
  const sum = (of) => all.reduce((total, run) => total + of(run), 0);
  const config = { k, fifth: runs, oneRow: hot, left: 'edit churn of both histories' };
  const line = (name, value, unit) => ({ row: name, value, unit, n: all.length, data: 'synth10k', config });
  return [
    line('churn-recall-loss', round(Math.max(mean, hot.loss)), 'recall'),
    line(
      'unreachable',
      most((run) => run.unreachable),
      'rows',
    ),
    line('self-miss-percent', round(most((run) => run.selfMiss)), '%'),
    line(
      'deleted-returned',
      sum((run) => run.deleted),
      'hits',
    ),
    line(
      'stale-returned',
      sum((run) => run.stale),
      'hits',
    ),
  ];
}

/** A fifth of the rows deleted, as many others inserted. Before they are taken out, deleted rows are masked and searched for. */
async function fifth(set, seed) {
  const { dims, count, rows, extra } = set;
  const uniform = random(seed);
  const dead = new Set();
  while (dead.size < count / 5) dead.add(Math.floor(uniform() * count));
  const words = (lives) => {
    const bits = new Uint32Array(Math.ceil(count / 32));
    for (let i = 0; i < count; i++) if (dead.has(i) !== lives) bits[i >> 5] |= 1 << (i & 31);
    return bits;
  };
  const engine = await ours(set);
  engine.build(rows);
  engine.set.set_mask(words(true));
  let deleted = 0;
  for (const id of [...dead].slice(0, 500))
    deleted += [...engine.search(row(rows, dims, id), 64)].filter((hit) => dead.has(hit)).length;
  engine.set.clear_mask();
  engine.set.remove(words(false));
  engine.build(extra.subarray(0, dead.size * dims));
  const left = new Float32Array(rows.length);
  let at = 0;
  for (let i = 0; i < count; i++) if (!dead.has(i)) left.set(row(rows, dims, i), dims * at++);
  left.set(extra.subarray(0, dead.size * dims), dims * at);
  return { ...(await judge(set, engine, left)), deleted };
}

/** One row replaced again and again by a vector near it: every edit takes the version before out of the graph. */
async function oneRow(set, times) {
  const { dims, count, rows } = set;
  const uniform = random(9);
  const engine = await ours(set);
  engine.build(rows);
  const first = row(rows, dims, 4321);
  const versions = [];
  for (let i = 0; i < times; i++) {
    const at = i === 0 ? 4321 : count - 1;
    const words = new Uint32Array(Math.ceil(count / 32));
    words[at >> 5] = 1 << (at & 31);
    engine.set.remove(words);
    const next = first.map((value) => value + 0.02 * (uniform() - 0.5));
    const length = Math.hypot(...next);
    versions.push(next.map((value) => value / length));
    engine.build(versions.at(-1));
  }
  const left = new Float32Array(rows.length);
  left.set(rows.subarray(0, 4321 * dims));
  left.set(rows.subarray(4322 * dims), 4321 * dims);
  left.set(versions.at(-1), (count - 1) * dims);
  return { ...(await judge(set, engine, left, versions.slice(-200))), deleted: 0 };
}

/** A churned engine against a fresh one over the rows it should hold, at the ef that gives the fresh one its recall. */
async function judge(set, engine, left, old = []) {
  const { dims, count } = set;
  const fresh = await ours(set);
  fresh.build(left);
  const queries = Array.from({ length: set.asked }, (_, i) => row(set.queries, dims, i));
  const truth = queries.map((query) => [...fresh.search(query, k, k, true)]);
  const recall = (of, ef) => {
    const found = queries.map((query, i) => [...of.search(query, ef)].filter((id) => truth[i].includes(id)).length);
    return found.reduce((a, b) => a + b) / (queries.length * k);
  };
  let ef = k;
  while (recall(fresh, ef) < wanted) ef++;
  const loss = recall(fresh, ef) - recall(engine, ef);
  let missed = 0;
  for (let i = 0; i < count; i++) {
    const own = row(left, dims, i);
    const [hit] = engine.search(own, 64, 1);
    if (hit !== i && !row(left, dims, hit).every((value, d) => value === own[d])) missed++;
  }
  // Hits are rows of `left`, and it is what their scores are of: a version that is gone would score otherwise.
  let stale = 0;
  for (const query of [...old, ...queries]) {
    const hits = [...engine.search(query, 64)];
    const scores = new Float32Array(engine.memory.buffer, engine.set.scores_at(k), hits.length);
    hits.forEach((hit, i) => {
      const real = row(left, dims, hit).reduce((sum, value, d) => sum + value * query[d], 0);
      if (Math.abs(real - scores[i]) > 1e-4) stale++;
    });
  }
  const { set: vectors } = engine;
  const out = { loss: round(loss), ef, unreachable: vectors.unreachable(), selfMiss: (100 * missed) / count, stale };
  for (const each of [engine, fresh]) each.free();
  return out;
}
