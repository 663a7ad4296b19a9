// Which plane a batch goes to, and why: every reason by itself.

import { describe, expect, it } from 'vitest';
import type { GpuInfo } from '../model/report.ts';
import { type BatchJob, type BatchSize, choosePlane } from './batch.ts';

const speeds = { gpu: { callMs: 2, productNs: 0.001 }, cpu: { callMs: 0, productNs: 0.1 } };
const ready: GpuInfo = {
  ...{ mode: 'auto', adapter: 'a card', software: false, uses: [], state: 'ready', why: 'an adapter was found' },
  ...{ pipelines: 1, warmupMs: 1, batches: 0, faults: {}, reacquired: 0, rows: 0, bytes: 0, speeds },
};
const job: BatchJob = { metric: 'cosine', dims: 384, k: 10, queries: 64 };
const size: BatchSize = { rows: 100_000, matches: 100_000, resident: true, walks: false };
const choose = (info: Partial<GpuInfo> = {}, about: Partial<BatchJob & BatchSize> = {}) =>
  choosePlane({ info: { ...ready, ...info }, kMax: 224, kCodedMax: 100, bytesMax: 1e9 }, { ...job, ...about }, () => ({
    ...size,
    ...about,
  }));

describe('a batch goes to the GPU', () => {
  it('where it was measured to be quicker', () => {
    expect(choose()).toMatchObject({ path: 'gpu', why: '4.46 ms on the GPU against 245.76 on the CPU, as measured' });
  });
  it('by codes, when full precision would not fit', () => {
    const about = { rows: 2e6, matches: 2e6 };
    expect(choose({ mode: 'force' }, about)).toMatchObject({ path: 'gpu', precision: 'codes' });
    expect(choose({}, about)).toMatchObject({ path: 'gpu', precision: 'codes' });
    expect(choose({})).toMatchObject({ precision: 'whole' });
  });
  it('at half precision, when that fits and full precision does not, of vectors of unit length alone', () => {
    const about = { rows: 1e6, matches: 1e6, k: 224 };
    for (const info of [{ mode: 'force' }, {}] as const)
      expect(choose(info, about)).toMatchObject({
        path: 'gpu',
        precision: 'half',
        why: expect.stringMatching(/half precision/),
      });
    expect(choose({}, { ...about, rows: 1302083 })).toMatchObject({ precision: 'half' });
    expect(choose({}, { ...about, rows: 1302084, k: 100 })).toMatchObject({ precision: 'codes' });
    expect(choose({}, { ...about, metric: 'dot', k: 100 })).toMatchObject({ precision: 'codes' });
  });
  it('whenever it can when that is forced, through a graph and unmeasured too', () => {
    expect(choose({ mode: 'force', speeds: undefined }, { walks: true, rows: 1, matches: 1 }).path).toBe('gpu');
  });
});

describe('a batch stays on the CPU', () => {
  it.each<[string, Partial<GpuInfo>, Partial<BatchJob & BatchSize>, RegExp]>([
    ['when the GPU is off', { mode: 'off' }, {}, /'off'/],
    ['when bits are compared', { mode: 'force' }, { metric: 'hamming' }, /bits/],
    ['when k is above the largest tier', { mode: 'force' }, { k: 225 }, /224/],
    ['when the rows do not fit', { mode: 'force' }, { rows: 1e7 }, /share of memory/],
    ['when they do not fit and have no codes', { mode: 'force' }, { rows: 1e6, metric: 'l2' }, /share of memory/],
    ['when they fit as codes and k is large', { mode: 'force' }, { rows: 2e6, k: 101 }, /as codes only/],
    ['when rows lie on disk', { mode: 'force' }, { resident: false }, /in memory/],
    ['when there is no adapter, for its reason', { state: 'unavailable', why: 'no adapter' }, {}, /^no adapter$/],
    ['when a graph is walked', {}, { walks: true }, /graph/],
    ['when it was not measured', { speeds: undefined }, {}, /not measured/],
    ['when there are few queries', {}, { queries: 1, rows: 10_000, matches: 10_000 }, /0\.38 on the CPU/],
    ['when few rows match', {}, { matches: 100 }, /0\.25 on the CPU/],
  ])('%s', (_, info, about, why) => {
    expect(choose(info, about)).toMatchObject({ path: 'cpu', why: expect.stringMatching(why) });
  });

  it('until a GPU is looked for, which only a large batch is worth', () => {
    expect(choose({ state: 'idle' })).toMatchObject({ path: 'cpu', wanted: true });
    expect(choose({ state: 'idle' }, { queries: 1, rows: 1000 })).toMatchObject({ path: 'cpu', wanted: false });
    expect(choose({ state: 'unavailable' }).wanted).toBe(false);
  });
});
