// Many questions in one call, in real Chromium: the hits of each search, in every mode, on views too; and how a call fails.
import type { Hit } from 'aetherv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusing } from '../kit/refusing.ts';
import { Site } from '../kit/site.ts';

let site: Site;
const refuses = refusing(() => site.page);
beforeAll(async () => {
  site = await Site.start();
  await site.page.evaluate(async () => {
    const db = await kit.AetherV.open('good');
    await db.put(kit.docs(30));
    await db.put({ id: 'notes/0003.md', text: 'another text' });
    Object.assign(globalThis, { db });
  });
});
afterAll(() => site.stop());

it('gives each query the hits of its search, bit for bit', async () => {
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open();
    await db.put(kit.docs(40));
    await db.put(kit.docs(20, 30).map((doc) => ({ ...doc, text: doc.text.replaceAll('stands', 'rests') })));
    const vector = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i * i));
    const queries = [
      ...['a ladder near the window', 'only3x', '', '"candle leads"', 'rests', 'getUserName'],
      vector,
      new Float32Array(256),
      { text: 'ladder', not: 'window' },
      ...Array.from({ length: 20 }, (_, i) => `only${i}x and a basket`),
    ];
    const asks = [
      {},
      { mode: 'lexical', explain: true },
      { mode: 'dense', collapse: 'document' },
      { collapse: 'none', k: 40, explain: true },
      { filter: { lang: 'de' }, asOf: 'HEAD~1' },
    ] as const;
    const same: boolean[] = [];
    for (const ask of asks) {
      const singly: Hit[][] = [];
      for (const query of queries) singly.push(await db.search(query, ask));
      same.push(JSON.stringify(await db.searchBatch(queries, ask)) === JSON.stringify(singly));
    }
    const view = db.at('HEAD~1');
    const then = [await view.searchBatch(['rests']), [await view.search('rests')]].map((hits) => JSON.stringify(hits));
    same.push(then[0] === then[1], then[0] !== JSON.stringify(await db.searchBatch(['rests'])));
    const none = await db.searchBatch([]);
    await db.close();
    return { same, none };
  });
  expect(seen.same).toEqual(seen.same.map(() => true));
  expect(seen.none).toEqual([]);
});

it('reranks each query with its own words', async () => {
  const seen = await site.page.evaluate(async () => {
    const asked: string[] = [];
    const reranker = {
      id: 'length',
      score: async (query: string, texts: readonly string[]) => {
        asked.push(query);
        return texts.map((text) => text.length % 17);
      },
    };
    const db = await kit.AetherV.open(undefined, { reranker });
    await db.put(kit.docs(20));
    const queries = ['ladder', 'a basket'];
    const options = { k: 3, rerank: { n: 8 } };
    const batch = JSON.stringify(await db.searchBatch(queries, options));
    const singly = JSON.stringify([await db.search('ladder', options), await db.search('a basket', options)]);
    const bad = await kit.failure(db.searchBatch(['ladder', new Float32Array(256)], options));
    const many = await kit.failure(db.searchBatch(Array(14).fill('x'), { rerank: { n: 9363 } }));
    await db.close();
    return { asked, same: batch === singly, bad, many: many.code };
  });
  expect(seen).toMatchObject({ asked: ['ladder', 'a basket', 'ladder', 'a basket'], same: true, many: 'AV_LIMIT' });
  expect(seen.bad).toMatchObject({
    code: 'AV_INVALID',
    message: expect.stringContaining('query 1: rerank needs words'),
  });
});

describe('searchBatch refuses', () => {
  refuses([
    ['no queries', 'AV_INVALID', (db) => db.searchBatch()],
    ['a string', 'AV_INVALID', (db) => db.searchBatch('x')],
    ['a vector', 'AV_INVALID', (db) => db.searchBatch(new Float32Array(256))],
    ['a number among them', 'AV_INVALID', (db) => db.searchBatch(['x', 5])],
    ['a hole', 'AV_INVALID', (db) => db.searchBatch(Array(2))],
    ['a query of 65,537 bytes', 'AV_LIMIT', (db) => db.searchBatch(['x', 'x'.repeat(65_537)])],
    ['a vector of 255', 'AV_DIM_MISMATCH', (db) => db.searchBatch(['x', new Float32Array(255)])],
    ['NaN in a vector', 'AV_NON_FINITE', (db) => db.searchBatch([new Float32Array(256).fill(Number.NaN)])],
    ['1,025 queries', 'AV_LIMIT', (db) => db.searchBatch(Array(1025).fill('x'))],
    ['131,073 hits', 'AV_LIMIT', (db) => db.searchBatch(Array(14).fill('x'), { k: 9363 })],
    ['an unknown option', 'AV_INVALID', (db) => db.searchBatch(['x'], { filters: {} })],
    ['a filter that cannot be', 'AV_FILTER', (db) => db.searchBatch(['x'], { filter: 'lang = en' })],
    ['an unknown ref', 'AV_REF_UNKNOWN', (db) => db.searchBatch(['x'], { asOf: 'no such' })],
    ['a signal that is pulled already', 'AV_ABORTED', (db) => db.searchBatch(['x'], { signal: AbortSignal.abort() })],
    ['a deadline that passes', 'AV_TIMEOUT', (db) => db.searchBatch(Array(1000).fill('x'), { deadlineMs: 1e-6 })],
  ]);

  it('with the number of the query that is wrong', async () => {
    const messages = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const bad = [
        5 as unknown as string,
        new Float32Array(3),
        new Float32Array(256).fill(Number.NaN),
        { text: '', must: {} },
      ];
      const calls = bad.map((query, i) => kit.failure(db.searchBatch([...Array(i + 1).fill('fine'), query])));
      const seen = (await Promise.all(calls)).map(({ message }) => /query \d+/.exec(message)?.[0]);
      await db.close();
      return seen;
    });
    expect(messages).toEqual(['query 1', 'query 2', 'query 3', 'query 4']);
  });
});

it('lets others have their turn, and ends soon after it was given up', async () => {
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open();
    await db.put(kit.docs(60));
    const stop = new AbortController();
    const order: string[] = [];
    const note = (what: string) => () => void order.push(what);
    const queries = Array.from({ length: 1000 }, (_, i) => `only${i % 60}x and a ladder near the window`);
    const whole = db.searchBatch(queries, { k: 5 }).then(note('batch'));
    const one = db.search('ladder').then(note('search'));
    await Promise.all([whole, one]);
    const given = kit.failure(db.searchBatch(queries, { signal: stop.signal }));
    await kit.pause(20);
    stop.abort();
    const { code } = await given;
    const again = (await db.searchBatch(['ladder']))[0]?.length;
    await db.close();
    return { order, code, again };
  });
  expect(seen).toEqual({ order: ['search', 'batch'], code: 'AV_ABORTED', again: 10 });
});
