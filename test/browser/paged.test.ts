// Vectors that are not in memory, in real Chromium: kept as files, read in parts, the same answers as with all in memory.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
const ROWS = 7000;
const DIMS = 192;

beforeAll(async () => {
  site = await Site.start();
  await site.page.evaluate(
    async ([rows, dims]) => {
      let seed = 7;
      const random = (): number => {
        seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
        return seed / 2 ** 31 - 1;
      };
      const vectors = (count: number): Float32Array => Float32Array.from({ length: count * dims }, random);
      const columns = (from: number, count: number) => ({
        ids: Array.from({ length: count }, (_, i) => `v${from + i}`),
        vectors: vectors(count),
        meta: Array.from({ length: count }, (_, i) => ({ n: i % 5 })),
      });
      const queries = vectors(20);
      /** What a few questions are answered with, and what was read for it. */
      const answers = async (db: Awaited<ReturnType<typeof kit.AetherV.open>>, name = 'rows') => {
        const things = db.vectors(name, { dims, metric: 'l2', index: 'hnsw' });
        const out: unknown[] = [];
        let bytes = 0;
        for (let i = 0; i < 20; i++) {
          const query = queries.slice(i * dims, (i + 1) * dims);
          const filter = i % 3 === 0 ? { n: 2 } : undefined;
          const asked = { k: 12, exact: i % 4 === 0, filter, includeVector: true, explain: true };
          const hits = await things.search(query, asked);
          bytes += hits[0]?.why?.bytesRead ?? 0;
          out.push(hits.map(({ why: _, vector, ...hit }) => ({ ...hit, vector: vector?.join() })));
        }
        const batch = await things.searchBatch(queries, { k: 7 });
        out.push(batch.ids, [...batch.scores], (await things.get('v99'))?.vector.join());
        return { out: JSON.stringify(out), bytes };
      };
      Object.assign(globalThis, { columns, answers });
      const db = await kit.AetherV.open('paged');
      await db.vectors('rows', { dims, metric: 'l2', index: 'hnsw' }).putColumns(columns(0, rows));
      await db.compact();
      await db.close();
    },
    [ROWS, DIMS] as const,
  );
});
afterAll(() => site.stop());

/** See above. */
declare global {
  var columns: (from: number, count: number) => { ids: string[]; vectors: Float32Array; meta: { n: number }[] };
  var answers: (
    db: Awaited<ReturnType<typeof kit.AetherV.open>>,
    name?: string,
  ) => Promise<{ out: string; bytes: number }>;
}

