// The walk of a query (house 4.2): view, vector, candidates, hits with their texts.

import { beforeAll, describe, expect, it } from 'vitest';
import type { Doc } from '../../src/model/document.ts';
import type { Ask } from '../../src/retrieve/search.ts';
import { Database, HashEmbedder } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';
import { Random, seedOf } from '../kit/random.ts';

beforeAll(startEngine);
const seed = seedOf('query');

/** A database of random documents. */
async function filled(count: number, valid?: (i: number) => NonNullable<Doc['valid']>): Promise<Database> {
  const random = new Random(seed);
  const docs = Array.from(
    { length: count },
    (_, i): Doc => ({
      id: `${i}.md`,
      text: `# A\n\n${random.words(20)} 😀 ${random.words(9)}\n\n## B\n\n${random.words(30)}\n`,
      meta: { n: i, odd: i % 2 === 1, tags: [`t${i % 3}`] },
      ...(valid ? { valid: valid(i) } : {}),
    }),
  );
  const db = await Database.open(new Disk());
  await db.put(docs);
  return db;
}

describe('a hit', () => {
  it('stands where its range says, with highlights on words of the query', async () => {
    const db = await filled(40);
    const hits = await db.search('module reloads 日本語', { k: 30, collapse: 'none' });
    expect(hits.length).toBeGreaterThan(10);
    for (const hit of hits) {
      const text = (await db.text(hit.id)) ?? '';
      expect(text.slice(...hit.range)).toBe(hit.text);
      for (const [start, end] of hit.highlights) {
        expect(start).toBeGreaterThanOrEqual(hit.range[0]);
        expect(end).toBeLessThanOrEqual(hit.range[1]);
        expect(text.slice(start, end)).toMatch(/^(modules?|reloads?|日本語)$/i);
      }
    }
  });

  it('is the first of the equal chunks of its section, whichever of them the index has by its ids', async () => {
    const db = await Database.open(new Disk());
    const pieces = Array.from({ length: 24 }, (_, i) => [`Zebras of farm ${i} sleep.`, `Hens of farm ${i} do not.`]);
    const text = ([same = '', other = '']: readonly string[]) => `# Farm\n\n${[same, other, same].join('\n\n')}\n`;
    await db.put(pieces.map((each, i) => ({ id: `${i}.md`, text: text(each) })));
    const hits = await db.search('zebras sleep', { k: pieces.length });
    expect(hits).toHaveLength(pieces.length);
    for (const hit of hits) {
      const own = (await db.text(hit.id)) ?? '';
      expect(hit.text).toContain('Zebras');
      expect(hit.range[0]).toBe(own.indexOf(hit.text));
      expect(own.lastIndexOf(hit.text)).toBeGreaterThan(hit.range[0]);
    }
  });

  it('has the same place, score and version for every k', async () => {
    const db = await filled(60);
    const asks: Ask[] = [
      {},
      { mode: 'lexical' },
      { mode: 'dense' },
      { weight: 0 },
      { weight: 1 },
      { weight: 0.05 },
      { collapse: 'none' },
    ];
    for (const ask of asks) {
      const all = await db.search('zebra quokka module', { ...ask, k: 200 });
      for (const k of [1, 2, 7])
        expect(await db.search('zebra quokka module', { ...ask, k }), `${JSON.stringify(ask)} ${k}`).toEqual(
          all.slice(0, k),
        );
    }
  });

  it('has the score of its formula for every k, also when the best hits have no word of the query', async () => {
    const db = await Database.open(new Disk());
    await db.put([
      { id: 'a.txt', text: 'The of the of.' },
      { id: 'b.txt', text: 'Zebra hot cold index vector branch.' },
    ]);
    const ask = { weight: 0.1, explain: true };
    const all = await db.search('the of zebra', { ...ask, k: 9 });
    expect(all.map((hit) => [hit.id, hit.score])).toEqual([
      ['a.txt', expect.closeTo(0.9, 5)],
      ['b.txt', expect.any(Number)],
    ]);
    // Regression: (1 + cosine) / 2 when none of the k hits had a word in common.
    expect(await db.search('the of zebra', { ...ask, k: 1 })).toEqual(all.slice(0, 1));
  });

  it('scores from 0 to 1 and falls along the list', async () => {
    const db = await filled(40);
    for (const mode of ['hybrid', 'lexical', 'dense'] as const) {
      const scores = (await db.search('hot module', { mode, k: 100 })).map((hit) => hit.score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      expect(Math.min(...scores)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...scores)).toBeLessThanOrEqual(1);
    }
  });

  it('ties are broken by version, then document, then position', async () => {
    const db = await Database.open(new Disk());
    const twin = 'Equal words.\n\nEqual words.';
    await db.put(['c', 'a', 'b'].map((id) => ({ id: `${id}.txt`, text: twin })));
    for (const k of [2, 6]) {
      const hits = await db.search('equal words', { collapse: 'none', k });
      expect(hits.map((hit) => `${hit.id} ${hit.range[0]}`)).toEqual(
        ['a.txt 0', 'a.txt 14', 'b.txt 0', 'b.txt 14', 'c.txt 0', 'c.txt 14'].slice(0, k),
      );
    }
  });
});

