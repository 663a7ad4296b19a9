// Batches on the GPU, in real Chromium on its software adapter: the hits of a scan, whatever the shape, the view or the filter, and whatever is
// written meanwhile; which plane answers, and why.
import type { BatchHits, Metrics, Neighbours, RecallInfo } from 'aetherv';
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
    // The last but two fits at full precision, the next at half precision alone, the last as codes alone.
    const open = (gpu: 'force' | 'off') => kit.AetherV.open(undefined, { gpu, gpuBytesMax: 4_700_000 });
    const [gpu, cpu] = [await open('force'), await open('off')];
    const shapes = [
      { dims: 8, rows: 50, queries: 3, k: 5, metric: 'cosine' },
      { dims: 30, rows: 1000, queries: 65, k: 10, metric: 'dot' },
      { dims: 7, rows: 9000, queries: 2, k: 200, metric: 'cosine' },
      { dims: 16, rows: 40, queries: 2, k: 100, metric: 'l2' },
      { dims: 384, rows: 3000, queries: 16, k: 40, metric: 'l2' },
      { dims: 383, rows: 3300, queries: 5, k: 200, metric: 'cosine' },
      { dims: 383, rows: 3300, queries: 70, k: 10, metric: 'dot' },
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
    const metrics = [await gpu.metrics(), await cpu.metrics()];
    await Promise.all([gpu.close(), cpu.close()]);
    return { same, why, info, capable, metrics };
  });
  expect(seen.same).toEqual(seen.same.map(() => true));
  for (const [i, why] of seen.why.entries())
    expect(why).toMatchObject(i % 6 < 5 ? { path: 'gpu', scanned: 0 } : { path: 'cpu', why: "gpu is 'off'" });
  for (const rows of [/as codes/, /at half precision/])
    expect(seen.why.filter((why) => rows.test(JSON.stringify(why)))).toHaveLength(5);
  expect(seen.info).toMatchObject({
    mode: 'force',
    software: true,
    state: 'ready',
    uses: ['packed', 'subgroups'],
    batches: 35,
    faults: {},
    reacquired: 0,
  });
  expect(seen.info.adapter).toMatch(/swiftshader/);
  expect(seen.capable.adapter).toMatch(/swiftshader/);
  const [there, here] = seen.metrics as [Metrics, Metrics];
  expect(Object.values(here)).toEqual(Object.keys(there).map(() => 0));
  const { pipelines, rows, bytes } = seen.info;
  expect(Object.entries(there).filter(([, count]) => count > 0)).toEqual([
    ['gpu_batches_total', 35],
    ['gpu_pipelines_compiled_total', pipelines],
    ['gpu_uploads_total', expect.any(Number)],
    ['gpu_uploaded_bytes_total', expect.any(Number)],
    // More came than there is room for.
    ['gpu_evictions_total', expect.any(Number)],
    ['gpu_resident_bytes', bytes],
    ['gpu_resident_rows', rows],
  ]);
  expect(there.gpu_uploaded_bytes_total).toBeGreaterThan(4_700_000);
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

