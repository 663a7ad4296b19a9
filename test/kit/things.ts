// A collection of items around some middles, in several segments and in memory alone, with what makes versions: deletes, updates, equal vectors.

import type { CollectionDef, Metric } from '../../src/model/vectors.ts';
import { Database, type Opening } from './database.ts';
import { Disk } from './memory-store.ts';
import { Random } from './random.ts';

export const DIMS = 12;

export const kind = (metric: Metric): Omit<CollectionDef, 'ordinal'> =>
  ({ name: 'things', dims: DIMS, metric, index: 'auto', m: 0, efConstruction: 0 }) as const;

/** Items around so many middles, some of them with the same vector. */
export function rows(random: Random, from: number, count: number, middles = 9) {
  const ids = Array.from({ length: count }, (_, i) => `i${from + i}`);
  const vectors = new Float32Array(count * DIMS);
  for (let i = 0; i < count; i++) {
    const middle = new Random(100 + random.below(middles));
    for (let d = 0; d < DIMS; d++) vectors[i * DIMS + d] = 2 * middle.signed() + 0.4 * random.signed();
    if (i > 5 && random.chance(10)) vectors.copyWithin(i * DIMS, (i - 3) * DIMS, (i - 2) * DIMS);
  }
  return { ids, vectors, metas: ids.map((_, i) => ({ odd: i % 2 === 1 })) };
}

/** Three commits, in as many segments and what is in memory alone; some items deleted, some changed in their metadata alone. */
export async function filled(metric: Metric, seed: number, opening: Opening = {}): Promise<Database> {
  const [random, db] = [new Random(seed), await Database.open(new Disk(), opening)];
  await db.putItems(kind(metric), [rows(random, 0, 200)]);
  await db.flush();
  const second = rows(random, 150, 90);
  await db.putItems(kind(metric), [second], ['i7', 'i8']);
  await db.flush();
  await db.putItems(kind(metric), [{ ...second, metas: second.ids.map(() => ({ odd: true })) }]);
  return db;
}
