// Batches over documents whose rows are found by another processor, here a plain loop: the hits are those of the index alone, whatever it says and
// whatever is written meanwhile.

import { beforeAll, describe, expect, it } from 'vitest';
import type { Doc } from '../../src/model/document.ts';
import type { Hit } from '../../src/model/query.ts';
import type { IndexAnswer } from '../../src/ports/index.ts';
import type { Candidates, Scorer, ScoreJob } from '../../src/ports/scorer.ts';
import type { Question } from '../../src/retrieve/plan.ts';
import type { Ask } from '../../src/retrieve/search.ts';
import { Database } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';
import { Random, seedOf } from '../kit/random.ts';

beforeAll(startEngine);
const seed = seedOf('propose');
const random = new Random(seed);
const EACH = 128;
const NONE = 0xffffffff;

/** What it does to its answer, what is done while it works, and whether it fails in the end. */
interface Way {
  fails?: boolean;
  spoil?: (found: { cnos: Uint32Array; scores: Float32Array; each: number }) => void;
  meanwhile?: () => Promise<unknown>;
}

/** A scorer that is always ready, and counts. */
class LoopScorer {
  readonly kMax = 224;
  readonly kCodedMax = 100;
  readonly bytesMax = 1 << 30;
  jobs = 0;
  distrusted = 0;
  way: Way = {};
  readonly info = { mode: 'force', state: 'ready', why: '' } as Scorer['info'];

  async ready(): Promise<void> {}
  close(): void {}
  distrust(): void {
    this.distrusted++;
  }

  async nearest({ dims, queries, gather }: ScoreJob): Promise<Candidates | undefined> {
    this.jobs++;
    const count = queries.length / dims;
    const out = { each: EACH, cnos: new Uint32Array(count * EACH).fill(NONE), scores: new Float32Array(count * EACH) };
    for (let q = 0; q < count; q++) {
      const parts = gather();
      if (!parts) return undefined;
      const all = parts.flatMap(({ rows, mask, cnos, values }) => {
        const flat = new Float32Array(values(0, rows).slice().buffer);
        const places = [...Array(rows).keys()].filter((row) => !mask || ((mask[row >> 5] ?? 0) >>> (row & 31)) & 1);
        return places.map((row) => {
          let sum = 0;
          for (let d = dims - 1; d >= 0; d--) sum += (flat[row * dims + d] ?? 0) * (queries[q * dims + d] ?? 0);
          return [Math.fround(sum), cnos[row] ?? NONE] as const;
        });
      });
      for (const [i, [score, cno]] of all
        .sort((a, b) => b[0] - a[0] || a[1] - b[1])
        .slice(0, EACH)
        .entries()) {
        out.cnos[q * EACH + i] = cno;
        out.scores[q * EACH + i] = score;
      }
      if (q === 0) await this.way.meanwhile?.();
    }
    this.way.spoil?.(out);
    if (this.way.fails) return undefined;
    return { ...out, precision: 'whole' };
  }
}

const docs = (from: number, count: number): Doc[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `${from + i}.md`,
    text: `# A ${from + i}\n\n${random.words(12)}\n\n## B\n\n${random.words(9)}\n\n## C\n\n${random.words(11)}\n`,
    meta: { odd: i % 2 === 1 },
  }));

/** A database, and how its index fared with what was proposed to it. */
async function filled(): Promise<{ db: Database; scorer: LoopScorer; became: Record<string, number> }> {
  const db = await Database.open(new Disk());
  const [scorer, became] = [new LoopScorer(), {} as Record<string, number>];
  await db.put(docs(0, 120));
  await db.flush();
  await db.put(docs(100, 60));
  await db.flush();
  await db.put(docs(150, 20));
  const { index } = db.state;
  const search = index.search.bind(index);
  Object.assign(index, {
    search: (query: Parameters<typeof search>[0]): IndexAnswer => {
      const answer = search(query);
      became[answer.became] = (became[answer.became] ?? 0) + 1;
      return answer;
    },
  });
  Object.assign(db.state, { scorer });
  return { db, scorer, became };
}

const questions = (count: number): Question[] =>
  Array.from({ length: count }, (_, i) =>
    i % 5 === 4 ? Float32Array.from({ length: 16 }, () => random.signed()) : random.words(1 + (i % 4)),
  );

async function singly(db: Database, all: readonly Question[], ask: Ask): Promise<Hit[][]> {
  const hits: Hit[][] = [];
  for (const question of all) hits.push(await db.search(question, ask));
  return hits;
}

describe('a batch that starts from what another processor found', () => {
  const asks: [Ask, boolean][] = [
    [{}, true],
    [{ mode: 'dense', collapse: 'none' }, true],
    [{ filter: { odd: true }, k: 5 }, true],
    [{ asOf: 'HEAD~2', weight: 0.2 }, true],
    [{ collapse: 'document', recency: { weight: 1 } }, true],
    [{ mmr: 0.4, k: 5 }, true],
    [{ k: 300 }, false],
    // Those that are vectors.
    [{ mode: 'lexical' }, true],
    [{ explain: true }, false],
    [{ fusion: 'rank' }, false],
    [{ feedback: true }, false],
  ];

  it.each(asks.map(([ask, used]) => [JSON.stringify(ask), ask, used] as const))('with %s', async (_, ask, used) => {
    const { db, scorer, became } = await filled();
    const all = questions(40);
    const wanted = await singly(db, all, ask);
    expect(became).toEqual({ unused: expect.any(Number) });
    expect(await db.searchBatch(all, ask), `seed ${seed}`).toEqual(wanted);
    expect([scorer.jobs, scorer.distrusted]).toEqual([used ? 1 : 0, 0]);
    expect(became.wrong).toBeUndefined();
    if (used && !ask.mmr) expect(became.proved ?? 0).toBeGreaterThan(5);
  });

  it.each<[string, NonNullable<Way['spoil']>]>([
    ['cosines that are wrong', ({ scores }) => scores.fill(0.999)],
    ['no numbers', ({ scores }) => scores.fill(Number.NaN)],
    ['a row twice', ({ cnos }) => cnos.copyWithin(1, 0, 1)],
    ['a row that is not there', ({ cnos }) => cnos.fill(9999, 3, 4)],
    ['too few rows', ({ cnos }) => cnos.fill(NONE, 5, EACH)],
    ['an order that is none', ({ scores }) => scores.fill(-0.9, 0, 1)],
  ])('and brings %s: the failure is counted once', async (_, spoil) => {
    const { db, scorer } = await filled();
    const all = questions(20);
    scorer.way = { spoil };
    expect(await db.searchBatch(all), `seed ${seed}`).toEqual(await singly(db, all, {}));
    expect([scorer.jobs, scorer.distrusted]).toEqual([1, 1]);
  });

  it('while others write', async () => {
    const { db, scorer, became } = await filled();
    const all = questions(20);
    const plain = (hits: Hit[][]): unknown => hits.map((own) => own.map(({ interval: _, ...hit }) => hit));
    const add = () => db.put(docs(500, 3));
    for (const way of [
      { meanwhile: add },
      { meanwhile: () => db.flush() },
      { meanwhile: () => db.delete('7.md') },
      { meanwhile: () => db.compact() },
      { meanwhile: add, fails: true },
    ]) {
      const head = db.state.history.headCommit?.id;
      scorer.way = way;
      const hits = await db.searchBatch(all);
      expect(plain(hits), `seed ${seed}`).toEqual(plain(await singly(db, all, { asOf: head })));
    }
    expect(scorer.distrusted).toBe(0);
    expect(became.wrong).toBeUndefined();
  });
});
