// The rows about a stored collection opened again: how soon it answers, and how much memory it takes within a budget.
import { heaps } from '../lib/memory.mjs';
import { median, round, summary } from '../lib/stats.mjs';
import { asked, dims, k, published, recall, tuned, tunedEf } from './facade.mjs';

const budget = 70_000_000;

export const stored = {
  rows: ['open-100k-idb-ms', 'bytes-per-vector'],
  run: async ({ site, short }) => {
    const count = short ? 10_000 : 100_000;
    const data = count === 100_000 ? 'synth100k' : 'synth10k';
    const { url, truth } = await published(count);
    const profile = site.profile();
    const first = await site.browse({ profile });
    const { put, compact, info } = await first.call('vectors', 'fill', url, { name: 'vectors' });
    const ef = await tunedEf(truth, (...given) => first.call('vectors', 'hits', ...given), 0.95);
    await first.call('vectors', 'close');
    await first.close();
    const config = { putMs: Math.round(put), compactMs: Math.round(compact), storedBytes: info.storedBytes };
    const times = await openings(site, profile, url, short ? 1 : 9);
    return [
      { row: 'open-100k-idb-ms', ...summary(times), unit: 'ms', data, config },
      { row: 'bytes-per-vector', unit: 'B', data, ...(await within(site, profile, url, { count, ef, truth })) },
    ];
  },
};

/** Milliseconds from the call of `open` to the first hit, each in a new process. */
async function openings(site, profile, url, turns) {
  const times = [];
  for (let i = 0; i < turns; i++) {
    const tab = await site.browse({ profile });
    await tab.page.waitForTimeout(1000);
    const { ms, hits } = await tab.call('vectors', 'reopen', 'vectors', url, dims);
    if (hits !== k) throw new Error(`${hits} hits after reopening`);
    times.push(ms);
    await tab.close();
  }
  return times;
}

/** What a vector takes in a browser that has answered queries within the budget, over one that has opened an empty database. */
async function within(site, profile, url, { count, ef, truth }) {
  const tab = await site.browse({ profile });
  const measured = async () => {
    const { page, workers } = await heaps(tab);
    return page + workers + (await tab.call('vectors', 'wasmBytes'));
  };
  await tab.call('vectors', 'openWithin', 'empty', url, dims, budget);
  const empty = await measured();
  await tab.call('vectors', 'close');
  await tab.call('vectors', 'openWithin', 'vectors', url, dims, budget);
  const found = await tab.call('vectors', 'hits', tuned, asked, ef);
  const times = await tab.call('vectors', 'single', { from: tuned, to: asked, ef });
  const bytes = (await measured()) - empty;
  const { memoryBytes, vectorBytes, residentVectorBytes } = await tab.call('vectors', 'infoOf');
  await tab.close();
  const config = {
    budget,
    emptyBytes: empty,
    bytes,
    ef,
    recall: recall(truth, found, tuned),
    p50Ms: round(median(times)),
    memoryBytes,
    vectorBytes,
    residentVectorBytes,
  };
  return { value: round(bytes / count), n: 1, config };
}

export const opfs = {
  rows: ['open-100k-opfs-ms'],
  run: async ({ site, short }) => {
    const count = short ? 10_000 : 100_000;
    const data = count === 100_000 ? 'synth100k' : 'synth10k';
    const { url } = await published(count);
    const profile = site.profile();
    const tab = await site.browse({ profile });
    await tab.call('vectors', 'fill', url, { name: 'vectors', store: 'opfs' });
    await tab.call('vectors', 'close');
    await tab.close();
    const times = await openings(site, profile, url, short ? 1 : 9);
    return [{ row: 'open-100k-opfs-ms', ...summary(times), unit: 'ms', data }];
  },
};
