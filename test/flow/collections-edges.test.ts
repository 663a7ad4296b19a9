// Collections at their edges: reads that cross, ids of odd signs, vectors that cannot be compared, a drop in between.

import { beforeAll, expect, it } from 'vitest';
import { setRetention } from '../../src/change/refs.ts';
import { gc } from '../../src/engine/upkeep.ts';
import type { CollectionDef, ItemBatch } from '../../src/model/vectors.ts';
import { collectionInfo, getItem, listItems, searchItems, searchItemsBatch } from '../../src/retrieve/items.ts';
import { compactItems } from '../../src/upkeep/compact-items.ts';
import { dropCollection } from '../../src/upkeep/drop.ts';
import { Database } from '../kit/database.ts';
import { codeOf } from '../kit/code.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';

beforeAll(startEngine);

const def = (name: string, rest: Partial<CollectionDef> = {}) =>
  ({ name, dims: 2, metric: 'l2', index: 'auto', m: 0, efConstruction: 0, ...rest }) as const;
const batch = (ids: string[], vectors: number[]): ItemBatch => ({ ids, vectors: Float32Array.from(vectors) });

it('reads of many views at once, over a collection that none has opened, each see their own', async () => {
  const commits = 40;
  const first = await Database.open(new Disk());
  for (let i = 0; i < commits; i++) await first.putItems(def('c'), [batch([`x${i}`], [i, 0])]);
  const { state } = await first.reopen();
  const back = Array.from({ length: commits }, (_, i) => i);
  const probe = Float32Array.of(0, 0);
  const counts = await Promise.all(
    back.map(async (n) => {
      const ask = { k: 100, ef: 100, asOf: `HEAD~${n}` };
      const [{ items }, hits, many] = await Promise.all([
        listItems(state, 'c', 0, 100, ask.asOf),
        searchItems(state, def('c'), probe, ask),
        searchItemsBatch(state, def('c'), probe, ask),
      ]);
      return [items.length, hits.ids.length, many.ids[0]?.length];
    }),
  );
  expect(counts).toEqual(back.map((n) => [commits - n, commits - n, commits - n]));
});

it('ids and texts come back sign by sign', async () => {
  const db = await Database.open(new Disk());
  const ids = ['\uFEFFa', 'a', '\u0000', 'e\u0301', '\u00E9', '👩‍👩‍👧', '\u202Ex', '__proto__', 'x\uFEFF'];
  await db.putItems(def('c'), [
    {
      ...batch(
        ids,
        ids.flatMap((_, i) => [i, 1]),
      ),
      texts: ids,
    },
  ]);
  const { items } = await listItems(db.state, 'c', 0, 100, undefined);
  expect(items.map(({ id, text }) => [id, text])).toEqual(ids.map((id) => [id, id]));
  expect((await getItem(db.state, 'c', '\uFEFFa', undefined))?.id).toBe('\uFEFFa');
  const { ids: found } = await searchItems(db.state, def('c'), Float32Array.of(0, 1), { k: 2, ef: 10 });
  expect(found).toEqual(['\uFEFFa', 'a']);
});

it('refuses vectors whose distances no float holds, and changes nothing', async () => {
  const db = await Database.open(new Disk());
  for (const metric of ['dot', 'l2'] as const) {
    const of = def(metric, { metric });
    await expect(db.putItems(of, [batch(['a'], [3e38, -3e38])])).rejects.toMatchObject({ code: 'AV_LIMIT' });
    expect(db.state.collections.named(metric)).toBeUndefined();
    await db.putItems(of, [batch(['far', 'near'], [-6e18, 6e18, 1, 1])]);
    const ask = searchItems(db.state, of, Float32Array.of(6e18, -6e18), { k: 2, ef: 10 });
    expect((await ask).ids).toEqual(['near', 'far']);
    const long = searchItems(db.state, of, Float32Array.of(1e19, 0), { k: 2, ef: 10 });
    await expect(long).rejects.toMatchObject({ code: 'AV_LIMIT' });
  }
});

it('what was flushed is let go of, and a put after a large one goes on counting', async () => {
  const db = await Database.open(new Disk());
  const dims = 1024;
  const of = def('c', { dims });
  /** Items whose vectors say which they are. */
  const numbered = (from: number, count: number): ItemBatch =>
    batch(
      Array.from({ length: count }, (_, i) => `${from + i}`),
      Array.from({ length: count * dims }, (_, at) => (at % dims === 0 ? from + Math.floor(at / dims) : 1)),
    );
  await db.putItems(of, [numbered(0, 3)]);
  // Over 4 MiB: to segments first.
  await db.putItems(of, [numbered(10, 1100)]);
  await db.putItems(of, [numbered(5000, 3)]);
  const seen = async ({ state }: Database): Promise<unknown[]> =>
    Promise.all(['0', '10', '1109', '5002'].map(async (id) => (await getItem(state, 'c', id, undefined))?.vector[0]));
  expect(await seen(db)).toEqual([0, 10, 1109, 5002]);
  const again = await db.reopen();
  expect(await seen(again)).toEqual([0, 10, 1109, 5002]);
  await again.flush();
  expect(again.state.collections.memBytes()).toBe(0);
  expect(await seen(again)).toEqual([0, 10, 1109, 5002]);
});

