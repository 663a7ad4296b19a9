// The rows of a judged collection (the format of data/cranfield): lexical, dense, hybrid, the real model, order.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { publish, readLines, shared } from '../../bench/lib/data.mjs';
import { random, round, shuffled } from '../../bench/lib/stats.mjs';
import { Skip } from '../../bench/lib/suite.mjs';
import { asMarkdown, worst } from './worst.mjs';

const modes = ['lexical', 'dense', 'hybrid'];
const depth = 100;

/** Tasks of one collection; `folder` is found when they run, so that a missing one is a skipped row. */
export function collectionTasks(name, folder) {
  const row = (suffix) => `${name}-${suffix}`;
  const runs = (context) => context.once(`runs ${name}`, () => baseRuns(context, name, folder()));
  return [
    { rows: [...modes.map(row), row('hybrid-r100')], run: async (context) => quality(await runs(context), row) },
    { rows: ['never-worse'], run: async (context) => neverWorse(await runs(context)) },
    { rows: ['order-independent'], run: async (context) => orderIndependent(context, await runs(context)) },
    { rows: [row('hybrid-minilm')], run: (context) => minilm(context, name, folder, row) },
  ];
}

async function collection(name, folder) {
  const { evaluate, readQrels } = await import(pathToFileURL(shared('bench/evaluate.mjs')).href);
  const need = (file) => join(folder, file);
  const docs = readLines(need('corpus.jsonl')).map(({ _id, title, text }) => ({
    id: _id,
    ...(title && { title }),
    text,
  }));
  const qrels = readQrels(need('qrels.tsv'));
  const queries = readLines(need('queries.jsonl')).filter(({ _id }) => qrels.has(_id));
  const score = (lists) => evaluate(qrels, new Map(queries.map(({ _id }, i) => [_id, lists[i]])));
  return { name, docs, queries, qrels, score, url: publish(`${name}.docs.json`, docs) };
}

const ask = (tab, queries, mode) =>
  tab.call('eval/quality', 'rankings', queries, { k: depth, collapse: 'document', mode });

async function allModes(tab, queries) {
  const lists = {};
  for (const mode of modes) lists[mode] = await ask(tab, queries, mode);
  return lists;
}

/** All three modes on the collection as it stands. */
async function baseRuns(context, name, folder) {
  const set = await collection(name, folder);
  const tab = await context.site.browse();
  const filled = await tab.call('eval/quality', 'fill', set.url);
  const lists = await allModes(tab, set.queries);
  if (filled.documents !== set.docs.length)
    throw new Error(`${filled.documents} of ${set.docs.length} documents are there`);
  const scores = Object.fromEntries(modes.map((mode) => [mode, set.score(lists[mode])]));
  const runs = { ...set, filled, lists, scores };
  if (context.report) await report(context, runs, tab);
  await tab.close();
  return runs;
}

/** Writes the worst queries of all collections so far, as the name of the file says: JSON, else Markdown. */
async function report({ report: file, once }, runs, tab) {
  const explain = (queries) => tab.call('eval/quality', 'explained', queries, { k: 10, collapse: 'document' });
  const reports = once('reports', () => []);
  reports.push(await worst(runs, explain));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, file.endsWith('.json') ? `${JSON.stringify(reports, null, 1)}\n` : asMarkdown(reports));
}

function quality({ name, scores, filled, docs }, row) {
  const rows = modes.map((mode) => ({ row: row(mode), ...ndcg(scores[mode]) }));
  const { recall100, queries } = scores.hybrid;
  rows.push({ row: row('hybrid-r100'), value: round(recall100), unit: 'recall@100', n: queries });
  const config = { space: filled.space, documents: docs.length, chunks: filled.chunks };
  return rows.map((each) => ({ ...each, data: name, config }));
}

/** Spread: the middle 95 % of means over queries drawn again with replacement. */
function ndcg({ ndcg10, queries, perQuery }) {
  const values = [...perQuery.values()].map((query) => query.ndcg10);
  const means = Array.from({ length: 1000 }, (_, seed) => resampled(values, seed)).sort((a, b) => a - b);
  return { value: round(ndcg10), unit: 'nDCG@10', n: queries, spread: [round(means[25]), round(means[974])] };
}

function resampled(values, seed) {
  const uniform = random(seed + 1);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[Math.floor(uniform() * values.length)];
  return sum / values.length;
}

function neverWorse({ name, scores }) {
  const value = round(scores.hybrid.ndcg10 - scores.lexical.ndcg10);
  return [{ row: 'never-worse', value, unit: 'nDCG@10', n: scores.hybrid.queries, data: name }];
}

/**
 * Queries with another ranking (any of the three modes, all 100 places) after the collection was deleted and put again in another
 * order, or in a new database that got it in a third order, a hundred documents a commit.
 */
async function orderIndependent({ site }, { name, docs, queries, url, lists }) {
  const order = (seed) =>
    shuffled(
      docs.map((_, i) => i),
      seed,
    );
  const tab = await site.browse();
  await tab.call('eval/quality', 'fill', url);
  await tab.call('eval/quality', 'refill', order(1));
  const again = await allModes(tab, queries);
  await tab.call('eval/quality', 'close');
  await tab.call('eval/quality', 'fill', url, { order: order(2), batch: 100 });
  const fresh = await allModes(tab, queries);
  await tab.close();
  const moved = (other) =>
    queries.filter((_, i) => modes.some((mode) => lists[mode][i].join() !== other[mode][i].join()));
  const [afterRefill, whenFresh] = [moved(again), moved(fresh)];
  const value = new Set([...afterRefill, ...whenFresh]).size;
  const config = { afterDeleteAndPut: afterRefill.length, newDatabase: whenFresh.length, modes };
  return [{ row: 'order-independent', value, unit: 'queries', n: queries.length, data: name, config }];
}

async function minilm({ site, short }, name, folder, row) {
  if (short) throw new Skip('--short: embedding with the real model takes minutes');
  shared('models/all-MiniLM-L6-v2');
  const set = await collection(name, folder());
  const tab = await site.browse();
  const started = performance.now();
  const filled = await tab.call('eval/quality', 'fill', set.url, { model: 'minilm' });
  const seconds = Math.round((performance.now() - started) / 1000);
  const scores = set.score(await ask(tab, set.queries, 'hybrid'));
  await tab.close();
  const config = {
    space: filled.space,
    chunks: filled.chunks,
    recall100: round(scores.recall100),
    indexSeconds: seconds,
  };
  return [{ row: row('hybrid-minilm'), ...ndcg(scores), data: name, config }];
}
