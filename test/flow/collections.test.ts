// Random steps on a collection of vectors against a plain map and exact search, at every commit there ever was.

import { beforeAll, describe, expect, it } from 'vitest';
import type { Meta } from '../../src/model/document.ts';
import type { Metric } from '../../src/model/vectors.ts';
import { countItems, getItem, listItems, searchItems, searchItemsBatch } from '../../src/retrieve/items.ts';
import { Database } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';
import { Random, seedOf } from '../kit/random.ts';

beforeAll(startEngine);
const STEPS = 220;
const DIMS = 12;

interface Kept {
  readonly vector: Float32Array;
  readonly meta: Meta;
}
type Version = ReadonlyMap<string, Kept>;

/** What the metric says of two vectors; higher is nearer. */
function nearness(metric: Metric, a: Float32Array, b: Float32Array): number {
  let [dot, apart, differ] = [0, 0, 0];
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? 0;
    dot += x * y;
    apart += (x - y) ** 2;
    differ += x > 0 === y > 0 ? 0 : 1;
  }
  return metric === 'l2' ? -apart : metric === 'hamming' ? -differ : dot;
}

const unit = (row: Float32Array): Float32Array => {
  const length = Math.hypot(...row);
  return row.map((value) => value / length);
};

class Model {
  readonly random: Random;
  readonly def;
  versions: Version[] = [new Map()];
  db: Database;

  constructor(random: Random, db: Database, metric: Metric, index: 'flat' | 'hnsw') {
    this.random = random;
    this.db = db;
    this.def = { name: 'things', dims: DIMS, metric, index, m: 0, efConstruction: 0 };
  }

  get head(): Version {
    return this.versions.at(-1) ?? new Map();
  }

  vector(): Float32Array {
    return Float32Array.from({ length: DIMS }, () => this.random.signed());
  }

  async put(): Promise<void> {
    const { random } = this;
    const rows = Array.from({ length: 1 + random.below(random.chance(20) ? 60 : 4) }, () => {
      const id = `i${random.below(80)}`;
      const old = this.head.get(id);
      // A payload alone, the same again, or another vector.
      const vector = old && random.chance(40) ? old.vector : this.vector();
      const meta: Meta = old && random.chance(30) ? old.meta : { n: random.below(5), tag: random.pick(['a', 'b']) };
      return { id, vector, meta };
    });
    const next = new Map(this.head);
    for (const { id, vector, meta } of rows)
      next.set(id, { vector: this.def.metric === 'cosine' ? unit(vector) : vector, meta });
    const batch = {
      ids: rows.map(({ id }) => id),
      vectors: Float32Array.from(rows.flatMap(({ vector }) => [...vector])),
      metas: rows.map(({ meta }) => meta),
    };
    await this.db.putItems(this.def, [batch]);
    this.committed(next);
  }

  committed(next: Version): void {
    if (this.db.state.history.head.seq === this.versions.length) this.versions.push(next);
    else expect([...next.keys()]).toEqual([...this.head.keys()]);
  }

  async step(): Promise<string> {
    const { random, db, def } = this;
    const sort = random.below(100);
    if (sort < 55) {
      await this.put();
      return 'put';
    }
    if (sort < 70) {
      const ids = Array.from({ length: 1 + random.below(8) }, () => `i${random.below(90)}`);
      const next = new Map(this.head);
      for (const id of ids) next.delete(id);
      const report = await db.putItems(def, [], ids);
      expect(report.deleted).toBe(this.head.size - next.size);
      this.committed(next);
      return 'delete';
    }
    if (sort < 76 && this.versions.length > 2) {
      const seq = 1 + random.below(this.versions.length - 1);
      await db.restore(`HEAD~${this.versions.length - 1 - seq}`);
      this.committed(this.versions[seq] ?? new Map());
      return 'restore';
    }
    if (sort < 84) await db.flush();
    else if (sort < 90) await db.tend('idle');
    else if (sort < 94) await db.tend();
    else {
      this.db = await db.reopen();
      expect([this.db.dropped, this.db.orphans]).toEqual([0, []]);
    }
    return 'upkeep';
  }

  async check(seq: number): Promise<void> {
    const { db, def, random } = this;
    if (seq === 0) return;
    const { state } = db;
    const want = this.versions[seq] ?? new Map<string, Kept>();
    const asOf = seq === this.versions.length - 1 ? undefined : `HEAD~${this.versions.length - 1 - seq}`;
    const { items } = await listItems(state, def.name, 0, 1000, asOf);
    expect(items.map(({ id }) => id).sort()).toEqual([...want.keys()].sort());
    const [some] = items;
    if (some) expect((await getItem(state, def.name, some.id, asOf))?.meta).toEqual(want.get(some.id)?.meta);
    const n = random.below(5);
    const filter = random.chance(50) ? { n: { $lte: n } } : undefined;
    const fits = [...want].filter(([, { meta }]) => filter === undefined || Number(meta.n) <= n);
    expect(await countItems(state, def.name, filter, asOf)).toBe(fits.length);
    const query = this.vector();
    const probe = def.metric === 'cosine' ? unit(query) : query;
    const exact = random.chance(50);
    const k = 1 + random.below(12);
    const hits = await searchItems(state, def, query, { k, ef: 200, exact, filter, asOf, includeVector: true });
    const best = fits.map(([, { vector }]) => nearness(def.metric, probe, vector)).sort((a, b) => b - a);
    // As many as fit, whatever the strategy; and with so large a pool the right ones.
    expect(hits.ids.length).toBe(Math.min(k, fits.length));
    const scores = hits.ids.map((id, i) => {
      const vector = hits.vectors?.[i] ?? new Float32Array(0);
      const kept = want.get(id);
      expect(kept && nearness('l2', kept.vector, vector)).toBeGreaterThan(-1e-9);
      return nearness(def.metric, probe, vector);
    });
    for (const [i, score] of scores.entries()) expect(score).toBeCloseTo(best[i] ?? Number.NaN, 4);
    const batch = await searchItemsBatch(state, def, query, { k, ef: 200, exact, filter, asOf });
    expect(batch.ids).toEqual([hits.ids]);
    // A place for each of the k, of one query as of many.
    expect(batch.scores.length).toBe(k);
    expect([...batch.scores].filter((score) => !Number.isNaN(score)).length).toBe(hits.ids.length);
  }
}

describe.each([
  ['cosine', 'hnsw'],
  ['l2', 'hnsw'],
  ['dot', 'flat'],
  ['hamming', 'hnsw'],
] as const)('a collection compared by %s, %s', (metric, index) => {
  it(`agrees with a plain map over ${STEPS} random steps`, async () => {
    const random = new Random(seedOf(`collection ${metric}`));
    const model = new Model(random, await Database.open(new Disk()), metric, index);
    const done = new Map<string, number>();
    for (let i = 0; i < STEPS; i++) {
      const what = await model.step();
      done.set(what, (done.get(what) ?? 0) + 1);
      await model.check(model.versions.length - 1);
      await model.check(random.below(model.versions.length));
    }
    expect(done.size).toBe(4);
  });
});
