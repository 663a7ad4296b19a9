// Clauses, options of words, facets and suggestions that cannot be are typed errors at once; what is merely odd has an answer.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, type Case, refusing } from '../kit/refusing.ts';
import { Site } from '../kit/site.ts';

let site: Site;
const refuses = refusing(() => site.page);
beforeAll(async () => {
  site = await Site.start();
  await site.page.evaluate(async () => {
    const db = await kit.AetherV.open('words');
    await db.put(kit.docs(12));
    await db.put({ id: 'notes/0003.md', text: 'another text' });
    Object.assign(globalThis, { db });
  });
});
afterAll(() => site.stop());

/** Cases that differ in one value, which is written into the call. */
const each = (code: string, call: string, values: readonly string[]): Case[] =>
  values.map((value): Case => [`${call} with ${value}`, code, call.replace('VALUE', value) as unknown as Call]);

describe('a query object refuses', () => {
  refuses([
    ['an unknown key', 'AV_INVALID', (db) => db.search({ text: 'x', filter: {} })],
    ['a text that is none', 'AV_INVALID', (db) => db.search({ text: 5 })],
    ['a function as text', 'AV_INVALID', (db) => db.search({ text: () => 'x' })],
    ['a vector that is a list', 'AV_INVALID', (db) => db.search({ text: 'x', vector: [1, 2] })],
    ['a class', 'AV_INVALID', (db) => db.search(new Map())],
    [
      'words beside a vector of another length',
      'AV_DIM_MISMATCH',
      (db) => db.search({ text: 'basket', vector: new Float32Array(3).fill(1) }),
    ],
    [
      'words beside NaN',
      'AV_NON_FINITE',
      (db) => db.search({ text: 'x', vector: new Float32Array(256).fill(Number.NaN) }),
    ],
    [
      'texts of 65,537 bytes together',
      'AV_LIMIT',
      (db) => db.search({ text: 'x'.repeat(40_000), must: 'x'.repeat(25_537) }),
    ],
    ['10,000 clauses', 'AV_LIMIT', (db) => db.search({ must: Array.from({ length: 10_000 }, () => 'x') })],
    [
      '257 clauses in three lists',
      'AV_LIMIT',
      (db) => {
        const hundred = Array.from({ length: 100 }, () => 'x');
        return db.search({ must: hundred, should: hundred, not: hundred.slice(0, 57) });
      },
    ],
    ...each('AV_INVALID', '(db) => db.search({ must: VALUE })', [
      '5',
      'null',
      '[null]',
      '[["x"]]',
      '() => "x"',
      '{}',
      '{ boost: 2 }',
      '{ words: "x" }',
      '{ text: "x", phrase: "y" }',
      '{ text: "x", prefix: "y" }',
      '{ text: ["x"] }',
      '{ phrase: { text: "x" } }',
      '{ text: "x", must: "y" }',
      '{ text: "x", slop: 1 }',
      '{ phrase: "x y", typos: 1 }',
      '{ phrase: "x y", slop: -1 }',
      '{ phrase: "x y", slop: 256 }',
      '{ phrase: "x y", slop: 0.5 }',
      '{ text: "x", typos: 3 }',
      '{ text: "x", typos: "always" }',
      '{ text: "x", fields: [] }',
      '{ text: "x", fields: "body" }',
      '{ text: "x", fields: ["author"] }',
      '{ text: "x", fields: [undefined] }',
      '{ text: "x", fields: Array(5).fill("body") }',
      '{ text: "x", boost: -1 }',
      '{ text: "x", boost: NaN }',
      '{ text: "x", boost: Infinity }',
      '{ text: "x", boost: "2" }',
      'Object.create({ text: "x" })',
    ]),
  ]);
});

