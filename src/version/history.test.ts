// History in memory: refs, views against a plain replay, births that repeat, and the span of each life.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommitInfo } from '../model/report.ts';
import { History } from './history.ts';
import type { DocVersion, TimelineEntry } from './record.ts';

const counts = { added: 0, updated: 0, deleted: 0, chunks: 0, embedded: 0, reused: 0 };
const stats = { ...counts, tokensEmbedded: 0, tokensReused: 0 };
const idOf = (seq: number): string => `${(seq * 7919).toString(16).padStart(8, '0')}`.repeat(4);

function info(seq: number, id = idOf(seq)): CommitInfo {
  return { id, seq, parents: seq > 1 ? [idOf(seq - 1)] : [], message: `m${seq}`, author: '', time: seq * 100, stats };
}

function version(dno: number, id: string, parts: readonly number[]): DocVersion {
  return {
    dno,
    id,
    versionId: '',
    title: undefined,
    format: 'text',
    meta: {},
    validFrom: undefined,
    validTo: undefined,
    parts,
  };
}

type Change = Omit<TimelineEntry, 'seq' | 'base'>;

/** A history of one line of timeline entries on main; the documents are made up. */
function historyOf(entries: readonly Change[], docs: readonly DocVersion[] = []): History {
  const history = new History();
  for (const [i, entry] of entries.entries()) {
    history.apply({
      info: info(i + 1),
      batch: idOf(i + 1),
      entry: { seq: i + 1, base: i, ...entry },
      docs: i === 0 ? docs : [],
    });
    history.edit([{ kind: 'head', name: 'main', seq: i + 1 }]);
  }
  return history;
}

const quiet = { docsBorn: [], docsDied: [], chunksBorn: [], chunksDied: [] };

describe('resolving', () => {
  const history = historyOf([quiet, quiet, quiet, quiet]);
  const unknown: unknown = expect.objectContaining({ code: 'AV_REF_UNKNOWN' });

  it('takes ids, heads of ids, HEAD, HEAD~n and main', () => {
    const refs = [undefined, 'HEAD', 'main', 'HEAD~0', 'HEAD~3', 'main~1', idOf(2), idOf(3).slice(0, 8)] as const;
    expect(refs.map((ref) => history.resolve(ref))).toEqual([4, 4, 4, 4, 1, 3, 2, 3]);
  });

  it('takes times: the last commit at or before', () => {
    expect([100, 199, 200, 399.5, 1e15, Number.POSITIVE_INFINITY].map((time) => history.resolve(time))).toEqual([
      1, 1, 2, 3, 4, 4,
    ]);
    expect(history.resolve(new Date(250))).toBe(2);
  });

  it('refuses what means nothing, each with AV_REF_UNKNOWN', () => {
    const bad = [
      'HEAD~4',
      'HEAD~',
      'head',
      '',
      'abc',
      idOf(1).toUpperCase().replaceAll(/\d/g, 'A'),
      'ffffffff',
      `${idOf(1)}0`,
      99,
      0,
      -1,
    ];
    for (const ref of bad) expect(() => history.resolve(ref), String(ref)).toThrow(unknown as Error);
    for (const time of [Number.NaN, new Date('no'), Number.NEGATIVE_INFINITY, -9e15])
      expect(() => history.resolve(time), String(time)).toThrow(unknown as Error);
    expect(() => history.resolve('HEAD~99999999999999999999')).toThrow(unknown as Error);
  });

  it('refuses an id that fits several commits', () => {
    const twins = new History();
    for (const seq of [1, 2])
      twins.apply({
        info: info(seq, `abcdef${seq}${'0'.repeat(25)}`),
        batch: `${seq}`,
        entry: { seq, base: seq - 1, ...quiet },
        docs: [],
      });
    expect(() => twins.resolve('abcdef')).toThrow(expect.objectContaining({ code: 'AV_REF_AMBIGUOUS' }));
    expect(twins.resolve('abcdef2')).toBe(2);
  });

  it('of an empty history is before everything', () => {
    const empty = new History();
    expect([empty.resolve(undefined), empty.resolve('HEAD'), empty.resolve(5)]).toEqual([0, 0, 0]);
    expect(() => empty.resolve('HEAD~1')).toThrow(unknown as Error);
    expect([...empty.view(0).docs]).toEqual([]);
  });
});

/** Random entries that only kill what lives and only bear what does not. */
const script = fc.array(fc.uniqueArray(fc.nat(90), { maxLength: 12 }), { minLength: 1, maxLength: 70 });

function play(toggles: readonly (readonly number[])[]): {
  entries: Change[];
  alive: Set<number>[];
} {
  const live = new Set<number>();
  const alive: Set<number>[] = [];
  const entries = toggles.map((list) => {
    const sorted = list.toSorted((a, b) => a - b);
    const [died, born] = [sorted.filter((i) => live.has(i)), sorted.filter((i) => !live.has(i))];
    for (const i of died) live.delete(i);
    for (const i of born) live.add(i);
    alive.push(new Set(live));
    return { docsBorn: born, docsDied: died, chunksBorn: born, chunksDied: died };
  });
  return { entries, alive };
}

