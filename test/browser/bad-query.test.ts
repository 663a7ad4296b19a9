// A query, a filter or a point in time that cannot be is a typed error at once: nothing is changed, and the next search works.
import type { Info } from 'aetherv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, type Case, refusing } from '../kit/refusing.ts';
import { Site } from '../kit/site.ts';

let site: Site;
const refuses = refusing(() => site.page);
beforeAll(async () => {
  site = await Site.start();
  await site.page.evaluate(async () => {
    const db = await kit.AetherV.open('good');
    await db.put(kit.docs(12));
    await db.put({ id: 'notes/0003.md', text: 'another text' });
    Object.assign(globalThis, { db });
  });
});
afterAll(() => site.stop());

describe('search refuses', () => {
  refuses([
    ['no query', 'AV_INVALID', (db) => db.search()],
    ['null', 'AV_INVALID', (db) => db.search(null)],
    ['a number', 'AV_INVALID', (db) => db.search(5)],
    ['a list', 'AV_INVALID', (db) => db.search([0.1, 0.2])],
    ['doubles', 'AV_INVALID', (db) => db.search(new Float64Array(256))],
    ['a query of 65,537 bytes', 'AV_LIMIT', (db) => db.search('x'.repeat(65_537))],
    ['a vector of 255', 'AV_DIM_MISMATCH', (db) => db.search(new Float32Array(255).fill(1))],
    ['an empty vector', 'AV_DIM_MISMATCH', (db) => db.search(new Float32Array(0))],
    ['NaN in a vector', 'AV_NON_FINITE', (db) => db.search(new Float32Array(256).fill(Number.NaN, 7, 8))],
    ['infinity in a vector', 'AV_NON_FINITE', (db) => db.search(new Float32Array(256).fill(1e39, 0, 1))],
    ...[0, -1, 1.5, Number.NaN].map(
      (k): Case => [`k ${k}`, 'AV_INVALID', `(db) => db.search('x', { k: ${k} })` as unknown as Call],
    ),
    ['k 1e9', 'AV_LIMIT', (db) => db.search('x', { k: 1e9 })],
    ['k in words', 'AV_INVALID', (db) => db.search('x', { k: '5' })],
    ['an unknown mode', 'AV_INVALID', (db) => db.search('x', { mode: 'fuzzy' })],
    ['an unknown collapse', 'AV_INVALID', (db) => db.search('x', { collapse: 'page' })],
    ['a negative weight', 'AV_INVALID', (db) => db.search('x', { weight: -0.1 })],
    ['a weight that is NaN', 'AV_INVALID', (db) => db.search('x', { weight: Number.NaN })],
    ['a signal that is pulled already', 'AV_ABORTED', (db) => db.search('x', { signal: AbortSignal.abort() })],
    ['a signal that is none', 'AV_INVALID', (db) => db.search('x', { signal: {} })],
    ['an unknown option', 'AV_INVALID', (db) => db.search('x', { filters: { lang: 'en' } })],
    ['an unknown ref', 'AV_REF_UNKNOWN', (db) => db.search('x', { asOf: 'no such' })],
    ['an empty ref', 'AV_REF_UNKNOWN', (db) => db.search('x', { asOf: '' })],
    ['an id that nothing has', 'AV_REF_UNKNOWN', (db) => db.search('x', { asOf: '0123456789abcdef' })],
    [
      'five digits of an id',
      'AV_REF_UNKNOWN',
      async (db) => db.search('x', { asOf: ((await db.info()) as Info).head?.commit.slice(0, 5) }),
    ],
    ['more steps back than there are commits', 'AV_REF_UNKNOWN', (db) => db.search('x', { asOf: 'HEAD~2' })],
    ['a time before the first commit', 'AV_REF_UNKNOWN', (db) => db.search('x', { asOf: 0 })],
    ['a time before all time', 'AV_REF_UNKNOWN', (db) => db.search('x', { asOf: -Infinity })],
    ['a time that no Date can hold', 'AV_REF_UNKNOWN', (db) => db.search('x', { asOf: -9e15 })],
    ['an invalid date', 'AV_REF_UNKNOWN', (db) => db.search('x', { asOf: new Date('no') })],
    ['NaN as a time', 'AV_REF_UNKNOWN', (db) => db.search('x', { asOf: Number.NaN })],
    ['an object as a time', 'AV_REF_UNKNOWN', (db) => db.search('x', { asOf: {} })],
  ]);
});

