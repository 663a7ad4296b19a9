// Erasing items: gone from every commit and every stored byte, whatever is under way; all else stays as it was.

import { beforeAll, describe, expect, it } from 'vitest';
import type { Meta } from '../../src/model/document.ts';
import type { ItemBatch } from '../../src/model/vectors.ts';
import { collectionInfo, getItem, listItems, searchItems } from '../../src/retrieve/items.ts';
import { compactItems } from '../../src/upkeep/compact-items.ts';
import { eraseItems } from '../../src/upkeep/erase-items.ts';
import { Database } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk, type Fault } from '../kit/memory-store.ts';
import { Random, seedOf } from '../kit/random.ts';

beforeAll(startEngine);
const DIMS = 24;
const def = { name: 'c', dims: DIMS, metric: 'l2', index: 'hnsw', m: 0, efConstruction: 0 } as const;
const PAGED = { budgetBytes: 0, pagedFromBytes: 0 };

const vectorOf = (random: Random): number[] => Array.from({ length: DIMS }, () => random.signed());
const batch = (ids: readonly string[], random: Random, meta: (id: string) => Meta = () => ({})): ItemBatch => ({
  ids,
  vectors: Float32Array.from(ids.flatMap(() => vectorOf(random))),
  metas: ids.map(meta),
  texts: ids.map((id) => `text of ${id}`),
});
const erase = ({ state }: Database, ...ids: string[]) =>
  eraseItems(state, { name: 'c', ids, reason: 'asked to', signal: new AbortController().signal });

/** All items of every commit, and what each of their vectors finds. */
async function picture({ state }: Database, but: readonly string[] = []): Promise<unknown[]> {
  const out: unknown[] = [];
  for (const [seq, { id: asOf }] of state.history.commits) {
    const { items } = await listItems(state, 'c', 0, 10_000, asOf);
    const others = items.filter(({ id }) => !but.includes(id));
    out.push([seq, asOf, others.map(({ vector, ...item }) => ({ ...item, vector: [...vector] }))]);
  }
  return out;
}

/** Does any stored value hold it? */
function holds({ segments, wal, manifests }: Disk, needle: Uint8Array | string): boolean {
  const bytes = Buffer.from(needle as string);
  const values = [
    ...[...segments.values()].flatMap((frames) => [...frames.values()]),
    ...wal.map((frame) => frame.bytes),
    ...manifests.values(),
  ];
  return values.some((value) => Buffer.from(value.buffer, value.byteOffset, value.length).includes(bytes));
}
const bytesOf = ({ vectors }: ItemBatch): Uint8Array => new Uint8Array(vectors.buffer);

const SECRETS = ['secret1', 'secret2', 'secret3'];

/** Secrets in segments, in the archive, in the log, on a branch that was left, changed and deleted; and 120 others. */
async function filled(): Promise<{ db: Database; needles: Uint8Array[] }> {
  const random = new Random(4);
  const db = await Database.open(new Disk());
  const others = Array.from({ length: 120 }, (_, i) => `other${i}`);
  const needles: Uint8Array[] = [];
  const put = async (ids: readonly string[], meta: (id: string) => Meta): Promise<void> => {
    const secret = batch(ids, random, meta);
    needles.push(bytesOf(secret));
    await db.putItems(def, [secret]);
  };
  await db.putItems(def, [batch(others, random)]);
  await put(['secret1'], () => ({ of: 'needle1' }));
  await put(['secret2'], () => ({ of: 'needle2' }));
  await db.tend();
  await put(['secret1'], () => ({ of: 'needle3' }));
  await db.putItems(def, [batch(others.slice(0, 30), random)], ['secret2']);
  await db.tend();
  await put(['secret3'], () => ({ of: 'needle4' }));
  await db.putItems(def, [batch(['other5', 'last'], random)]);
  return { db, needles };
}
const WORDS = ['secret1', 'secret2', 'secret3', 'needle1', 'needle2', 'needle3', 'needle4'];

