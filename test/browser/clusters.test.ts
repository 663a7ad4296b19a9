// Clusters of a collection, and hits unlike each other, in real Chromium: the same on either plane, in turns with other calls, given up when told; and
// what is refused.
import type { Clustering } from 'aetherv';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
  await site.page.evaluate(() => {
    let seed = 11;
    const uniform = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32 - 0.5;
    };
    const drawn = (count: number) => Float32Array.from({ length: count }, uniform);
    Object.assign(globalThis, { drawn });
  });
});
afterAll(() => site.stop());

declare global {
  var drawn: (count: number) => Float32Array;
}

interface Plain extends Omit<Clustering, 'centroids' | 'clusters' | 'sizes'> {
  readonly centroids: number[];
  readonly clusters: number[];
  readonly sizes: number[];
}

it('groups items the same on either plane, in every view and filter, while others write', async () => {
  const seen = await site.page.evaluate(async () => {
    const plainly = ({ centroids, clusters, sizes, ...rest }: Clustering): Plain => ({
      ...rest,
      centroids: [...centroids],
      clusters: [...clusters],
      sizes: [...sizes],
    });
    const shapes = [
      { dims: 8, rows: 60, k: 3, metric: 'cosine' },
      { dims: 30, rows: 900, k: 70, metric: 'dot' },
      { dims: 7, rows: 3000, k: 5, metric: 'l2' },
      { dims: 384, rows: 500, k: 20, metric: 'cosine' },
    ] as const;
    const [gpu, cpu] = [
      await kit.AetherV.open(undefined, { gpu: 'force' }),
      await kit.AetherV.open(undefined, { gpu: 'off' }),
    ];
    const answers: Plain[][] = [];
    for (const { dims, rows, k, metric } of shapes) {
      const columns = {
        ids: Array.from({ length: rows }, (_, i) => `i${i}`),
        vectors: drawn(rows * dims),
        meta: Array.from({ length: rows }, (_, n) => ({ n: n % 5 })),
      };
      const later = drawn(dims);
      for (const db of [gpu, cpu]) {
        const c = db.vectors(`${metric} ${dims}`, { dims, metric });
        await c.putColumns(columns);
        await c.delete(['i3', 'i4']);
        const asks = [{ k }, { k: 2, filter: { n: { $lt: 2 } } }, { k, asOf: 'HEAD~1', seed: 7, iterations: 3 }];
        const found: Plain[] = [];
        for (const ask of asks) found.push(plainly(await c.clusters({ ...ask, explain: true })));
        const during = c.clusters({ k, asOf: (await db.info()).head?.commit, explain: true });
        await Promise.all([c.put({ id: 'i5', vector: later }), c.delete('i6'), db.flush(), db.compact()]);
        found.push(plainly(await during), plainly(await c.clusters({ k, iterations: 0 })));
        answers.push(found);
      }
    }
    const { gpu: info } = await gpu.info();
    await Promise.all([gpu.close(), cpu.close()]);
    return { answers, info };
  });
  for (let i = 0; i < seen.answers.length; i += 2) {
    const [there = [], here = []] = seen.answers.slice(i, i + 2);
    const bare = (all: readonly Plain[]) => all.map(({ why: _, ...rest }) => rest);
    expect(bare(there)).toEqual(bare(here));
    for (const { why } of there.slice(0, 4)) expect(why).toMatchObject({ path: 'gpu' });
    for (const { why } of here.slice(0, 4)) expect(why).toMatchObject({ path: 'cpu', proved: 0, scanned: 0 });
    for (const { sizes, ids, clusters } of there) {
      expect(clusters).toHaveLength(ids.length);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(ids.length);
    }
    expect(there[4]).toMatchObject({ iterations: 0, converged: false });
    expect(there[4]).not.toHaveProperty('why');
  }
  expect(seen.info).toMatchObject({ faults: {}, reacquired: 0 });
  expect(seen.info.batches).toBeGreaterThan(16);
});

