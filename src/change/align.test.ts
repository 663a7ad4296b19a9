// How the chunks of two versions of a document are paired.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { align, bagOf, bagSimilarity, similarity } from './align.ts';

const seed = Number(process.env.AETHERV_SEED ?? Date.now() % 2 ** 31);
console.info(`align properties run with AETHERV_SEED=${seed}`);

const never = (): number => 0;

/** Aligns strings of one-letter chunks; letters that differ only in case are alike. */
function pairs(old: string, now: string): number[] {
  const similar = (a: number, b: number): number =>
    old.charAt(a).toLowerCase() === now.charAt(b).toLowerCase() ? 0.8 : 0.1;
  return [...align([...old], [...now], similar)];
}

describe('align', () => {
  it('pairs equal chunks in place around insertions and deletions', () => {
    expect(pairs('abcd', 'abcd')).toEqual([0, 1, 2, 3]);
    expect(pairs('abcd', 'axbcd')).toEqual([0, -1, 1, 2, 3]);
    expect(pairs('abcd', 'acd')).toEqual([0, 2, 3]);
    expect(pairs('', 'ab')).toEqual([-1, -1]);
    expect(pairs('ab', '')).toEqual([]);
  });

  it('follows chunks that moved', () => {
    expect(pairs('abcde', 'aecbd')).toEqual([0, 4, 2, 1, 3]);
    expect(pairs('abcdef', 'defabc')).toEqual([3, 4, 5, 0, 1, 2]);
  });

  it('uses each of several equal chunks once, in order', () => {
    expect(pairs('aabaa', 'aaba')).toEqual([0, 1, 2, 3]);
    expect(pairs('axa', 'aaxa')).toEqual([0, -1, 1, 2]);
    expect(pairs('abab', 'bbaaa')).toEqual([1, 3, 0, 2, -1]);
  });

  it('lets an edited chunk continue the one it was made from, and nothing that is not alike', () => {
    expect(pairs('abcd', 'aBcd')).toEqual([0, 1, 2, 3]);
    expect(pairs('abcd', 'aBxcd')).toEqual([0, 1, -1, 2, 3]);
    expect(pairs('abcd', 'axcd')).toEqual([0, -1, 2, 3]);
  });

  it('takes the most alike first, and the nearest of equals', () => {
    const scores = [
      [0.4, 0.9],
      [0.3, 0.5],
    ];
    expect([...align(['a', 'b'], ['c', 'd'], (a, b) => scores[a]?.[b] ?? 0)]).toEqual([1, 0]);
    expect([...align(['a', 'b', 'c'], ['x', 'y', 'z'], () => 0.5)]).toEqual([0, 1, 2]);
    expect([...align(['a'], ['b'], () => 0.29)]).toEqual([-1]);
  });

  it('finds every chunk of a long stretch whose path was renamed, with chunks inserted in its middle', () => {
    const old = Array.from({ length: 100 }, (_, n) => `old ${n}`);
    const now = old
      .map((id) => id.replace('old', 'new'))
      .toSpliced(50, 0, ...Array.from({ length: 60 }, (_, n) => `more ${n}`));
    const number = (id: string | undefined): string => id?.replace('old', 'new') ?? '';
    const found = [...align(old, now, (a, b) => (number(old[a]) === now[b] ? 1 : 0))];
    expect(found.filter((at) => at >= 0)).toEqual(old.map((_, n) => n));
  });

  it('asks about few pairs when much has changed', () => {
    let asked = 0;
    const ids = (word: string): string[] => Array.from({ length: 5000 }, (_, n) => `${word} ${n}`);
    align(ids('old'), ids('new').slice(1000), () => {
      asked++;
      return 0;
    });
    expect(asked).toBeLessThan(4000 * 40);
  });
});

describe('every alignment', () => {
  const ids = fc.array(fc.nat(12).map(String), { maxLength: 40 });
  const distinct = fc.uniqueArray(fc.nat(500).map(String), { maxLength: 60 });

  it('continues no old chunk twice and pairs as many equal ones as there are', () => {
    const property = fc.property(ids, ids, fc.func(fc.double({ min: 0, max: 1, noNaN: true })), (old, now, similar) => {
      const found = [...align(old, now, similar)];
      const used = found.filter((at) => at >= 0);
      expect(found.length).toBe(now.length);
      expect(new Set(used).size).toBe(used.length);
      for (const at of used) expect(at).toBeLessThan(old.length);
      const equal = found.filter((at, n) => at >= 0 && old[at] === now[n]).length;
      const count = (list: string[], id: string): number => list.filter((other) => other === id).length;
      const common = [...new Set(old)].reduce((sum, id) => sum + Math.min(count(old, id), count(now, id)), 0);
      expect(equal).toBe(common);
    });
    fc.assert(property, { seed });
  });

  it('of equal versions is the identity', () => {
    const property = fc.property(ids, (old) => {
      expect([...align(old, old, never)]).toEqual(old.map((_, n) => n));
    });
    fc.assert(property, { seed });
  });

  it('keeps all chunks when they only moved', () => {
    const moved = distinct.chain((old) =>
      fc.tuple(fc.constant(old), fc.shuffledSubarray(old, { minLength: old.length })),
    );
    const property = fc.property(moved, ([old, now]) => {
      expect([...align(old, now, never)].map((at) => old[at])).toEqual(now);
    });
    fc.assert(property, { seed });
  });

  it('keeps all other chunks when one is edited', () => {
    const property = fc.property(
      fc.array(fc.nat(12).map(String), { minLength: 1, maxLength: 40 }),
      fc.nat(),
      (old, pick) => {
        const at = pick % old.length;
        const found = [...align(old, old.with(at, 'fresh'), () => 0.5)];
        expect(found).toEqual(old.map((_, n) => n));
      },
    );
    fc.assert(property, { seed });
  });
});

describe('similarity', () => {
  it('is the share of common words, blind to case and punctuation', () => {
    expect(similarity('one two three four', 'One, two: THREE five')).toBe(0.75);
    expect(similarity('a a b', 'a b b')).toBeCloseTo(2 / 3);
    expect(similarity('same', 'same')).toBe(1);
    expect(similarity('one', 'two')).toBe(0);
    expect(similarity('', 'two')).toBe(0);
    expect(similarity('漢字', '漢語')).toBe(0.5);
  });

  it('counts texts without words as alike only when they are equal', () => {
    expect(similarity('???', '???')).toBe(1);
    expect(similarity('???', '!!!')).toBe(0);
  });

  it('looks at the first 400 words', () => {
    const words = Array.from({ length: 400 }, (_, n) => `w${n}`).join(' ');
    expect(bagSimilarity(bagOf(`${words} x y z`), bagOf(`${words} a b c`))).toBe(1);
  });
});
