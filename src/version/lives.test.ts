// Lives over branches: when what a view sees was born, and when it ended on the way to the head or anywhere.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lines } from './lines.ts';
import { Lives } from './lives.ts';

interface Step {
  readonly base: number;
  /** Ordinals that change from alive to not, or back. */
  readonly toggles: readonly number[];
}

/** Commits 1, 2, ... with what is alive at each (0 = before the first), and the way down from each. */
function played(steps: readonly Step[]) {
  const lines = new Lines();
  const lives = new Lives(lines);
  const alive: ReadonlySet<number>[] = [new Set()];
  const ways: (readonly number[])[] = [[]];
  for (const [i, { base, toggles }] of steps.entries()) {
    const now = new Set(alive[base]);
    const [died, born] = [toggles.filter((o) => now.has(o)), toggles.filter((o) => !now.has(o))];
    for (const o of died) now.delete(o);
    for (const o of born) now.add(o);
    lines.add(i + 1, base);
    lives.note(i + 1, born, died);
    alive.push(now);
    ways.push([i + 1, ...(ways[base] ?? [])]);
  }
  return { lives, alive, ways };
}

const steps: fc.Arbitrary<Step[]> = fc
  .array(fc.tuple(fc.nat(2), fc.nat(1000), fc.uniqueArray(fc.nat(4), { maxLength: 3 })), {
    minLength: 1,
    maxLength: 24,
  })
  .map((draws) => draws.map(([kind, any, toggles], i) => ({ base: kind < 2 ? i : any % (i + 1), toggles })));

describe('a life', () => {
  // 1 bears 5. On one branch 2 ends it and 4 bears it again; on the other 3 keeps it and 5 ends it.
  const { lives } = played([
    { base: 0, toggles: [5] },
    { base: 1, toggles: [5] },
    { base: 1, toggles: [6] },
    { base: 2, toggles: [5] },
    { base: 3, toggles: [5] },
  ]);

  it('begins where the view saw it begin', () => {
    expect([1, 3, 4].map((seq) => lives.born(5, seq))).toEqual([1, 1, 4]);
    expect([lives.births(5), lives.births(6), lives.births(7)]).toEqual([[1, 4], [3], []]);
  });

  it('ends on the way to the head, which may be another end than on another branch', () => {
    expect([2, 3, 4, 5].map((head) => lives.died(5, 1, head))).toEqual([2, undefined, 2, 5]);
    expect([lives.died(5, 4, 4), lives.died(5, 3, 3), lives.died(5, 3, 5)]).toEqual([undefined, undefined, 5]);
  });

  it('that the head never saw ends wherever it ended', () => {
    expect([lives.died(5, 3, 4), lives.died(5, 4, 5), lives.died(6, 3, 4)]).toEqual([5, undefined, undefined]);
  });

  it('is the one of a plain replay, for any branches', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const { lives, alive, ways } = played(list);
        const has = (seq: number | undefined, o: number): boolean => alive[seq ?? 0]?.has(o) ?? false;
        for (let seq = 1; seq < alive.length; seq++) {
          const way = ways[seq] ?? [];
          const after = [...alive.keys()].filter((at) => at > seq && ways[at]?.includes(seq));
          for (const o of alive[seq] ?? []) {
            const born = way.find((_, i) => !has(way[i + 1], o));
            expect(lives.born(o, seq), `${o} seen at ${seq}`).toBe(born);
            const ends = after.filter((at) => !has(at, o));
            for (let head = 1; head < alive.length; head++) {
              const isOnWay = ways[head]?.includes(seq);
              const want = isOnWay ? ends.find((at) => ways[head]?.includes(at)) : ends[0];
              expect(lives.died(o, seq, head), `${o} seen at ${seq}, head ${head}`).toBe(want);
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