describe('views', () => {
  it('equal a plain replay, in whatever order they are asked for', () => {
    fc.assert(
      fc.property(script, fc.array(fc.nat(69)), (toggles, order) => {
        const { entries, alive } = play(toggles);
        const history = historyOf(entries);
        for (const at of [...order.filter((i) => i < alive.length), ...alive.keys()]) {
          const view = history.view(at + 1);
          const want = [...(alive[at] ?? [])].sort((a, b) => a - b);
          expect([[...view.docs], [...view.chunks], view.seq]).toEqual([want, want, at + 1]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('of branches equal a plain replay of each way, wherever the handle stands', () => {
    const branching = fc.array(fc.tuple(fc.nat(2), fc.nat(1000), fc.uniqueArray(fc.nat(90), { maxLength: 6 })), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(branching, fc.array(fc.nat(60)), (draws, order) => {
        const history = new History();
        const alive: ReadonlySet<number>[] = [new Set()];
        for (const [i, [kind, any, toggles]] of draws.entries()) {
          const [seq, base] = [i + 1, kind < 2 ? i : any % (i + 1)];
          const now = new Set(alive[base]);
          const sorted = toggles.toSorted((a, b) => a - b);
          const [died, born] = [sorted.filter((o) => now.has(o)), sorted.filter((o) => !now.has(o))];
          for (const o of died) now.delete(o);
          for (const o of born) now.add(o);
          alive.push(now);
          const entry = { seq, base, docsBorn: born, docsDied: died, chunksBorn: born, chunksDied: died };
          history.apply({ info: info(seq), batch: '', entry, docs: [] });
          if (any % 3 === 0) history.edit([{ kind: 'head', name: 'main', seq }]);
          if (any % 7 === 0) history.checkout = any % 2 === 0 ? { seq } : { branch: 'main' };
          const head = [...(alive[history.headSeq] ?? [])].sort((a, b) => a - b);
          expect([history.head.seq, [...history.head.docs]]).toEqual([history.headSeq, head]);
        }
        for (const seq of [...order.filter((at) => at < alive.length), ...alive.keys()]) {
          const view = history.view(seq);
          const want = [...(alive[seq] ?? [])].sort((a, b) => a - b);
          expect([[...view.docs], [...view.chunks], view.seq]).toEqual([want, want, seq]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('do not change when more is committed', () => {
    const history = historyOf([{ ...quiet, docsBorn: [0], chunksBorn: [0] }]);
    const [first, head] = [history.view(1), history.head];
    const entry = { seq: 2, base: 1, ...quiet, docsDied: [0], chunksDied: [0] };
    history.apply({ info: info(2), batch: 'b', entry, docs: [] });
    expect([...history.head.chunks]).toEqual([0]);
    history.edit([{ kind: 'head', name: 'main', seq: 2 }]);
    expect([[...first.chunks], [...head.chunks], [...history.head.chunks], [...history.view(1).docs]]).toEqual([
      [0],
      [0],
      [],
      [0],
    ]);
  });
});

describe('a life', () => {
  it('is the one that the view sees, for births that repeat', () => {
    fc.assert(
      fc.property(script, (toggles) => {
        const { entries, alive } = play(toggles);
        const history = historyOf(entries);
        for (const [at, live] of alive.entries()) {
          const view = history.view(at + 1);
          for (const vno of live) {
            let born = at;
            while (born > 0 && alive[born - 1]?.has(vno)) born--;
            const died = alive.findIndex((later, i) => i > at && !later.has(vno));
            const want = died < 0 ? [(born + 1) * 100] : [(born + 1) * 100, (died + 1) * 100];
            expect(history.life(vno, view)).toEqual(want);
            expect(history.bornAt(vno, view)).toBe(born + 1);
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('the handle', () => {
  it('stands on a branch, which commits move by an edit of their own, or on a commit', () => {
    const history = historyOf([quiet, quiet]);
    history.apply({ info: info(3), batch: 'c', entry: { seq: 3, base: 1, ...quiet }, docs: [] });
    expect([history.headSeq, history.headCommit?.id]).toEqual([2, idOf(2)]);
    history.edit([{ kind: 'head', name: 'work', seq: 3 }]);
    const stands = [{ branch: 'work' }, { seq: 1 }, { branch: 'none' }, { branch: 'main' }].map((checkout) => {
      history.checkout = checkout;
      return [history.headSeq, history.head.seq, history.headCommit?.id];
    });
    expect(stands).toEqual([
      [3, 3, idOf(3)],
      [1, 1, idOf(1)],
      [0, 0, undefined],
      [2, 2, idOf(2)],
    ]);
    expect([history.lastSeq, history.lastTime]).toEqual([3, 300]);
  });
});

describe('documents', () => {
  it('are found by id in each view: A, then B, then A again', () => {
    const docs = [version(0, 'a', [0]), version(1, 'a', [1]), version(2, 'b', [2])];
    const history = historyOf(
      [
        { docsBorn: [0], docsDied: [], chunksBorn: [0], chunksDied: [] },
        { docsBorn: [1, 2], docsDied: [0], chunksBorn: [1, 2], chunksDied: [0] },
        { docsBorn: [0], docsDied: [1], chunksBorn: [0], chunksDied: [1] },
        { docsBorn: [], docsDied: [0], chunksBorn: [], chunksDied: [0] },
      ],
      docs,
    );
    const dnos = (id: string): (number | undefined)[] =>
      [1, 2, 3, 4].map((seq) => history.live(id, history.view(seq))?.dno);
    expect([dnos('a'), dnos('b'), dnos('never')]).toEqual([
      [0, 1, 0, undefined],
      [undefined, 2, 2, 2],
      [undefined, undefined, undefined, undefined],
    ]);
    expect(history.holder(0, history.view(3))?.dno).toBe(0);
    expect(history.versions('a').map(({ dno }) => dno)).toEqual([0, 1]);
  });
});