it('measures the recall of a graph against the exact answer, on whichever plane; refuses what it cannot mean, and survives a collection that is dropped', async () => {
  const seen = await site.page.evaluate(async () => {
    const vectors = drawn(2500 * 24);
    const ids = Array.from({ length: 2500 }, (_, i) => `i${i}`);
    const recalls: (RecallInfo | undefined)[] = [];
    const more: Record<string, unknown> = {};
    for (const gpu of ['force', 'off'] as const) {
      const db = await kit.AetherV.open(undefined, { gpu });
      const c = db.vectors('rows', { dims: 24, index: 'hnsw' });
      await c.putColumns({ ids, vectors });
      recalls.push((await c.info({ recall: 200 }))?.recall);
      if (gpu === 'force') {
        more.plain = (await c.info())?.recall;
        more.codes = [
          await kit.failure(c.info({ recall: 0 })),
          await kit.failure(c.info({ recall: 1001 })),
          await kit.failure(kit.AetherV.open(undefined, { gpu: 'yes' as 'auto' })),
        ].map(({ code }) => code);
        const large = await c.searchBatch(drawn(48), { k: 300, explain: true, exact: true });
        more.large = { why: large.why, hits: large.ids.map((hits) => hits.length) };
        const [batch, drop] = await Promise.all([kit.failure(c.searchBatch(drawn(24 * 200))), kit.failure(c.drop())]);
        more.dropped = [batch.code, drop.code, (await c.searchBatch(drawn(24), { k: 2 })).ids];
        // Another of the same shape has the dropped one's number, and none of its rows.
        const others = drawn(2500 * 24);
        const d = db.vectors('others', { dims: 24, index: 'flat' });
        await d.putColumns({ ids, vectors: others });
        const found = await d.searchBatch(others.slice(0, 48), { k: 1, explain: true });
        more.others = [found.ids.flat(), found.why?.path, (await db.info()).gpu.faults];
      }
      await db.close();
    }
    return { recalls, more };
  });
  const [there, here] = seen.recalls;
  expect(there).toMatchObject({ queries: 200, k: 10, ef: 64, why: { path: 'gpu', proved: 200 } });
  expect(here).toMatchObject({ recall: there?.recall, why: { path: 'cpu' } });
  expect(there?.recall).toBeGreaterThan(0.8);
  expect(seen.more).toEqual({
    plain: undefined,
    codes: ['AV_INVALID', 'AV_INVALID', 'AV_INVALID'],
    large: { hits: [300, 300], why: { path: 'cpu', why: expect.stringContaining('224'), proved: 0, scanned: 0 } },
    dropped: [expect.stringMatching(/^(none|AV_NOT_FOUND)$/), 'none', [[]]],
    others: [['i0', 'i1'], 'gpu', {}],
  });
});

it('gives batches over documents the hits of the engine alone, bit for bit, in every view and filter, while others write', async () => {
  const seen = await site.page.evaluate(async () => {
    const open = (gpu: 'force' | 'off') => kit.AetherV.open(undefined, { gpu });
    const [gpu, cpu] = [await open('force'), await open('off')];
    const queries = [
      ...Array.from({ length: 70 }, (_, i) => `a ${i % 3 ? 'ladder' : 'candle'} near the window, only${4 * i}x`),
      ...['', '"leads to"', 'getUserName'],
      drawn(256),
      new Float32Array(256),
      { text: 'ladder', must: 'window' },
    ];
    const asks = [
      {},
      { mode: 'dense', collapse: 'none' },
      { filter: { lang: 'de' }, k: 20 },
      { asOf: 'HEAD~1', collapse: 'document' },
      // But for the vectors among them.
      { mode: 'lexical' },
      { explain: true },
      // More than any tier has room for.
      { k: 300, collapse: 'none' },
    ] as const;
    const answers: string[][] = [];
    const batches: number[] = [];
    for (const db of [gpu, cpu]) {
      await db.put(kit.docs(220));
      await db.flush();
      await db.put(kit.docs(60, 200));
      await db.flush();
      await db.put(kit.docs(10, 40).map((doc) => ({ ...doc, text: `${doc.text}\n\nA ladder.` })));
      const found: string[] = [];
      for (const ask of asks) {
        found.push(JSON.stringify(await db.searchBatch(queries, ask)));
        if (db === gpu) batches.push((await db.info()).gpu.batches);
      }
      const head = (await db.info()).head?.commit;
      const during = db.searchBatch(queries, { asOf: head });
      await Promise.all([db.put(kit.docs(5, 300)), db.delete('notes/0007.md'), db.flush(), db.compact()]);
      const plain = (await during).map((hits) => hits.map(({ interval: _, ...hit }) => hit));
      found.push(JSON.stringify(plain), JSON.stringify(await db.searchBatch(queries)));
      answers.push(found);
    }
    const { gpu: info } = await gpu.info();
    await Promise.all([gpu.close(), cpu.close()]);
    const [there = [], here = []] = answers;
    // Commits differ in their times.
    const bare = (text: string | undefined) => text?.replaceAll(/"system":\[[^\]]*\]/g, '');
    return { same: there.map((hits, i) => bare(hits) === bare(here[i])), batches, info };
  });
  expect(seen.same).toEqual(seen.same.map(() => true));
  expect(seen.batches).toEqual([1, 2, 3, 4, 5, 5, 5]);
  expect(seen.info).toMatchObject({ faults: {}, reacquired: 0 });
  expect(seen.info.rows).toBeGreaterThan(600);
});

