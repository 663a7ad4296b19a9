// Reads a Mongo-style filter and refuses what it cannot mean.

import { AetherError } from '../../base/errors.ts';
import { FILTER_DEPTH_MAX, FILTER_LIST_MAX, FILTER_NODES_MAX } from '../../base/limits.ts';
import { isWellFormed } from '../../base/text.ts';
import type { MetaValue } from '../../model/document.ts';
import { isDegrees, pointOf } from './geo.ts';
import type { Order, Test, Tree } from './tree.ts';
import { isObject, keyOf } from './value.ts';

/** What an operator makes of its operand. */
type Operator = (key: string, operand: unknown, depth: number) => Tree;

const SIZE_MAX = 2 ** 32 - 1;
const AREAS = '{ center: { lat, lon }, radius } or { south, west, north, east }, in degrees and metres';
const COMBINERS = ['$and', '$or', '$not', '$nor'];

const not = (part: Tree): Tree => ({ op: 'not', part });
const all = (parts: readonly Tree[]): Tree => (parts.length === 1 && parts[0] ? parts[0] : { op: 'and', parts });
const on = (key: string, test: Test): Tree => ({ op: 'test', key, test });

const refuse = (what: string): AetherError => new AetherError('AV_FILTER', what);

/** A map, so that no name of a prototype is one. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['$eq', (key, operand) => equals(key, operand)],
  ['$ne', (key, operand) => not(equals(key, operand))],
  ['$gt', (key, operand) => compare(key, '$gt', operand)],
  ['$gte', (key, operand) => compare(key, '$gte', operand)],
  ['$lt', (key, operand) => compare(key, '$lt', operand)],
  ['$lte', (key, operand) => compare(key, '$lte', operand)],
  ['$in', (key, operand) => on(key, { op: 'in', values: listOf(key, '$in', operand) })],
  ['$nin', (key, operand) => not(on(key, { op: 'in', values: listOf(key, '$nin', operand) }))],
  ['$exists', exists],
  ['$contains', (key, operand) => on(key, { op: 'contains', value: mustBeMeta(key, operand) })],
  ['$startsWith', startsWith],
  ['$between', between],
  ['$all', (key, operand) => all(listOf(key, '$all', operand).map((value) => on(key, { op: 'in', values: [value] })))],
  ['$any', (key, operand) => on(key, { op: 'in', values: listOf(key, '$any', operand) })],
  ['$size', size],
  ['$geoWithin', geoWithin],
  ['$not', notSo],
]);

/**
 * The filter as a tree.
 *
 * @throws `AV_FILTER` for an unknown operator or a value that an operator cannot take, `AV_LIMIT` for too large a filter.
 */
export function parseFilter(filter: unknown): Tree {
  return parse(filter, 1, { nodes: 0 });
}

function parse(filter: unknown, depth: number, count: { nodes: number }): Tree {
  if (!isObject(filter)) throw refuse(`a filter must be an object, not ${describe(filter)}`);
  checkDepth(depth);
  const parts = Object.entries(filter).map(([key, value]): Tree => {
    if (++count.nodes > FILTER_NODES_MAX)
      throw new AetherError('AV_LIMIT', `the filter has more than ${FILTER_NODES_MAX} conditions`);
    if (key === '$not') return not(parse(value, depth + 1, count));
    if (COMBINERS.includes(key)) return combine(key, value, depth, count);
    if (key.startsWith('$')) throw unknownOperator(key);
    return condition(mustBeWellFormed(key), value, depth);
  });
  return all(parts);
}

function combine(key: string, value: unknown, depth: number, count: { nodes: number }): Tree {
  if (!Array.isArray(value) || value.length === 0)
    throw refuse(`${key} takes a list of filters, not ${describe(value)}`);
  const parts = value.map((part) => parse(part, depth + 1, count));
  if (key === '$and') return all(parts);
  return key === '$or' ? { op: 'or', parts } : not({ op: 'or', parts });
}

function condition(key: string, value: unknown, depth: number): Tree {
  return hasOperators(value) ? operators(key, value, depth) : equals(key, value);
}

const hasOperators = (value: unknown): value is { readonly [key: string]: unknown } =>
  isObject(value) && Object.keys(value).some((name) => name.startsWith('$'));

function operators(key: string, value: { readonly [key: string]: unknown }, depth: number): Tree {
  return all(
    Object.entries(value).map(([name, operand]) => {
      const operator = OPERATORS.get(name);
      if (!operator) throw unknownOperator(name);
      return operator(key, operand, depth);
    }),
  );
}

function notSo(key: string, operand: unknown, depth: number): Tree {
  if (!hasOperators(operand)) throw refuse(`$not of "${key}" takes an object of operators, not ${describe(operand)}`);
  checkDepth(depth + 1);
  return not(operators(key, operand, depth + 1));
}

