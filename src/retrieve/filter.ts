// A Mongo-style filter on metadata, checked once and turned into a predicate.

import { AetherError } from '../base/errors.ts';
import { FILTER_DEPTH_MAX, FILTER_LIST_MAX, FILTER_NODES_MAX } from '../base/limits.ts';
import type { Meta, MetaValue } from '../model/document.ts';

/** Does a document's metadata fit? */
export type Predicate = (meta: Meta) => boolean;

type Test = (value: MetaValue | undefined) => boolean;
const OPERATORS = ['$eq', '$ne', '$in', '$gt', '$gte', '$lt', '$lte'];
const COMBINERS = ['$and', '$or'];

const refuse = (what: string): AetherError => new AetherError('AV_FILTER', what);

/**
 * The predicate of a filter. Comparisons are between numbers or between strings; a value of another type fits none.
 *
 * @throws `AV_FILTER` for an unknown operator or a value that an operator cannot take, `AV_LIMIT` for too large a filter.
 */
export function compileFilter(filter: unknown): Predicate {
  return compile(filter, 1, { nodes: 0 });
}

function compile(filter: unknown, depth: number, count: { nodes: number }): Predicate {
  if (!isObject(filter)) throw refuse(`a filter must be an object, not ${describe(filter)}`);
  if (depth > FILTER_DEPTH_MAX)
    throw new AetherError('AV_LIMIT', `the filter is nested deeper than ${FILTER_DEPTH_MAX} levels`);
  const tests = Object.entries(filter).map(([key, value]): Predicate => {
    if (++count.nodes > FILTER_NODES_MAX)
      throw new AetherError('AV_LIMIT', `the filter has more than ${FILTER_NODES_MAX} conditions`);
    if (COMBINERS.includes(key)) {
      if (!Array.isArray(value) || value.length === 0)
        throw refuse(`${key} takes a list of filters, not ${describe(value)}`);
      const parts = value.map((part) => compile(part, depth + 1, count));
      return key === '$and' ? (meta) => parts.every((part) => part(meta)) : (meta) => parts.some((part) => part(meta));
    }
    if (key.startsWith('$')) throw unknownOperator(key);
    const test = condition(key, value);
    return (meta) => test(valueAt(meta, key));
  });
  return (meta) => tests.every((test) => test(meta));
}

function unknownOperator(key: string): AetherError {
  return refuse(`unknown operator ${key}. Known: ${[...OPERATORS, ...COMBINERS].join(', ')}.`);
}

function condition(key: string, value: unknown): Test {
  if (!isObject(value) || !Object.keys(value).some((name) => name.startsWith('$')))
    return equals(mustBeMeta(key, value));
  const tests = Object.entries(value).map(([operator, operand]) => one(key, operator, operand));
  return (found) => tests.every((test) => test(found));
}

function one(key: string, operator: string, operand: unknown): Test {
  switch (operator) {
    case '$eq':
      return equals(mustBeMeta(key, operand));
    case '$ne': {
      const equal = equals(mustBeMeta(key, operand));
      return (found) => !equal(found);
    }
    case '$in': {
      if (!Array.isArray(operand)) throw refuse(`$in of "${key}" takes a list, not ${describe(operand)}`);
      if (operand.length > FILTER_LIST_MAX)
        throw new AetherError(
          'AV_LIMIT',
          `$in of "${key}" has ${operand.length} values; at most ${FILTER_LIST_MAX} are allowed`,
        );
      const list = operand.map((item) => equals(mustBeMeta(key, item)));
      return (found) => list.some((test) => test(found));
    }
    case '$gt':
      return compare(key, operator, operand, (order) => order > 0);
    case '$gte':
      return compare(key, operator, operand, (order) => order >= 0);
    case '$lt':
      return compare(key, operator, operand, (order) => order < 0);
    case '$lte':
      return compare(key, operator, operand, (order) => order <= 0);
    default:
      throw unknownOperator(operator);
  }
}

function compare(key: string, operator: string, operand: unknown, fits: (order: number) => boolean): Test {
  if (typeof operand !== 'string' && !(typeof operand === 'number' && !Number.isNaN(operand))) {
    throw refuse(`${operator} of "${key}" takes a number or a string, not ${describe(operand)}`);
  }
  const test = (found: MetaValue | undefined): boolean =>
    typeof found === typeof operand && fits(found === operand ? 0 : (found as string | number) > operand ? 1 : -1);
  return (found) => test(found) || (Array.isArray(found) && found.some(test));
}

function equals(wanted: MetaValue): Test {
  const text = keyOf(wanted);
  const same = (found: MetaValue | undefined): boolean =>
    found === wanted || (typeof found === 'object' && keyOf(found) === text);
  return (found) => same(found) || (Array.isArray(found) && found.some(same));
}

/** A filter or a value as one string: equal strings, equal meaning. JSON alone would take an infinity for null. */
export function keyOf(value: unknown): string {
  try {
    return JSON.stringify(value, (_, item: unknown) => {
      if (typeof item === 'string') return `"${item}`;
      return typeof item === 'number' && !Number.isFinite(item) ? `#${item}` : item;
    });
  } catch (cause) {
    throw new AetherError('AV_FILTER', 'the filter holds a BigInt or contains itself; it must be plain data', {
      cause,
    });
  }
}

/** Own properties only: `__proto__` and `constructor` are names like any other. A whole dotted key wins over a path. */
export function valueAt(meta: Meta, key: string): MetaValue | undefined {
  if (Object.hasOwn(meta, key)) return meta[key];
  let value: MetaValue | undefined = meta;
  for (const part of key.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, part)) return undefined;
    value = (value as Meta)[part];
  }
  return value;
}

function mustBeMeta(key: string, value: unknown): MetaValue {
  const plain =
    value === null ||
    ['string', 'boolean'].includes(typeof value) ||
    (typeof value === 'number' && !Number.isNaN(value));
  if (plain || Array.isArray(value) || isObject(value)) return value as MetaValue;
  throw refuse(`"${key}" cannot be compared with ${describe(value)}`);
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value))
  );
}

function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (value instanceof RegExp) return 'a regular expression';
  return typeof value === 'object' ? (Array.isArray(value) ? 'a list' : 'an object') : String(value).slice(0, 60);
}