interface Seen {
  graph: Neighbours[];
  twins: Neighbours[];
  before: Neighbours[];
  later: string[];
}

it('lists the neighbours of every item, the same on either plane: duplicates, and a graph', async () => {
  const seen = await site.page.evaluate(async () => {
    const dims = 20;
    const vectors = drawn(260 * dims);
    // Pairs that are nearly the same, and one of three that are.
    for (const [copy, of] of [
      [10, 3],
      [250, 249],
      [20, 200],
      [21, 200],
    ] as const)
      for (let d = 0; d < dims; d++)
        vectors[copy * dims + d] = (vectors[of * dims + d] ?? 0) * (copy === 10 ? 1 : 1.0001);
    const ids = Array.from({ length: 260 }, (_, i) => `i${i}`);
    const out: unknown[] = [];
    const codes: string[] = [];
    for (const gpu of ['force', 'off'] as const) {
      const db = await kit.AetherV.open(undefined, { gpu });
      const c = db.vectors('rows', { dims });
      const none = await kit.all(c.neighbours());
      await c.putColumns({ ids, vectors });
      const graph = await kit.all(c.neighbours({ k: 4 }));
      const twins = await kit.all(c.neighbours({ k: 3, minScore: 0.9999 }));
      await c.delete(['i10']);
      const later = (await kit.all(c.neighbours({ k: 1, minScore: 0.9999 }))).map(({ id }) => id);
      const before = await kit.all(c.neighbours({ k: 3, minScore: 0.9999, asOf: 'HEAD~1' }));
      out.push({ none, graph, twins, later, before });
      if (gpu === 'off')
        for (const odd of [
          { k: 0 },
          { k: 1001 },
          { minScore: Number.NaN },
          { exact: 1 as unknown as boolean },
          { near: 1 },
        ])
          codes.push((await kit.failure(async () => kit.all(c.neighbours(odd)))).code);
      await db.close();
    }
    const [there, here] = out.map((one) => JSON.stringify(one));
    return { same: there === here, here: out[1] as Seen, codes };
  });
  expect(seen.same).toBe(true);
  expect(seen.codes).toEqual(seen.codes.map(() => 'AV_INVALID'));
  expect(seen.here.graph).toHaveLength(260);
  for (const { id, near } of seen.here.graph) {
    expect(near).toHaveLength(4);
    expect(near.map((one) => one.id)).not.toContain(id);
    expect(near.map(({ score }) => score)).toEqual(near.map(({ score }) => score).toSorted((a, b) => b - a));
  }
  const pairs = Object.fromEntries(seen.here.twins.map(({ id, near }) => [id, near.map((one) => one.id).sort()]));
  expect(pairs).toEqual({
    ...{ i3: ['i10'], i10: ['i3'], i249: ['i250'], i250: ['i249'] },
    ...{ i20: ['i200', 'i21'], i21: ['i20', 'i200'], i200: ['i20', 'i21'] },
  });
  expect(seen.here.before).toEqual(seen.here.twins);
  expect(seen.here.later).toEqual(['i20', 'i21', 'i200', 'i249', 'i250']);
});