it('lets other calls have their turn, and ends when it is given up or its time is over', async () => {
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open();
    const c = db.vectors('rows', { dims: 256 });
    await c.putColumns({ ids: Array.from({ length: 4000 }, (_, i) => `i${i}`), vectors: drawn(4000 * 256) });
    const order: string[] = [];
    const ask = { k: 200, iterations: 300 };
    const stop = new AbortController();
    const given = kit.failure(c.clusters({ ...ask, signal: stop.signal })).then(({ code }) => order.push(code));
    for (let i = 0; i < 3; i++) {
      await c.search(drawn(256), { k: 3 });
      order.push('search');
    }
    await c.put({ id: 'new', vector: drawn(256) });
    order.push('put');
    stop.abort();
    await given;
    const late = await kit.failure(c.clusters({ ...ask, deadlineMs: 60 }));
    const before = AbortSignal.abort();
    const never = await kit.failure(c.clusters({ ...ask, signal: before }));
    // Nothing of those is left.
    const { ids } = await c.clusters({ k: 2, iterations: 1 });
    const closing = kit.failure(c.clusters(ask));
    await db.close();
    return { order, codes: [late.code, never.code, (await closing).code], count: ids.length };
  });
  expect(seen.order).toEqual(['search', 'search', 'search', 'put', 'AV_ABORTED']);
  expect(seen.codes).toEqual(['AV_TIMEOUT', 'AV_ABORTED', 'AV_CLOSED']);
  expect(seen.count).toBe(4001);
});

it('chooses hits that are unlike each other, one by one and in a batch', async () => {
  const seen = await site.page.evaluate(async () => {
    const answers: unknown[] = [];
    const [dims, rows, middles] = [16, 900, drawn(9 * 16)];
    const vectors = drawn(rows * dims).map((value, i) => 0.1 * value + (middles[i % (9 * dims)] ?? 0));
    const ids = Array.from({ length: rows }, (_, i) => `${i % 9}/${i}`);
    const asked = middles.slice(0, 3 * dims);
    for (const gpu of ['force', 'off'] as const) {
      const db = await kit.AetherV.open(undefined, { gpu });
      const c = db.vectors('rows', { dims });
      await c.putColumns({ ids, vectors });
      const options = { k: 9, mmr: 0.6, exact: true };
      const { ids: many, scores } = await c.searchBatch(asked, options);
      const one = await c.search(asked.slice(0, dims), options);
      const plain = await c.search(asked.slice(0, dims), { k: 9 });
      answers.push({
        many,
        scores: [...scores.subarray(0, 9)],
        one: one.map(({ id }) => id),
        own: one.map(({ score }) => score),
        plain: plain.map(({ id }) => id),
      });
      await db.close();
    }
    return answers as { many: string[][]; scores: number[]; one: string[]; own: number[]; plain: string[] }[];
  });
  const [there, here] = seen;
  expect(there).toEqual(here);
  expect(here?.many[0]).toEqual(here?.one);
  for (const [i, score] of here?.scores.entries() ?? []) expect(score).toBeCloseTo(here?.own[i] ?? Number.NaN, 6);
  expect(here?.one[0]).toBe(here?.plain[0]);
  expect(here?.one).not.toEqual(here?.plain);
});