describe('items that are erased', () => {
  it('leave every commit and every stored byte; others, commit ids and what follows stay', async () => {
    const { db, needles } = await filled();
    const { disk } = db.store;
    for (const needle of [...WORDS, ...needles]) expect(holds(disk, needle)).toBe(true);
    const before = await picture(db, SECRETS);
    const info = await collectionInfo(db.state, 'c');
    const report = await erase(db, ...SECRETS, 'secret1');
    expect(report).toMatchObject({
      ids: SECRETS,
      itemVersions: 4,
      vectors: 4,
      commits: 5,
      frames: 2,
      reason: 'asked to',
    });
    expect(report.segments).toBeGreaterThan(3);
    const check = async (of: Database): Promise<void> => {
      expect(await picture(of)).toEqual(before);
      for (const needle of [...WORDS, ...needles]) expect(holds(of.store.disk, needle)).toBe(false);
      for (const id of SECRETS)
        for (const { id: asOf } of of.state.history.commits.values())
          expect(await getItem(of.state, 'c', id, asOf)).toBeUndefined();
      expect((await collectionInfo(of.state, 'c'))?.vectors).toBe((info?.vectors ?? 0) - 4);
    };
    await check(db);
    const again = await db.reopen();
    expect([again.dropped, again.orphans]).toEqual([0, []]);
    await check(again);
    // The graph is mended: every vector finds its own item.
    const { items } = await listItems(again.state, 'c', 0, 1000, undefined);
    for (const { id, vector } of items)
      expect((await searchItems(again.state, def, vector, { k: 1, ef: 64 })).ids).toEqual([id]);
    const missing = erase(again, 'other1', 'secret1');
    await expect(missing).rejects.toMatchObject({ code: 'AV_NOT_FOUND', message: expect.stringContaining('secret1') });
    expect((await getItem(again.state, 'c', 'other1', undefined))?.id).toBe('other1');
    // The id can be used again, and its numbers are new.
    expect(await again.putItems(def, [batch(['secret1'], new Random(8))])).toMatchObject({ added: 1, updated: 0 });
    await again.tend();
    expect((await picture(await again.reopen(), ['secret1'])).slice(0, before.length)).toEqual(before);
  });

  it('may be all there are', async () => {
    const db = await Database.open(new Disk());
    const all = batch(['a', 'b'], new Random(1));
    await db.putItems(def, [all]);
    expect(await erase(db, 'a', 'b')).toMatchObject({ itemVersions: 2, vectors: 2, commits: 1 });
    expect(await picture(db)).toEqual([[1, expect.any(String), []]]);
    expect(holds(db.store.disk, bytesOf(all))).toBe(false);
    expect((await searchItems(db.state, def, new Float32Array(DIMS), { k: 3, ef: 10 })).ids).toEqual([]);
    const again = await db.reopen();
    await again.putItems(def, [batch(['a'], new Random(2))]);
    expect((await listItems(again.state, 'c', 0, 10, undefined)).items.map(({ id }) => id)).toEqual(['a']);
  });

  it('agree with a plain map over random steps', async () => {
    const random = new Random(seedOf('item erase'));
    let db = await Database.open(new Disk());
    const gone = new Set<string>();
    const put = new Set<string>();
    let left: unknown[] = [];
    for (let step = 0; step < 60; step++) {
      const some = (): string[] => [
        ...new Set(Array.from({ length: 1 + random.below(5) }, () => `<i${random.below(25)}>`)),
      ];
      // Whatever chance says, some are erased that were put.
      const sort = step % 15 === 14 ? 9 : random.below(10);
      if (sort < 4) {
        const ids = some();
        for (const id of ids) put.add(id);
        const columns = [batch(ids, random, () => ({ n: random.below(3) }))];
        await db.putItems(def, columns, random.chance(30) ? some() : []);
      } else if (sort < 6) await db.tend(random.chance(50) ? 'now' : 'idle');
      else if (sort < 7 && db.state.history.commits.size > 2) await db.restore('HEAD~1');
      else if (sort < 8) db = await db.reopen({ memory: random.chance(50) ? PAGED : undefined } as object);
      else if (db.state.collections.named('c')) {
        const known = [...put].filter((id) => !gone.has(id));
        const [id = ''] = known.length === 0 || random.chance(20) ? some() : known;
        left = await picture(db, [id]);
        const before = JSON.stringify(await picture(db)).includes(`"${id}"`);
        const done = await erase(db, id).then(
          () => true,
          (error) => {
            expect(error).toMatchObject({ code: 'AV_NOT_FOUND' });
            return false;
          },
        );
        if (before) expect(done).toBe(true);
        if (done) gone.add(id);
        expect(await picture(db)).toEqual(left);
        expect(holds(db.store.disk, id)).toBe(false);
      }
    }
    expect(gone.size).toBeGreaterThan(2);
  });
});

describe('while items are erased', () => {
  it('reads go on, and see them before or not at all', async () => {
    const { db } = await filled();
    const { state } = await db.reopen({ memory: PAGED });
    const at = [...state.history.commits.values()][2]?.id;
    const seen = async (): Promise<string> =>
      (await listItems(state, 'c', 0, 1000, at)).items
        .map(({ id }) => id)
        .filter((id) => SECRETS.includes(id))
        .join();
    const first = await seen();
    expect(first).toBe('secret1,secret2');
    const reads: Promise<string>[] = [];
    const timer = setInterval(() => reads.push(seen()), 0);
    await eraseItems(state, { name: 'c', ids: SECRETS, reason: '', signal: new AbortController().signal });
    clearInterval(timer);
    for (const each of await Promise.all(reads)) expect([first, '']).toContain(each);
    expect(await seen()).toBe('');
  });

  it('a compaction that was building does not bring them back', async () => {
    const { db, needles } = await filled();
    const collection = db.state.collections.named('c');
    if (!collection) throw new Error('it was just made');
    let turns = 0;
    const report = await compactItems(db.state, collection, {
      eager: 'now',
      signal: new AbortController().signal,
      pinned: async () => new Set(),
      exclusively: async (run) => {
        if (++turns === 2) await erase(db, ...SECRETS);
        return run();
      },
    });
    expect([turns, report]).toEqual([2, undefined]);
    await db.tend();
    for (const needle of [...WORDS, ...needles]) expect(holds(db.store.disk, needle)).toBe(false);
  });

  it('what fails changes nothing, and a process that dies leaves the one or the other', async () => {
    const { db: whole } = await filled();
    const [all, left] = [await picture(whole), await picture(whole, SECRETS)];
    const outcomes = new Set<string>();
    for (const how of ['refuse', 'before', 'after'] as const satisfies Fault['how'][])
      for (let at = 1; at <= 16; at++) {
        const db = await Database.open(whole.store.disk.copy());
        db.store.fault = { at, how };
        db.store.writes = 0;
        const failed = await erase(db, ...SECRETS).then(
          () => 'done',
          ({ code }) => String(code),
        );
        if (how === 'refuse') expect([all, left]).toContainEqual(await picture(db));
        const again = await db.reopen();
        const now = JSON.stringify(await picture(again));
        expect([JSON.stringify(all), JSON.stringify(left)]).toContain(now);
        const isGone = now === JSON.stringify(left);
        if (failed === 'done') expect(isGone).toBe(true);
        if (isGone) for (const word of WORDS) expect(holds(again.store.disk, word), `${how} ${at} ${word}`).toBe(false);
        outcomes.add(`${how} ${failed} ${isGone}`);
      }
    expect(outcomes.size).toBeGreaterThan(4);
  });
});