describe('a filter', () => {
  it('gives k live matches whenever they exist, and no other', async () => {
    const db = await filled(80);
    await db.delete('1.md', '3.md');
    for (const k of [1, 20, 38, 100]) {
      const hits = await db.search('module', { filter: { odd: true }, k, collapse: 'document' });
      expect(hits).toHaveLength(Math.min(k, 38));
      expect(hits.every(({ meta }) => meta.odd === true)).toBe(true);
    }
    expect((await db.search('zebra', { filter: { n: 77 } })).every(({ id }) => id === '77.md')).toBe(true);
    expect(await db.search('zebra', { filter: { n: 1 } })).toEqual([]);
  });

  it('is not mistaken for another one asked before', async () => {
    const db = await filled(30);
    const count = async (filter: NonNullable<Ask['filter']>): Promise<number> =>
      (await db.search('module', { filter, k: 99, collapse: 'document' })).length;
    expect(await count({ n: { $lt: Number.NEGATIVE_INFINITY } })).toBe(0);
    expect(await count({ n: { $lt: Number.POSITIVE_INFINITY } })).toBe(30);
    for (let n = 0; n < 30; n++) expect(await count({ n: { $gte: n } })).toBe(30 - n);
    for (let n = 0; n < 30; n++) expect(await count({ n: { $gte: n } })).toBe(30 - n);
  });

  it('that cannot be understood is AV_FILTER', async () => {
    const db = await filled(2);
    for (const filter of [{ n: { $near: 1 } }, { $not: [] }, { n: { $gt: null } }, { n: 1n }, [], 'n', { n: [1n] }])
      await expect(db.search('a', { filter: filter as never }), String(filter)).rejects.toMatchObject({
        code: 'AV_FILTER',
      });
  });
});

describe('the vector of a query', () => {
  it('is checked for its dimensions and for NaN, and brought to unit length', async () => {
    const db = await filled(10);
    await expect(db.search(new Float32Array(3))).rejects.toMatchObject({ code: 'AV_DIM_MISMATCH' });
    await expect(db.search(new Float32Array(16).fill(Number.NaN))).rejects.toMatchObject({ code: 'AV_NON_FINITE' });
    const vector = new Random(seed).unit(16);
    const scores = (hits: Awaited<ReturnType<Database['search']>>): number[] =>
      hits.map((hit) => Math.round(hit.score * 1e5));
    const long = vector.map((value) => value * 1e30);
    expect(scores(await db.search(long))).toEqual(scores(await db.search(vector)));
    expect(long[0]).toBe(Math.fround((vector[0] ?? 0) * 1e30));
    expect(await db.search(new Float32Array(16))).toEqual([]);
  });

  it('may be missing: hybrid is lexical and says so, dense is AV_MODEL_UNAVAILABLE', async () => {
    const db = await filled(10);
    db.state.embedder = undefined;
    const hits = await db.search('module zebra');
    expect(hits.length).toBeGreaterThan(0);
    expect(new Set(hits.map((hit) => hit.space))).toEqual(new Set(['lexical']));
    await expect(db.search('module', { mode: 'dense' })).rejects.toMatchObject({ code: 'AV_MODEL_UNAVAILABLE' });
  });

  it('of another model is never compared: its documents are found by words', async () => {
    const disk = new Disk();
    const db = await Database.open(disk, { embedder: new HashEmbedder(8, 'small') });
    await db.put([{ id: 'a.txt', text: 'zebra' }]);
    const other = await db.reopen({ embedder: new HashEmbedder(16, 'large') });
    expect((await other.search('zebra'))[0]).toMatchObject({ id: 'a.txt', space: 'lexical' });
  });
});

describe('valid time', () => {
  it('hides documents outside it, with the statistics of a store that never had them', async () => {
    const far = 4_000_000_000_000;
    const valid = (i: number): NonNullable<Doc['valid']> => (i % 2 ? { from: far } : { to: far });
    const db = await filled(30, valid);
    const hits = await db.search('module zebra', { k: 99, collapse: 'document' });
    expect(hits.every(({ meta }) => meta.odd === false)).toBe(true);
    const plain = await filled(30);
    await plain.delete(...Array.from({ length: 15 }, (_, i) => `${2 * i + 1}.md`));
    const want = await plain.search('module zebra', { k: 99, collapse: 'document' });
    expect(hits.map(({ id, score }) => [id, score])).toEqual(want.map(({ id, score }) => [id, score]));
  });
});

describe('a search during a write', () => {
  it('sees the state before it, whole', async () => {
    const db = await filled(10);
    const before = await db.search('zebra module', { k: 50 });
    const writing = db.put([{ id: 'new.md', text: 'zebra module zebra module' }]);
    expect(await db.search('zebra module', { k: 50 })).toEqual(before);
    await writing;
    expect((await db.search('zebra module', { k: 50 })).some(({ id }) => id === 'new.md')).toBe(true);
  });
});
