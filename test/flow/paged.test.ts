// Collections whose vectors are fetched as they are needed: the same answers bit for bit as with all in memory, at any budget, whatever
// happens meanwhile; and typed errors for what cannot be read.

import { beforeAll, describe, expect, it } from 'vitest';
import { reload } from '../../src/engine/compose.ts';
import type { Metric } from '../../src/model/vectors.ts';
import { collectionInfo, getItem, listItems, searchItems, searchItemsBatch } from '../../src/retrieve/items.ts';
import { dropCollection } from '../../src/upkeep/drop.ts';
import { Database } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';
import { DIMS, PAGED, ask, batch, filled, kind, query, rowOf } from '../kit/paged.ts';
import { Random, seedOf } from '../kit/random.ts';

beforeAll(startEngine);

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
      model: async () => undefined,
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
