// A collection that need not be in memory, for the flow tests: small vectors with metadata, in one segment.

import type { Metric } from '../../src/model/vectors.ts';
import { Database } from './database.ts';
import { Disk } from './memory-store.ts';
import { Random } from './random.ts';

export const DIMS = 40;
export const PAGED = { budgetBytes: 0, pagedFromBytes: 0 };

export const kind = (metric: Metric) =>
  ({ name: 'things', dims: DIMS, metric, index: 'hnsw', m: 0, efConstruction: 0 }) as const;

export const rowOf = (random: Random): Float32Array => Float32Array.from({ length: DIMS }, () => random.signed());

export function batch(random: Random, ids: readonly number[], old: Map<number, Float32Array>) {
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

/** A collection of 400 vectors in one segment, opened anew with nothing in memory. */
export async function filled(readsNow = false): Promise<Database> {
  const random = new Random(5);
  const db = await Database.open(Object.assign(new Disk(), { readsNow }));
  await db.putItems(kind('l2'), [batch(random, [...Array(400).keys()], new Map())]);
  await db.tend();
  return db.reopen({ memory: PAGED });
}
export const ask = { k: 10, ef: 50 };
export const query = rowOf(new Random(77));
