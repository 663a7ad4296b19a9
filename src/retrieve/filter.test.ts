// Filters on metadata: what each operator means, what is refused, and names that are no names.

import { describe, expect, it } from 'vitest';
import { FILTER_DEPTH_MAX, FILTER_LIST_MAX, FILTER_NODES_MAX } from '../base/limits.ts';
import type { Meta } from '../model/document.ts';
import { compileFilter } from './filter.ts';

const meta: Meta = {
  n: 5,
  s: 'b',
  t: ['x', 'y'],
  nested: { deep: { v: 1 } },
  'a.b': 2,
  nothing: null,
  yes: true,
  list: [1, [2]],
  half: 0.5,
  none: [],
  berlin: { lat: 52.52, lon: 13.405 },
  stops: [
    { lat: -17, lon: 179.9 },
    { lat: 48.8566, lon: 2.3522 },
  ],
};
const fits = (filter: unknown, on: Meta = meta): boolean => compileFilter(filter)(on);
const code = (code: string): Error => expect.objectContaining({ code }) as unknown as Error;

describe('a filter', () => {
  it.each([
    [{}, true],
    [{ n: 5 }, true],
    [{ n: '5' }, false],
    [{ n: 5, s: 'b' }, true],
    [{ n: 5, s: 'c' }, false],
    [{ yes: true }, true],
    [{ yes: 1 }, false],
    [{ nothing: null }, true],
    [{ missing: null }, false],
    [{ half: { $eq: 0.5 } }, true],
    [{ nested: { deep: { v: 1 } } }, true],
    [{ nested: { deep: { v: 2 } } }, false],
    [{ list: [1, [2]] }, true],
  ])('%j is %s: equality', (filter, want) => expect(fits(filter)).toBe(want));

  it.each([
    [{ n: { $ne: 5 } }, false],
    [{ n: { $ne: 6 } }, true],
    [{ missing: { $ne: 6 } }, true],
    [{ n: { $in: [4, 5] } }, true],
    [{ n: { $in: [] } }, false],
    [{ missing: { $in: [null, 1] } }, false],
    [{ n: { $gt: 4, $lt: 6 } }, true],
    [{ n: { $gte: 5, $lte: 5 } }, true],
    [{ n: { $gt: 5 } }, false],
    [{ n: { $lt: 5 } }, false],
    [{ n: { $gt: Number.NEGATIVE_INFINITY, $lt: Number.POSITIVE_INFINITY } }, true],
    [{ s: { $gt: 'a', $lte: 'b' } }, true],
    [{ s: { $gt: 1 } }, false],
    [{ n: { $gt: 'a' } }, false],
    [{ nothing: { $lte: 1 } }, false],
    [{ missing: { $lt: 1 } }, false],
  ])('%j is %s: comparison', (filter, want) => expect(fits(filter)).toBe(want));

  it.each([
    [{ t: 'x' }, true],
    [{ t: 'z' }, false],
    [{ t: ['x', 'y'] }, true],
    [{ t: { $in: ['z', 'y'] } }, true],
    [{ t: { $ne: 'x' } }, false],
    [{ t: { $gte: 'y' } }, true],
    [{ list: { $gt: 0 } }, true],
  ])('%j is %s: a list fits if an element does', (filter, want) => expect(fits(filter)).toBe(want));

  it.each([
    [{ 'nested.deep.v': 1 }, true],
    [{ 'nested.deep.v': { $gt: 1 } }, false],
    [{ 'nested.none.v': 1 }, false],
    [{ 'a.b': 2 }, true],
    [{ 'n.length': 1 }, false],
    [{ 't.length': 2 }, false],
  ])('%j is %s: a path', (filter, want) => expect(fits(filter)).toBe(want));

  it.each([
    [{ $and: [{ n: 5 }, { s: 'b' }] }, true],
    [{ $and: [{ n: 5 }, { s: 'c' }] }, false],
    [{ $or: [{ n: 6 }, { s: 'b' }] }, true],
    [{ $or: [{ n: 6 }, { s: 'c' }] }, false],
    [{ n: 5, $or: [{ s: 'b' }] }, true],
    [{ $and: [{ $or: [{ n: 1 }, { n: 5 }] }, {}] }, true],
  ])('%j is %s: combined', (filter, want) => expect(fits(filter)).toBe(want));

  it.each([
    [{ n: { $between: [5, 6] } }, true],
    [{ n: { $between: [5.5, 6] } }, false],
    [{ s: { $between: ['a', 'b'] } }, true],
    [{ n: { $between: ['0', '9'] } }, false],
    [{ n: { $nin: [4, 5] } }, false],
    [{ n: { $nin: [] } }, true],
    [{ missing: { $nin: [null] } }, true],
    [{ t: { $nin: ['y', 'z'] } }, false],
    [{ nothing: { $exists: true } }, true],
    [{ missing: { $exists: true } }, false],
    [{ missing: { $exists: false } }, true],
    [{ 'nested.deep': { $exists: true } }, true],
    [{ none: { $exists: false } }, false],
  ])('%j is %s: between, not in, exists', (filter, want) => expect(fits(filter)).toBe(want));

  it.each([
    [{ t: { $any: ['z', 'x'] } }, true],
    [{ t: { $any: ['z'] } }, false],
    [{ t: { $all: ['y', 'x'] } }, true],
    [{ t: { $all: ['x', 'z'] } }, false],
    [{ t: { $all: [] } }, true],
    [{ s: { $all: ['b'] } }, true],
    [{ t: { $size: 2 } }, true],
    [{ t: { $size: 1 } }, false],
    [{ none: { $size: 0 } }, true],
    [{ s: { $size: 1 } }, false],
    [{ missing: { $size: 0 } }, false],
    [{ t: { $contains: 'x' } }, true],
    [{ t: { $contains: '' } }, false],
    [{ list: { $contains: [2] } }, true],
    [{ list: { $contains: [1, [2]] } }, false],
    [{ n: { $contains: 5 } }, false],
  ])('%j is %s: lists', (filter, want) => expect(fits(filter)).toBe(want));

  it.each([
    [{ text: { $contains: 'lö' } }, true],
    [{ text: { $contains: '' } }, true],
    [{ text: { $contains: 'LÖ' } }, false],
    [{ text: { $startsWith: 'Hall' } }, true],
    [{ text: { $startsWith: '' } }, true],
    [{ text: { $startsWith: 'hall' } }, false],
    [{ text: { $startsWith: 'Hallöle 😀!' } }, false],
    [{ text: { $startsWith: 'Hallöle 😀' } }, true],
    [{ tags: { $startsWith: 'be' } }, true],
    [{ tags: { $contains: 'bet' } }, false],
    [{ text: { $lt: '\ue000' } }, true],
    [{ sign: { $lt: '\ue000' } }, true],
  ])('%j is %s: strings', (filter, want) => {
    expect(fits(filter, { text: 'Hallöle 😀', tags: ['alpha', 'beta'], sign: '😀' })).toBe(want);
  });

  it.each([
    [{ berlin: { $geoWithin: { center: { lat: 48.8566, lon: 2.3522 }, radius: 878_000 } } }, true],
    [{ berlin: { $geoWithin: { center: { lat: 48.8566, lon: 2.3522 }, radius: 877_000 } } }, false],
    [{ berlin: { $geoWithin: { center: { lat: 52.52, lon: 13.405 }, radius: 0 } } }, true],
    [{ berlin: { $geoWithin: { center: { lat: -52.52, lon: -166.595 }, radius: 2e7 } } }, false],
    [{ berlin: { $geoWithin: { center: { lat: -52.52, lon: -166.595 }, radius: 2.1e7 } } }, true],
    [{ berlin: { $geoWithin: { south: 50, west: 10, north: 55, east: 15 } } }, true],
    [{ berlin: { $geoWithin: { south: 50, west: 15, north: 55, east: 10 } } }, false],
    [{ stops: { $geoWithin: { south: -20, west: 170, north: -10, east: -170 } } }, true],
    [{ stops: { $geoWithin: { center: { lat: -17, lon: -179.9 }, radius: 25_000 } } }, true],
    [{ n: { $geoWithin: { south: -90, west: -180, north: 90, east: 180 } } }, false],
  ])('%j is %s: places', (filter, want) => expect(fits(filter)).toBe(want));

  it.each([
    [{ $not: { n: 5 } }, false],
    [{ $not: { n: 5, s: 'c' } }, true],
    [{ $not: {} }, false],
    [{ n: { $not: { $gt: 5 } } }, true],
    [{ n: { $not: { $gt: 4, $lt: 6 } } }, false],
    [{ missing: { $not: { $gt: 5 } } }, true],
    [{ n: { $gt: 4, $not: { $not: { $lt: 6 } } } }, true],
    [{ $nor: [{ n: 6 }, { s: 'c' }] }, true],
    [{ $nor: [{ n: 6 }, { s: 'b' }] }, false],
  ])('%j is %s: denied', (filter, want) => expect(fits(filter)).toBe(want));

  it('knows a value from one that only prints the same', () => {
    expect(fits({ nothing: Number.POSITIVE_INFINITY })).toBe(false);
    expect(fits({ nothing: { $in: [Number.NEGATIVE_INFINITY] } })).toBe(false);
    expect(fits({ v: [null] }, { v: [null] })).toBe(true);
  });

  it('sees own properties only: names of the prototype are names like any other', () => {
    const own = JSON.parse('{"__proto__":{"admin":true},"constructor":"c","toString":1}') as Meta;
    for (const key of [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      '__proto__.admin',
      'constructor.name',
    ]) {
      const filter = JSON.parse(`{${JSON.stringify(key)}:{"$ne":"?"}}`);
      expect(fits(filter, {})).toBe(true);
      expect(fits(JSON.parse(`{${JSON.stringify(key)}:{"$gte":""}}`), {}), key).toBe(false);
    }
    expect(fits(JSON.parse('{"__proto__.admin":true}'), own)).toBe(true);
    expect(fits(JSON.parse('{"constructor":"c","toString":1}'), own)).toBe(true);
    expect(fits(JSON.parse('{"__proto__":{"admin":true}}'), own)).toBe(true);
    expect(fits(Object.assign(Object.create(null), { n: 5 }))).toBe(true);
  });
});

