// Filters on metadata in real Chromium: every operator, and k live matches whenever there are k.
import type { Filter } from 'aetherv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
  await site.page.evaluate(async () => {
    const db = await kit.AetherV.open();
    const proto: { n: number } = JSON.parse('{"n":100,"__proto__":"own","constructor":"mine"}');
    const odd = {
      ...{ n: null, text: 'm', mixed: [1, 'one', null, true], 'a.b': 'dotted', a: { b: 'path' }, big: 1e300 },
      hut: { lat: 46, lon: 8 },
    };
    await db.put([
      ...kit.docs(12),
      { id: 'proto', text: 'basket', meta: proto },
      { id: 'odd', text: 'basket', meta: odd },
    ]);
    Object.assign(globalThis, { db });
  });
});
afterAll(() => site.stop());

/** Ids that a filter lets through, sorted; `0`, `1` ... for the notes. */
function matches(filter: Filter): Promise<string> {
  return site.page.evaluate(
    async (json) => {
      const { db } = globalThis as unknown as { db: Awaited<ReturnType<typeof kit.AetherV.open>> };
      // Infinity has no JSON.
      const filter = JSON.parse(json, (_, value) =>
        value === 'Infinity' ? Infinity : value === '-Infinity' ? -Infinity : value,
      );
      const hits = await db.search('basket', { filter, k: 100, collapse: 'document' });
      return hits
        .map(({ id }) => id.replace(/^notes\/0*(\d+)\.md$/, '$1'))
        .sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1))
        .join(' ');
    },
    JSON.stringify(filter, (_, value) => (Math.abs(value) === Infinity ? String(value) : value)),
  );
}

const own = (key: string, value: unknown): Filter => JSON.parse(`{"${key}":${JSON.stringify(value)}}`);
const cases: [what: string, filter: Filter, fits: string][] = [
  ['a plain value', { n: 3 }, '3'],
  ['a plain string', { lang: 'de' }, '1 3 5 7 9 11'],
  ['null', { n: null }, 'odd'],
  ['several keys, all of them', { lang: 'de', n: { $gt: 6 } }, '7 9 11'],
  ['an element of a list', { tags: 't0' }, '0 3 6 9'],
  ['a whole list', { tags: ['t1', 'u1'] }, '1'],
  ['an object', { place: { floor: 2 } }, '2 6 10'],
  ['a dotted path', { 'place.floor': 3 }, '3 7 11'],
  ['a key that holds a dot before the path', { 'a.b': 'dotted' }, 'odd'],
  ['$eq', { n: { $eq: 5 } }, '5'],
  ['$ne, which a missing value fits', { lang: { $ne: 'de' } }, '0 2 4 6 8 10 odd proto'],
  ['$ne on a list', { tags: { $ne: 't0' } }, '1 2 4 5 7 8 10 11 odd proto'],
  ['$in', { n: { $in: [2, 4, 'x', null, 99] } }, '2 4 odd'],
  ['an empty $in', { n: { $in: [] } }, ''],
  ['$gt', { n: { $gt: 9 } }, '10 11 proto'],
  ['$gte', { n: { $gte: 9, $lt: 50 } }, '9 10 11'],
  ['$lt', { n: { $lt: 2 } }, '0 1'],
  ['$lte', { n: { $lte: 2 } }, '0 1 2'],
  ['a comparison of strings', { lang: { $gt: 'de' } }, '0 2 4 6 8 10'],
  ['a comparison with another type', { lang: { $gt: 5 } }, ''],
  ['$or', { $or: [{ n: 1 }, { n: 2 }, { tags: 'u4' }] }, '1 2 4 9'],
  ['$and', { $and: [{ lang: 'en' }, { n: { $gte: 4 } }, { n: { $lte: 8 } }] }, '4 6 8'],
  ['nested combinations', { $or: [{ $and: [{ lang: 'en' }, { $or: [{ n: 0 }, { n: 7 }] }] }, { n: 11 }] }, '0 11'],
  ['$between', { n: { $between: [3, 5] } }, '3 4 5'],
  ['$nin', { lang: { $nin: ['de', 'en'] } }, 'odd proto'],
  ['$exists', { place: { $exists: false } }, 'odd proto'],
  ['$any', { tags: { $any: ['u0', 'u1'] } }, '0 1 5 6 10 11'],
  ['$all', { tags: { $all: ['t0', 'u0'] } }, '0'],
  ['$size', { mixed: { $size: 4 } }, 'odd'],
  ['$contains in a string', { 'a.b': { $contains: 'otte' } }, 'odd'],
  ['$contains in a list', { tags: { $contains: 'u4' } }, '4 9'],
  ['$startsWith', { tags: { $startsWith: 'u4' } }, '4 9'],
  ['$not', { n: { $not: { $gt: 2 } }, $not: { n: null } }, '0 1 2'],
  ['$nor', { $nor: [{ lang: 'en' }, { tags: 't0' }, { n: { $gt: 9 } }] }, '1 5 7 odd'],
  ['$geoWithin', { hut: { $geoWithin: { center: { lat: 46.1, lon: 8.1 }, radius: 20_000 } } }, 'odd'],
  ['an empty filter', { n: { $gte: 0 }, $and: [{}] }, '0 1 2 3 4 5 6 7 8 9 10 11 proto'],
  ['a key __proto__, which only the document that has it fits', own('__proto__', 'own'), 'proto'],
  ['a key constructor', own('constructor', 'mine'), 'proto'],
  ['a path through a prototype', own('constructor.name', 'Object'), ''],
  ['mixed lists', { mixed: true }, 'odd'],
  ['below infinity', { n: { $lt: Infinity } }, '0 1 2 3 4 5 6 7 8 9 10 11 proto'],
  ['below minus infinity, asked right after below infinity', { n: { $lt: -Infinity } }, ''],
];

