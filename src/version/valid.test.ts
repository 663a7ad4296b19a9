// Spans of valid time against the moments they hold, one by one.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isValidAt, outside, overlap, type Span } from './valid.ts';

const LAST = 8;
const end = fc.option(fc.integer({ min: 0, max: LAST }), { nil: undefined });
/** From -1 (before every end) to LAST + 1 (after every end). */
const moments = Array.from({ length: LAST + 3 }, (_, i) => i - 1);
const held = (spans: readonly Span[]): number[] => moments.filter((at) => spans.some((span) => isValidAt(span, at)));
/** Spans that hold at all; an empty one is refused where it is written. */
const span: fc.Arbitrary<Span> = fc
  .record({ validFrom: end, validTo: end })
  .filter(({ validFrom, validTo }) => validFrom === undefined || validTo === undefined || validFrom < validTo);

const of = (validFrom?: number, validTo?: number): Span => ({ validFrom, validTo });

describe('a span', () => {
  it('is half-open, either end may be missing', () => {
    expect([9, 10, 19, 20].map((at) => isValidAt(of(10, 20), at))).toEqual([false, true, true, false]);
    expect([isValidAt(of(10), 1e18), isValidAt(of(undefined, 20), -1e18), isValidAt(of(), 0)]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('overlaps another when they hold at one moment', () => {
    expect([overlap(of(1, 2), of(2, 3)), overlap(of(1, 3), of(2, 9)), overlap(of(), of())]).toEqual([
      false,
      true,
      true,
    ]);
    fc.assert(
      fc.property(span, span, (a, b) => {
        expect(overlap(a, b)).toBe(moments.some((at) => isValidAt(a, at) && isValidAt(b, at)));
      }),
      { numRuns: 500 },
    );
  });

  it('outside another is what it holds and the other does not: at most two spans, in order', () => {
    expect(outside(of(1, 9), of(3, 4))).toEqual([of(1, 3), of(4, 9)]);
    expect(outside(of(), of(3))).toEqual([of(undefined, 3)]);
    expect(outside(of(3, 4), of())).toEqual([]);
    expect(outside(of(1, 2), of(2, 3))).toEqual([of(1, 2)]);
    fc.assert(
      fc.property(span, span, (a, cut) => {
        const left = outside(a, cut);
        expect(held(left)).toEqual(moments.filter((at) => isValidAt(a, at) && !isValidAt(cut, at)));
        expect(left.every((one) => held([one]).length > 0)).toBe(true);
        expect(left.length).toBeLessThanOrEqual(2);
        const [first, second] = left;
        if (first && second) expect(Math.max(...held([first]))).toBeLessThan(Math.min(...held([second])));
      }),
      { numRuns: 500 },
    );
  });
});
