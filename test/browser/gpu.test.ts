// Batches on the GPU, in real Chromium on its software adapter: the hits of a scan, whatever the shape, the view or the filter.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BatchHits, BatchWhy } from 'aetherv';
import { Site } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

describe("gpu: 'force'", () => {
  it('gives the hits of a scan, bit for bit', async () => {
    const seen = await site.page.evaluate(async () => {
      let seed = 7;
      const draw = (count: number) =>
        Float32Array.from({ length: count }, () => {
          seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
          return seed / 2 ** 32 - 0.5;
        });
      const [gpu, cpu] = [
        await kit.AetherV.open(undefined, { gpu: 'force' }),
        await kit.AetherV.open(undefined, { gpu: 'off' }),
      ];
      const shapes = [
        { dims: 8, rows: 50, queries: 3, k: 5, metric: 'cosine' },
        { dims: 30, rows: 1000, queries: 65, k: 10, metric: 'dot' },
        { dims: 384, rows: 3000, queries: 16, k: 40, metric: 'l2' },
        { dims: 7, rows: 9000, queries: 2, k: 300, metric: 'cosine' },
      ] as const;
      const out: { same: boolean; why: (BatchWhy | undefined)[] | undefined; cpu: BatchWhy | undefined }[] = [];
      for (const { dims, rows, queries, k, metric } of shapes) {
        const vectors = draw(rows * dims);
        const ids = Array.from({ length: rows }, (_, i) => `i${i}`);
        const meta = ids.map((_, n) => ({ n: n % 5 }));
        const asked = draw(queries * dims);
        const answers: BatchHits[][] = [];
        for (const db of [gpu, cpu]) {
          const c = db.vectors(`${metric} ${dims}`, { dims, metric });
          await c.putColumns({ ids, vectors, meta });
          await c.delete(['i3', 'i4']);
          const options = { k, explain: true, exact: true };
          const all = await c.searchBatch(asked, options);
          const some = await c.searchBatch(asked, { ...options, filter: { n: { $lt: 2 } } });
          const before = await c.searchBatch(asked, { ...options, asOf: 'HEAD~1' });
          answers.push([all, some, before]);
        }
        const [there, here] = answers;
        const plain = (found: typeof there) => JSON.stringify(found?.map(({ ids, scores }) => [ids, [...scores]]));
        out.push({ same: plain(there) === plain(here), why: there?.map(({ why }) => why), cpu: here?.[0]?.why });
      }
      const info = (await gpu.info()).gpu;
      await gpu.close();
      await cpu.close();
      return { out, info };
    });
    console.log(JSON.stringify(seen, null, 1));
    for (const { same, why, cpu } of seen.out) {
      expect(same).toBe(true);
      for (const one of why ?? []) expect(one).toMatchObject({ path: 'gpu' });
      expect(cpu).toMatchObject({ path: 'cpu' });
    }
  });
});