describe('a collection larger than its memory', () => {
  it('lies in files, and answers bit for bit as one that fits', async () => {
    const seen = await site.page.evaluate(async (dims) => {
      const looked: { out: string; bytes: number; info: unknown; again: number }[] = [];
      for (const memoryBudgetBytes of [undefined, 0, 3_000_000]) {
        const db = await kit.AetherV.open('paged', { memoryBudgetBytes });
        const first = await answers(db);
        const things = db.vectors('rows', { dims, metric: 'l2', index: 'hnsw' });
        if (memoryBudgetBytes === undefined)
          await kit.until(async () => {
            const info = await things.info();
            return info && info.residentVectorBytes === info.vectorBytes;
          });
        const { vectorBytes, residentVectorBytes } = (await things.info()) ?? {};
        looked.push({ ...first, info: [vectorBytes, residentVectorBytes], again: (await answers(db)).bytes });
        await db.close();
      }
      const values: string[] = [];
      for (const key of await kit.keys('paged', 'seg')) {
        const value = await kit.raw<Uint8Array | Blob>('paged', 'seg', 'readonly', (store) => store.get(key));
        values.push(value instanceof Blob ? 'file' : 'bytes');
      }
      return { looked, values };
    }, DIMS);
    const [whole, none, some] = seen.looked;
    expect(whole?.info).toEqual([ROWS * DIMS * 4, ROWS * DIMS * 4]);
    expect(whole?.again).toBe(0);
    expect(none?.out).toBe(whole?.out);
    expect(none?.info).toEqual([ROWS * DIMS * 4, 0]);
    expect(none?.again).toBe(none?.bytes);
    expect(some?.out).toBe(whole?.out);
    expect(some?.again).toBeGreaterThan(0);
    expect(seen.values).toContain('file');
  });

  it('is scored by the GPU once its vectors are all in memory, and by the engine until then', async () => {
    const seen = await site.page.evaluate(async (dims) => {
      const looked: { paths: (string | undefined)[]; why: string | undefined; out: string }[] = [];
      for (const memoryBudgetBytes of [undefined, 0]) {
        const db = await kit.AetherV.open('paged', { memoryBudgetBytes, gpu: 'force' });
        const things = db.vectors('rows', { dims, metric: 'l2', index: 'hnsw' });
        const queries = Float32Array.from({ length: 9 * dims }, (_, i) => Math.sin(i * i));
        const ask = () => things.searchBatch(queries, { k: 7, exact: true, explain: true });
        const paths = [(await ask()).why?.path];
        if (memoryBudgetBytes === undefined)
          await kit.until(async () => {
            const info = await things.info();
            return info && info.residentVectorBytes === info.vectorBytes;
          });
        const { ids, scores, why } = await ask();
        paths.push(why?.path);
        const near: unknown[] = [];
        for await (const item of things.neighbours({ k: 1, exact: true })) if (near.push(item) === 50) break;
        const { recall } = (await things.info({ recall: 5 })) ?? {};
        const { queries: asked, recall: share } = recall ?? {};
        looked.push({ paths, why: why?.why, out: JSON.stringify([ids, [...scores], near, asked, share]) });
        await db.close();
      }
      return looked;
    }, DIMS);
    const [whole, none] = seen;
    expect(whole?.paths.at(-1)).toBe('gpu');
    expect(none).toMatchObject({ paths: ['cpu', 'cpu'], why: 'not all of the rows are in memory' });
    expect(none?.out).toBe(whole?.out);
  });

  it('is read by another tab while this one replaces what that one reads', async () => {
    const other = await site.tab();
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open('paged');
      Object.assign(globalThis, { db });
      return (await answers(db)).out;
    });
    await other.evaluate(async () => {
      Object.assign(globalThis, { db: await kit.AetherV.open('paged', { memoryBudgetBytes: 0 }) });
    });
    const ids = (async () => {
      const found: string[] = [];
      for (let i = 0; i < 40; i++)
        found.push(
          await other.evaluate(async (dims) => {
            const { db } = globalThis as unknown as { db: Awaited<ReturnType<typeof kit.AetherV.open>> };
            const query = Float32Array.from({ length: dims }, (_, i) => Math.sin(i));
            const hits = await db.vectors('rows', { dims, metric: 'l2', index: 'hnsw' }).search(query, { exact: true });
            return hits.map(({ id }) => id).join();
          }, DIMS),
        );
      return new Set(found).size;
    })();
    const after = await site.page.evaluate(async (dims) => {
      const { db } = globalThis as unknown as { db: Awaited<ReturnType<typeof kit.AetherV.open>> };
      const things = db.vectors('rows', { dims, metric: 'l2', index: 'hnsw' });
      const far = Float32Array.from({ length: 600 * dims }, () => 50);
      await things.putColumns({ ids: Array.from({ length: 600 }, (_, i) => `far${i}`), vectors: far });
      await db.compact();
      await things.delete(Array.from({ length: 600 }, (_, i) => `far${i}`));
      await db.compact();
      const { out } = await answers(db);
      await db.close();
      return out;
    }, DIMS);
    expect(await ids).toBe(1);
    expect(after).toBe(seen);
    await other.close();
  });

  it('lies in values of bytes where the browser keeps no files', async () => {
    const seen = await site.page.evaluate(
      async ([rows, dims]) => {
        const assets = { workerUrl: new URL('no-files.js', location.href).href };
        const db = await kit.AetherV.open('no files', { assets });
        await db.vectors('rows', { dims, metric: 'l2', index: 'hnsw' }).putColumns(columns(0, rows));
        // More than a MiB of them, which would be files too.
        const meta = Array.from({ length: rows }, (_, i) => ({ of: `kzwqpvxjmbtd${'.'.repeat(200)}${i}` }));
        await db.vectors('texts', { dims, index: 'flat' }).putColumns({ ...columns(0, rows), meta });
        await db.compact();
        const whole = (await answers(db)).out;
        await db.close();
        const again = await kit.AetherV.open('no files', { memoryBudgetBytes: 0 });
        const paged = await answers(again);
        const one = (await again.vectors('texts', { dims, index: 'flat' }).get('v17'))?.meta;
        await again.close();
        const keys = await kit.keys('no files', 'seg');
        const values = await Promise.all(
          keys.map((key) => kit.raw<unknown>('no files', 'seg', 'readonly', (store) => store.get(key))),
        );
        const decoder = new TextDecoder('latin1');
        const isPlain = (value: unknown) => decoder.decode(value as Uint8Array).includes('kzwqpvxjmbtd');
        return {
          same: paged.out === whole,
          bytes: paged.bytes,
          files: values.filter((v) => v instanceof Blob).length,
          plain: values.filter(isPlain).length,
          one,
        };
      },
      [ROWS, DIMS] as const,
    );
    expect(seen.same).toBe(true);
    expect(seen.bytes).toBeGreaterThan(0);
    expect(seen.files).toBe(0);
    // Nor in the clear, where the browser's log would keep them.
    expect(seen.plain).toBe(0);
    expect(seen.one).toMatchObject({ of: expect.stringContaining('kzwqpvxjmbtd') });
  });
});

