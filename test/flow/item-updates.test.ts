// Updates of items: what is not given stays, the commit is that of a whole put, and without a vector no index is touched.

import { beforeAll, expect, it } from 'vitest';
import type { Meta } from '../../src/model/document.ts';
import type { ItemBatch } from '../../src/model/vectors.ts';
import { collectionInfo, getItem, searchItems } from '../../src/retrieve/items.ts';
import { makeBranch } from '../../src/change/refs.ts';
import { Database } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';
import { Random, seedOf } from '../kit/random.ts';

beforeAll(startEngine);
const DIMS = 384;
const def = { name: 'c', dims: DIMS, metric: 'cosine', index: 'hnsw', m: 0, efConstruction: 0 } as const;
const PAGED = { budgetBytes: 0, pagedFromBytes: 0 };

interface Whole {
  readonly id: string;
  readonly vector: Float32Array;
  readonly meta: Meta;
  readonly text: string;
}
const vectorOf = (random: Random): Float32Array => Float32Array.from({ length: DIMS }, () => random.signed());

const put = (items: readonly Whole[]): ItemBatch => ({
  ids: items.map(({ id }) => id),
  vectors: Float32Array.from(items.flatMap(({ vector }) => [...vector])),
  metas: items.map(({ meta }) => meta),
  texts: items.map(({ text }) => text),
});
const update = (items: readonly (Pick<Whole, 'id'> & Partial<Whole>)[]): ItemBatch => ({
  ids: items.map(({ id }) => id),
  vectors: Float32Array.from(items.flatMap(({ vector }) => [...(vector ?? new Float32Array(DIMS))])),
  metas: items.map(({ meta }) => meta),
  texts: items.map(({ text }) => text),
  moved: items.map(({ vector }) => vector !== undefined),
});

async function filled(disk = new Disk()): Promise<{ db: Database; items: Map<string, Whole> }> {
  const random = new Random(3);
  const db = await Database.open(disk);
  const all = Array.from({ length: 60 }, (_, i) => ({
    id: `i${i}`,
    vector: vectorOf(random),
    meta: { n: i },
    text: i % 2 ? `text ${i}` : '',
  }));
  await db.putItems(def, [put(all)]);
  await db.tend();
  return { db, items: new Map(all.map((item) => [item.id, item])) };
}

it('a payload alone writes neither vectors nor segments', async () => {
  const { db } = await filled();
  const { disk } = db.store;
  const before = { segments: [...disk.segments.keys()], info: await collectionInfo(db.state, 'c') };
  const appended = disk.appended;
  const report = await db.putItems(def, [update([{ id: 'i7', meta: { n: 70 } }])]);
  expect(report).toMatchObject({ added: 0, updated: 1, unchanged: 0, deleted: 0 });
  // One vector alone has 1,536 bytes.
  expect(disk.appended - appended).toBeLessThan(600);
  expect([...disk.segments.keys()]).toEqual(before.segments);
  expect(await collectionInfo(db.state, 'c')).toMatchObject({
    versions: 61,
    vectors: before.info?.vectors,
    vectorBytes: before.info?.vectorBytes,
    segments: before.info?.segments,
  });
  await db.flush();
  expect(db.state.manifest.segments.filter(({ kind }) => kind === 'item-vectors').length).toBe(1);
  expect(await db.putItems(def, [update([{ id: 'i7', meta: { n: 70 } }, { id: 'i8' }])])).toMatchObject({
    updated: 0,
    unchanged: 2,
  });
});

it('old commits and branches show the payload that they had', async () => {
  const { db, items } = await filled();
  await makeBranch(db.state, 'side', undefined);
  await db.putItems(def, [update([{ id: 'i3', meta: { on: 'main' } }])]);
  db.state.history.checkout = { branch: 'side' };
  await db.putItems(def, [update([{ id: 'i3', text: 'on the side' }])]);
  const seen = async (of: Database, asOf: string): Promise<unknown> => {
    const query = items.get('i3')?.vector ?? new Float32Array(DIMS);
    const { ids, metas, texts } = await searchItems(of.state, def, query, { k: 1, ef: 50, asOf });
    return [ids[0], metas?.[0], texts?.[0]];
  };
  for (const of of [db, await db.reopen({ memory: PAGED })]) {
    expect(await seen(of, 'main')).toEqual(['i3', '{"on":"main"}', 'text 3']);
    expect(await seen(of, 'side')).toEqual(['i3', '{"n":3}', 'on the side']);
    expect(await seen(of, 'main~1')).toEqual(['i3', '{"n":3}', 'text 3']);
  }
});

it('is bit for bit the commit that a whole put would be', async () => {
  const random = new Random(seedOf('item updates'));
  let [{ db: whole, items }, { db: parts }] = [await filled(), await filled()];
  for (let step = 0; step < 30; step++) {
    const ids = [...new Set(Array.from({ length: 1 + random.below(6) }, () => `i${random.below(60)}`))];
    const changes = ids.map((id) => ({
      id,
      ...(random.chance(30) ? { vector: vectorOf(random) } : {}),
      ...(random.chance(50) ? { meta: random.chance(20) ? {} : { n: random.below(9) } } : {}),
      ...(random.chance(30) ? { text: random.chance(30) ? '' : `step ${step}` } : {}),
    }));
    for (const change of changes) {
      const before = items.get(change.id);
      if (before) items.set(change.id, { ...before, ...change });
    }
    const puts = ids.map((id) => items.get(id)).filter((item) => item !== undefined);
    const reports = [await whole.putItems(def, [put(puts)]), await parts.putItems(def, [update(changes)])];
    expect({ ...reports[1], ms: 0 }).toEqual({ ...reports[0], ms: 0 });
    if (random.chance(30)) for (const db of [whole, parts]) await db.tend(random.chance(50) ? 'now' : 'idle');
    if (random.chance(20)) [whole, parts] = [await whole.reopen(), await parts.reopen({ memory: PAGED })];
  }
  expect(await parts.items()).toEqual(await whole.items());
});

it('refuses items that are not there or named twice, and changes nothing', async () => {
  const { db } = await filled();
  const { seq } = db.state.history.head;
  const both = [update([{ id: 'i1', text: 'x' }, { id: 'nobody' }])];
  await expect(db.putItems(def, both)).rejects.toMatchObject({ code: 'AV_NOT_FOUND' });
  for (const batches of [
    [update([{ id: 'i1', text: 'x' }, { id: 'i1' }])],
    [update([{ id: 'i1', text: 'x' }]), update([{ id: 'i1' }])],
  ])
    await expect(db.putItems(def, batches)).rejects.toMatchObject({ code: 'AV_INVALID' });
  const nowhere = db.putItems({ ...def, name: 'nowhere' }, [update([{ id: 'i1' }])]);
  await expect(nowhere).rejects.toMatchObject({ code: 'AV_NOT_FOUND' });
  expect([db.state.history.head.seq, db.state.collections.named('nowhere')]).toEqual([seq, undefined]);
  expect((await getItem(db.state, 'c', 'i1', undefined))?.text).toBe('text 1');
});