describe('what cannot be understood', () => {
  it.each([
    ['a list', []],
    ['null', null],
    ['a string', 'n'],
    ['undefined', undefined],
    ['a date as filter', new Date()],
    ['an unknown operator', { n: { $near: 1 } }],
    ['an unknown combiner', { $xor: [{}] }],
    ['a regular expression as text', { n: { $regex: 'x' } }],
    ['code', { $where: 'true' }],
    ['an operator among names', { n: { $gt: 1, plain: 2 } }],
    ['a combiner without a list', { $and: {} }],
    ['an empty combiner', { $or: [] }],
    ['a combiner of values', { $or: [1] }],
    ['$in without a list', { n: { $in: 5 } }],
    ['$gt of null', { n: { $gt: null } }],
    ['$lt of a list', { n: { $lt: [1] } }],
    ['$gt of NaN', { n: { $gt: Number.NaN } }],
    ['equality with NaN', { n: Number.NaN }],
    ['equality with undefined', { n: undefined }],
    ['a date', { n: new Date() }],
    ['a regular expression', { n: /x/ }],
    ['a bigint', { n: 1n }],
    ['a bigint in a list', { n: [1n] }],
    ['a bigint in $in', { n: { $in: [{ a: 1n }] } }],
    ['a prototype as operator', { n: { $__proto__: 1 } }],
    ['$nin without a list', { n: { $nin: 5 } }],
    ['$all without a list', { n: { $all: 'x' } }],
    ['$any of undefined', { n: { $any: [undefined] } }],
    ['$between of one', { n: { $between: [1] } }],
    ['$between of two kinds', { n: { $between: [1, '2'] } }],
    ['$between of lists', { n: { $between: [[1], [2]] } }],
    ['$between with NaN', { n: { $between: [1, Number.NaN] } }],
    ['$exists of a number', { n: { $exists: 1 } }],
    ['$contains of undefined', { n: { $contains: undefined } }],
    ['$startsWith of a number', { n: { $startsWith: 1 } }],
    ['$startsWith of a regular expression', { n: { $startsWith: /x/ } }],
    ['$size of a half', { n: { $size: 1.5 } }],
    ['$size below none', { n: { $size: -1 } }],
    ['$size of a string', { n: { $size: '2' } }],
    ['$not of a value', { n: { $not: 5 } }],
    ['$not of an object without operators', { n: { $not: { a: 1 } } }],
    ['$not of a list', { $not: [{ n: 5 }] }],
    ['$nor without a list', { $nor: { n: 5 } }],
    ['$nor among the operators', { n: { $nor: [{ $gt: 1 }] } }],
    ['an area of nothing', { n: { $geoWithin: {} } }],
    ['an area with more in it', { n: { $geoWithin: { south: 1, west: 1, north: 2, east: 2, radius: 3 } } }],
    ['an area off the earth', { n: { $geoWithin: { south: -91, west: 1, north: 2, east: 2 } } }],
    ['an area upside down', { n: { $geoWithin: { south: 3, west: 1, north: 2, east: 2 } } }],
    ['a negative radius', { n: { $geoWithin: { center: { lat: 1, lon: 1 }, radius: -1 } } }],
    ['a centre in other words', { n: { $geoWithin: { center: [1, 1], radius: 1 } } }],
    ['half a sign', { n: '\ud83d' }],
    ['half a sign to begin with', { n: { $startsWith: '\ud83d' } }],
    ['half a sign as key', { '\ude00': 1 }],
  ])('%s is AV_FILTER', (_, filter) => expect(() => compileFilter(filter)).toThrow(code('AV_FILTER')));

  it('is answered with what is known', () => {
    const known = /unknown operator \$regex. Known: .*\$eq.*\$between.*\$geoWithin.*\$not.*\$nor/;
    expect(() => compileFilter({ n: { $regex: 'x' } })).toThrow(known);
    expect(() => compileFilter({ n: { $geoWithin: 1 } })).toThrow(/center: \{ lat, lon \}, radius.*south/);
    expect(() => compileFilter({ n: { $between: 3 } })).toThrow(/\$between of "n" takes .*, not 3/);
  });

  it('too deep, too wide or too long is AV_LIMIT, and just within is not', () => {
    const deep = (levels: number): unknown => (levels === 1 ? { n: 5 } : { $and: [deep(levels - 1)] });
    expect(fits(deep(FILTER_DEPTH_MAX))).toBe(true);
    expect(() => fits(deep(FILTER_DEPTH_MAX + 1))).toThrow(code('AV_LIMIT'));
    const denied = (levels: number): unknown => (levels === 1 ? { $gt: 9 } : { $not: denied(levels - 1) });
    expect(fits({ n: denied(FILTER_DEPTH_MAX) })).toBe(true);
    expect(() => fits({ n: denied(FILTER_DEPTH_MAX + 1) })).toThrow(code('AV_LIMIT'));
    const wide = (count: number): unknown => ({ $or: Array.from({ length: count - 1 }, (_, n) => ({ n })) });
    expect(fits(wide(FILTER_NODES_MAX))).toBe(true);
    expect(() => fits(wide(FILTER_NODES_MAX + 1))).toThrow(code('AV_LIMIT'));
    const long = (count: number): unknown => ({ n: { $in: Array.from({ length: count }, (_, n) => n) } });
    expect(fits(long(FILTER_LIST_MAX))).toBe(true);
    for (const operator of ['$in', '$nin', '$any', '$all']) {
      const values = Array.from({ length: FILTER_LIST_MAX + 1 }, (_, n) => n);
      expect(() => fits({ n: { [operator]: values } }), operator).toThrow(code('AV_LIMIT'));
    }
  });
});