function equals(key: string, operand: unknown): Tree {
  return on(key, { op: 'in', values: [mustBeMeta(key, operand)] });
}

function compare(key: string, operator: string, operand: unknown): Tree {
  return on(key, { op: operator.slice(1) as Order, value: mustHaveOrder(key, operator, operand) });
}

function between(key: string, operand: unknown): Tree {
  if (!Array.isArray(operand) || operand.length !== 2 || typeof operand[0] !== typeof operand[1])
    throw refuse(`$between of "${key}" takes a list of two numbers or two strings, not ${describe(operand)}`);
  const [low, high] = operand.map((end) => mustHaveOrder(key, '$between', end)) as [string, string];
  return all([on(key, { op: 'gte', value: low }), on(key, { op: 'lte', value: high })]);
}

function exists(key: string, operand: unknown): Tree {
  if (typeof operand !== 'boolean') throw refuse(`$exists of "${key}" takes true or false, not ${describe(operand)}`);
  const there = on(key, { op: 'exists' });
  return operand ? there : not(there);
}

function startsWith(key: string, operand: unknown): Tree {
  if (typeof operand !== 'string') throw refuse(`$startsWith of "${key}" takes a string, not ${describe(operand)}`);
  return on(key, { op: 'prefix', text: mustBeWellFormed(operand) });
}

function size(key: string, operand: unknown): Tree {
  if (typeof operand !== 'number' || !Number.isInteger(operand) || operand < 0 || operand > SIZE_MAX)
    throw refuse(`$size of "${key}" takes a whole number, 0 or more, not ${describe(operand)}`);
  return on(key, { op: 'size', size: operand });
}

function geoWithin(key: string, operand: unknown): Tree {
  const names = isObject(operand) ? Object.keys(operand).sort().join() : '';
  const given = operand as { readonly [key: string]: unknown };
  if (names === 'center,radius') {
    const [centre, radius] = [pointOf(given.center), given.radius];
    if (centre && typeof radius === 'number' && radius >= 0) return on(key, { op: 'near', centre, radius });
  }
  if (names === 'east,north,south,west') {
    const { south, west, north, east } = given;
    const fits = isDegrees(south, 90) && isDegrees(north, 90) && isDegrees(west, 180) && isDegrees(east, 180);
    if (fits && south <= north) return on(key, { op: 'box', box: { south, west, north, east } });
  }
  throw refuse(`$geoWithin of "${key}" takes ${AREAS}; latitudes -90 to 90, longitudes -180 to 180, south below north`);
}

function listOf(key: string, operator: string, operand: unknown): readonly MetaValue[] {
  if (!Array.isArray(operand)) throw refuse(`${operator} of "${key}" takes a list, not ${describe(operand)}`);
  if (operand.length > FILTER_LIST_MAX) {
    const what = `${operator} of "${key}" has ${operand.length} values; at most ${FILTER_LIST_MAX} are allowed`;
    throw new AetherError('AV_LIMIT', what);
  }
  return operand.map((item) => mustBeMeta(key, item));
}

function mustHaveOrder(key: string, operator: string, value: unknown): string | number {
  if (typeof value === 'string') return mustBeWellFormed(value);
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  throw refuse(`${operator} of "${key}" takes a number or a string, not ${describe(value)}`);
}

function mustBeMeta(key: string, value: unknown): MetaValue {
  if (typeof value === 'string') return mustBeWellFormed(value);
  const isPlain = value === null || typeof value === 'boolean' || (typeof value === 'number' && !Number.isNaN(value));
  if (!isPlain && !Array.isArray(value) && !isObject(value))
    throw refuse(`"${key}" cannot be compared with ${describe(value)}`);
  // Throws for what is no plain data further down.
  if (!isPlain) keyOf(value);
  return value as MetaValue;
}

/** Half a sign would be found within one here, and not in UTF-8. */
function mustBeWellFormed(text: string): string {
  if (isWellFormed(text)) return text;
  throw refuse('the filter holds a lone surrogate, which no metadata can');
}

function checkDepth(depth: number): void {
  if (depth > FILTER_DEPTH_MAX)
    throw new AetherError('AV_LIMIT', `the filter is nested deeper than ${FILTER_DEPTH_MAX} levels`);
}

function unknownOperator(key: string): AetherError {
  return refuse(`unknown operator ${key}. Known: ${[...new Set([...OPERATORS.keys(), ...COMBINERS])].join(', ')}.`);
}

function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (value instanceof RegExp) return 'a regular expression';
  return typeof value === 'object' ? (Array.isArray(value) ? 'a list' : 'an object') : String(value).slice(0, 60);
}
