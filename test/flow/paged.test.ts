// Collections whose vectors are fetched as they are needed: the same answers bit for bit as with all in memory, at any budget, whatever
// happens meanwhile; and typed errors for what cannot be read.

import { beforeAll, describe, expect, it } from 'vitest';
import { sectionSpan } from '../../src/base/envelope.ts';
import { AetherError } from '../../src/base/errors.ts';
import { reload } from '../../src/engine/compose.ts';
import type { Metric } from '../../src/model/vectors.ts';
import { collectionInfo, getItem, listItems, searchItems, searchItemsBatch } from '../../src/retrieve/items.ts';
import { dropCollection } from '../../src/upkeep/drop.ts';
import { Database } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';
import { Random, seedOf } from '../kit/random.ts';

beforeAll(startEngine);
const DIMS = 40;
const PAGED = { budgetBytes: 0, pagedFromBytes: 0 };

const kind = (metric: Metric) =>
  ({ name: 'things', dims: DIMS, metric, index: 'hnsw', m: 0, efConstruction: 0 }) as const;

const rowOf = (random: Random): Float32Array => Float32Array.from({ length: DIMS }, () => random.signed());

function batch(random: Random, ids: readonly number[], old: Map<number, Float32Array>) {
  const rows = ids.map((id) => {
    const before = old.get(id);
    const row = before && random.chance(30) ? before : rowOf(random);
    old.set(id, row);
    return row;
  });
  return {
    ids: ids.map(String),
    vectors: Float32Array.from(rows.flatMap((row) => [...row])),
    metas: ids.map(() => ({ n: random.below(4) })),
  };
}

/** Everything a reader could ask, at a point of history. */
async function picture({ state }: Database, metric: Metric, asOf: string | undefined, seed: number): Promise<unknown> {
  const [random, def] = [new Random(seed), kind(metric)];
  const out: unknown[] = [];
  for (const exact of [true, false])
    for (const filter of [undefined, { n: { $lte: 1 } }]) {
      const ask = { k: 1 + random.below(12), ef: 20, exact, filter, asOf };
      const hits = await searchItems(state, def, rowOf(random), { ...ask, includeVector: true, explain: true });
      const { bytesRead: _, ...why } = hits.why ?? { bytesRead: 0 };
      out.push({ ...hits, why, vectors: hits.vectors?.map((vector) => [...vector]) });
      const many = Float32Array.from(Array.from({ length: 19 }, () => [...rowOf(random)]).flat());
      const found = await searchItemsBatch(state, def, many, ask);
      out.push({ ids: found.ids, scores: [...found.scores] });
    }
  const { items } = await listItems(state, def.name, 0, 1000, asOf);
  out.push(items.map((item) => ({ ...item, vector: [...item.vector] })));
  out.push((await getItem(state, def.name, '3', asOf))?.vector.join());
  return out;
}

describe.each(['cosine', 'l2', 'dot', 'hamming'] as const)('a collection compared by %s', (metric) => {
  it.each([
    [0, true],
    [0, false],
    [3000, false],
    [60_000, true],
    [400_000, true],
    [400_000, false],
  ])('within %i bytes answers as one in memory (read in the same turn: %s)', async (budgetBytes, readsNow) => {
    const random = new Random(seedOf(`paged ${metric} ${budgetBytes} ${readsNow}`));
    const def = kind(metric);
    let [whole, paged] = [
      await Database.open(new Disk()),
      await Database.open(Object.assign(new Disk(), { readsNow }), { memory: { ...PAGED, budgetBytes } }),
    ];
    const old = new Map<number, Float32Array>();
    for (let step = 0; step < 24; step++) {
      const ids = [...new Set(Array.from({ length: 1 + random.below(60) }, () => random.below(150)))];
      const gone = random.chance(30) ? ids.splice(0, 5).map(String) : [];
      const items = ids.length > 0 ? [batch(random, ids, old)] : [];
      const reports = [await whole.putItems(def, items, gone), await paged.putItems(def, items, gone)];
      expect({ ...reports[1], ms: 0 }).toEqual({ ...reports[0], ms: 0 });
      const sort = random.below(10);
      for (const db of [whole, paged]) {
        if (sort < 4) await db.flush();
        else if (sort < 6) await db.tend('idle');
        else if (sort < 7) await db.tend();
      }
      if (sort > 7) [whole, paged] = [await whole.reopen(), await paged.reopen({ memory: { ...PAGED, budgetBytes } })];
      const back = random.below(whole.state.history.commits.size);
      const asOf = back === 0 ? undefined : `HEAD~${back}`;
      expect(await picture(paged, metric, asOf, step)).toEqual(await picture(whole, metric, asOf, step));
    }
    await paged.flush();
    await picture(paged, metric, undefined, 0);
    // What nobody waits for is still on its way.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [collection] = paged.state.collections.all.values();
    const { vectors, bytes } = collection?.index?.info() ?? {};
    if (budgetBytes === 400_000) expect(vectors?.here).toBe(vectors?.all);
    if ((bytes ?? 0) > budgetBytes) expect(vectors?.paged).toBe(0);
  });
});

/** A collection of 400 vectors in one segment, opened anew with nothing in memory. */
async function filled(readsNow = false): Promise<Database> {
  const random = new Random(5);
  const db = await Database.open(Object.assign(new Disk(), { readsNow }));
  await db.putItems(kind('l2'), [batch(random, [...Array(400).keys()], new Map())]);
  await db.tend();
  return db.reopen({ memory: PAGED });
}
const ask = { k: 10, ef: 50 };
const query = rowOf(new Random(77));
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof AetherError ? error.code : String(error)),
  );