describe('a filter', () => {
  it.each(cases)('lets through what fits %s', async (_, filter, fits) => {
    expect(await matches(filter)).toBe(fits);
  });

  it('finds the one match among two thousand documents, in every mode, also as of earlier', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      // The one that fits is the worst answer there is.
      const docs = Array.from({ length: 2000 }, (_, i) => ({
        id: `d${i}`,
        text: `copper kettle ${i % 7}`,
        meta: { rare: i === 1234 },
      }));
      docs[1234] = { id: 'd1234', text: 'tax', meta: { rare: true } };
      await db.put(docs);
      const find = async (options: object) =>
        (await db.search('copper kettle', { filter: { rare: true }, k: 3, ...options })).map(({ id }) => id).join();
      const now = [await find({}), await find({ mode: 'dense' }), await find({ mode: 'dense', collapse: 'none' })];
      await db.put({ id: 'd1234', text: 'tax', meta: { rare: false } });
      await db.put({ id: 'd77', text: 'copper kettle', meta: { rare: true } });
      const later = [
        await find({}),
        await find({ mode: 'lexical' }),
        await find({ asOf: 'HEAD~1' }),
        await find({ asOf: 'HEAD~2' }),
      ];
      const common = (
        await db.search('copper kettle', { filter: { rare: { $ne: true } }, k: 1999, collapse: 'document' })
      ).length;
      await db.close();
      return { now, later, common };
    });
    expect(seen.now).toEqual(['d1234', 'd1234', 'd1234']);
    expect(seen.later).toEqual(['d77', 'd77', '', 'd1234']);
    expect(seen.common).toBe(1999);
  });

  it('follows new metadata without a new text', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const doc = { id: 'a', text: 'a green door' };
      const answers: number[] = [];
      for (const state of ['open', 'shut', 'open']) {
        await db.put({ ...doc, meta: { state } });
        answers.push((await db.search('door', { filter: { state: 'open' } })).length);
      }
      const before = (await db.at('HEAD~1').search('door', { filter: { state: 'shut' } })).map(({ meta }) => meta);
      return { answers, before };
    });
    expect(seen).toEqual({ answers: [1, 0, 1], before: [{ state: 'shut' }] });
  });
});
