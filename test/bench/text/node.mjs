// The rows that run in Node: queries, build and adds against the peers in interleaved slices of process CPU time; bytes.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { passages, readLines, shared } from '../lib/data.mjs';
import { median, round, spread } from '../lib/stats.mjs';
import { aboutPeer, peers as install } from '../peers/install.mjs';
import { historyBlocks, questionsOf } from './corpus.mjs';
import { Guest, indexBytes } from './guest.mjs';
import { peers } from './peers.mjs';

const ADDS = 1000;
const WORDS_PER_ADD = 200;
const SLICE = 20;

/** Milliseconds of CPU that this process spends in `work`, its garbage collection included. */
function cpuMs(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const docOf = ({ path, text }, id) => ({ id, title: path[0] ?? '', text });

async function ours(rows) {
  const guest = await Guest.start();
  guest.add(rows);
  const bytes = guest.seal();
  return { guest, bytes };
}

function corpus({ once, short }) {
  return once('text blocks', () => {
    const all = historyBlocks();
    const rows = short ? all.slice(0, 2000) : all;
    return {
      rows,
      docs: rows.map(docOf),
      questions: questionsOf(rows, short ? 40 : 400),
      data: `${rows.length} blocks`,
    };
  });
}

/** In it what an engine left to the collector is cleared away: other threads do it, and it is no time of the next engine. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 30));

/**
 * Milliseconds per query of every engine, slice by slice of the questions in turn, all of them `passes` times: of each slice the median, as a
 * moment in which the machine is slow meets one engine alone.
 */
async function interleaved(engines, questions, passes = 1) {
  const times = Object.fromEntries(Object.keys(engines).map((name) => [name, []]));
  for (let at = 0; at < questions.length; at += SLICE) {
    const slice = questions.slice(at, at + SLICE);
    const own = Object.fromEntries(Object.keys(engines).map((name) => [name, []]));
    for (let pass = 0; pass < passes; pass++)
      for (const [name, search] of Object.entries(engines)) {
        await settled();
        own[name].push(cpuMs(() => slice.map(search)) / slice.length);
      }
    for (const [name, each] of Object.entries(own)) times[name].push(median(each));
  }
  return times;
}

/** Our queries take so little that a slice is asked many times over. */
const TIMES = 20;
/** How often those are asked that the row is about. */
const PASSES = 5;

export const queryTask = {
  rows: ['query-vs-minisearch'],
  run: async (context) => {
    await install(context);
    const { rows, docs, questions, data } = corpus(context);
    const { guest } = await ours(rows);
    const view = guest.view();
    const engines = {
      ours: (text) => {
        for (let i = 0; i < TIMES; i++) guest.search(view, text);
      },
    };
    for (const [name, { build }] of Object.entries(peers)) {
      const index = build(docs);
      engines[name] = (text) => index.search(text, 10);
    }
    const { ours: own, minisearch, 'minisearch-stemmed': stemmed, ...others } = engines;
    await interleaved(engines, questions.slice(0, 2 * SLICE));
    const times = {
      ...(await interleaved({ ours: own, minisearch, 'minisearch-stemmed': stemmed }, questions, PASSES)),
      ...(await interleaved(others, questions)),
    };
    guest.free();
    const perQuery = times.ours.map((ms) => ms / TIMES);
    const ms = Object.fromEntries(Object.entries(times).map(([name, each]) => [name, round(mean(each))]));
    ms.ours = round(mean(perQuery));
    const best = ms.minisearch < ms['minisearch-stemmed'] ? 'minisearch' : 'minisearch-stemmed';
    const ratios = times[best].map((each, i) => each / perQuery[i]);
    const config = { against: best, msPerQuery: ms, k: 10, each: 'row' };
    const value = round(ms[best] / ms.ours);
    const row = {
      row: 'query-vs-minisearch',
      value,
      unit: 'x',
      n: questions.length,
      spread: spread(ratios),
      data,
      config,
    };
    return [row, ...(await quality(context, ms))];
  },
};

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Beside the speed of each its nDCG@10 on Cranfield, whole documents; ours too. */
async function quality({ once }, ms) {
  const found = await once('text peers', async () => {
    const folder = shared('data/cranfield');
    const { evaluate, readQrels } = await import(pathToFileURL(shared('bench/evaluate.mjs')).href);
    const qrels = readQrels(join(folder, 'qrels.tsv'));
    const docs = readLines(join(folder, 'corpus.jsonl')).map(({ _id, title, text }) => ({
      id: _id,
      title: title ?? '',
      text,
    }));
    const questions = readLines(join(folder, 'queries.jsonl')).filter(({ _id }) => qrels.has(_id));
    const { guest } = await ours(docs.map(({ id, title, text }) => ({ doc: id, path: [title], text })));
    const view = guest.view();
    const score = (search) => {
      const lists = questions.map(({ _id, text }) => [_id, search(text, 10).map(String)]);
      return round(evaluate(qrels, new Map(lists)).ndcg10);
    };
    const scores = { ours: score((text, k) => guest.search(view, text, k).map((row) => docs[row].id)) };
    for (const [name, { build }] of Object.entries(peers)) {
      const index = build(docs);
      scores[name] = score((text, k) => index.search(text, k));
    }
    guest.free();
    return scores;
  });
  return Object.entries(peers).map(([name, { peer, config }]) => ({
    ...aboutPeer(peer),
    suite: 'text-peers',
    row: 'query-vs-minisearch',
    value: ms[name],
    unit: 'ms',
    n: 1,
    data: name,
    config: { settings: config, cranfieldNdcg10: found[name], ours: { ms: ms.ours, cranfieldNdcg10: found.ours } },
  }));
}

export const buildTask = {
  rows: ['build-vs-minisearch'],
  run: async (context) => {
    await install(context);
    const { rows, docs, data } = corpus(context);
    const [own, other] = [[], []];
    for (let i = 0; i < (context.short ? 1 : 9); i++) {
      const guest = await Guest.start();
      own.push(
        cpuMs(() => {
          guest.add(rows);
          guest.seal();
        }),
      );
      guest.free();
      other.push(cpuMs(() => peers['minisearch-stemmed'].build(docs)));
    }
    const config = { oursMs: round(median(own)), minisearchMs: round(median(other)), settings: 'equal stemming' };
    return [{ row: 'build-vs-minisearch', ...ratio(other, own), unit: 'x', data, config }];
  },
};

function ratio(theirs, own) {
  const ratios = theirs.map((ms, i) => ms / own[i]);
  return { value: round(median(theirs) / median(own)), n: own.length, spread: spread(ratios) };
}

export const addsTask = {
  rows: ['adds-vs-minisearch'],
  run: async (context) => {
    await install(context);
    const { rows, docs } = corpus(context);
    const words = rows
      .map(({ text }) => text)
      .join(' ')
      .split(/\s+/);
    const count = context.short ? 100 : ADDS;
    const fresh = Array.from({ length: count }, (_, i) => {
      const from = (i * 997) % (words.length - WORDS_PER_ADD);
      return { doc: `new${i}`, path: [], text: `needle${i} ${words.slice(from, from + WORDS_PER_ADD).join(' ')}` };
    });
    const { guest } = await ours(rows);
    const [own, times] = [[], { minisearch: [], 'minisearch-stemmed': [] }];
    const indexes = Object.keys(times).map((name) => [name, peers[name].build(docs)]);
    for (let at = 0; at < count; at += SLICE) {
      const slice = fresh.slice(at, at + SLICE);
      own.push(cpuMs(() => slice.map((row) => guest.add([row]))));
      for (const [name, index] of indexes)
        times[name].push(cpuMs(() => slice.map((row, i) => index.add(docOf(row, `new${at + i}`)))));
    }
    const view = guest.view();
    const lost = fresh.filter((_, i) => guest.search(view, `needle${i}`)[0] !== rows.length + i).length;
    guest.free();
    if (lost > 0) throw new Error(`${lost} of ${count} documents added are not found`);
    const best = median(times.minisearch) < median(times['minisearch-stemmed']) ? 'minisearch' : 'minisearch-stemmed';
    const perSecond = (ms) => Math.round((SLICE * 1000) / median(ms));
    const config = {
      against: best,
      oursPerS: perSecond(own),
      minisearchPerS: perSecond(times[best]),
      into: rows.length,
    };
    return [{ row: 'adds-vs-minisearch', ...ratio(times[best], own), n: count, unit: 'x', data: '200 words', config }];
  },
};

export const bytesTask = {
  rows: ['index-bytes-ratio'],
  run: async (context) => {
    const sets = [corpus(context)];
    const { docs } = await passages(context.short ? 2000 : 100_000);
    sets.push({
      data: `passages100k, first ${docs.length}`,
      rows: docs.map(({ id, title, text }) => ({ doc: id, path: [title], text })),
    });
    const out = [];
    for (const { rows, data } of sets) {
      const { guest, bytes } = await ours(rows);
      guest.free();
      const textBytes = rows.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
      const own = indexBytes(bytes);
      const config = { indexBytes: own, textBytes };
      out.push({ row: 'index-bytes-ratio', value: round(own / textBytes), unit: 'x', n: rows.length, data, config });
    }
    return out;
  },
};
