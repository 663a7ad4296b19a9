// That the hunks of two sequences are an edit from one to the other, and a shortest one.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Hunk, hunks } from './myers.ts';

const seed = Number(process.env.AETHERV_SEED ?? Date.now() % 2 ** 31);
console.info(`myers properties run with AETHERV_SEED=${seed}`);

/** The length of the longest common subsequence, by the textbook table. */
function common(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const x of a) {
    const next = [0];
    for (const [j, y] of b.entries()) next.push(x === y ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    row = next;
  }
  return row.at(-1) ?? 0;
}

function rebuilt(a: readonly string[], b: readonly string[], edit: readonly Hunk[]): string[] {
  const out: string[] = [];
  let at = 0;
  for (const { from, fromEnd, to, toEnd } of edit) {
    out.push(...a.slice(at, from), ...b.slice(to, toEnd));
    at = fromEnd;
  }
  return [...out, ...a.slice(at)];
}

const letters = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 24 });

describe('hunks', () => {
  it('lead from one side to the other by a shortest edit', () => {
    fc.assert(
      fc.property(letters, letters, (a, b) => {
        const edit = hunks(a, b) ?? [];
        expect(rebuilt(a, b, edit)).toEqual(b);
        const size = edit.reduce((sum, { from, fromEnd, to, toEnd }) => sum + fromEnd - from + toEnd - to, 0);
        expect(size).toBe(a.length + b.length - 2 * common(a, b));
      }),
      { numRuns: 500, seed },
    );
  });

  it('are none for equal sides and one where a side is empty', () => {
    expect(hunks(['a'], ['a'])).toEqual([]);
    expect(hunks([], ['a', 'b'])).toEqual([{ from: 0, fromEnd: 0, to: 0, toEnd: 2 }]);
  });

  it('are not looked for beyond the bounds', () => {
    const many = Array.from({ length: 30 }, (_, i) => `${i}`);
    const others = many.map((x) => `-${x}`);
    expect(hunks(many, others, { sideMax: 20 })).toBeUndefined();
    expect(hunks(many, others, { editsMax: 59 })).toBeUndefined();
    expect(hunks(many, others, { editsMax: 60 })).toHaveLength(1);
    expect(hunks([...many, 'x', ...many], [...many, 'y', ...many], { sideMax: 20 })).toHaveLength(1);
  });
});
