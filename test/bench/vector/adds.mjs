// Writing into a large collection that is in use, and searching it straight after one large write: both by the product as a page has it.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, vectors } from '../lib/data.mjs';
import { cpuMsOf } from '../lib/kill.mjs';
import { median, round, spread } from '../lib/stats.mjs';
import { peers } from '../peers/install.mjs';
import { cpu, hnswlib, usearch } from './engines.mjs';
import { asked, published, recall as recallOf, tuned, tunedEf } from './facade.mjs';
import { k, recall, row, sets } from './sets.mjs';
import { smallestEf } from './speed.mjs';

const each = 100;
const asksPerPut = 5;
/** At rest is who takes at most so much CPU in so long. */
const [restMs, watchMs] = [30, 2000];
const rounds = 9;

const countOf = ({ short }) => (short ? 10_000 : 100_000);
const setOf = (context) => sets[countOf(context) === 100_000 ? 'synth100k' : 'synth10k']();

/** A collection as `putColumns` leaves it, in a browser of its own. */
async function filled(context) {
  const { url, truth } = await published(countOf(context));
  const tab = await context.site.browse();
  await tab.call('vectors', 'fill', url, { name: 'adds', compact: false });
  return { url, truth, tab };
}

export const adds = {
  rows: ['adds-100k'],
  run: async (context) => {
    await peers(context);
    const set = await setOf(context);
    const { url, tab } = await filled(context);
    const folder = await vectors(set.count);
    copyFileSync(join(folder, 'extra.f32'), join(cache, `synth${set.count}.extra.f32`));
    await tab.call('vectors', 'compact');
    const before = cpuMsOf(tab.profile, 'renderer');
    const { puts, asks, ms } = await tab.call('vectors', 'add', `${url}.extra.f32`, each, asksPerPut);
    const written = cpuMsOf(tab.profile, 'renderer') - before;
    const own = (await atRest(tab)) - before;
    const { segments } = await tab.call('vectors', 'infoOf');
    await tab.close();
    const theirs = usearchMs(set, asks);
    return [
      {
        row: 'adds-100k',
        value: round(theirs / own),
        unit: 'x',
        n: puts * each,
        data: set.name,
        config: {
          over: 'usearch-f32',
          each,
          asks,
          cpuMs: { aetherv: Math.round(own), usearch: Math.round(theirs), writing: Math.round(written) },
          ms,
          segments,
        },
      },
    ];
  },
};

/** CPU milliseconds of the page and its workers once none of them works any more: what compaction owed is paid then. */
async function atRest(tab) {
  for (let last = -1; ; ) {
    const now = cpuMsOf(tab.profile, 'renderer');
    if (last >= 0 && now - last <= restMs) return now;
    last = now;
    await tab.page.waitForTimeout(watchMs);
  }
}

/** CPU milliseconds of usearch for the same rows and as many questions, in turn. */
function usearchMs(set, asks) {
  const engine = usearch('f32')(set);
  const extra = set.extra.length / set.dims;
  const perPut = Math.round((asks * each) / extra);
  try {
    return engine.grow(set.rows, (add, search) => {
      let query = 0;
      return (
        cpu(() => {
          for (let i = 0; i < extra; i++) {
            add(row(set.extra, set.dims, i));
            if (i % each === 0)
              for (let j = 0; j < perPut; j++) search(row(set.queries, set.dims, query++ % set.asked));
          }
        }) / 1000
      );
    });
  } finally {
    engine.free();
  }
}

export const asPut = {
  rows: ['qps-as-put-100k'],
  run: async (context) => {
    await peers(context);
    const set = await setOf(context);
    const { truth, tab } = await filled(context);
    const peer = hnswlib(set);
    peer.build(set.rows);
    const find = (ef) => (i) => peer.search(row(set.queries, set.dims, i), ef);
    const ef = await tunedEf(truth, (...given) => tab.call('vectors', 'hits', ...given), 0.95);
    const peerEf = smallestEf((ef) => recall(set, find(ef), 0, tuned) >= 0.95);
    const [own, theirs] = [[], []];
    for (let turn = 0; turn < rounds; turn++) {
      own.push(...(await tab.call('vectors', 'batches', { from: tuned, to: asked, ef, rounds: 1 })));
      const search = find(peerEf);
      const us = cpu(() => {
        for (let i = tuned; i < asked; i++) search(i);
      });
      theirs.push(us / 1000 / (asked - tuned));
    }
    const found = recallOf(truth, await tab.call('vectors', 'hits', tuned, asked, ef), tuned);
    await tab.close();
    const figures = {
      aetherv: { ef, ms: round(median(own)), recall: found },
      'hnswlib-node': { ef: peerEf, ms: round(median(theirs)), recall: round(recall(set, find(peerEf), tuned)) },
    };
    const ratios = theirs.map((ms, turn) => ms / own[turn]);
    const value = round(median(ratios));
    return [
      {
        row: 'qps-as-put-100k',
        value,
        spread: spread(ratios),
        unit: 'x',
        n: rounds,
        data: set.name,
        config: { k, figures },
      },
    ];
  },
};
