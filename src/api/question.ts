// What a search may ask: errors before any message is sent.

import { AetherError } from '../base/errors.ts';
import { FILTER_DEPTH_MAX, HITS_MAX, QUERY_BYTES_MAX } from '../base/limits.ts';
import { isWellFormed, utf8Length } from '../base/text.ts';
import type { AsOf, Instant, SearchOptions, TimePoint } from '../model/query.ts';
import { type DiffOptions, EDIT_CLASSES } from '../model/history.ts';
import { checkId, checkKeys, describe, invalid } from './validate.ts';

const KNOWN = ['k', 'mode', 'collapse', 'filter', 'asOf', 'weight', 'recency', 'explain', 'signal', 'deadlineMs'];
const NO_INSTANT = 'a point in history is a ref (string), a Date, milliseconds since 1970, or { system, valid }';
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** A date's own range, in milliseconds. */
const TIME_MAX = 8.64e15;

/** The query as it is sent: made well-formed, or a copy of the vector. */
export function checkQuery(query: unknown): string | Float32Array {
  if (typeof query === 'string') {
    if (query.length > QUERY_BYTES_MAX || utf8Length(query) > QUERY_BYTES_MAX)
      throw new AetherError('AV_LIMIT', `the query has more than ${QUERY_BYTES_MAX} bytes`);
    return isWellFormed(query) ? query : query.replace(LONE_SURROGATE, '\ufffd');
  }
  if (!(query instanceof Float32Array))
    throw invalid(`a query must be a string or a Float32Array, not ${describe(query)}`);
  if (!query.every(Number.isFinite))
    throw new AetherError('AV_NON_FINITE', 'the query vector holds NaN or an infinity');
  return query.slice();
}

/** The options of a search that go to the worker, checked. */
export function checkSearch(options: SearchOptions): Omit<SearchOptions, 'signal' | 'deadlineMs'> {
  checkKeys(options, KNOWN);
  const { k, mode, collapse, filter, asOf, weight, recency, explain, deadlineMs } = options;
  checkK(k);
  checkRecency(recency);
  if (deadlineMs !== undefined && !(deadlineMs > 0)) throw invalid(`deadlineMs is ${deadlineMs}; it must be above 0`);
  oneOf('mode', mode, ['hybrid', 'lexical', 'dense']);
  oneOf('collapse', collapse, ['section', 'document', 'none']);
  if (weight !== undefined && !(weight >= 0 && weight <= 1)) throw invalid(`weight is ${weight}; it must be 0 to 1`);
  checkAsOf(asOf);
  const plain = filter === undefined ? undefined : cloneable(filter);
  return { k, mode, collapse, filter: plain, asOf, weight, recency, explain };
}

/** Throws for a number of hits that cannot be one. */
export function checkK(k: unknown): void {
  if (k === undefined) return;
  if (typeof k !== 'number' || !Number.isInteger(k) || k < 1)
    throw invalid(`k is ${typeof k === 'number' ? k : describe(k)}; it must be a whole number from 1 to ${HITS_MAX}`);
  if (k > HITS_MAX) throw new AetherError('AV_LIMIT', `k is ${k}; at most ${HITS_MAX} hits are allowed`);
}

function checkRecency(recency: SearchOptions['recency']): void {
  if (typeof recency !== 'object') {
    oneOf('recency', recency, ['auto', 'off']);
    return;
  }
  if (recency === null) throw invalid("recency is null; it can be 'auto', 'off' or { halfLifeMs, weight }");
  checkKeys(recency, ['halfLifeMs', 'weight']);
  const { halfLifeMs, weight } = recency;
  if (halfLifeMs !== undefined && !(halfLifeMs > 0 && Number.isFinite(halfLifeMs)))
    throw invalid(`recency.halfLifeMs is ${halfLifeMs}; it must be above 0`);
  if (weight !== undefined && !(weight >= 0 && weight <= 10))
    throw invalid(`recency.weight is ${weight}; it must be 0 to 10`);
}

/** Throws for options of a diff that make no sense. */
export function checkDiff(options: DiffOptions): void {
  checkKeys(options, ['mode', 'path', 'classes']);
  oneOf('mode', options.mode, ['stat', 'patch']);
  if (options.path !== undefined) checkId(options.path);
  if (options.classes === undefined) return;
  if (!Array.isArray(options.classes)) throw invalid('classes must be a list of edit classes');
  for (const each of options.classes) oneOf('an edit class', each, EDIT_CLASSES);
}

/** Throws when an option is none of those allowed. */
export function oneOf(option: string, value: unknown, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(value as string))
    throw invalid(
      `${option} is ${typeof value === 'string' ? `"${value}"` : describe(value)}; it can be ${allowed.map((a) => `'${a}'`).join(', ')}`,
    );
}

/** Throws for a point in history that cannot be one. */
export function checkAsOf(asOf: unknown): asserts asOf is AsOf | undefined {
  const isPlain =
    typeof asOf === 'object' && asOf !== null && [Object.prototype, null].includes(Object.getPrototypeOf(asOf));
  if (!isPlain) return checkInstant(asOf);
  checkKeys(asOf as object, ['system', 'valid']);
  const { system, valid } = asOf as TimePoint;
  if (system === undefined && valid === undefined)
    throw new AetherError('AV_REF_UNKNOWN', `${NO_INSTANT}; this object has neither`);
  checkInstant(system);
  if (valid !== undefined && !isTime(valid))
    throw new AetherError('AV_REF_UNKNOWN', 'valid must be a Date or milliseconds since 1970');
}

/** Throws for what can name no commit. */
export function checkInstant(instant: unknown, need: 'required' | 'optional' = 'optional'): asserts instant is Instant {
  if (typeof instant === 'string' || isTime(instant) || (instant === undefined && need === 'optional')) return;
  throw new AetherError('AV_REF_UNKNOWN', NO_INSTANT);
}

const isTime = (value: unknown): boolean =>
  (value instanceof Date || typeof value === 'number') && Math.abs(Number(value)) <= TIME_MAX;

/** The filter as a plain copy. A very deep one could not even be read by the worker. */
function cloneable<T>(filter: T): T {
  checkDepth(filter, []);
  try {
    return structuredClone(filter);
  } catch (cause) {
    const what = 'the filter holds a function or something else that is no plain data';
    throw new AetherError('AV_FILTER', what, { cause });
  }
}

function checkDepth(value: unknown, above: readonly unknown[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (above.includes(value)) throw new AetherError('AV_FILTER', 'the filter contains itself');
  if (above.length > 4 * FILTER_DEPTH_MAX)
    throw new AetherError('AV_LIMIT', `the filter is nested deeper than ${FILTER_DEPTH_MAX} levels`);
  for (const item of Object.values(value)) checkDepth(item, [...above, value]);
}
