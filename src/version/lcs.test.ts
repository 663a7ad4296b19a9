// The common subsequence against the textbook table, and within its bounds.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gapsOf, lcs } from './lcs.ts';

/** The length by the table of all prefixes. */
function longest(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const item of a) {
    const next = [0];
    b.forEach((other, j) => {
      next.push(item === other ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    });
    row = next;
  }
  return row.at(-1) ?? 0;
}

describe('a common subsequence', () => {
  it('is one, and there is no longer one', () => {
    const list = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 20 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        const match = lcs(a, b);
        const pairs = [...match].flatMap((to, from) => (to < 0 ? [] : [[from, to] as const]));
        expect(pairs.every(([from, to], i) => a[from] === b[to] && to > (pairs[i - 1]?.[1] ?? -1))).toBe(true);
        expect(pairs.length).toBe(longest(a, b));
        const differs = gapsOf(match, b.length).reduce((sum, s) => sum + s.aTo - s.aFrom + s.bTo - s.bFrom, 0);
        expect(differs).toBe(a.length + b.length - 2 * pairs.length);
      }),
      { numRuns: 1000, seed: 7 },
    );
  });

  it('stays fast where everything repeats', () => {
    const a = Array.from({ length: 20_000 }, (_, i) => (i % 1000 === 0 ? `rare ${i}` : 'x'));
    const b = ['y', ...a.filter((_, i) => i % 7 !== 3), 'z'];
    const start = performance.now();
    const matched = lcs(a, b).filter((to) => to >= 0).length;
    expect(performance.now() - start).toBeLessThan(2000);
    expect(matched).toBeGreaterThan(10_000);
  });
});
