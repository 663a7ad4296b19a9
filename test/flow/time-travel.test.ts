// The walk of time travel (house 4.5): a ref becomes a view; everything else is a query like any other.

import { beforeAll, describe, expect, it } from 'vitest';
import type { Doc } from '../../src/model/document.ts';
import { list, log } from '../../src/retrieve/reads.ts';
import { Database } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';
import { Random, seedOf } from '../kit/random.ts';

beforeAll(startEngine);
const seed = seedOf('time travel');

const day = (text: string): Doc => ({
  id: 'diary.md',
  text: `# Day\n\n${text} walks around the old town.\n\n# Always\n\nThe same end.\n`,
});

/** A -> B -> A, and another document that comes and goes. */
async function diary(): Promise<Database> {
  const db = await Database.open(new Disk());
  await db.put([day('Sunny zebra')], { message: 'sun' });
  await db.put([day('Rainy quokka'), { id: 'guest.txt', text: 'A guest.' }], { message: 'rain' });
  await db.put([day('Sunny zebra')], { message: 'sun again' });
  await db.delete('guest.txt');
  return db;
}

describe('a ref', () => {
  it('is a commit id or its head, HEAD, HEAD~n, main, a Date or milliseconds', async () => {
    const db = await diary();
    const { commits } = db.state.history;
    const rain = commits.get(2);
    if (!rain) throw new Error('no commit');
    const times = [rain.time, rain.time + 1, new Date(rain.time), rain.time + 999];
    for (const ref of [rain.id, rain.id.slice(0, 6), 'HEAD~2', 'main~2', ...times])
      expect(await db.text('diary.md', ref), String(ref)).toContain('quokka');
    for (const ref of ['HEAD', 'main', 'HEAD~0', Date.now()]) expect(await db.text('diary.md', ref)).toContain('zebra');
    expect(await db.text('guest.txt', 'HEAD~1')).toBe('A guest.');
  });

  it('that means nothing is AV_REF_UNKNOWN', async () => {
    const db = await diary();
    const first = db.state.history.commits.get(1)?.time ?? 0;
    const refs = [
      'HEAD~4',
      'nonsense',
      'abc',
      'ffffffffffff',
      '',
      'HEAD~',
      first - 1,
      new Date(Number.NaN),
      -1e20,
      Number.NEGATIVE_INFINITY,
    ];
    for (const ref of refs) {
      await expect(db.text('diary.md', ref), String(ref)).rejects.toMatchObject({ code: 'AV_REF_UNKNOWN' });
      await expect(db.search('zebra', { asOf: ref }), String(ref)).rejects.toMatchObject({ code: 'AV_REF_UNKNOWN' });
    }
  });
});

describe('a search as of a commit', () => {
  it('finds the old text and not the new', async () => {
    const db = await diary();
    const texts = async (asOf: string): Promise<string[]> =>
      (await db.search('zebra quokka', { asOf, mode: 'lexical' })).map((hit) => hit.text.slice(0, 12));
    expect(await texts('HEAD~3')).toEqual(['Sunny zebra ']);
    expect(await texts('HEAD~2')).toEqual(['Rainy quokka']);
    expect(await texts('HEAD')).toEqual(['Sunny zebra ']);
  });

  it('tells when each life of a returning chunk began and ended', async () => {
    const db = await diary();
    const times = [...db.state.history.commits.values()].map(({ time }) => time);
    const life = async (asOf: string): Promise<unknown> =>
      (await db.search('zebra quokka', { asOf, mode: 'lexical' }))[0]?.interval.system;
    expect(await life('HEAD~3')).toEqual([times[0], times[1]]);
    expect(await life('HEAD~2')).toEqual([times[1], times[2]]);
    expect(await life('HEAD~1')).toEqual([times[2]]);
    const [ends] = await db.search('same end', { mode: 'lexical' });
    expect(ends?.interval.system).toEqual([times[0]]);
  });

  it('keeps the chunk id across edits and gives the returning version its old id', async () => {
    const db = await diary();
    const hit = async (asOf: string): Promise<string[]> => {
      const [first] = await db.search('zebra quokka', { asOf, mode: 'lexical' });
      return [first?.chunkId ?? '', first?.version ?? ''];
    };
    const [sun, rain, again] = [await hit('HEAD~3'), await hit('HEAD~2'), await hit('HEAD')];
    expect(again).toEqual(sun);
    expect(rain?.[0]).toBe(sun?.[0]);
    expect(rain?.[1]).not.toBe(sun?.[1]);
  });

  it('scores exactly as a store that stopped there, in every mode, flushed and reopened', async () => {
    const random = new Random(seed);
    const steps = Array.from({ length: 12 }, () =>
      Array.from(
        { length: 1 + random.below(3) },
        (_, i): Doc => ({
          id: `${3 * random.below(3) + i}.md`,
          text: `# ${random.pick(['One', 'Two'])}\n\n${random.words(40)}\n\n## Deep\n\n${random.words(15)}\n`,
        }),
      ),
    );
    const queries = [random.words(3), random.words(1), 'zebra'];
    const stopped: unknown[] = [];
    const ask = async (db: Database, asOf?: string): Promise<unknown> => {
      const found: unknown[] = [];
      for (const query of queries)
        for (const mode of ['hybrid', 'lexical', 'dense'] as const)
          for (const collapse of ['section', 'none'] as const) {
            const hits = await db.search(query, { mode, collapse, k: 12, asOf, explain: true });
            // A store that stopped does not know when a life ended.
            found.push(hits.map(({ interval, ...hit }) => ({ ...hit, from: interval.system[0] })));
          }
      return found;
    };
    let db = await Database.open(new Disk());
    for (const [i, docs] of steps.entries()) {
      await db.put(docs);
      if (i % 5 === 3) await db.flush();
      stopped.push(await ask(db));
    }
    for (let round = 0; round < 2; round++) {
      for (const [i, want] of stopped.entries()) expect(await ask(db, `HEAD~${steps.length - 1 - i}`)).toEqual(want);
      db = await db.reopen();
    }
  });
});

describe('lists as of a commit', () => {
  it('hold the documents and commits of then', async () => {
    const db = await diary();
    expect(list(db.state, 0, 'HEAD~2').items.map(({ id, seq, chunks }) => [id, seq, chunks])).toEqual([
      ['diary.md', 2, 2],
      ['guest.txt', 2, 1],
    ]);
    expect(list(db.state, 0, undefined).items.map(({ id, seq }) => [id, seq])).toEqual([['diary.md', 3]]);
    expect(log(db.state, 0, 'HEAD~1').items.map(({ message }) => message)).toEqual(['sun again', 'rain', 'sun']);
  });
});

describe('the order of history', () => {
  it('rises even when the clock stands still or goes back', async () => {
    const db = await Database.open(new Disk());
    let now = 5_000;
    Object.assign(db.state, { now: () => now });
    for (const clock of [5_000, 5_000, 4_000, 9_000]) {
      now = clock;
      await db.put([day(`At ${clock} ${db.state.history.commits.size}.`)]);
    }
    expect([...db.state.history.commits.values()].map(({ time }) => time)).toEqual([5_000, 5_001, 5_002, 9_000]);
    expect(await db.text('diary.md', 5_001)).toContain('At 5000 1');
  });
});
