// Clauses, facets, sorting and suggestions over several segments, against a reference that reads every chunk; and all of
// it as of earlier commits, against what was answered then.

import { beforeAll, describe, expect, it } from 'vitest';
import type { Doc } from '../../src/model/document.ts';
import type { Clause, Query, SortKey } from '../../src/model/query.ts';
import { facets } from '../../src/retrieve/facets.ts';
import { viewAt } from '../../src/retrieve/point.ts';
import type { Ask } from '../../src/retrieve/search.ts';
import { suggest } from '../../src/retrieve/suggest.ts';
import { Database } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';
import { bySort, counted, matches, type NaiveChunk } from '../kit/naive-text.ts';
import { Random, seedOf } from '../kit/random.ts';

beforeAll(startEngine);
const random = new Random(seedOf('text'));
/** Words that stemming leaves apart. */
const WORDS = ['zebra', 'quokka', 'lemur', 'otter', 'heron', 'gecko', 'bison', 'koala', 'zebu', 'ottoman'];
const ALL = 10_000;

const some = (most: number): string =>
  Array.from({ length: 1 + random.below(most) }, () => random.pick(WORDS)).join(' ');

function document(i: number): Doc {
  const meta = {
    ...(random.chance(80) ? { n: random.below(5) } : {}),
    ...(random.chance(80) ? { tags: [random.pick(['a', 'b', 'c']), random.pick(['a', 'b', 1])] } : {}),
    in: { depth: random.pick([1, 'one', true]) },
  };
  const text = Array.from({ length: random.below(5) }, () => some(8)).join('\n\n');
  return { id: `${i}.txt`, text, meta, ...(random.chance(40) ? { title: some(3) } : {}) };
}

/** Documents in segments and in the log, some edited, some deleted. */
async function filled(): Promise<Database> {
  let db = await Database.open(new Disk());
  for (let round = 0; round < 5; round++) {
    await db.put(
      Array.from({ length: 12 }, () => document(random.below(40))).filter(
        ({ id }, i, all) => all.findIndex((doc) => doc.id === id) === i,
      ),
    );
    if (round === 1 || round === 3) await db.flush();
    if (round === 2) await db.delete('3.txt', '7.txt', '11.txt');
    if (round === 3) db = await db.reopen();
  }
  return db;
}

function chunksOf({ state: { history, index } }: Database, asOf?: Ask['asOf']): NaiveChunk[] {
  const { view } = viewAt(history, asOf);
  return [...view.docs].flatMap((dno) => {
    const doc = history.docs[dno];
    let at = 0;
    return (doc?.parts ?? []).flatMap((part) => {
      const text = typeof part === 'string' ? part : index.text(part);
      const start = at;
      at += text.length;
      if (!doc || typeof part === 'string') return [];
      return [{ id: doc.id, start, text, title: index.path(part).join(' '), meta: doc.meta }];
    });
  });
}

function clause(): Clause {
  const fields = random.chance(20) ? { fields: [random.pick(['title', 'body'] as const)] } : {};
  const sort = random.below(5);
  if (sort === 0) return { phrase: some(3), ...fields };
  if (sort === 1) return { prefix: random.pick(WORDS).slice(0, 2 + random.below(3)), ...fields };
  return sort === 2 ? some(2) : { text: some(2), boost: random.pick([1, 0.5, 7]), ...fields };
}

function query(): Query {
  const clauses = (percent: number) =>
    random.chance(percent) ? Array.from({ length: 1 + random.below(2) }, clause) : undefined;
  return { text: random.chance(60) ? some(3) : undefined, must: clauses(40), should: clauses(30), not: clauses(40) };
}

const place = ({ id, range }: { id: string; range: readonly [number, number] }): string => `${id} ${range[0]}`;
const LEXICAL = { mode: 'lexical', collapse: 'none', k: ALL } as const;
const looks = ({ text, must, should }: Query): boolean => [text, must, should].some((part) => part !== undefined);

