// What of a large vector segment is read when, and what becomes of damage: typed errors that say where, and never a wrong hit.

import { beforeAll, describe, expect, it } from 'vitest';
import { sectionSpan } from '../../src/base/envelope.ts';
import { verify } from '../../src/engine/verify.ts';
import { collectionInfo, getItem, listItems, searchItems, searchItemsBatch } from '../../src/retrieve/items.ts';
import { withRows } from '../../src/version/rows.ts';
import type { Database } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { codeOf } from '../kit/code.ts';
import { DIMS, PAGED, ask, filled, kind, query } from '../kit/paged.ts';

beforeAll(startEngine);

describe('codes and links', () => {
  it('are not waited for where a search can have those that it needs in the same turn; the others come after it', async () => {
    const [db, slow] = [await filled(true), await filled(false)];
    const first = await searchItems(db.state, kind('l2'), query, { ...ask, k: 1, ef: 1 });
    const { readInTurn } = db.store;
    const index = () => db.state.collections.named('things')?.index;
    expect(index()?.coming(1e9)).toBeDefined();
    expect(first).toEqual(await searchItems(slow.state, kind('l2'), query, { ...ask, k: 1, ef: 1 }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([index()?.coming(1e9), index()?.check(1e9)]).toEqual([undefined, false]);
    expect(db.store.readInTurn).toBeGreaterThan(readInTurn);
    const all = db.store.readInTurn;
    await searchItems(db.state, kind('l2'), query, { ...ask, exact: true });
    expect(db.state.collections.named('things')?.isWhole).toBe(true);
    // Of vectors that are over the budget alone.
    expect(db.store.readInTurn - all).toBeLessThanOrEqual(400 * 4 * DIMS);
    expect(db.store.readInTurn - all).toBeGreaterThan(0);
  });

  it('come for a scan all at once', async () => {
    const [db, slow] = [await filled(true), await filled(false)];
    const exact = { ...ask, exact: true };
    expect(await searchItems(db.state, kind('l2'), query, exact)).toEqual(
      await searchItems(slow.state, kind('l2'), query, exact),
    );
    const filtered = { ...ask, filter: { n: 3 } };
    expect(await searchItems((await filled(true)).state, kind('l2'), query, filtered)).toEqual(
      await searchItems(slow.state, kind('l2'), query, filtered),
    );
  });
});

describe('what cannot be read', () => {
  /** Changes the stored segments of vectors. */
  function damage(db: Database, change: (bytes: Uint8Array) => Uint8Array | undefined): void {
    for (const { id, kind } of db.state.manifest.segments)
      if (kind === 'item-vectors')
        for (const [frame, bytes] of db.store.disk.segments.get(id) ?? []) {
          const changed = change(bytes.slice());
          if (changed) db.store.disk.segments.get(id)?.set(frame, changed);
          else db.store.disk.segments.get(id)?.delete(frame);
        }
  }

  it.each([
    [
      'a row whose bits changed',
      (bytes: Uint8Array) => bytes.map((byte, i) => (i > 70_000 && i % 64 === 0 ? byte ^ 1 : byte)),
    ],
    ['a segment that ends early', (bytes: Uint8Array) => bytes.subarray(0, 40_000)],
    ['a segment that is not there', () => undefined],
  ] as const)('%s: AV_CORRUPT that names the segment, for every read that needs it', async (_what, change) => {
    const db = await filled();
    // Opened while all is well.
    const first = await searchItems(db.state, kind('l2'), query, ask);
    expect(first.ids.length).toBe(10);
    damage(db, change);
    const { state } = db;
    expect(await codeOf(searchItems(state, kind('l2'), query, { ...ask, k: 300, ef: 400 }))).toBe('AV_CORRUPT');
    expect(await codeOf(searchItemsBatch(state, kind('l2'), query, { ...ask, k: 300, ef: 400 }))).toBe('AV_CORRUPT');
    expect(await codeOf(listItems(state, 'things', 0, 1000, undefined))).toBe('AV_CORRUPT');
    const { id } = state.manifest.segments.find((entry) => entry.kind === 'item-vectors') ?? {};
    await expect(listItems(state, 'things', 0, 1000, undefined)).rejects.toMatchObject({ detail: { segment: id } });
    // What needs no vector goes on.
    expect((await collectionInfo(state, 'things'))?.count).toBe(400);
  });

  /** One bit of each 64 bytes of a section is another. */
  const flipped = (tag: string) => (bytes: Uint8Array) => {
    const { from, to } = sectionSpan(bytes, tag) ?? { from: 0, to: 0 };
    expect(to).toBeGreaterThan(from);
    return bytes.map((byte, i) => (i >= from && i < to && (i - from) % 64 === 7 ? byte ^ 1 : byte));
  };

  it.each(['Cnos', 'Scal', 'grph', 'sums'])('%s whose bits changed: AV_CORRUPT at the first use', async (tag) => {
    for (const readsNow of [true, false]) {
      let db = await filled(readsNow);
      damage(db, flipped(tag));
      db = await db.reopen({ memory: PAGED });
      expect(await codeOf(searchItems(db.state, kind('l2'), query, ask))).toBe('AV_CORRUPT');
    }
  });

  it.each([true, false])(
    'a header whose high bits changed (read in the same turn: %s): a typed error or none, and no wrong hit',
    async (readsNow) => {
      let db = await filled(readsNow);
      const want = await searchItems(db.state, kind('l2'), query, ask);
      const good = db.store.disk.copy();
      const told = new Map<string, number>();
      for (let bit = 31; bit < 8 * 128; bit += bit % 32 === 31 ? 31 : 1) {
        db.store.disk.segments = good.copy().segments;
        damage(db, (bytes) => bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)));
        db = await db.reopen({ memory: PAGED });
        const found = searchItems(db.state, kind('l2'), query, ask);
        const code = await codeOf(found);
        if (code === 'no error') expect(await found).toEqual(want);
        told.set(code, (told.get(code) ?? 0) + 1);
      }
      expect([...told.keys()].filter((code) => !['AV_CORRUPT', 'AV_FORMAT_NEWER', 'no error'].includes(code))).toEqual(
        [],
      );
      expect(told.get('AV_CORRUPT')).toBeGreaterThan(10);
    },
  );

  it.each([
    ['Code', true],
    ['Code', false],
    ['lnks', true],
    ['lnks', false],
  ])(
    '%s whose bits changed (read in the same turn: %s): AV_CORRUPT that names the segment and no hit, until it is mended',
    async (tag, readsNow) => {
      let db = await filled(readsNow);
      const want = await searchItems(db.state, kind('l2'), query, ask);
      const good = db.store.disk.copy();
      damage(db, flipped(tag));
      db = await db.reopen({ memory: PAGED });
      const { state } = db;
      const { id } = state.manifest.segments.find((entry) => entry.kind === 'item-vectors') ?? {};
      const codes = [searchItems(state, kind('l2'), query, ask), searchItemsBatch(state, kind('l2'), query, ask)].map(
        codeOf,
      );
      expect(await Promise.all(codes)).toEqual(['AV_CORRUPT', 'AV_CORRUPT']);
      await expect(searchItems(state, kind('l2'), query, ask)).rejects.toThrow(`segment ${id} `);
      // What is read and checked while nobody waits is told to who needs it alone.
      expect((await listItems(state, 'things', 0, 1000, undefined)).items.length).toBe(400);
      while (state.collections.named('things')?.isFilling) await new Promise((resolve) => setTimeout(resolve, 5));
      expect((await listItems(state, 'things', 0, 1000, undefined)).items.length).toBe(400);
      expect(await codeOf(searchItems(state, kind('l2'), query, ask))).toBe('AV_CORRUPT');
      // A compaction reads it too.
      await db.putItems(kind('l2'), [], ['399', '398', '397']);
      expect(await codeOf(db.tend())).toBe('AV_CORRUPT');
      db.store.disk.segments = good.segments;
      expect(await codeOf(searchItems(state, kind('l2'), query, ask))).toBe('no error');
      const whole = await (await filled(readsNow)).reopen({ memory: PAGED });
      expect(await searchItems(whole.state, kind('l2'), query, ask)).toEqual(want);
    },
  );

  it('verify tells of a collection that is damaged, beside what it finds of documents', async () => {
    let db = await filled();
    damage(db, flipped('Code'));
    db = await db.reopen({ memory: PAGED });
    const { ok, differences } = await verify(db.state, 'rebuild');
    expect([ok, differences]).toEqual([
      false,
      [expect.stringMatching(/^collection "things": AV_CORRUPT: segment \d+ .* is damaged/)],
    ]);
  });

  it('a read that fails leaves nothing lacking behind for the next', async () => {
    const db = await filled();
    await searchItems(db.state, kind('l2'), query, ask);
    const collection = db.state.collections.named('things');
    const index = collection?.index;
    if (!collection || !index) throw new Error('the collection is not open');
    index.trim(0);
    const fails = () => {
      index.describe(Uint32Array.of(0), true);
      expect(index.lacks()).toBe(true);
      throw new Error('no');
    };
    await expect(withRows(db.state, collection, index, fails)).rejects.toThrow('no');
    let reads = 0;
    await withRows(db.state, collection, index, () => reads++);
    expect(reads).toBe(1);
  });

  it('a store that fails: its error, and the next read works', async () => {
    const db = await filled();
    const want = await searchItems(db.state, kind('l2'), query, ask);
    db.store.failReads = 2;
    const reads = [1, 2, 3].map(() => codeOf(searchItems(db.state, kind('l2'), query, ask)));
    expect([...new Set(await Promise.all(reads))]).toContain('AV_STORAGE');
    db.store.failReads = 1;
    const before = db.state.history.head.seq;
    const write = db.putItems(kind('l2'), [{ ids: ['3'], vectors: await vectorOf(db, '3'), metas: [{ n: 9 }] }]);
    expect(await codeOf(write)).toBe('no error');
    expect(db.state.history.head.seq).toBe(before + 1);
    db.store.failReads = 0;
    expect(await searchItems(db.state, kind('l2'), query, ask)).toEqual(want);
  });
});

async function vectorOf(db: Database, id: string): Promise<Float32Array> {
  db.store.failReads = 0;
  return (await getItem(db.state, 'things', id, undefined))?.vector ?? new Float32Array(0);
}
