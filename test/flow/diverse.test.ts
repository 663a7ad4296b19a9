// Hits of a collection that are unlike each other: the same one by one, in a batch and from disk, and none like one before it while there are others.

import { beforeAll, describe, expect, it } from 'vitest';
import { searchItems, searchItemsBatch } from '../../src/retrieve/items.ts';
import { Database } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';
import { Random, seedOf } from '../kit/random.ts';
import { DIMS, filled, kind } from '../kit/things.ts';

beforeAll(startEngine);
const SEED = seedOf('diverse');
const PAGED = { budgetBytes: 0, pagedFromBytes: 0 };

describe('hits that are unlike each other', () => {
  it.each(['cosine', 'dot', 'l2', 'hamming'] as const)('by %s: one by one, in a batch, from disk', async (metric) => {
    let db = await filled(metric, SEED);
    await db.flush();
    db = await db.reopen({ memory: PAGED });
    const random = new Random(SEED);
    const queries = Float32Array.from(Array.from({ length: 5 }, () => [...random.unit(DIMS)]).flat());
    const answers: unknown[] = [];
    let turns = 0;
    const turn = async () => {
      turns++;
    };
    for (let pass = 0; pass < 2; pass++) {
      for (const mmr of [0, 0.3, 1]) {
        const ask = { k: 7, ef: 64, exact: true, mmr, filter: { odd: true } };
        const many = await searchItemsBatch(db.state, kind(metric), queries, ask, turn);
        for (let q = 0; q < 5; q++) {
          const query = queries.slice(q * DIMS, (q + 1) * DIMS);
          const found = await searchItems(db.state, kind(metric), query, ask);
          expect(many.ids[q]).toEqual(found.ids);
          expect([...many.scores.subarray(7 * q, 7 * (q + 1))]).toEqual(found.scores);
        }
        answers.push(many.ids);
      }
      db = await db.reopen();
    }
    expect(answers.slice(3)).toEqual(answers.slice(0, 3));
    expect(answers[0]).not.toEqual(answers[1]);
    expect(answers[1]).not.toEqual(answers[2]);
    expect(turns).toBeGreaterThan(0);
  });

  it('never hold the same vector twice while there are others', async () => {
    const db = await Database.open(new Disk());
    const vectors = new Float32Array(40 * DIMS);
    const random = new Random(SEED);
    for (let i = 0; i < 40; i++) vectors.set(random.unit(DIMS), i * DIMS);
    // One of them ten times.
    for (let i = 0; i < 10; i++) vectors.copyWithin(i * DIMS, 0, DIMS);
    await db.putItems(kind('cosine'), [{ ids: Array.from({ length: 40 }, (_, i) => `i${i}`), vectors }]);
    const query = vectors.slice(0, DIMS);
    const search = (mmr: number) => searchItems(db.state, kind('cosine'), query, { k: 10, ef: 64, mmr });
    const same = ({ ids }: { ids: readonly string[] }) => ids.filter((id) => Number(id.slice(1)) < 10).length;
    expect([same(await search(0)), same(await search(0.7))]).toEqual([10, 1]);
  });

  it('are as many as there are, and none where there are none', async () => {
    const db = await filled('cosine', SEED);
    const query = new Random(2).unit(DIMS);
    const ask = { k: 9, ef: 64, mmr: 0.5, filter: { odd: 'none' } };
    expect((await searchItems(db.state, kind('cosine'), query, ask)).ids).toEqual([]);
    const many = await searchItemsBatch(db.state, kind('cosine'), query, ask);
    expect([many.ids, [...many.scores].every(Number.isNaN)]).toEqual([[[]], true]);
    const all = await searchItemsBatch(db.state, kind('cosine'), query, { k: 200, ef: 800, mmr: 0.5, exact: true });
    expect(new Set(all.ids[0]).size).toBe(200);
  });
});