it('refuses what it cannot mean, with its code and a sentence', async () => {
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open();
    const c = db.vectors('rows', { dims: 4 });
    const any = (value: unknown) => value as never;
    await c.put([1, 2, 3].map((n) => ({ id: `i${n}`, vector: [n, 1, 2, 3], meta: { n } })));
    const bits = db.vectors('bits', { dims: 4, metric: 'hamming' });
    await bits.put({ id: 'a', vector: [1, 0, 1, 0] });
    const query = [1, 2, 3, 4];
    const calls: Record<string, () => unknown> = {
      'no options': () => c.clusters(any(undefined)),
      'no k': () => c.clusters(any({})),
      'k 0': () => c.clusters({ k: 0 }),
      'k NaN': () => c.clusters({ k: Number.NaN }),
      'k a half': () => c.clusters({ k: 1.5 }),
      'k a string': () => c.clusters({ k: any('2') }),
      'k above the count': () => c.clusters({ k: 4 }),
      'k above the limit': () => c.clusters({ k: 1025 }),
      'k above what fits': () => c.clusters({ k: 2, filter: { n: 1 } }),
      'iterations NaN': () => c.clusters({ k: 1, iterations: Number.NaN }),
      'iterations -1': () => c.clusters({ k: 1, iterations: -1 }),
      'iterations 301': () => c.clusters({ k: 1, iterations: 301 }),
      'seed NaN': () => c.clusters({ k: 1, seed: Number.NaN }),
      'seed -1': () => c.clusters({ k: 1, seed: -1 }),
      'seed too large': () => c.clusters({ k: 1, seed: 2 ** 32 }),
      'explain 1': () => c.clusters({ k: 1, explain: any(1) }),
      'deadline NaN': () => c.clusters({ k: 1, deadlineMs: Number.NaN }),
      'signal {}': () => c.clusters({ k: 1, signal: any({}) }),
      'unknown option': () => c.clusters(any({ k: 1, clusters: 2 })),
      'unknown ref': () => c.clusters({ k: 1, asOf: 'nowhere' }),
      'unknown filter': () => c.clusters({ k: 1, filter: any({ n: { $near: 1 } }) }),
      'nothing put yet': () => db.vectors('none', { dims: 4 }).clusters({ k: 1 }),
      'other dims': () => db.vectors('rows', { dims: 5 }).clusters({ k: 1 }),
      bits: () => bits.clusters({ k: 1 }),
      'mmr -0.1': () => c.search(query, { mmr: -0.1 }),
      'mmr 1.1': () => c.search(query, { mmr: 1.1 }),
      'mmr NaN': () => c.search(query, { mmr: Number.NaN }),
      'mmr a string': () => c.search(query, { mmr: any('0.5') }),
      'mmr of too many': () => c.search(query, { mmr: 0.5, k: 201 }),
      'mmr of too large a batch': () => c.searchBatch(new Float32Array(4 * 6000).fill(1), { mmr: 0.5, k: 200 }),
    };
    const failures: Record<string, string> = {};
    for (const [name, call] of Object.entries(calls)) {
      const { code, message } = await kit.failure(async () => call());
      failures[name] = `${code}${message.length > 20 ? '' : ' without a sentence'}`;
    }
    await c.delete(['i1', 'i2', 'i3']);
    failures['all deleted'] = (await kit.failure(c.clusters({ k: 1 }))).message;
    const still = (await c.clusters({ k: 3, asOf: 'HEAD~1' })).ids.length;
    await db.close();
    return { failures, still, closed: (await kit.failure(c.clusters({ k: 1 }))).code };
  });
  const { failures } = seen;
  expect(failures['all deleted']).toMatch(/^AV_INVALID: k is 1, and there are 0 items/);
  const others: Record<string, string> = {
    ...{ 'k above the limit': 'AV_LIMIT', 'unknown ref': 'AV_REF_UNKNOWN', 'unknown filter': 'AV_FILTER' },
    ...{ 'other dims': 'AV_DIM_MISMATCH', 'mmr of too many': 'AV_LIMIT', 'mmr of too large a batch': 'AV_LIMIT' },
    'all deleted': failures['all deleted'] ?? '',
  };
  expect(failures).toEqual(
    Object.fromEntries(Object.keys(failures).map((name) => [name, others[name] ?? 'AV_INVALID'])),
  );
  expect([seen.still, seen.closed]).toEqual([3, 'AV_CLOSED']);
});
