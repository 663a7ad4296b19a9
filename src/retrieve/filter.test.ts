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
    ['an unknown combiner', { $nor: [{}] }],
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
  ])('%s is AV_FILTER', (_, filter) => expect(() => compileFilter(filter)).toThrow(code('AV_FILTER')));

  it('too deep, too wide or too long is AV_LIMIT, and just within is not', () => {
    const deep = (levels: number): unknown => (levels === 1 ? { n: 5 } : { $and: [deep(levels - 1)] });
    expect(fits(deep(FILTER_DEPTH_MAX))).toBe(true);
    expect(() => fits(deep(FILTER_DEPTH_MAX + 1))).toThrow(code('AV_LIMIT'));
    const wide = (count: number): unknown => ({ $or: Array.from({ length: count - 1 }, (_, n) => ({ n })) });
    expect(fits(wide(FILTER_NODES_MAX))).toBe(true);
    expect(() => fits(wide(FILTER_NODES_MAX + 1))).toThrow(code('AV_LIMIT'));
    const long = (count: number): unknown => ({ n: { $in: Array.from({ length: count }, (_, n) => n) } });
    expect(fits(long(FILTER_LIST_MAX))).toBe(true);
    expect(() => fits(long(FILTER_LIST_MAX + 1))).toThrow(code('AV_LIMIT'));
  });
});
