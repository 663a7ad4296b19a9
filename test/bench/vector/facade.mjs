// The rows that Chromium measures, on collections through the public API.
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, vectors } from '../lib/data.mjs';
import { median, round, spread, summary } from '../lib/stats.mjs';
import { aboutPeer, peers } from '../peers/install.mjs';
import { defectsOf, efs } from './curves.mjs';
import { sets } from './sets.mjs';

export const dims = 384;
export const k = 10;
const truthK = 100;
/** ef is tuned on the first half of the queries and measured on the other. */
export const [tuned, asked] = [500, 1000];
const rounds = 11;

/** The files of a synthetic set where the page can fetch them. */
export async function published(count) {
  const folder = await vectors(count);
  const prefix = `synth${count}`;
  for (const name of ['base', 'query']) copyFileSync(join(folder, `${name}.f32`), join(cache, `${prefix}.${name}.f32`));
  const truth = new Int32Array(readFileSync(join(folder, 'truth.i32')).buffer);
  return { url: `/data/${prefix}`, truth };
}

export function recall(truth, ids, from) {
  let found = 0;
  ids.forEach((list, i) => {
    const start = (from + i) * truthK;
    const wanted = new Set(truth.subarray(start, start + k));
    found += list.filter((id) => wanted.has(id)).length;
  });
  return round(found / (ids.length * k));
}

/** The smallest ef of a rising list that reaches the recall on the first half. */
export async function tunedEf(truth, hits, wanted) {
  for (let ef = k; ef <= 400; ef += Math.max(1, Math.floor(ef / 10)))
    if (recall(truth, await hits(0, tuned, ef), 0) >= wanted) return ef;
  throw new Error(`no ef up to 400 reaches recall ${wanted}`);
}

export const scan = {
  rows: ['scan-10k-ms', 'facade-overhead-us'],
  run: async ({ site, short }) => {
    const { url, truth } = await published(10_000);
    const turns = short ? 3 : rounds;
    const tab = await site.browse();
    await tab.call('vectors', 'fill', url, { index: 'flat' });
    const scans = await tab.call('vectors', 'batches', { from: tuned, to: asked, exact: true, rounds: turns });
    await tab.call('vectors', 'fill', url, { index: 'hnsw' });
    const hits = (from, to, ef) => tab.call('vectors', 'hits', from, to, ef);
    const ef = await tunedEf(truth, hits, 0.95);
    await tab.call('vectors', 'single', { from: 0, to: tuned, ef });
    const alone = await tab.call('vectors', 'single', { from: tuned, to: asked, ef });
    const engine = await tab.call('vectors', 'batches', { from: tuned, to: asked, ef, rounds: turns });
    await tab.close();
    const inEngine = Math.min(...engine);
    return [
      { row: 'scan-10k-ms', ...summary(scans), unit: 'ms', data: 'synth10k', config: { k, least: Math.min(...scans) } },
      {
        row: 'facade-overhead-us',
        value: round(1000 * (median(alone) - inEngine)),
        n: alone.length,
        unit: 'µs',
        data: 'synth10k',
        config: { k, ef, searchUs: round(1000 * median(alone)), engineUs: round(1000 * inEngine) },
      },
    ];
  },
};

export const wasmPeer = {
  rows: ['qps-r95-hnswlib-wasm'],
  run: async (context) => {
    await peers(context);
    const { url, truth } = await published(10_000);
    const tab = await context.site.browse();
    await tab.call('vectors', 'fill', url, { index: 'hnsw' });
    const { ms: buildMs } = await tab.call('vectors', 'fillPeer', url, dims);
    const ask = (name) => (from, to, ef) => tab.call('vectors', name, from, to, ef);
    const [ef, peerEf] = [await tunedEf(truth, ask('hits'), 0.95), await tunedEf(truth, ask('peerHits'), 0.95)];
    const [ours, theirs] = [[], []];
    for (let i = 0; i < rounds; i++) {
      ours.push(...(await tab.call('vectors', 'batches', { from: tuned, to: asked, ef, rounds: 1 })));
      theirs.push(...(await tab.call('vectors', 'peerBatches', { from: tuned, to: asked, ef: peerEf, rounds: 1 })));
    }
    const found = await wasmCurves(tab, truth);
    const config = {
      k,
      ...found,
      over: `hnswlib-wasm ${aboutPeer('hnswlib-wasm').peerVersion}`,
      ef,
      peerEf,
      us: round(1000 * median(ours)),
      peerUs: round(1000 * median(theirs)),
      recall: recall(truth, await ask('hits')(tuned, asked, ef), tuned),
      peerRecall: recall(truth, await ask('peerHits')(tuned, asked, peerEf), tuned),
      peerBuildMs: Math.round(buildMs),
    };
    await tab.close();
    const ratios = theirs.map((time, i) => time / ours[i]);
    const value = round(median(ratios));
    return [
      { row: 'qps-r95-hnswlib-wasm', value, spread: spread(ratios), n: rounds, unit: 'x', data: 'synth10k', config },
    ];
  },
};

/** As {@link curvesOf}, in the page: ours and hnswlib-wasm's. */
async function wasmCurves(tab, truth) {
  const set = await sets.synth10k();
  const engines = { aetherv: ['hits', 'batches'], 'hnswlib-wasm': ['peerHits', 'peerBatches'] };
  const found = { curves: {}, defects: {} };
  for (const [name, [hits, batches]] of Object.entries(engines)) {
    const run = { points: [], answers: [] };
    for (const ef of efs) {
      const ids = await tab.call('vectors', hits, tuned, asked, ef);
      const [ms] = await tab.call('vectors', batches, { from: tuned, to: asked, ef, rounds: 1 });
      run.points.push({ ef, us: round(1000 * ms), recall: recall(truth, ids, tuned) });
      run.answers.push(ids);
    }
    found.curves[name] = run.points;
    found.defects[name] = defectsOf(set, tuned, run);
    for (const what of found.defects[name]) console.log(`${name} on ${set.name} in Chromium: ${what}`);
  }
  return found;
}
