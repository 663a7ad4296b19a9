// The shape of history against a plain walk from commit to commit: what lies on the way, newest first.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lines } from './lines.ts';

/** Lines of commits 1, 2, ... with the bases given, and the plain way down from a tip. */
function linesOf(bases: readonly number[]): { lines: Lines; way: (tip: number) => number[] } {
  const lines = new Lines();
  for (const [i, base] of bases.entries()) lines.add(i + 1, base);
  const way = (tip: number): number[] => (tip === 0 ? [] : [tip, ...way(bases[tip - 1] ?? 0)]);
  return { lines, way };
}

/** Mostly the commit before, else any earlier one or none. */
const branching = fc
  .array(fc.tuple(fc.nat(2), fc.nat(1000)), { minLength: 1, maxLength: 40 })
  .map((draws) => draws.map(([kind, any], i) => (kind < 2 ? i : any % (i + 1))));

describe('lines', () => {
  // 1 - 2 - 3 - 6, 4 - 5 on 2, 7 on nothing, 8 on 4.
  const { lines } = linesOf([0, 1, 2, 2, 4, 3, 0, 4]);

  it('walk from a commit to the first, whichever branch it is on', () => {
    expect([6, 5, 8, 7, 2, 0, 99].map((tip) => [...lines.walk(tip)])).toEqual([
      [6, 3, 2, 1],
      [5, 4, 2, 1],
      [8, 4, 2, 1],
      [7],
      [2, 1],
      [],
      [],
    ]);
  });

  it('tell what lies on the way', () => {
    const on = (tip: number): number[] => [0, 1, 2, 3, 4, 5, 6, 7, 8, 99].filter((seq) => lines.has(tip, seq));
    expect([on(6), on(5), on(8), on(7), on(1), on(0), on(99)]).toEqual([
      [1, 2, 3, 6],
      [1, 2, 4, 5],
      [1, 2, 4, 8],
      [7],
      [1],
      [],
      [],
    ]);
  });

  it('find the newest that fits', () => {
    const newest = (tip: number, most: number): number => lines.newest(tip, (seq) => seq <= most);
    expect([newest(6, 5), newest(5, 3), newest(8, 8), newest(8, 7), newest(7, 6), newest(6, 0)]).toEqual([
      3, 2, 8, 4, 0, 0,
    ]);
  });

  it('agree with a plain walk, for any branches', () => {
    fc.assert(
      fc.property(branching, (bases) => {
        const { lines, way } = linesOf(bases);
        for (let tip = 0; tip <= bases.length; tip++) {
          const plain = way(tip);
          expect([...lines.walk(tip)]).toEqual(plain);
          for (let seq = 0; seq <= bases.length; seq++) {
            expect(lines.has(tip, seq), `${seq} on the way to ${tip}`).toBe(plain.includes(seq));
            const want = plain.find((at) => at <= seq) ?? 0;
            expect(
              lines.newest(tip, (at) => at <= seq),
              `up to ${seq} from ${tip}`,
            ).toBe(want);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
