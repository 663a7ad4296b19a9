// What a search may ask: errors before any message is sent.

import { AetherError } from '../base/errors.ts';
import {
  DIVERSE_HITS_MAX,
  FACET_KEYS_MAX,
  FACET_VALUES_MAX,
  FILTER_DEPTH_MAX,
  HITS_MAX,
  SORT_KEYS_MAX,
  SUGGESTIONS_MAX,
} from '../base/limits.ts';
import type { Filter } from '../model/filter.ts';
import type {
  AsOf,
  ChangesOptions,
  FacetOptions,
  Instant,
  SearchOptions,
  SortKey,
  SuggestOptions,
  TimePoint,
} from '../model/query.ts';
import { type DiffOptions, EDIT_CLASSES } from '../model/history.ts';
import { checkBoosts, checkKey, checkText } from './query.ts';
import { checkId, checkKeys, describe, invalid, isPlainObject, oneOf } from './validate.ts';

const MANNER = ['weight', 'boosts', 'prefix', 'typos', 'fusion', 'feedback'];
const KNOWN = [
  ...['k', 'mode', 'collapse', 'filter', 'asOf', 'recency', 'mmr', 'rerank', 'sort', 'explain', 'signal', 'deadlineMs'],
  ...MANNER,
];
const NO_INSTANT = 'a point in history is a ref (string), a Date, milliseconds since 1970, or { system, valid }';
/** A date's own range, in milliseconds. */
const TIME_MAX = 8.64e15;

/** The options of a search that go to the worker, checked. */
export function checkSearch(options: SearchOptions): Omit<SearchOptions, 'rerank' | 'signal' | 'deadlineMs'> {
  checkKeys(options, KNOWN);
  const { k, mode, collapse, filter, asOf, recency, mmr, sort, explain, deadlineMs } = options;
  checkCount('k', k, HITS_MAX);
  checkRecency(recency);
  if (deadlineMs !== undefined && !(deadlineMs > 0)) throw invalid(`deadlineMs is ${deadlineMs}; it must be above 0`);
  oneOf('mode', mode, ['hybrid', 'lexical', 'dense']);
  oneOf('collapse', collapse, ['section', 'document', 'none']);
  checkShare('mmr', mmr);
  if (mmr && (k ?? 0) > DIVERSE_HITS_MAX)
    throw new AetherError('AV_LIMIT', `k is ${k}; with mmr at most ${DIVERSE_HITS_MAX} hits are allowed`);
  checkAsOf(asOf);
  return {
    ...{ k, mode, collapse, filter: checkFilter(filter), asOf, recency, mmr, explain },
    ...checkManner(options),
    sort: checkSort(sort),
  };
}

type Manner = Pick<SearchOptions, 'weight' | 'boosts' | 'prefix' | 'typos' | 'fusion' | 'feedback'>;

/** How words are taken and how channels become one. */
export function checkManner({ weight, boosts, prefix, typos, fusion, feedback }: Manner): Manner {
  checkShare('weight', weight);
  oneOf('typos', typos, ['auto', 'always', 'off']);
  oneOf('fusion', fusion, ['score', 'rank']);
  for (const [name, value] of Object.entries({ prefix, feedback }))
    if (value !== undefined && typeof value !== 'boolean') throw invalid(`${name} must be true or false`);
  return { weight, boosts: checkBoosts(boosts), prefix, typos, fusion, feedback };
}

/** The options of a search over changes. */
export function checkChanges(options: ChangesOptions): ChangesOptions {
  checkKeys(options, ['from', 'to', 'k', ...MANNER]);
  const { from, to, k } = options;
  checkInstant(from, 'required');
  checkInstant(to);
  checkCount('k', k, HITS_MAX);
  return { from, to, k, ...checkManner(options) };
}

/** What a facet call sends. */
export function checkFacets(options: FacetOptions): Omit<FacetOptions, 'signal' | 'deadlineMs'> {
  checkKeys(options, ['by', 'limit', 'filter', 'asOf', 'prefix', 'typos', 'signal', 'deadlineMs']);
  const { by, limit, filter, asOf } = options;
  const keys: readonly unknown[] = Array.isArray(by) ? by : [by];
  if (keys.length === 0) throw invalid('facets needs a key of the metadata in by');
  if (keys.length > FACET_KEYS_MAX)
    throw new AetherError('AV_LIMIT', `by has ${keys.length} keys; at most ${FACET_KEYS_MAX} are allowed`);
  checkCount('limit', limit, FACET_VALUES_MAX);
  checkAsOf(asOf);
  return {
    by: keys.map((key) => checkKey(key, 'by')),
    limit,
    filter: checkFilter(filter),
    asOf,
    ...checkManner(options),
  };
}

/** What a call for suggestions sends. */
export function checkSuggest(text: unknown, options: SuggestOptions): { text: string } & SuggestOptions {
  checkKeys(options, ['k', 'asOf']);
  const { k, asOf } = options;
  checkCount('k', k, SUGGESTIONS_MAX);
  checkAsOf(asOf);
  return { text: checkText(text, 'the text to correct'), k, asOf };
}

/** Throws for what is no number from 0 to 1. */
export function checkShare(option: string, share: unknown): void {
  if (share === undefined) return;
  if (typeof share !== 'number' || !(share >= 0 && share <= 1))
    throw invalid(`${option} is ${typeof share === 'number' ? share : describe(share)}; it must be 0 to 1`);
}

function checkSort(sort: unknown): SortKey[] | undefined {
  if (sort === undefined) return undefined;
  const keys: readonly unknown[] = Array.isArray(sort) ? sort : [sort];
  if (keys.length === 0) throw invalid('sort has no key; it takes { by, order } or a list of them');
  if (keys.length > SORT_KEYS_MAX)
    throw new AetherError('AV_LIMIT', `sort has ${keys.length} keys; at most ${SORT_KEYS_MAX} are allowed`);
  return Array.from(keys, (key) => {
    if (!isPlainObject(key)) throw invalid(`sort takes { by, order }, not ${describe(key)}`);
    checkKeys(key, ['by', 'order']);
    oneOf('order', key.order, ['asc', 'desc']);
    return { by: checkKey(key.by, 'sort'), order: key.order as SortKey['order'] };
  });
}

function checkCount(option: string, count: unknown, most: number): void {
  if (count === undefined) return;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1)
    throw invalid(
      `${option} is ${typeof count === 'number' ? count : describe(count)}; it must be a whole number from 1 to ${most}`,
    );
  if (count > most) throw new AetherError('AV_LIMIT', `${option} is ${count}; at most ${most} are allowed`);
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

/** Throws for a point in history that cannot be one. */
export function checkAsOf(asOf: unknown): asserts asOf is AsOf | undefined {
  if (!isPlainObject(asOf)) return checkInstant(asOf);
  checkKeys(asOf, ['system', 'valid']);
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

/** A filter as it is sent. */
export function checkFilter(filter: Filter | undefined): Filter | undefined {
  return filter === undefined ? undefined : cloneable(filter);
}

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
