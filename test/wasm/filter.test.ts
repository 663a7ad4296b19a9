// Filters in the guest against the predicate of documents: any filter on any metadata admits the same rows.

import { expect, it } from 'vitest';
import type { Meta, MetaValue } from '../../src/model/document.ts';
import { compileFilter, encodeFilter } from '../../src/retrieve/filter.ts';
import { Random, seedOf } from '../kit/random.ts';
import { sameIn } from '../kit/same.ts';
import { loadVectorBuilds, matches } from '../kit/vectors.ts';

const { same, failure } = sameIn(await loadVectorBuilds());
const seed = seedOf('filters in the guest');

const KEYS = [
  'a',
  'b',
  'c',
  'a.b',
  'a.b.c',
  'b.a',
  '',
  '.',
  'a.',
  'q"\\',
  'new\nline',
  '__proto__',
  'constructor',
  'é😀',
  '2',
];
const WORDS = [
  '',
  'a',
  'ab',
  'abc',
  'b',
  'é',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '😀',
  '😀a',
  '𐀀',
  'a"b',
  'a\\b',
  'a\nb',
  '\0',
  '\u2028',
];
const LOOKALIKES = ['1', 'null', 'true', '[1]', '{}', ' [1]', '0.1'];
const NUMBERS = [
  0, -0, 1, -1, 2, 0.1, 0.30000000000000004, 1e21, 123456789012345680000, 5e-324, 1.7976931348623157e308,
];

function numberOf(random: Random): number {
  if (random.chance(60)) return random.pick(NUMBERS);
  if (random.chance(50)) return random.below(5);
  const [value] = new Float64Array(random.bytes(8).slice().buffer);
  return value !== undefined && Number.isFinite(value) ? value : random.signed();
}

function textOf(random: Random): string {
  if (random.chance(20)) return random.pick(LOOKALIKES);
  return random.pick(WORDS) + (random.chance(30) ? random.pick(WORDS) : '');
}

const pointOf = (random: Random): Meta => ({
  lat: random.chance(10) ? 91 : random.below(181) - 90,
  lon: random.chance(10) ? 'east' : random.below(361) - 180,
});

function someValue(random: Random, depth: number): MetaValue {
  const kind = random.below(depth > 0 ? 11 : 7);
  if (kind < 2) return numberOf(random);
  if (kind < 5) return textOf(random);
  if (kind < 6) return random.chance(50);
  if (kind < 7) return null;
  if (kind < 9) return Array.from({ length: random.below(4) }, () => someValue(random, depth - 1));
  return kind < 10 ? pointOf(random) : metaOf(random, depth - 1);
}

/** The first keys more often, so that rows and filters meet. */
const someKey = (random: Random): string =>
  KEYS[Math.min(...KEYS.slice(0, 5).map(() => random.below(KEYS.length)))] ?? '';

/** `fromEntries` makes `__proto__` a key like any other. */
function metaOf(random: Random, depth: number): Meta {
  const entries = Array.from({ length: random.below(depth > 1 ? 9 : 3) }, (): [string, MetaValue] => [
    someKey(random),
    someValue(random, depth),
  ]);
  return Object.fromEntries(entries);
}

/** Operators and what they take; `value` gives values that some rows hold. */
const OPERATORS: Readonly<Record<string, (random: Random, value: () => MetaValue) => unknown>> = {
  $eq: (_, value) => value(),
  $ne: (_, value) => value(),
  $gt: (random) => ordered(random),
  $gte: (random) => ordered(random),
  $lt: (random) => ordered(random),
  $lte: (random) => ordered(random),
  $between: (random) => (random.chance(50) ? [numberOf(random), numberOf(random)] : [textOf(random), textOf(random)]),
  $in: some,
  $nin: some,
  $any: some,
  $all: some,
  $exists: (random) => random.chance(50),
  $contains: (random, value) => (random.chance(50) ? textOf(random) : value()),
  $startsWith: textOf,
  $size: (random) => random.below(4),
  $geoWithin: (random) => {
    const [a, b] = [random.below(181) - 90, random.below(181) - 90];
    if (random.chance(50)) return { center: { lat: a, lon: 2 * b }, radius: random.below(2.2e7) };
    return {
      south: Math.min(a, b),
      north: Math.max(a, b),
      west: random.below(361) - 180,
      east: random.below(361) - 180,
    };
  },
};

