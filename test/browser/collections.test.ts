// Collections of vectors in real Chromium: what a user writes, what stays, what old commits show, and what is refused.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
  // Vectors drawn by a seed, the same in every call.
  await site.page.evaluate(() => {
    const draw = (count: number, dims: number, seed: number) => {
      let state = seed;
      const uniform = () => {
        state = (state * 1664525 + 1013904223) >>> 0;
        return state / 2 ** 32 - 0.5;
      };
      return Float32Array.from({ length: count * dims }, uniform);
    };
    Object.assign(globalThis, { draw });
  });
});
afterAll(() => site.stop());

declare global {
  var draw: (count: number, dims: number, seed: number) => Float32Array;
}

describe('a collection', () => {
  it('finds what was put, keeps what it was given, and forgets nothing when it is opened again', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open('vectors');
      const notes = db.vectors<{ n: number }>('notes', { dims: 8 });
      const none = {
        hits: await notes.search(new Array(8).fill(1)),
        count: await notes.count(),
        info: await notes.info(),
      };
      const vectors = draw(50, 8, 1);
      const row = (i: number) => vectors.slice(i * 8, (i + 1) * 8);
      const first = await notes.put(
        Array.from({ length: 50 }, (_, i) => ({ id: `n${i}`, vector: [...row(i)], meta: { n: i }, text: `note ${i}` })),
        { message: 'first' },
      );
      const again = await notes.put({ id: 'n7', vector: row(7), meta: { n: 7 }, text: 'note 7' });
      const payload = await notes.put({ id: 'n7', vector: row(7), meta: { n: 70 } });
      const gone = await notes.delete(['n1', 'n2', 'nobody']);
      const picture = async (of: typeof db) => {
        const c = of.vectors<{ n: number }>('notes', { dims: 8 });
        const [hit] = await c.search(row(7), { k: 1, includeVector: true });
        return {
          nearest: { id: hit?.id, score: hit?.score.toFixed(4), meta: hit?.meta, text: hit?.text },
          length: Math.hypot(...(hit?.vector ?? [])).toFixed(5),
          counts: [await c.count(), await c.count({ asOf: 'HEAD~2' }), await c.count({ filter: { n: { $lt: 10 } } })],
          before: (await c.search(row(7), { k: 1, asOf: 'HEAD~2' })).map(({ meta, text }) => ({ meta, text })),
          dead: [await c.get('n1'), (await c.get('n1', 'HEAD~2'))?.text],
          listed: (await kit.all(c.list())).length,
          batch: (await c.searchBatch(vectors.slice(0, 24), { k: 2 })).ids.map((ids) => ids.length),
          filtered: (await c.search(row(3), { k: 50, filter: { $or: [{ n: 70 }, { n: { $in: [3, 4] } }] } }))
            .map(({ id }) => id)
            .sort(),
          messages: (await kit.all(of.log())).map(({ message }) => message),
          collections: (await of.collections()).map(({ name, count, dims, metric }) => ({ name, count, dims, metric })),
        };
      };
      const open = await picture(db);
      await db.close();
      const reopened = await kit.AetherV.open('vectors');
      const later = await picture(reopened);
      await reopened.flush();
      await reopened.compact();
      const compacted = await picture(reopened);
      await reopened.close();
      const third = await kit.AetherV.open('vectors');
      const last = await picture(third);
      await third.close();
      const reports = [first, again, payload, gone].map(({ added, updated, unchanged, deleted }) => [
        added,
        updated,
        unchanged,
        deleted,
      ]);
      return {
        none,
        reports,
        open,
        same: [later, compacted, last].map((each) => JSON.stringify(each) === JSON.stringify(open)),
        last,
      };
    });
    expect(seen.none).toEqual({ hits: [], count: 0, info: undefined });
    expect(seen.reports).toEqual([
      [50, 0, 0, 0],
      [0, 0, 1, 0],
      [0, 1, 0, 0],
      [0, 0, 0, 2],
    ]);
    expect(seen.open).toMatchObject({
      nearest: { id: 'n7', score: '1.0000', meta: { n: 70 }, text: undefined },
      length: '1.00000',
      counts: [48, 50, 7],
      before: [{ meta: { n: 7 }, text: 'note 7' }],
      dead: [undefined, 'note 1'],
      listed: 48,
      batch: [2, 2, 2],
      filtered: ['n3', 'n4', 'n7'],
      collections: [{ name: 'notes', count: 48, dims: 8, metric: 'cosine' }],
    });
    expect(seen.same, JSON.stringify([seen.open, seen.last])).toEqual([true, true, true]);
  });

  it('follows branches, restore and merge; what both changed is a conflict', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const things = db.vectors<{ v: string }>('things', { dims: 4, metric: 'l2' });
      const put = (id: string, v: string, x: number) => things.put({ id, vector: [x, 0, 0, 1], meta: { v } });
      await put('both', 'base', 1);
      await put('theirs', 'base', 2);
      await db.branch('side');
      await put('both', 'main', 3);
      await put('mine', 'main', 4);
      await db.checkout('side');
      await put('both', 'side', 5);
      await put('theirs', 'side', 6);
      await things.delete('nothing');
      await db.checkout('main');
      const { conflicts } = await db.merge('side');
      await db.merge('side', { strategy: 'ours' });
      const values = async () =>
        Object.fromEntries((await kit.all(things.list())).map(({ id, meta }) => [id, meta?.v] as const));
      const merged = await values();
      await db.restore('HEAD~3');
      const restored = await values();
      // In memory, too, what is dead is taken out, and what was can be asked for.
      const merges = await db.compact();
      const compacted = [await values(), (await things.search([5, 0, 0, 1], { k: 1, asOf: 'side' }))[0]?.meta.v];
      await db.close();
      return { conflicts, merged, restored, compacted, merges: merges.merged };
    });
    expect(seen.conflicts).toMatchObject([{ id: 'both', collection: 'things', kind: 'field' }]);
    expect(seen.merged).toEqual({ both: 'main', theirs: 'side', mine: 'main' });
    expect(seen.restored).toEqual({ both: 'base', theirs: 'base' });
    expect(seen.merges).toBeGreaterThan(0);
    expect(seen.compacted).toEqual([{ both: 'base', theirs: 'base' }, 'side']);
  });
});