describe('what is read', () => {
  it('is told by explain, is kept within the budget, and is not read again while there is room', async () => {
    let db = await filled();
    const first = await searchItems(db.state, kind('l2'), query, { ...ask, explain: true });
    expect(first.why?.bytesRead).toBeGreaterThan(10 * 4 * DIMS);
    expect((await collectionInfo(db.state, 'things'))?.residentVectorBytes).toBe(0);
    db = await db.reopen({ memory: { ...PAGED, budgetBytes: 10_000_000 } });
    const { why: _, ...hits } = first;
    expect(await searchItems(db.state, kind('l2'), query, ask)).toEqual(hits);
    const again = await searchItems(db.state, kind('l2'), query, { ...ask, explain: true });
    expect(again.why?.bytesRead).toBe(0);
    // The rest comes while nobody waits.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const info = await collectionInfo(db.state, 'things');
    expect([info?.vectorBytes, info?.residentVectorBytes]).toEqual([400 * 4 * DIMS, 400 * 4 * DIMS]);
  });

  it('is the same for reads that go on side by side with no room for any', async () => {
    const db = await filled();
    const queries = Array.from({ length: 30 }, (_, i) => rowOf(new Random(i)));
    const alone: unknown[] = [];
    for (const each of queries) alone.push(await searchItems(db.state, kind('l2'), each, ask));
    expect(await Promise.all(queries.map((each) => searchItems(db.state, kind('l2'), each, ask)))).toEqual(alone);
  });

  it('is let go of when the state is read anew, and read again for who was still reading', async () => {
    let db = await filled();
    const want = await searchItems(db.state, kind('l2'), query, ask);
    db = await db.reopen({ memory: { ...PAGED, budgetBytes: 10_000_000 } });
    const old = db.state;
    const paged = () => old.collections.named('things')?.index?.info().vectors.paged;
    await searchItems(old, kind('l2'), query, ask);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(paged()).toBe(400 * 4 * DIMS);
    const lease = { writer: false, onWriter: () => undefined, release: () => undefined };
    const room = {
      state: old,
      wasm: undefined as never,
      lease,
      writer: false,
      model: Promise.resolve(),
      storageWhy: '',
    };
    await reload(room, false, () => undefined);
    expect([paged(), room.state === old]).toEqual([0, false]);
    expect(await searchItems(old, kind('l2'), query, ask)).toEqual(want);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(paged()).toBe(0);
    expect(await searchItems(room.state, kind('l2'), query, ask)).toEqual(want);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(room.state.collections.named('things')?.index?.info().vectors.paged).toBe(400 * 4 * DIMS);
  });

  it('makes room for a collection that is opened later', async () => {
    let db = await Database.open(new Disk());
    const random = new Random(6);
    const other = { ...kind('l2'), name: 'others', index: 'flat' } as const;
    for (const def of [kind('l2'), other]) await db.putItems(def, [batch(random, [...Array(400).keys()], new Map())]);
    await db.tend();
    const bytesOf = async (budgetBytes: number): Promise<number[]> => {
      db = await db.reopen({ memory: { ...PAGED, budgetBytes } });
      const { state } = db;
      const held = () => [...state.collections.all.values()].map(({ index }) => index?.info().bytes ?? 0);
      await listItems(state, 'things', 0, 1000, undefined);
      await new Promise((resolve) => setTimeout(resolve, 50));
      const [alone = 0] = held();
      await collectionInfo(state, 'others');
      return [alone, ...held()];
    };
    const [alone = 0, things = 0, others = 0] = await bytesOf(10_000_000);
    expect([things, others]).toEqual([alone, expect.any(Number)]);
    // Room for the first, and for half of what the second cannot do without.
    const budget = Math.ceil((things + others / 2) * (16 / 15));
    const [before, ...after] = await bytesOf(budget);
    expect(before).toBe(alone);
    expect(after[1]).toBe(others);
    expect(after.reduce((sum, bytes) => sum + bytes)).toBeLessThanOrEqual(budget * (15 / 16));
  });
});

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
      await new Promise((resolve) => setTimeout(resolve, 50));
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

describe('while a read waits for vectors', () => {
  it('a compaction may replace their segment', async () => {
    const db = await filled();
    const want = await searchItems(db.state, kind('l2'), query, ask);
    await db.putItems(kind('l2'), [], ['399', '398', '397']);
    const gone = want.ids.some((id) => ['399', '398', '397'].includes(id));
    const tending = db.tend();
    db.store.hold = tending;
    const reading = Array.from({ length: 40 }, () => searchItems(db.state, kind('l2'), query, ask));
    const later = Array.from({ length: 40 }, () => searchItems(db.state, kind('l2'), query, ask));
    const all = await Promise.all([...reading, ...later]);
    await tending;
    // Those that live, and those that only history shows.
    expect(db.state.manifest.segments.filter((entry) => entry.kind === 'item-vectors').length).toBe(2);
    if (!gone) for (const each of all) expect(each).toEqual(want);
    expect(new Set(all.map(({ ids }) => ids.join())).size).toBe(1);
  });

  it('the collection may be dropped', async () => {
    const db = await filled();
    await searchItems(db.state, kind('l2'), query, ask);
    db.store.hold = dropCollection(db.state, 'things');
    const reading = [searchItems(db.state, kind('l2'), query, ask), listItems(db.state, 'things', 0, 10, undefined)];
    expect(await Promise.all(reading)).toEqual([
      { ids: [], scores: [] },
      { items: [], next: undefined },
    ]);
  });
});