it('what a policy forgets is gone, and what it keeps is as it was', async () => {
  const db = await Database.open(new Disk());
  const of = def('c');
  for (let i = 0; i < 12; i++) await db.putItems(of, [batch(['a', `b${i}`], [i, 0, 0, i])], i > 5 ? [`b${i - 3}`] : []);
  await setRetention(db.state, { keepLast: 3 });
  const ids = async ({ state }: Database, asOf?: string): Promise<string[]> =>
    (await listItems(state, 'c', 0, 100, asOf)).items.map(({ id, vector }) => `${id}:${vector[0]}`).sort();
  const kept = [await ids(db), await ids(db, 'HEAD~1'), await ids(db, 'HEAD~2')];
  await gc(db.state, false, new Set());
  await db.tend();
  for (const one of [db, await db.reopen()]) {
    expect([await ids(one), await ids(one, 'HEAD~1'), await ids(one, 'HEAD~2')]).toEqual(kept);
    await expect(ids(one, 'HEAD~3')).rejects.toMatchObject({ code: 'AV_REF_UNKNOWN' });
    const index = one.state.collections.named('c')?.index;
    // The head's 10, and of the two commits before what they alone show.
    expect(index?.info().items).toBe(new Set(kept.flat()).size);
  }
});

it('a compaction that waited while its collection was dropped finds nothing to do', async () => {
  const db = await Database.open(new Disk());
  await db.putItems(def('c'), [batch(['x'], [1, 1])]);
  const collection = db.state.collections.named('c');
  if (!collection) throw new Error('it was just made');
  const report = await compactItems(db.state, collection, {
    eager: 'now',
    signal: new AbortController().signal,
    pinned: async () => new Set(),
    exclusively: async (run) => {
      if (db.state.collections.named('c')) await dropCollection(db.state, 'c');
      return run();
    },
  });
  expect(report).toBeUndefined();
});

/** A collection that none has opened, its vectors to be read in parts. */
async function unopened(): Promise<Database> {
  const db = await Database.open(new Disk());
  await db.putItems(def('c', { index: 'hnsw' }), [batch(['a', 'b', 'c'], [1, 0, 2, 0, 3, 0])]);
  await db.flush();
  return db.reopen({ memory: { budgetBytes: 0, pagedFromBytes: 0 } });
}
const ask = { k: 3, ef: 10 };

it.each([
  ['', false],
  [', and another have its ordinal', true],
])('a collection may be dropped while it is opened%s', async (_what, isReused) => {
  const db = await unopened();
  const { state, store } = db;
  const old = state.collections.named('c');
  let go = (): void => undefined;
  store.hold = new Promise<void>((resolve) => {
    go = resolve;
  });
  const query = Float32Array.of(1, 1);
  const reads = [
    searchItems(state, def('c'), query, ask),
    searchItemsBatch(state, def('c'), query, ask),
    listItems(state, 'c', 0, 10, undefined),
    collectionInfo(state, 'c'),
  ].map(codeOf);
  await new Promise((resolve) => setTimeout(resolve, 10));
  await dropCollection(state, 'c');
  const other = def('other', { dims: 3 });
  const put = async (): Promise<void> => {
    await db.putItems(other, [batch(['x'], [1, 2, 3])]);
    await db.flush();
  };
  if (isReused) {
    await put();
    // What was being read is deleted.
    store.failReads = 1;
  }
  go();
  store.hold = undefined;
  expect(await Promise.all(reads)).toEqual(['AV_NOT_FOUND', 'AV_NOT_FOUND', 'AV_NOT_FOUND', 'AV_NOT_FOUND']);
  // Nobody would ever free it.
  expect(old?.index).toBeUndefined();
  if (!isReused) await put();
  expect(state.collections.named('other')?.def.ordinal).toBe(old?.def.ordinal);
  const look = async ({ state }: Database): Promise<unknown> => {
    const { ids } = await searchItems(state, other, Float32Array.of(1, 0, 0), ask);
    return [ids, (await listItems(state, 'other', 0, 10, 'HEAD~1')).items];
  };
  expect(await look(db)).toEqual([['x'], []]);
  expect(await look(await db.reopen())).toEqual([['x'], []]);
});

it('a drop that fails leaves the collection to be opened and read as before', async () => {
  const { state, store } = await unopened();
  store.fault = { at: 1, how: 'refuse' };
  expect(await codeOf(dropCollection(state, 'c'))).toBe('AV_QUOTA');
  expect((await searchItems(state, def('c'), Float32Array.of(0, 0), ask)).ids).toEqual(['a', 'b', 'c']);
});