describe('options of a search refuse', () => {
  refuses([
    ...each('AV_INVALID', "(db) => db.search('x', { VALUE })", [
      'boosts: 2',
      'boosts: [1]',
      'boosts: { author: 2 }',
      'boosts: { title: -1 }',
      'boosts: { title: NaN }',
      'boosts: { title: Infinity }',
      'boosts: { title: "2" }',
      'boosts: { title: 1001 }',
      'prefix: 1',
      'prefix: "yes"',
      'typos: "on"',
      'typos: true',
      'typos: 1',
      'fusion: "max"',
      'feedback: "yes"',
      'mmr: -0.1',
      'mmr: 1.1',
      'mmr: NaN',
      'mmr: "0.5"',
      'mmr: true',
      'sort: "n"',
      'sort: []',
      'sort: [null]',
      'sort: {}',
      'sort: { by: 5 }',
      'sort: { by: "" }',
      'sort: { by: ["n"] }',
      'sort: { by: "n", order: "up" }',
      'sort: { by: "n", desc: true }',
    ]),
    ['nine sort keys', 'AV_LIMIT', (db) => db.search('x', { sort: Array.from({ length: 9 }, () => ({ by: 'n' })) })],
  ]);
});

describe('facets refuse', () => {
  refuses([
    ['no options', 'AV_INVALID', (db) => db.facets('x')],
    ['a vector', 'AV_INVALID', (db) => db.facets(new Float32Array(256), { by: 'n' })],
    ['a vector in a query', 'AV_INVALID', (db) => db.facets({ vector: new Float32Array(256) }, { by: 'n' })],
    ['no query', 'AV_INVALID', (db) => db.facets(undefined, { by: 'n' })],
    ['a bad filter', 'AV_FILTER', (db) => db.facets('x', { by: 'n', filter: { n: { $near: 1 } } })],
    ['an unknown ref', 'AV_REF_UNKNOWN', (db) => db.facets('x', { by: 'n', asOf: 'no such' })],
    ['33 keys', 'AV_LIMIT', (db) => db.facets('x', { by: Array.from({ length: 33 }, (_, i) => `k${i}`) })],
    ['a limit of 10,001', 'AV_LIMIT', (db) => db.facets('x', { by: 'n', limit: 10_001 })],
    ...each('AV_INVALID', "(db) => db.facets('x', { VALUE })", [
      '',
      'by: []',
      'by: ""',
      'by: 5',
      'by: ["n", 5]',
      'by: { n: 1 }',
      'by: "n", limit: 0',
      'by: "n", limit: 1.5',
      'by: "n", limit: "5"',
      'by: "n", k: 5',
      'by: "n", mode: "lexical"',
    ]),
  ]);
});

describe('suggest, changes and live refuse', () => {
  refuses([
    ['a text that is none', 'AV_INVALID', (db) => db.suggest({ text: 'x' })],
    ['no text', 'AV_INVALID', (db) => db.suggest()],
    ['65,537 bytes', 'AV_LIMIT', (db) => db.suggest('x'.repeat(65_537))],
    ['k 101', 'AV_LIMIT', (db) => db.suggest('x', { k: 101 })],
    ['k 0', 'AV_INVALID', (db) => db.suggest('x', { k: 0 })],
    ['an unknown option', 'AV_INVALID', (db) => db.suggest('x', { most: 3 })],
    ['an unknown ref', 'AV_REF_UNKNOWN', (db) => db.suggest('x', { asOf: 'no such' })],
    [
      'a vector beside words in changes',
      'AV_INVALID',
      (db) => db.changes({ text: 'x', vector: new Float32Array(256) }, { from: 'HEAD~1' }),
    ],
    ['unknown typos in changes', 'AV_INVALID', (db) => db.changes('x', { from: 'HEAD~1', typos: 'on' })],
    ['a clause of two kinds in live', 'AV_INVALID', (db) => db.live({ must: { text: 'x', phrase: 'y' } })],
  ]);
});

