// Sets of ordinals against a plain Set.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bitset } from './bitset.ts';

const step = fc.tuple(fc.boolean(), fc.nat(2000));

describe('a set of ordinals', () => {
  it('holds what was added and not taken away, in order', () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const [bits, plain] = [new Bitset(), new Set<number>()];
        for (const [add, i] of steps) {
          if (add) [bits.add(i), plain.add(i)];
          else [bits.delete(i), plain.delete(i)];
        }
        expect([...bits]).toEqual([...plain].sort((a, b) => a - b));
        for (const [, i] of steps) expect(bits.has(i)).toBe(plain.has(i));
      }),
    );
  });

  it('takes ordinals that rise, with gaps and without', () => {
    const range = fc
      .tuple(fc.nat(200), fc.nat(200))
      .map(([from, count]) => Array.from({ length: count }, (_, i) => from + i));
    const gaps = fc.uniqueArray(fc.nat(600)).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(fc.array(fc.oneof(range, gaps)), (lists) => {
        const bits = new Bitset(new Uint32Array(0));
        for (const list of lists) bits.addRising(list);
        expect([...bits]).toEqual([...new Set(lists.flat())].sort((a, b) => a - b));
      }),
    );
  });

  it('takes the last bit of a word as any other', () => {
    const bits = new Bitset();
    for (const i of [31, 0, 63, 32]) bits.add(i);
    expect([...bits]).toEqual([0, 31, 32, 63]);
    bits.delete(31);
    expect([...bits]).toEqual([0, 32, 63]);
  });

  it('meets another and takes it in, whichever is longer', () => {
    const ordinals = fc.array(fc.nat(600), { maxLength: 8 });
    const setOf = (list: readonly number[]): Bitset => {
      const bits = new Bitset(new Uint32Array(0));
      for (const i of list) bits.add(i);
      return bits;
    };
    fc.assert(
      fc.property(ordinals, ordinals, (a, b) => {
        const [one, other] = [setOf(a), setOf(b)];
        expect(one.intersects(other)).toBe(a.some((i) => b.includes(i)));
        expect(one.count()).toBe(new Set(a).size);
        one.addAll(other);
        expect([...one]).toEqual([...new Set([...a, ...b])].sort((x, y) => x - y));
        expect([...other]).toEqual([...new Set(b)].sort((x, y) => x - y));
      }),
    );
  });

  it('has nothing beyond its end, and a copy of its own', () => {
    const bits = new Bitset();
    bits.add(5);
    const copy = bits.copy();
    copy.add(6);
    copy.delete(5);
    bits.delete(1_000_000);
    expect([[...bits], [...copy], bits.has(1_000_000)]).toEqual([[5], [6], false]);
  });
});