describe('a collection that is dropped', () => {
  it('is gone from every commit and from what is stored, and leaves the others as they are', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open('dropping');
      const secret = db.vectors('secret', { dims: 4 });
      const other = db.vectors('other', { dims: 4 });
      const { commit } = await secret.put({ id: 'needle4711', vector: [1, 2, 3, 4], meta: { of: 'needle4712' } });
      await other.put({ id: 'stays', vector: [1, 2, 3, 4] });
      await db.put(kit.doc(1));
      await db.flush();
      await secret.put({ id: 'needle4713', vector: [4, 3, 2, 1] });
      await secret.drop();
      const again = await kit.failure(secret.drop());
      const left = {
        count: await secret.count(),
        earlier: await secret.count({ asOf: commit }),
        other: (await other.search([1, 2, 3, 4])).map(({ id }) => id),
        commits: (await db.info()).commits,
        names: (await db.collections()).map(({ name }) => name),
      };
      await db.close();
      const reopened = await kit.AetherV.open('dropping');
      const stored = (await reopened.collections()).map(({ name }) => name);
      const kinds = (await kit.keys('dropping', 'seg')).length;
      await reopened.vectors('secret', { dims: 2 }).put({ id: 'new', vector: [1, 2] });
      const fresh = await reopened.vectors('secret', { dims: 2 }).count();
      await reopened.close();
      return { again: again.code, left, stored, kinds, fresh };
    });
    expect(seen).toMatchObject({
      again: 'AV_NOT_FOUND',
      left: { count: 0, earlier: 0, other: ['stays'], commits: 4, names: ['other'] },
      stored: ['other'],
      fresh: 1,
    });
  });
});