describe('a filter refuses', () => {
  refuses([
    ['a string', 'AV_FILTER', (db) => db.search('x', { filter: 'lang = en' })],
    ['null', 'AV_FILTER', (db) => db.search('x', { filter: null })],
    ['a list', 'AV_FILTER', (db) => db.search('x', { filter: [{ lang: 'en' }] })],
    ['a function', 'AV_FILTER', (db) => db.search('x', { filter: () => true })],
    ['a function inside', 'AV_FILTER', (db) => db.search('x', { filter: { lang: () => true } })],
    ['a symbol inside', 'AV_FILTER', (db) => db.search('x', { filter: { lang: Symbol('x') } })],
    ['an unknown operator', 'AV_FILTER', (db) => db.search('x', { filter: { n: { $near: 5 } } })],
    ['an unknown combination', 'AV_FILTER', (db) => db.search('x', { filter: { $xor: [{ n: 1 }] } })],
    ['$where', 'AV_FILTER', (db) => db.search('x', { filter: { $where: 'this.n == 1' } })],
    ['$regex', 'AV_FILTER', (db) => db.search('x', { filter: { lang: { $regex: '^e' } } })],
    ['a regular expression', 'AV_FILTER', (db) => db.search('x', { filter: { lang: /^e/ } })],
    ['a Date', 'AV_FILTER', (db) => db.search('x', { filter: { n: { $gt: new Date() } } })],
    ['NaN', 'AV_FILTER', (db) => db.search('x', { filter: { n: Number.NaN } })],
    ['a BigInt', 'AV_FILTER', (db) => db.search('x', { filter: { n: 1n } })],
    [
      'a circle',
      'AV_FILTER',
      (db) => {
        const filter: Record<string, unknown> = {};
        filter.n = filter;
        return db.search('x', { filter });
      },
    ],
    [
      'a circle of combinations',
      'AV_FILTER',
      (db) => {
        const filter: Record<string, unknown> = {};
        filter.$and = [filter];
        return db.search('x', { filter });
      },
    ],
    ['$gt of an object', 'AV_FILTER', (db) => db.search('x', { filter: { n: { $gt: { a: 1 } } } })],
    ['$in of a value', 'AV_FILTER', (db) => db.search('x', { filter: { n: { $in: 5 } } })],
    [
      '$in of a million',
      'AV_LIMIT',
      (db) => db.search('x', { filter: { n: { $in: Array.from({ length: 1e6 }, (_, i) => i) } } }),
    ],
    ['$or of nothing', 'AV_FILTER', (db) => db.search('x', { filter: { $or: [] } })],
    [
      '17 levels',
      'AV_LIMIT',
      (db) => {
        let filter: object = { n: 1 };
        for (let i = 0; i < 16; i++) filter = { $and: [filter] };
        return db.search('x', { filter });
      },
    ],
    [
      '1,000 levels',
      'AV_LIMIT',
      (db) => {
        let filter: object = { n: 1 };
        for (let i = 0; i < 1000; i++) filter = { $or: [filter] };
        return db.search('x', { filter, deadlineMs: 3000 });
      },
    ],
    [
      '257 conditions',
      'AV_LIMIT',
      (db) => db.search('x', { filter: Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`k${i}`, i])) }),
    ],
  ]);
});

it('each of several searches that hang ends at its own deadline', async () => {
  const order = await site.page.evaluate(async () => {
    let stuck = false;
    const good = kit.embedder();
    const embed: typeof good.embed = (texts, options) =>
      stuck ? new Promise(() => undefined) : good.embed(texts, options);
    const db = await kit.AetherV.open(undefined, { embedder: kit.embedder({ embed }) });
    await db.put(kit.docs(5));
    await db.search('x', { deadlineMs: 60_000 });
    stuck = true;
    const order: string[] = [];
    const ask = async (deadlineMs: number) => {
      const started = performance.now();
      const { code } = await kit.failure(db.search('x', { deadlineMs }));
      const late = performance.now() - started - deadlineMs;
      order.push(`${deadlineMs} ${code} ${late < -2 ? 'early' : 'in time'}`);
    };
    await Promise.all([900, 50, 500].map(ask));
    return order;
  });
  expect(order).toEqual([50, 500, 900].map((ms) => `${ms} AV_TIMEOUT in time`));
});