describe('clauses over segments, log and history', () => {
  it('find what a reference finds that reads every chunk', async () => {
    const db = await filled();
    const head = db.state.history.headSeq;
    for (let i = 0; i < 300; i++) {
      const asOf = i % 3 === 0 ? `HEAD~${random.below(head)}` : undefined;
      const asked = query();
      const want = looks(asked) ? chunksOf(db, asOf).filter((chunk) => matches(chunk, asked)) : [];
      const hits = await db.search(asked, { ...LEXICAL, asOf });
      expect(hits.map(place).sort(), JSON.stringify(asked)).toEqual(
        want.map(({ id, start }) => `${id} ${start}`).sort(),
      );
      for (const { range, snippet, highlights } of hits)
        for (const [start, end] of [snippet, ...highlights]) expect(start >= range[0] && end <= range[1]).toBe(true);
    }
  });

  it('narrow what the vector finds', async () => {
    const db = await filled();
    for (let i = 0; i < 60; i++) {
      const asked = { ...query(), text: some(3) };
      const { must, not } = asked;
      const want = chunksOf(db).filter((chunk) => matches(chunk, { must, not }));
      const hits = await db.search(asked, { ...LEXICAL, mode: random.pick(['dense', 'hybrid']) });
      expect(hits.map(place).sort(), JSON.stringify(asked)).toEqual(
        want.map(({ id, start }) => `${id} ${start}`).sort(),
      );
    }
  });

  it('in quotes hold what they quote', async () => {
    const db = await filled();
    for (let i = 0; i < 60; i++) {
      const phrase = some(3);
      const hits = await db.search(`otter "${phrase}" koala`, { ...LEXICAL, mode: random.pick(['lexical', 'hybrid']) });
      const want = chunksOf(db).filter((chunk) => matches(chunk, { must: { phrase } }));
      expect(hits.map(place).sort()).toEqual(want.map(({ id, start }) => `${id} ${start}`).sort());
    }
  });
});

describe('facets', () => {
  it('count the documents that match, at any commit', async () => {
    const db = await filled();
    const head = db.state.history.headSeq;
    for (let i = 0; i < 120; i++) {
      const asOf = `HEAD~${random.below(head)}`;
      const asked = query();
      const filter = random.chance(30) ? { n: { $gt: 1 } } : undefined;
      const by = ['n', 'tags', 'in.depth', 'none'];
      const found = await facets(db.state, asked, { by, filter, asOf });
      const chunks = chunksOf(db, asOf).filter((chunk) => matches(chunk, asked));
      const fits = (n: unknown): boolean => !filter || (typeof n === 'number' && n > 1);
      const everything = !looks(asked) && asked.not === undefined;
      const { view } = viewAt(db.state.history, asOf);
      const docs = [...view.docs].flatMap((dno) => db.state.history.docs[dno] ?? []);
      const metas = docs
        .filter(({ id, meta }) => fits(meta.n) && (everything || chunks.some((chunk) => chunk.id === id)))
        .map(({ meta }) => meta);
      const want = Object.fromEntries(by.map((key) => [key, counted(metas, key)]));
      expect(found, JSON.stringify({ asked, asOf })).toEqual(want);
      const [first] = (await facets(db.state, asked, { by: 'tags', filter, asOf, limit: 1 })).tags ?? [];
      expect(first).toEqual(want.tags?.[0]);
    }
  });
});