describe('a bulk put', () => {
  it('builds a graph beside the engine, says how far it is, and is searched like a scan', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open('bulk');
      const dims = 32;
      const count = 24_000;
      const vectors = draw(count, dims, 3);
      const big = db.vectors<{ n: number }>('big', { dims });
      const ids = Array.from({ length: count }, (_, i) => `v${i}`);
      const phases = new Map<string, number>();
      const report = await big.putColumns(
        { ids, vectors, meta: ids.map((_, n) => ({ n })) },
        { onProgress: ({ phase, done }) => phases.set(phase, done) },
      );
      const info = await big.info();
      const queries = draw(50, dims, 5);
      const recall = async (of: typeof big) => {
        const [near, exact] = [
          await of.searchBatch(queries, { ef: 200 }),
          await of.searchBatch(queries, { exact: true }),
        ];
        const found = near.ids.map((list, i) => list.filter((id) => exact.ids[i]?.includes(id)).length);
        return found.reduce((a, b) => a + b) / (50 * 10);
      };
      const first = await recall(big);
      const [why] = await big.search(queries.slice(0, dims), { k: 5, explain: true });
      const few = await big.search(queries.slice(0, dims), { k: 5, filter: { n: { $lt: 4 } }, explain: true });
      // An aborted one leaves nothing behind.
      const stop = new AbortController();
      const aborted = await kit.failure(
        db.vectors('never', { dims }).putColumns(
          { ids, vectors },
          {
            signal: stop.signal,
            onProgress: ({ phase, done }) => phase === 'index' && done > 500 && stop.abort(),
          },
        ),
      );
      const after = {
        collections: (await db.collections()).map(({ name }) => name),
        commits: (await db.info()).commits,
      };
      await big.put(
        Array.from({ length: 300 }, (_, i) => ({ id: `v${i}`, vector: draw(1, dims, 100 + i), meta: { n: i } })),
      );
      await big.delete(Array.from({ length: 300 }, (_, i) => `v${1000 + i}`));
      await db.compact();
      const compacted = { recall: await recall(big), info: await big.info() };
      await db.close();
      const reopened = await kit.AetherV.open('bulk');
      const again = reopened.vectors<{ n: number }>('big', { dims });
      const reopenedRecall = await recall(again);
      const old = await again.count({ asOf: report.commit });
      await reopened.close();
      return {
        phases: [...phases.keys()],
        report,
        info,
        first,
        why: why?.why,
        few,
        aborted,
        after,
        compacted,
        reopenedRecall,
        old,
      };
    });
    expect(seen.phases).toEqual(expect.arrayContaining(['prepare', 'index', 'write']));
    expect(seen.report).toMatchObject({ added: 24_000, updated: 0 });
    expect(seen.info).toMatchObject({ used: 'hnsw', count: 24_000, index: 'auto' });
    expect(seen.first).toBeGreaterThan(0.95);
    expect(seen.why).toMatchObject({ strategy: 'graph', exact: false, matches: 24_000 });
    expect(seen.few.map(({ meta }) => meta.n).sort()).toEqual([0, 1, 2, 3]);
    expect(seen.few[0]?.why).toMatchObject({ exact: true, matches: 4 });
    expect(seen.aborted.code).toBe('AV_ABORTED');
    expect(seen.after).toEqual({ collections: ['big'], commits: 1 });
    expect(seen.compacted.info).toMatchObject({ used: 'hnsw', count: 23_700 });
    expect(seen.compacted.recall).toBeGreaterThan(0.95);
    expect(seen.reopenedRecall).toBe(seen.compacted.recall);
    expect(seen.old).toBe(24_000);
  }, 120_000);
});

describe('an engine that is killed while a graph is built', () => {
  it('changes nothing, and the worker that builds goes with it', async () => {
    const page = await site.tab();
    const seen = await page.evaluate(async () => {
      const [dims, count] = [64, 24_000];
      const db = await kit.AetherV.open('killed-in-build');
      const items = db.vectors('items', { dims });
      await items.put({ id: 'first', vector: new Array(dims).fill(1) });
      const engine = kit.workers.at(-1);
      const failed = await kit.failure(
        items.putColumns(
          {
            ids: Array.from({ length: count }, (_, i) => `v${i}`),
            vectors: Float32Array.from({ length: count * dims }, (_, i) => Math.sin(i * i)),
          },
          { onProgress: ({ phase, done }) => phase === 'index' && done > 0 && engine?.terminate() },
        ),
      );
      return { code: failed.code, left: await items.count(), started: kit.workers.length };
    });
    expect(seen).toEqual({ code: 'AV_OUTCOME_UNKNOWN', left: 1, started: 3 });
    // The engine that was started anew.
    await expect
      .poll(() => page.workers().map((worker) => worker.url().split('/').pop()))
      .toEqual(['engine.worker.js']);
    await page.close();
  });
});
