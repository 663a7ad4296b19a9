// What deleting and inserting does to a graph: recall against a fresh build of the same rows, rows that are lost, rows that are gone.
import { random, round } from '../lib/stats.mjs';
import { perSet } from '../lib/suite.mjs';
import { levelHash, ours } from './engines.mjs';
import { replay } from './replay.mjs';
import { k, row, sets } from './sets.mjs';

const seeds = [1, 2, 3];
const edits = 1000;
const wanted = 0.95;

const rowNames = ['churn-recall-loss', 'unreachable', 'self-miss-percent', 'deleted-returned', 'stale-returned'];
const small = [
  { name: 'synth10k', measure: made },
  { name: 'minilm17k', measure: real },
];

export const churn = perSet(rowNames, small, async (context, { name, measure }) =>
  measure(context, await sets[name]()),
);

async function made({ short }, set) {
  const [runs, hot] = [[], []];
  for (const seed of short ? seeds.slice(0, 1) : seeds) {
    runs.push(await fifth(set, seed));
    hot.push(await oneRow(set, short ? edits / 10 : edits, seed));
  }
  return lines([...runs, ...hot], Math.max(meanLoss(runs), meanLoss(hot)), { fifth: runs, oneRow: hot });
}

/** The edits of both histories, commit by commit. */
async function real({ short }, set) {
  const histories = {};
  for (const name of short ? ['vite-docs'] : ['vite-docs', 'rust-book']) {
    const edits = replay(name);
    histories[name] = [];
    for (const seed of short ? seeds.slice(0, 1) : seeds) histories[name].push(await edited(set, edits, seed));
  }
  const all = Object.values(histories);
  return lines(all.flat(), Math.max(...all.map(meanLoss)), { histories });
}

const meanLoss = (runs) => runs.reduce((sum, { loss }) => sum + loss, 0) / runs.length;

function lines(runs, loss, found) {
  const most = (of) => Math.max(...runs.map(of));
  const sum = (of) => runs.reduce((total, run) => total + of(run), 0);
  const line = (row, value, unit) => ({ row, value: round(value), unit, n: runs.length, config: { k, ...found } });
  return [
    line('churn-recall-loss', loss, 'recall'),
    line(
      'unreachable',
      most((run) => run.unreachable),
      'rows',
    ),
    line(
      'self-miss-percent',
      most((run) => run.selfMiss),
      '%',
    ),
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
  const stays = Array.from({ length: count }, (_, i) => i).filter((i) => !dead.has(i));
  const left = new Float32Array(rows.length);
  for (const [at, i] of stays.entries()) left.set(row(rows, dims, i), dims * at);
  left.set(extra.subarray(0, dead.size * dims), dims * stays.length);
  return { ...(await judge(set, engine, left, { hashOf: (i) => levelHash(stays[i] ?? i) })), deleted };
}

/** One row replaced again and again by a vector near it: every edit takes the version before out of the graph. */
async function oneRow(set, times, seed) {
  const { dims, count, rows } = set;
  const uniform = random(seed);
  const hot = Math.floor(uniform() * count);
  const engine = await ours(set);
  engine.build(rows);
  const first = row(rows, dims, hot);
  const versions = [];
  for (let i = 0; i < times; i++) {
    const at = i === 0 ? hot : count - 1;
    const words = new Uint32Array(Math.ceil(count / 32));
    words[at >> 5] = 1 << (at & 31);
    engine.set.remove(words);
    const next = first.map((value) => value + 0.02 * (uniform() - 0.5));
    const length = Math.hypot(...next);
    versions.push(next.map((value) => value / length));
    engine.build(versions.at(-1));
  }
  const left = new Float32Array(rows.length);
  left.set(rows.subarray(0, hot * dims));
  left.set(rows.subarray((hot + 1) * dims), hot * dims);
  left.set(versions.at(-1), (count - 1) * dims);
  const hashOf = (i) => levelHash(i < hot || i === count - 1 ? i : i + 1);
  return { ...(await judge(set, engine, left, { old: versions.slice(-200), hashOf })), deleted: 0 };
}

/**
 * A history: what each commit ends is masked and searched for, then taken out, and what it bears inserted. Levels are decided by the
 * row, as they are by the content in a collection, and by the seed.
 */
async function edited(set, { first, commits, left }, seed) {
  const { dims, rows } = set;
  const rowsOf = (numbers) => Float32Array.from(numbers.flatMap((number) => [...row(rows, dims, number)]));
  const hashOf = (number) => levelHash(seed * set.count + number);
  const engine = await ours(set);
  const put = (numbers, before) => engine.build(rowsOf(numbers), (i) => hashOf(numbers[i - before]));
  let live = first;
  put(first, 0);
  const gone = [];
  let [inserted, deleted] = [0, 0];
  for (const { born, dead } of commits) {
    const ends = new Set(dead);
    const words = new Uint32Array(Math.ceil(live.length / 32));
    for (const [i, number] of live.entries()) if (ends.has(number)) words[i >> 5] |= 1 << (i & 31);
    if (dead.length > 0) {
      engine.set.set_mask(words.map((word) => ~word));
      for (const number of dead)
        deleted += [...engine.search(row(rows, dims, number), 64)].filter((hit) => ends.has(live[hit])).length;
      engine.set.clear_mask();
      engine.set.remove(words);
    }
    live = live.filter((number) => !ends.has(number));
    if (born.length > 0) put(born, live.length);
    live.push(...born);
    gone.push(...dead);
    inserted += born.length;
  }
  const old = gone.filter((number) => !live.includes(number)).slice(-200);
  const judged = await judge({ ...set, count: live.length }, engine, rowsOf(live), {
    old: old.map((number) => row(rows, dims, number)),
    hashOf: (i) => hashOf(live[i]),
  });
  return { ...judged, deleted, commits: commits.length, inserted, removed: gone.length, rows: live.length, left };
}

/**
 * A churned engine against a fresh one over the rows it should hold, each row on the levels that it has there, at the ef that gives the
 * fresh one its recall.
 */
async function judge(set, engine, left, { old = [], hashOf } = {}) {
  const { dims, count } = set;
  const fresh = await ours(set);
  fresh.build(left, hashOf);
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
