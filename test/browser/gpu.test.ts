// Batches on the GPU, in real Chromium on its software adapter: the hits of a scan, whatever the shape, the view or the filter, and whatever is
// written meanwhile; which plane answers, and why.
import type { BatchHits } from 'aetherv';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
  await site.page.evaluate(() => {
    let seed = 7;
    const uniform = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32 - 0.5;
    };
    const drawn = (count: number) => Float32Array.from({ length: count }, uniform);
    const plainly = ({ ids, scores }: BatchHits) => JSON.stringify([ids, [...scores]]);
    Object.assign(globalThis, { drawn, plainly });
  });
});
afterAll(() => site.stop());

declare global {
  var drawn: (count: number) => Float32Array;
  var plainly: (hits: BatchHits) => string;
}

it('gives the hits of a scan, bit for bit, in every view and filter, while others write', async () => {
  const seen = await site.page.evaluate(async () => {
    const open = (gpu: 'force' | 'off') => kit.AetherV.open(undefined, { gpu });
    const [gpu, cpu] = [await open('force'), await open('off')];
    const shapes = [
      { dims: 8, rows: 50, queries: 3, k: 5, metric: 'cosine' },
      { dims: 30, rows: 1000, queries: 65, k: 10, metric: 'dot' },
      { dims: 384, rows: 3000, queries: 16, k: 40, metric: 'l2' },
      { dims: 7, rows: 9000, queries: 2, k: 200, metric: 'cosine' },
      { dims: 16, rows: 40, queries: 2, k: 100, metric: 'l2' },
    ] as const;
    const same: boolean[] = [];
    const why: unknown[] = [];
    for (const { dims, rows, queries, k, metric } of shapes) {
      const columns = {
        ids: Array.from({ length: rows }, (_, i) => `i${i}`),
        vectors: drawn(rows * dims),
        meta: Array.from({ length: rows }, (_, n) => ({ n: n % 5 })),
      };
      const asked = drawn(queries * dims);
      const later = drawn(dims);
      const answers: BatchHits[][] = [];
      for (const db of [gpu, cpu]) {
        const c = db.vectors(`${metric} ${dims}`, { dims, metric });
        await c.putColumns(columns);
        await c.delete(['i3', 'i4']);
        const before = (await db.info()).head?.commit;
        const options = { k, explain: true, exact: true };
        const found = [
          await c.searchBatch(asked, options),
          await c.searchBatch(asked, { ...options, filter: { n: { $lt: 2 } } }),
          await c.searchBatch(asked, { ...options, asOf: 'HEAD~1' }),
        ];
        const during = c.searchBatch(asked, { ...options, asOf: before });
        await Promise.all([c.put({ id: 'i5', vector: later }), c.delete('i6'), db.flush(), db.compact()]);
        found.push(await during, await c.searchBatch(asked, options));
        answers.push(found);
      }
      const [there = [], here = []] = answers;
      same.push(...there.map((hits, i) => here[i] !== undefined && plainly(hits) === plainly(here[i])));
      why.push(...there.map((hits) => hits.why), here[0]?.why);
    }
    const { gpu: info } = await gpu.info();
    const capable = gpu.capabilities().gpu;
    await Promise.all([gpu.close(), cpu.close()]);
    return { same, why, info, capable };
  });
  expect(seen.same).toEqual(seen.same.map(() => true));
  for (const [i, why] of seen.why.entries())
    expect(why).toMatchObject(i % 6 < 5 ? { path: 'gpu', scanned: 0 } : { path: 'cpu', why: "gpu is 'off'" });
  expect(seen.info).toMatchObject({
    mode: 'force',
    software: true,
    state: 'ready',
    batches: 25,
    faults: {},
    reacquired: 0,
  });
  expect(seen.info.adapter).toMatch(/swiftshader/);
  expect(seen.capable.adapter).toMatch(/swiftshader/);
  // Nothing that it was given is kept twice: rows of memtables that were flushed and segments that were merged may lie there beside the new ones.
  expect(seen.info.bytes).toBeGreaterThanOrEqual(seen.info.rows * 16);
});

it('`auto` never sends a batch to a software adapter, and says why; `off` does not look for one', async () => {
  const seen = await site.page.evaluate(async () => {
    const out: unknown[] = [];
    for (const gpu of ['auto', 'off', undefined] as const) {
      const db = await kit.AetherV.open(undefined, { gpu });
      const c = db.vectors('rows', { dims: 384 });
      await c.putColumns({ ids: Array.from({ length: 4000 }, (_, i) => `i${i}`), vectors: drawn(4000 * 384) });
      const asked = drawn(700 * 384);
      const batches = [await c.searchBatch(asked, { explain: true })];
      if (gpu !== 'off') await kit.until(async () => (await db.info()).gpu.state === 'unavailable');
      batches.push(await c.searchBatch(asked, { explain: true }));
      out.push({ why: batches.map(({ why }) => why), info: (await db.info()).gpu });
      await db.close();
    }
    return out;
  });
  for (const one of [seen[0], seen[2]])
    expect(one).toMatchObject({
      info: { software: true, batches: 0, pipelines: 0 },
      why: [{ path: 'cpu' }, { path: 'cpu', why: expect.stringMatching(/software/) }],
    });
  expect(seen[1]).toMatchObject({ info: { adapter: undefined, batches: 0 }, why: [{ path: 'cpu' }, { path: 'cpu' }] });
});

it('a mode that is none is refused; a k above the largest tier is answered by the CPU; a collection dropped meanwhile fails with a code', async () => {
  const seen = await site.page.evaluate(async () => {
    const odd = await kit.failure(kit.AetherV.open(undefined, { gpu: 'yes' as 'auto' }));
    const db = await kit.AetherV.open(undefined, { gpu: 'force' });
    const c = db.vectors('rows', { dims: 4 });
    await c.putColumns({ ids: Array.from({ length: 400 }, (_, i) => `i${i}`), vectors: drawn(1600) });
    const large = await c.searchBatch(drawn(8), { k: 300, explain: true });
    const asked = drawn(4 * 200);
    const [batch, drop] = await Promise.all([kit.failure(c.searchBatch(asked)), kit.failure(c.drop())]);
    const none = await c.searchBatch(drawn(4), { k: 2 });
    await db.close();
    return {
      odd: odd.code,
      large: { why: large.why, hits: large.ids.map((ids) => ids.length) },
      batch,
      drop,
      none: none.ids,
    };
  });
  expect(seen.odd).toBe('AV_INVALID');
  expect(seen.large).toEqual({
    hits: [300, 300],
    why: { path: 'cpu', why: expect.stringContaining('224'), proved: 0, scanned: 0 },
  });
  expect(['none', 'AV_NOT_FOUND']).toContain(seen.batch.code);
  expect(seen.drop.code).toBe('none');
  expect(seen.none).toEqual([[]]);
});
