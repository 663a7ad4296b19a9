// What a policy keeps, and that forgetting the rest changes nothing about what is kept.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from '../version/history.ts';
import type { DocVersion } from '../version/record.ts';
import type { Move, RefEdit } from '../version/refs.ts';
import { forgetting, keptCommits } from './retention.ts';

interface Step {
  readonly base: number;
  /** Documents that change from alive to not, or back; each has two chunk versions. */
  readonly toggles: readonly number[];
}

const counts = { added: 0, updated: 0, deleted: 0, chunks: 0, embedded: 0, reused: 0 };
const stats = { ...counts, tokensEmbedded: 0, tokensReused: 0 };
const idOf = (seq: number): string => `${seq}`.padStart(32, '0');
const head = (name: string, seq: number): RefEdit => ({ kind: 'head', name, seq });
const move = (branch: string, from: number, to: number, time: number): Move => ({ branch, from, to, time, why: '' });
const rows = (dnos: readonly number[]): number[] => dnos.flatMap((dno) => [2 * dno, 2 * dno + 1]);

function version(dno: number): DocVersion {
  const head = { title: undefined, format: 'text' as const, meta: {}, validFrom: undefined, validTo: undefined };
  return { dno, id: `d${dno % 3}`, versionId: '', ...head, parts: [2 * dno, ' ', 2 * dno + 1] };
}

/** Commits 1, 2, ... at times 100, 200, ... */
function historyOf(steps: readonly Step[], edits: readonly RefEdit[] = []): History {
  const history = new History();
  const seen = new Set<number>();
  for (const [i, { base, toggles }] of steps.entries()) {
    const seq = i + 1;
    const { docs } = history.view(base);
    const sorted = toggles.toSorted((a, b) => a - b);
    const [died, born] = [sorted.filter((dno) => docs.has(dno)), sorted.filter((dno) => !docs.has(dno))];
    const entry = { seq, base, docsBorn: born, docsDied: died, chunksBorn: rows(born), chunksDied: rows(died) };
    const parents = base ? [idOf(base)] : [];
    history.apply({
      info: { id: idOf(seq), seq, parents, message: '', author: '', time: 100 * seq, stats },
      batch: `b${seq}`,
      entry,
      docs: born.filter((dno) => !seen.has(dno)).map(version),
    });
    for (const dno of born) seen.add(dno);
  }
  history.edit(edits);
  return history;
}

/** 1 - 2 - 3 - 4 - 5 - 8 on main, 6 - 7 on work from 3. */
const LINE: Step[] = [0, 1, 2, 3, 4, 3, 6, 5].map((base, i) => ({ base, toggles: [i, i % 2] }));
const NAMES = [head('main', 8), head('work', 7)];