function ordered(random: Random): number | string {
  if (random.chance(10)) return random.pick([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  return random.chance(50) ? numberOf(random) : textOf(random);
}

function some(random: Random, value: () => MetaValue): MetaValue[] {
  return Array.from({ length: random.below(4) }, value);
}

function conditionOf(random: Random, value: () => MetaValue): object {
  const names = Array.from({ length: random.chance(80) ? 1 : 2 }, () => random.pick(Object.keys(OPERATORS)));
  const condition = Object.fromEntries(names.map((name) => [name, OPERATORS[name]?.(random, value)]));
  return random.chance(10) ? { $not: condition } : condition;
}

function filterOf(random: Random, value: () => MetaValue, depth: number): object {
  const one = (): [string, unknown] => {
    if (depth === 0 || random.chance(60))
      return [someKey(random), random.chance(20) ? value() : conditionOf(random, value)];
    const name = random.pick(['$and', '$or', '$nor', '$not']);
    const part = (): object => filterOf(random, value, depth - 1);
    return [name, name === '$not' ? part() : Array.from({ length: 1 + random.below(3) }, part)];
  };
  return Object.fromEntries(Array.from({ length: random.chance(3) ? 0 : random.chance(70) ? 1 : 2 }, one));
}

it('admit what the predicate admits', () => {
  const random = new Random(seed);
  let telling = 0;
  for (let round = 0; round < 40; round++) {
    const metas = Array.from({ length: 1 + random.below(150) }, () => metaOf(random, 3));
    const lines = metas.map((meta) =>
      random.chance(50) && Object.keys(meta).length === 0 ? '' : JSON.stringify(meta),
    );
    const held = metas.flatMap((meta) => Object.values(meta));
    const value = (): MetaValue => {
      if (random.chance(5))
        return random.pick<MetaValue>([Number.POSITIVE_INFINITY, [Number.NEGATIVE_INFINITY], [null]]);
      return held.length > 0 && random.chance(70) ? random.pick(held) : someValue(random, 2);
    };
    for (let i = 0; i < 60; i++) {
      const filter = filterOf(random, value, 3);
      const want = metas.map(compileFilter(filter));
      const bits = same((glue) => matches(glue, encodeFilter(filter), lines));
      const got = metas.map((_, row) => ((bits[row >> 5] ?? 0) >>> (row & 31)) % 2 === 1);
      const wrong = want.findIndex((fits, row) => fits !== got[row]);
      expect(wrong, `${JSON.stringify(filter)} on ${lines[wrong]}`).toBe(-1);
      expect(bits.length).toBe(Math.ceil(metas.length / 32));
      if (want.includes(true) && want.includes(false)) telling++;
    }
  }

  expect(telling).toBeGreaterThan(700);
});

it('of every operator split rows that are made for it', () => {
  const metas: Meta[] = [
    { v: 5 },
    { v: 'abc' },
    { v: ['abc', 5] },
    { v: { lat: 1, lon: 2 } },
    { v: null },
    {},
    { v: [] },
  ];
  const area = { south: 0, west: 0, north: 3, east: 3 };
  const cases: readonly [object, string][] = [
    [{ $eq: 5 }, '1010000'],
    [{ $ne: 5 }, '0101111'],
    [{ $gt: 4 }, '1010000'],
    [{ $gte: 'abc' }, '0110000'],
    [{ $lt: 5 }, '0000000'],
    [{ $lte: 5 }, '1010000'],
    [{ $between: ['a', 'b'] }, '0110000'],
    [{ $in: [null, 'abc'] }, '0110100'],
    [{ $nin: [null, 'abc'] }, '1001011'],
    [{ $any: [5] }, '1010000'],
    [{ $all: [5, 'abc'] }, '0010000'],
    [{ $exists: true }, '1111101'],
    [{ $contains: 'abc' }, '0110000'],
    [{ $contains: 'b' }, '0100000'],
    [{ $startsWith: 'ab' }, '0110000'],
    [{ $size: 0 }, '0000001'],
    [{ $geoWithin: area }, '0001000'],
    [{ $geoWithin: { center: { lat: 1, lon: 2 }, radius: 1 } }, '0001000'],
    [{ $not: { $eq: 5 } }, '0101111'],
  ];
  const lines = metas.map((meta) => JSON.stringify(meta));
  for (const [condition, want] of cases) {
    const [bits] = same((glue) => matches(glue, encodeFilter({ v: condition }), lines));
    expect([...metas.keys()].map((row) => ((bits ?? 0) >> row) & 1).join(''), JSON.stringify(condition)).toBe(want);
    expect(metas.map((meta) => Number(compileFilter({ v: condition })(meta))).join('')).toBe(want);
  }
});

it('agree on where a circle ends, to the last bit', () => {
  const random = new Random(seed + 2);
  for (let round = 0; round < 50; round++) {
    const center = { lat: 80 * random.signed(), lon: 180 * random.signed() };
    const radius = 10 ** (1 + 4 * Math.abs(random.signed()));
    const edge = center.lat + (radius / 6_371_008.8) * (180 / Math.PI);
    const points = Array.from({ length: 400 }, (_, i) => ({ p: { lat: edge + (i - 200) * 1e-14, lon: center.lon } }));
    const filter = { p: { $geoWithin: { center, radius } } };
    const lines = points.map((point) => JSON.stringify(point));
    const bits = same((glue) => matches(glue, encodeFilter(filter), lines));
    const want = points.map(compileFilter(filter));
    expect(points.map((_, row) => ((bits[row >> 5] ?? 0) >>> (row & 31)) % 2 === 1)).toEqual(want);
  }
  const far = { p: { $geoWithin: { center: { lat: 10, lon: 20 }, radius: 1000 } } };
  const north = (metres: number): Meta => ({ p: { lat: 10 + (metres / 6_371_008.8) * (180 / Math.PI), lon: 20 } });
  expect([999.999, 1000.001].map((metres) => compileFilter(far)(north(metres)))).toEqual([true, false]);
});

it('that are damaged are refused, and nothing traps', () => {
  const random = new Random(seed + 1);
  const line = '{"a":[1,"x",{"lat":1,"lon":2}],"b":{"c":"y"}}';
  const filter = {
    $or: [{ a: { $in: [1, 'x', null, [2]] } }, { 'b.c': { $startsWith: 'y', $gt: 1 } }],
    $nor: [{ a: { $size: 3, $contains: true, $geoWithin: { center: { lat: 1, lon: 2 }, radius: 9 } } }],
  };
  const bytes = encodeFilter(filter);
  // No bytes are no filter.
  for (let length = 1; length < bytes.length; length++)
    expect(failure((glue) => matches(glue, bytes.subarray(0, length), [line]))).toMatch(/^AV_CORRUPT: /);
  for (let i = 0; i < 2000; i++) {
    const damaged = bytes.slice();
    for (let hit = 1 + random.below(3); hit > 0; hit--) damaged[random.below(bytes.length)] = random.below(256);
    expect(failure((glue) => matches(glue, damaged, [line]))).toMatch(/^(nothing$|AV_CORRUPT: )/);
  }
  const deep = Uint8Array.from([1, 0, ...new Array(100_000).fill(3), 4]);
  expect(failure((glue) => matches(glue, deep, [line]))).toMatch(/^AV_CORRUPT: /);
});

it('may be as deep as the parser lets them be', () => {
  const deep = (levels: number): object =>
    levels === 1 ? { a: { $not: { $nin: [1], $gt: 0 } }, b: 1 } : { $nor: [deep(levels - 1), { b: 1 }], c: { $ne: 1 } };
  const bytes = encodeFilter(deep(15));
  const rows = [{ a: 1 }, { b: 1 }, {}];
  const [bits] = same((glue) =>
    matches(
      glue,
      bytes,
      rows.map((row) => JSON.stringify(row)),
    ),
  );
  expect(rows.map((_, row) => (((bits ?? 0) >> row) & 1) === 1)).toEqual(rows.map(compileFilter(deep(15))));
});
