// A process that dies at any write, or is refused one: the old state or the new one, never half; and life goes on.

import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Doc } from '../../src/model/document.ts';
import type { ItemBatch } from '../../src/model/vectors.ts';
import { Database, HashEmbedder } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk, type Fault } from '../kit/memory-store.ts';
import { Random } from '../kit/random.ts';

// A large write is one of 100 KB here, so that many can be tried.
vi.mock('../../src/base/limits.ts', async (original) => ({
  ...(await original<typeof import('../../src/base/limits.ts')>()),
  STAGE_BYTES_MAX: 100_000,
}));

beforeAll(startEngine);

const random = new Random(7);
/** More than the writer collects before it looks whether the write is large, twice over. */
const large: Doc[] = Array.from({ length: 30 }, (_, i) => ({
  id: `large${i}.txt`,
  text: Array.from({ length: 80 }, () => `${random.words(150)} ${random.below(1e9)}`).join('\n\n'),
}));

type Step = (db: Database) => Promise<unknown>;
const STEPS: readonly Step[] = [
  (db) =>
    db.put([
      { id: 'a', text: 'First module.\n\nSecond engine.' },
      { id: 'b', text: 'Reload 日本語.' },
    ]),
  (db) => db.put([{ id: 'a', text: 'First module.\n\nSecond history.' }], { dense: false }),
  (db) => db.flush(),
  (db) => db.backfill(),
  (db) => db.delete('b'),
  (db) => db.put([{ id: 'c', text: 'The engine of history.' }]),
  (db) => db.flush(),
  (db) =>
    db.put([
      { id: 'b', text: 'Reload 日本語.' },
      { id: 'a', text: 'First module.\n\nSecond engine.' },
    ]),
];
const LARGE_STEPS: readonly Step[] = [
  (db) =>
    db.put([
      { id: 'a', text: 'First module.' },
      { id: 'large3.txt', text: 'Small still.' },
    ]),
  (db) => db.put(large),
  (db) => db.put([{ id: 'large4.txt', text: 'Small again. The engine.' }]),
];

const THINGS = { name: 'things', dims: 32, metric: 'l2', index: 'hnsw', m: 0, efConstruction: 0 } as const;
/** Items with vectors of their numbers. */
const items = (from: number, count: number, salt = 0): ItemBatch => {
  const drawn = new Random(from + salt);
  const ids = Array.from({ length: count }, (_, i) => `i${from + i}`);
  return {
    ids,
    vectors: Float32Array.from({ length: count * THINGS.dims }, () => drawn.signed()),
    metas: ids.map((_, n) => ({ n })),
  };
};
const ITEM_STEPS: readonly Step[] = [
  (db) => db.putItems(THINGS, [items(0, 20)]),
  (db) => db.putItems(THINGS, [items(10, 20, 1)], ['i3', 'i4']),
  (db) => db.flush(),
  // To segments first, with a graph.
  (db) => db.putItems(THINGS, [items(100, 350), items(450, 350)]),
  (db) => db.putItems({ ...THINGS, name: 'others' }, [items(0, 5)]),
  (db) => db.tend(),
  (db) => db.putItems(THINGS, [], ['i7', 'i200', 'i300']),
  (db) => db.tend(),
];

/** Vectors are pictured as numbers, so those of the counting model may be computed again and again. */
const embedder = new HashEmbedder(4);

/** Runs steps from an empty disk: what can be seen after each, and how many writes it took. */
async function rehearse(steps: readonly Step[]): Promise<{ seen: unknown[]; writes: number; disk: Disk }> {
  const disk = new Disk();
  const db = await Database.open(disk, { embedder });
  const seen = [await db.picture()];
  for (const step of steps) {
    await step(db);
    seen.push(await db.picture());
  }
  return { seen, writes: db.store.writes, disk };
}

/** Runs steps with a fault; the step that hit it, and the database of that process. */
async function hit(
  steps: readonly Step[],
  disk: Disk,
  fault: Fault,
): Promise<{ at: number; db: Database | undefined }> {
  const db = await Database.open(disk, { embedder, fault }).catch(() => undefined);
  if (!db) return { at: -1, db };
  for (const [at, step] of steps.entries()) {
    const failed = await step(db).then(
      () => false,
      () => true,
    );
    if (failed) return { at, db };
  }
  return { at: steps.length, db };
}

describe.each([
  ['small writes and flushes', STEPS],
  ['a write that goes to segments first', LARGE_STEPS],
  ['writes to collections and their compaction', ITEM_STEPS],
] as const)('%s', (_, steps) => {
  it.each(['before', 'after'] as const)('survive the death of the process %s any write', async (how) => {
    const { seen, writes, disk: whole } = await rehearse(steps);
    expect(whole.segments.size).toBeGreaterThan(3);
    for (let n = 1; n <= writes; n++) {
      const disk = new Disk();
      const { at } = await hit(steps, disk, { at: n, how });
      const again = await Database.open(disk, { embedder, clock: 1_800_000_000_000 });
      expect(again.dropped, `write ${n}`).toBe(0);
      const picture = await again.picture();
      const [old, now] = [seen[Math.max(0, at)], seen[at + 1]];
      expect([JSON.stringify(old), JSON.stringify(now)], `write ${n} of step ${at}`).toContain(JSON.stringify(picture));
      // Nothing is left over that nobody names.
      const named = new Set([...again.state.manifest.segments, ...again.state.walSegments].map(({ id }) => id));
      expect([...disk.segments.keys()].filter((id) => !named.has(id))).toEqual([]);
      again.state.index.free();
    }
  });

  it('go on after any write was refused, and end where they would have', async () => {
    const { seen, writes } = await rehearse(steps);
    for (let n = 2; n <= writes; n++) {
      const disk = new Disk();
      const { at, db } = await hit(steps, disk, { at: n, how: 'refuse' });
      if (!db) throw new Error('the first manifest was refused');
      expect(shape(await db.picture()), `write ${n}`).toEqual(shape(seen[at]));
      for (const step of steps.slice(at)) await step(db);
      expect(shape(await db.picture()), `write ${n}`).toEqual(shape(seen.at(-1)));
      const live = await db.picture();
      const again = await db.reopen();
      expect(await again.picture(), `write ${n}`).toEqual(live);
      again.state.index.free();
    }
  });
});

/** A picture without its times and commit ids: the clock went on during the failed try. */
function shape(picture: unknown): unknown {
  const { docs, hits, items } = picture as {
    docs: unknown;
    hits: { id: string; score: number; text: string }[][];
    items: unknown;
  };
  return { docs, items, hits: hits.map((list) => list.map(({ id, score, text }) => [id, score, text])) };
}
