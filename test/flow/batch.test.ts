// Many questions in one call: each has the hits that it has alone, bit for bit, all of one state.

import { beforeAll, describe, expect, it } from 'vitest';
import type { Doc } from '../../src/model/document.ts';
import type { Hit } from '../../src/model/query.ts';
import type { Question } from '../../src/retrieve/plan.ts';
import type { Ask } from '../../src/retrieve/search.ts';
import { Database, HashEmbedder } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';
import { Random, seedOf } from '../kit/random.ts';

beforeAll(startEngine);
const seed = seedOf('batch');
const random = new Random(seed);

/** Counts calls beside texts. */
class CountingEmbedder extends HashEmbedder {
  calls = 0;

  override embed(texts: readonly string[]): Promise<Float32Array> {
    this.calls++;
    return super.embed(texts);
  }
}

const docs = (from: number, count: number): Doc[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `${from + i}.md`,
    text: `# A\n\n${random.words(20)}\n\n${random.words(9)}\n\n## B\n\n${random.words(30)}\n`,
    meta: { n: from + i, odd: i % 2 === 1 },
    ...(i % 7 === 0 ? { valid: { from: 1000 } } : {}),
  }));

async function filled(): Promise<{ db: Database; model: CountingEmbedder }> {
  const model = new CountingEmbedder();
  const db = await Database.open(new Disk(), { embedder: model });
  await db.put(docs(0, 40));
  await db.flush();
  await db.put(docs(30, 25));
  return { db, model };
}

/** Words, vectors, nothing, names, quotations, clauses. */
function questions(count: number): Question[] {
  const vector = (): Float32Array => Float32Array.from({ length: 16 }, () => 3 * random.signed());
  const kinds: (() => Question)[] = [
    () => random.words(3),
    () => random.words(5),
    vector,
    () => '',
    () => new Float32Array(16),
    () => `"${random.words(1)}" ${random.words(2)}`,
    () => 'hotReload',
    () => ({ text: random.words(2), not: 'zebra' }),
    () => ({ text: random.words(2), vector: vector(), must: random.words(1) }),
    () => `latest ${random.words(1)}`,
  ];
  return Array.from({ length: count }, (_, i) => (kinds[i % kinds.length] ?? vector)());
}

describe('a batch', () => {
  const asks: Ask[] = [
    {},
    { mode: 'lexical', explain: true },
    { mode: 'dense' },
    { collapse: 'document', k: 3, explain: true },
    { collapse: 'none', fusion: 'rank' },
    { filter: { odd: true }, k: 30 },
    { asOf: 'HEAD~1' },
    { asOf: { system: 'HEAD~1', valid: 0 }, filter: { n: { $lt: 20 } } },
    { recency: { weight: 2 } },
    { mmr: 0.5 },
    { feedback: true },
    { sort: { by: 'n' } },
  ];

  it.each(asks.map((ask) => [JSON.stringify(ask), ask] as const))(
    'with %s has the hits of each search',
    async (_, ask) => {
      const { db } = await filled();
      const all = questions(40);
      const batch = await db.searchBatch(all, ask);
      const singly: Hit[][] = [];
      for (const question of all) singly.push(await db.search(question, ask));
      expect(batch, `seed ${seed}`).toEqual(singly);
      expect(batch.flat().length).toBeGreaterThan(20);
    },
  );

  it('asks the model once, for all texts that have to be embedded', async () => {
    const { db, model } = await filled();
    model.calls = 0;
    model.texts = [];
    await db.searchBatch(['one', new Float32Array(16).fill(1), 'two', '', 'three']);
    expect([model.calls, model.texts]).toEqual([1, ['one', 'two', 'three']]);
    await db.searchBatch(['one', 'two'], { mode: 'lexical' });
    await db.searchBatch([new Float32Array(16).fill(1)]);
    expect(model.calls).toBe(1);
  });

  it('of no questions has no hits, and one over nothing finds nothing', async () => {
    const { db } = await filled();
    expect(await db.searchBatch([])).toEqual([]);
    const empty = await Database.open(new Disk());
    const found = empty.searchBatch(questions(40), {}, async () => {
      await empty.put(docs(0, 2));
    });
    expect(await found).toEqual(Array.from({ length: 40 }, () => []));
  });

  it('sees nothing that is committed while it runs', async () => {
    const { db } = await filled();
    const all = questions(40);
    const wanted: Hit[][] = [];
    for (const question of all) wanted.push(await db.search(question));
    const turns: string[] = [];
    const batch = await db.searchBatch(all, {}, async (commit) => {
      turns.push(commit);
      await db.put(docs(20, 30));
      await db.delete('1.md', '2.md');
      await db.flush();
      await db.compact();
    });
    expect(new Set(turns).size).toBe(1);
    expect(turns).toHaveLength(2);
    const plain = (hits: typeof batch): unknown => hits.map((own) => own.map(({ interval: _, ...hit }) => hit));
    expect(plain(batch), `seed ${seed}`).toEqual(plain(wanted));
    expect(await db.searchBatch(all)).not.toEqual(batch);
  });

  it('ends with what its turn throws', async () => {
    const { db } = await filled();
    const stop = async (): Promise<void> => {
      throw new Error('given up');
    };
    await expect(db.searchBatch(questions(17), {}, stop)).rejects.toThrow('given up');
    expect(await db.searchBatch(questions(16), {}, stop)).toHaveLength(16);
  });

  it('fails with the query that fails', async () => {
    const { db, model } = await filled();
    model.calls = 0;
    const bad = [
      [new Float32Array(15).fill(1), 'AV_DIM_MISMATCH'],
      [new Float32Array(16).fill(Number.NaN, 3, 4), 'AV_NON_FINITE'],
    ] as const;
    for (const [query, code] of bad)
      await expect(db.searchBatch(['one', 'two', query, 'three'])).rejects.toMatchObject({
        code,
        message: expect.stringMatching(/query 2: /),
      });
    expect(model.calls).toBe(0);
  });
});