describe('a policy', () => {
  const kept = (retention: History['refs']['retention'], edits: RefEdit[] = [], pinned: number[] = [], now = 1000) => {
    const history = historyOf(LINE, [...NAMES, ...edits, { kind: 'retention', retention }]);
    return [...keptCommits(history, now, new Set(pinned))].sort((a, b) => a - b);
  };

  it('without a rule keeps everything', () => {
    expect(kept({})).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('keeps the last of each branch, and where branches part', () => {
    expect([kept({ keepLast: 1 }), kept({ keepLast: 2 }), kept({ keepLast: 3 }), kept({ keepLast: 99 })]).toEqual([
      [3, 7, 8],
      [3, 5, 6, 7, 8],
      [3, 4, 5, 6, 7, 8],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ]);
  });

  it('keeps what is young, and the heads however old', () => {
    expect([kept({ keepWithinMs: 400 }), kept({ keepWithinMs: 200 }), kept({ keepWithinMs: 0 })]).toEqual([
      [3, 6, 7, 8],
      [3, 7, 8],
      [3, 7, 8],
    ]);
    expect(kept({ keepLast: 2, keepWithinMs: 500 })).toEqual([3, 5, 6, 7, 8]);
  });

  it('keeps tags and what is read', () => {
    expect(kept({ keepLast: 1 }, [{ kind: 'tag', name: 'v1', seq: 2 }])).toEqual([2, 3, 7, 8]);
    expect(kept({ keepLast: 1 }, [], [1, 4, 77])).toEqual([1, 3, 4, 7, 8]);
  });

  it('keeps where branches lately moved from', () => {
    const moves = [move('main', 8, 2, 950), move('main', 2, 4, 990)].map(
      (each): RefEdit => ({ kind: 'move', move: each }),
    );
    // main is at 4 now, so that it parts from work at 3.
    expect(kept({ keepLast: 1 }, moves)).toEqual([2, 3, 4, 7]);
    expect(kept({ keepWithinMs: 20 }, moves)).toEqual([2, 3, 4, 7]);
    expect(kept({ keepWithinMs: 60 }, moves)).toEqual([2, 3, 4, 7, 8]);
    expect(kept({ keepLast: 2 }, moves)).toEqual([2, 3, 4, 6, 7, 8]);
  });
});

describe('forgetting', () => {
  it('makes what is kept build on the nearest that is kept, or on nothing', () => {
    const history = historyOf(LINE, [...NAMES, { kind: 'retention', retention: { keepLast: 2 } }]);
    const next = forgetting(history, new Set([3, 5, 6, 7, 8]), 1000);
    expect([...next.timeline.values()].map(({ seq, base }) => [seq, base])).toEqual([
      [3, 0],
      [5, 3],
      [6, 3],
      [7, 6],
      [8, 5],
    ]);
    expect(next.timeline.get(3)?.docsDied).toEqual([]);
    expect([...next.lines.walk(8)]).toEqual([8, 5, 3]);
    expect([next.resolve('main~2'), next.resolve('work~2')]).toEqual([3, 3]);
    expect(() => next.resolve('main~3')).toThrow(expect.objectContaining({ code: 'AV_REF_UNKNOWN' }));
    expect(() => next.resolve(idOf(4))).toThrow(expect.objectContaining({ code: 'AV_REF_UNKNOWN' }));
  });

  it('lets go of document versions that no kept commit shows, and never of their ordinals', () => {
    const steps = [[0], [0, 1], [1, 2], [3], [3]].map((toggles, base) => ({ base, toggles }));
    const history = historyOf(steps, [head('main', 5)]);
    const next = forgetting(history, new Set([1, 5]), 1000);
    expect(Object.keys(next.docs)).toEqual(['0', '2']);
    expect([next.docs.length, next.lastSeq, next.lastTime]).toEqual([4, 5, 500]);
    expect(next.versions('d0').map(({ dno }) => dno)).toEqual([0]);
  });

  it('and policies leave every kept view as it was, for any branches', () => {
    const name = fc.constantFrom('main', 'a', 'b');
    const policy = fc.record({
      keepLast: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      keepWithinMs: fc.option(fc.nat(900), { nil: undefined }),
    });
    const draw = fc.tuple(fc.nat(2), fc.nat(1000), fc.uniqueArray(fc.nat(9), { maxLength: 4 }));
    fc.assert(
      fc.property(
        fc.array(draw, { minLength: 1, maxLength: 25 }),
        fc.array(fc.tuple(name, fc.nat(1000), fc.boolean()), { minLength: 1, maxLength: 5 }),
        policy,
        fc.array(fc.nat(1000), { maxLength: 2 }),
        (draws, names, retention, pins) => {
          const count = draws.length;
          const seqOf = (any: number): number => 1 + (any % count);
          const steps = draws.map(([kind, any, toggles], i) => ({ base: kind < 2 ? i : any % (i + 1), toggles }));
          const edits = names.map(([name, any, moved]): RefEdit => {
            const seq = seqOf(any);
            return moved ? { kind: 'move', move: move(name, seqOf(any * 7), seq, 100 * seq) } : head(name, seq);
          });
          const history = historyOf(steps, [...edits, { kind: 'tag', name: 't', seq: seqOf(draws[0]?.[1] ?? 0) }]);
          history.edit([{ kind: 'retention', retention }]);
          const now = 100 * count + 50;
          const kept = keptCommits(history, now, new Set(pins.map(seqOf)));
          const next = forgetting(history, kept, now);
          expect(new Set(next.commits.keys())).toEqual(kept);
          const { branches, tags } = history.refs;
          const named = [...branches.values(), ...tags.values(), ...pins.map(seqOf)].filter((seq) => seq > 0);
          expect(named.filter((seq) => !kept.has(seq))).toEqual([]);
          expect([next.refs.branches, next.refs.tags, next.headSeq]).toEqual([branches, tags, history.headSeq]);
          for (const seq of kept) {
            const [was, is] = [history.view(seq), next.view(seq)];
            expect([[...is.docs], [...is.chunks]], `view ${seq}`).toEqual([[...was.docs], [...was.chunks]]);
            expect([next.commits.get(seq), next.batches.get(seq)]).toEqual([history.commits.get(seq), `b${seq}`]);
            expect([...next.lines.walk(seq)]).toEqual([...history.lines.walk(seq)].filter((at) => kept.has(at)));
            for (const dno of is.docs) expect(next.docs[dno]).toBe(history.docs[dno]);
            for (const id of ['d0', 'd1', 'd2'])
              expect(
                next
                  .alive(id, is)
                  .map(({ dno }) => dno)
                  .sort(),
              ).toEqual(
                history
                  .alive(id, was)
                  .map(({ dno }) => dno)
                  .sort(),
              );
          }
          expect([next.docs.length, next.lastSeq, next.lastTime]).toEqual([history.docs.length, count, 100 * count]);
        },
      ),
      { numRuns: 120 },
    );
  });
});