describe('what is odd has an answer', () => {
  /** How many hits each has, and how long the slowest took. */
  const ask = () =>
    site.page.evaluate(async () => {
      const { db } = globalThis as unknown as { db: Awaited<ReturnType<typeof kit.AetherV.open>> };
      const long = Array.from({ length: 8000 }, (_, i) => `w${i}x`).join(' ');
      const asks: Record<string, () => Promise<readonly unknown[]>> = {
        plain: () => db.search('basket', { mode: 'lexical' }),
        empty: () => db.search(''),
        nothing: () => db.search({}),
        spaces: () => db.search(' \n\t'),
        'empty clauses': () => db.search({ must: [], should: '', not: { text: '' } }),
        'only not': () => db.search({ not: 'basket' }),
        'an empty phrase': () => db.search('""', { mode: 'lexical' }),
        'stop words': () => db.search('the of and', { mode: 'lexical' }),
        'stop words that must be': () => db.search({ text: 'basket', must: 'the' }, { mode: 'lexical' }),
        'a quote alone': () => db.search('the "basket', { mode: 'lexical' }),
        'quotes everywhere': () => db.search('"'.repeat(60_000), { mode: 'lexical' }),
        'many phrases': () => db.search('"basket" '.repeat(5000), { mode: 'lexical' }),
        'a prefix of one letter': () => db.search('b', { mode: 'lexical', prefix: true }),
        'a word of 200 letters': () => db.search('basket'.repeat(34), { typos: 'always', mode: 'lexical' }),
        'a letter 30,000 times': () => db.search('b '.repeat(30_000), { typos: 'always', prefix: true }),
        '8,000 unknown words': () => db.search(long, { mode: 'lexical' }),
        '8,000 unknown words, mended': () => db.search({ must: { text: long, typos: 2 } }, { mode: 'lexical' }),
        'a phrase of 8,000 words': () => db.search({ must: { phrase: long } }, { mode: 'lexical' }),
        'a lone surrogate': () => db.search({ text: '\ud800 basket' }, { mode: 'lexical' }),
        'no such key': async () => (await db.facets('basket', { by: 'no.such.key' }))['no.such.key'] ?? [],
        'prototype keys': async () => Object.values(await db.facets('', { by: ['__proto__', 'constructor'] })).flat(),
        'suggestions for 8,000 words': () => db.suggest(long),
        'suggestions for nothing': () => db.suggest(''),
      };
      const counts: Record<string, number> = {};
      let slowest = 0;
      for (const [what, run] of Object.entries(asks)) {
        const started = performance.now();
        counts[what] = (await run()).length;
        slowest = Math.max(slowest, performance.now() - started);
      }
      return { counts, slowest };
    });

  it('and nothing hangs', async () => {
    const { counts, slowest } = await ask();
    const none = [
      'empty',
      'nothing',
      'spaces',
      'empty clauses',
      'only not',
      'an empty phrase',
      'stop words',
      'a word of 200 letters',
    ];
    for (const what of [...none, 'quotes everywhere', '8,000 unknown words', '8,000 unknown words, mended'])
      expect([what, counts[what]]).toEqual([what, 0]);
    for (const what of [
      'a phrase of 8,000 words',
      'no such key',
      'prototype keys',
      'suggestions for nothing',
      'suggestions for 8,000 words',
    ])
      expect([what, counts[what]]).toEqual([what, 0]);
    for (const what of ['stop words that must be', 'a quote alone', 'many phrases', 'a lone surrogate'])
      expect([what, counts[what]]).toEqual([what, counts.plain]);
    expect(counts['a prefix of one letter']).toBe(10);
    expect(slowest).toBeLessThan(5000);
  });

  it('a deadline that passes is AV_TIMEOUT, and the next call works', async () => {
    const codes = await site.page.evaluate(async () => {
      const { db } = globalThis as unknown as { db: Awaited<ReturnType<typeof kit.AetherV.open>> };
      const calls = [
        () => db.search('basket', { sort: { by: 'n' }, deadlineMs: 1e-6 }),
        () => db.facets('basket', { by: 'n', deadlineMs: 1e-6 }),
        () => db.facets('basket', { by: 'n', signal: AbortSignal.abort() }),
        () => db.facets('basket', { by: 'n' }),
      ];
      const codes: string[] = [];
      for (const call of calls) codes.push((await kit.failure(call)).code);
      return codes;
    });
    expect(codes).toEqual(['AV_TIMEOUT', 'AV_TIMEOUT', 'AV_ABORTED', 'none']);
  });
});