describe('sorting', () => {
  const keys: readonly SortKey[][] = [
    [{ by: 'n' }],
    [{ by: 'n', order: 'desc' }, { by: 'in.depth' }],
    [{ by: 'none' }],
  ];

  it('puts what matches in the order of its metadata, then of its score', async () => {
    const db = await filled();
    for (let i = 0; i < 60; i++) {
      const text = some(2);
      const sort = random.pick(keys);
      const ask = { mode: random.pick(['lexical', 'hybrid'] as const), collapse: 'none' as const, sort };
      const all = await db.search(text, { ...ask, k: ALL });
      const want = chunksOf(db).filter((chunk) => matches(chunk, { text }));
      expect(all.map(place).sort()).toEqual(want.map(({ id, start }) => `${id} ${start}`).sort());
      for (const [at, hit] of all.entries()) {
        const next = all[at + 1];
        const step = next ? bySort(sort, hit.meta, next.meta) : -1;
        expect(step < 0 || (step === 0 && hit.score >= (next?.score ?? 0)), `${at}`).toBe(true);
      }
      const k = 1 + random.below(10);
      expect(await db.search(text, { ...ask, k })).toEqual(all.slice(0, k));
    }
  });

  it('without words lists what the filter admits, by metadata, id and position', async () => {
    const db = await filled();
    for (const sort of keys)
      for (const filter of [undefined, { n: { $lt: 3 } }]) {
        const all = await db.search('', { sort, filter, collapse: 'none', k: ALL });
        const admitted = chunksOf(db).filter(({ meta }) => !filter || (typeof meta.n === 'number' && meta.n < 3));
        admitted.sort(
          (a, b) => bySort(sort, a.meta, b.meta) || (a.id < b.id ? -1 : a.id > b.id ? 1 : a.start - b.start),
        );
        expect(all.map(place)).toEqual(admitted.map(({ id, start }) => `${id} ${start}`));
        const documents = await db.search({}, { sort, filter, collapse: 'document', k: 3 });
        expect(documents.map(({ id }) => id)).toEqual([...new Set(admitted.map(({ id }) => id))].slice(0, 3));
      }
  });
});

describe('as of an earlier commit', () => {
  it('everything is as it was answered then', async () => {
    const db = await Database.open(new Disk());
    const asks: readonly [string | Query, Ask][] = [
      ['zebrra oter', {}],
      ['zebrra oter', { typos: 'always', mode: 'lexical' }],
      ['koala ze', { prefix: true }],
      ['"otter" heron', { fusion: 'rank', explain: true }],
      [{ must: { prefix: 'ot' }, not: 'gecko' }, { boosts: { title: 9 } }],
      ['lemur', { sort: { by: 'n', order: 'desc' } }],
      ['lemur otter', { mmr: 0.5 }],
      ['lemur otter', { feedback: true }],
    ];
    const picture = async (asOf?: string): Promise<unknown> => [
      ...(await Promise.all(asks.map(([asked, ask]) => db.search(asked, { ...ask, asOf })))),
      await suggest(db.state, 'zebrra koalla ott', { asOf }),
      await facets(db.state, 'otter', { by: ['n', 'tags'], asOf }),
    ];
    const then: unknown[] = [];
    for (let i = 0; i < 8; i++) {
      await db.put([document(i), document(i + 20)]);
      if (i === 3) await db.flush();
      then.push(await picture());
    }
    const ended = (hits: unknown): string =>
      JSON.stringify(hits).replace(/"system":\[(\d+)(,\d+)?\]/g, '"system":[$1]');
    for (const [i, want] of then.entries())
      expect(ended(await picture(`HEAD~${then.length - 1 - i}`))).toBe(ended(want));
  });
});

describe('suggestions', () => {
  it('correct what no chunk holds, and complete the last word', async () => {
    const db = await Database.open(new Disk());
    await db.put([
      { id: 'a', text: 'The zebra and the quokka.' },
      { id: 'b', text: 'A zebra, an ottoman.' },
    ]);
    const texts = async (text: string, k?: number) => (await suggest(db.state, text, { k })).map((each) => each.text);
    expect(await texts('the zebra and quokka')).toEqual([]);
    expect(await texts('')).toEqual([]);
    expect(await texts('the of')).toEqual([]);
    expect(await texts('xylophone')).toEqual([]);
    expect(await suggest(db.state, 'A Zebrra, quoka?', {})).toEqual([
      {
        text: 'A zebra, quokka?',
        kind: 'correction',
        changed: [
          [2, 7],
          [9, 15],
        ],
      },
    ]);
    expect(await suggest(db.state, 'zebrra ott', {})).toEqual([
      {
        text: 'zebra ottoman',
        kind: 'completion',
        changed: [
          [0, 5],
          [6, 13],
        ],
      },
    ]);
  });
});
