// What a compaction rewrites: nothing without gain, sizes that grow towards the oldest, rows that belong elsewhere.

import { describe, expect, it } from 'vitest';
import { Random } from '../../test/kit/random.ts';
import { choose, growingTail, type Weighed } from './choose.ts';

const KB = 1024;
const MB = 1024 * KB;

/** Segments 1, 2, ... by size, without a wrong row. */
const sizes = (...bytes: number[]): Weighed[] =>
  bytes.map((size, i) => ({ id: i + 1, bytes: size, rows: 100, wrong: 0 }));
const wrong = (rows: number, wrong: number): Weighed[] => [{ id: 1, bytes: MB, rows, wrong }];

describe('sizes', () => {
  it('that fall clearly towards the newest are left alone', () => {
    const good = [
      sizes(),
      sizes(KB),
      sizes(10 * MB),
      sizes(10 * MB, MB),
      sizes(9 * MB, 4 * MB),
      sizes(16 * MB, 5 * MB, MB),
    ];
    expect(good.map((segments) => choose(segments, 'idle'))).toEqual(good.map(() => []));
  });

  it('that do not are merged from the first that is not clearly larger', () => {
    expect([
      choose(sizes(MB, MB, MB), 'idle'),
      choose(sizes(10 * MB, MB, MB, MB), 'idle'),
      choose(sizes(5 * MB, MB, MB, MB), 'idle'),
      choose(sizes(MB, MB), 'idle'),
    ]).toEqual([[1, 2, 3], [2, 3, 4], [1, 2, 3, 4], []]);
  });

  it('that are small are merged whatever came before', () => {
    expect([choose(sizes(100 * KB, KB), 'idle'), choose(sizes(10 * MB, 200 * KB, KB, KB), 'idle')]).toEqual([
      [1, 2],
      [2, 3, 4],
    ]);
  });

  it('are all merged when asked for now, and one is left as it is', () => {
    expect([choose(sizes(60 * MB, MB, KB), 'now'), choose(sizes(60 * MB), 'now'), choose([], 'now')]).toEqual([
      [1, 2, 3],
      [],
      [],
    ]);
  });

  it('stay few over many flushes, and each byte is rewritten seldom', () => {
    const random = new Random(5);
    let segments: Weighed[] = [];
    let [written, rewritten, next] = [0, 0, 1];
    for (let flush = 0; flush < 400; flush++) {
      const bytes = 1 + random.below(64 * KB);
      written += bytes;
      segments = [...segments, { id: next++, bytes, rows: 100, wrong: 0 }];
      const ids = choose(segments, 'idle');
      if (ids.length < 2) continue;
      const merged = segments.filter(({ id }) => ids.includes(id)).reduce((sum, one) => sum + one.bytes, 0);
      rewritten += merged;
      segments = [
        ...segments.filter(({ id }) => !ids.includes(id)),
        { id: next++, bytes: merged, rows: 100, wrong: 0 },
      ];
      expect(segments.length).toBeLessThanOrEqual(10);
    }
    expect(segments.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(written);
    expect(rewritten).toBeLessThan(10 * written);
  });

  it('stay few when every flush is large: what one run cannot read does not block the rest', () => {
    for (const size of [300 * KB, MB, 3 * MB]) {
      let segments: Weighed[] = [];
      for (let next = 1; next < 300; next++) {
        segments = [...segments, { id: 1000 + next, bytes: size, rows: 100, wrong: 0 }];
        for (let ids = choose(segments, 'idle'); ids.length > 1; ids = choose(segments, 'idle')) {
          const chosen = ids;
          const bytes = segments.filter(({ id }) => chosen.includes(id)).reduce((sum, one) => sum + one.bytes, 0);
          const rest = segments.filter(({ id }) => !chosen.includes(id));
          segments = [...rest, { id: 100_000 + next, bytes, rows: 100, wrong: 0 }].sort((a, b) => a.id - b.id);
        }
      }
      const total = 299 * size;
      expect(segments.length).toBeLessThanOrEqual(10 + total / (8 * MB));
    }
  });

  it('of anything that has them: the growing tail', () => {
    expect(growingTail(sizes(10 * MB, MB, MB, MB)).map(({ id }) => id)).toEqual([2, 3, 4]);
    expect([growingTail([]), growingTail(sizes(MB, MB))]).toEqual([[], []]);
  });
});

describe('wrong rows', () => {
  it('are a reason when there are many of them, or nothing else', () => {
    const shares = [wrong(100, 0), wrong(63, 63), wrong(1, 1), wrong(0, 0), wrong(100, 63), wrong(100, 64)];
    expect(shares.map((segments) => choose(segments, 'idle').length)).toEqual([0, 1, 1, 0, 0, 1]);
    expect([wrong(1000, 199), wrong(1000, 200)].map((segments) => choose(segments, 'idle').length)).toEqual([0, 1]);
  });

  it('are all a reason when asked for now', () => {
    expect([choose(wrong(1000, 1), 'now'), choose(wrong(1000, 0), 'now')]).toEqual([[1], []]);
  });

  it('come with the segments to merge, oldest first, each once', () => {
    const segments = sizes(64 * MB, 10 * MB, MB, MB, MB).map((one) => ({
      ...one,
      wrong: one.id === 2 || one.id === 4 ? 100 : 0,
    }));
    expect(choose(segments, 'idle')).toEqual([2, 3, 4, 5]);
  });

  it('of more than one run can read wait for the next, unless asked for now', () => {
    const segments = sizes(9 * MB, 9 * MB, 9 * MB).map((one) => ({ ...one, wrong: 100 }));
    expect([choose(segments, 'idle'), choose(segments, 'now')]).toEqual([[1], [1, 2, 3]]);
    expect(
      choose(
        sizes(40 * MB).map((one) => ({ ...one, wrong: 100 })),
        'idle',
      ),
    ).toEqual([1]);
  });
});

it('what every opening analyses anew is rewritten, alone as well', () => {
  const [large, small] = sizes(9 * MB, 4 * MB);
  const segments = [large, small].filter((one) => one !== undefined);
  const outdated = segments.map((one) => ({ ...one, outdated: one.id === 1 }));
  expect([choose(segments, 'idle'), choose(outdated, 'idle'), choose(outdated.slice(0, 1), 'now')]).toEqual([
    [],
    [1],
    [1],
  ]);
});