describe('a file that is damaged', () => {
  it.each([
    ['in its last row', 'end'],
    ['in its head', 'head'],
    ['in its codes', 'codes'],
    ['cut short', 'cut'],
    ['not there', 'gone'],
  ] as const)('%s: AV_CORRUPT for the reads that need it, and nothing hangs', async (_what, how) => {
    const seen = await site.page.evaluate(
      async ([how, dims]) => {
        const keys = await kit.keys('paged', 'seg');
        let at: IDBValidKey | undefined;
        for (const key of keys) {
          const value = await kit.raw<unknown>('paged', 'seg', 'readonly', (store) => store.get(key));
          if (value instanceof Blob) at = key;
        }
        if (at === undefined) throw new Error('no file');
        const key = at;
        const whole = await kit.raw<Blob>('paged', 'seg', 'readonly', (store) => store.get(key));
        const good = new Uint8Array(await whole.arrayBuffer());
        const bad = how === 'cut' ? good.slice(0, good.length - 1) : good.slice();
        const flipped = { end: bad.length - 5, head: 30_000, codes: 200_000, cut: 0, gone: 0 }[how];
        if (flipped > 0) bad[flipped] = (bad[flipped] ?? 0) ^ 2;
        await kit.raw('paged', 'seg', 'readwrite', (store) =>
          how === 'gone'
            ? store.delete(key)
            : (store.put(new Blob([bad]), key) as IDBRequest<unknown> as IDBRequest<undefined>),
        );
        const db = await kit.AetherV.open('paged', { memoryBudgetBytes: 0 });
        const things = db.vectors('rows', { dims, metric: 'l2', index: 'hnsw' });
        const codes = [
          (await kit.failure(kit.all(things.list()))).code,
          (await kit.failure(answers(db))).code,
          (await kit.failure(things.get('v1'))).code,
        ];
        await db.close();
        await kit.raw('paged', 'seg', 'readwrite', (store) => store.put(new Blob([good]), key));
        const mended = await kit.AetherV.open('paged', { memoryBudgetBytes: 0 });
        codes.push((await kit.failure(answers(mended))).code);
        await mended.close();
        return codes;
      },
      [how, DIMS] as const,
    );
    const [listed, asked, one, mended] = seen;
    // A list takes no codes, a search may do without the last row.
    expect(listed).toBe(how === 'codes' ? 'none' : 'AV_CORRUPT');
    if (how !== 'end') expect(asked).toBe('AV_CORRUPT');
    // A row whose page is right is read, whatever lies beside it.
    expect(one).toBe(['end', 'cut', 'codes'].includes(how) ? 'none' : 'AV_CORRUPT');
    expect(mended).toBe('none');
  });
});

describe('bad budgets', () => {
  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1000', {}, null])('%j: AV_INVALID', async (value) => {
    const budget = value === null ? 'null' : typeof value === 'number' ? String(value) : JSON.stringify(value);
    const { code, message } = await site.page.evaluate(async (budget) => {
      const memoryBudgetBytes = (
        budget === 'NaN' ? Number.NaN : budget === 'Infinity' ? 1 / 0 : JSON.parse(budget)
      ) as number;
      return kit.failure(kit.AetherV.open('budgets', { memoryBudgetBytes }));
    }, budget);
    expect(code).toBe('AV_INVALID');
    expect(message).toContain('memoryBudgetBytes');
  });
});
