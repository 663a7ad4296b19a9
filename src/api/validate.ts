// Errors before any message is sent: documents, ids, queries.

import { AetherError } from '../base/errors.ts';
import {
  HITS_MAX,
  ID_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  META_BYTES_MAX,
  META_DEPTH_MAX,
  QUERY_BYTES_MAX,
  TEXT_BYTES_MAX,
  TITLE_BYTES_MAX,
} from '../base/limits.ts';
import { isWellFormed, utf8Length } from '../base/text.ts';
import type { Doc, MetaValue } from '../model/document.ts';
import type { AsOf, SearchOptions } from '../model/query.ts';

const invalid = (what: string): AetherError => new AetherError('AV_INVALID', what);
const DOC_KEYS = ['id', 'text', 'title', 'format', 'meta', 'valid'];

/** A string that can be stored, within its limit. */
function checkString(value: unknown, what: string, bytesMax: number): asserts value is string {
  if (typeof value !== 'string')
    throw invalid(`${what} must be a string, not ${value === null ? 'null' : typeof value}`);
  // Every UTF-16 unit is at least one byte: no need to measure what is far too long.
  const bytes = value.length > bytesMax ? value.length : utf8Length(value);
  if (bytes > bytesMax)
    throw new AetherError(
      'AV_LIMIT',
      `${what} has ${value.length > bytesMax ? 'more than ' : ''}${bytes} bytes; at most ${bytesMax} are allowed`,
    );
  if (!isWellFormed(value))
    throw new AetherError(
      'AV_TEXT_ENCODING',
      `${what} holds a lone surrogate, which UTF-8 cannot store. Call toWellFormed() on it, or find where it was cut.`,
    );
}

/** Throws for an id that cannot be one. */
export function checkId(id: unknown): asserts id is string {
  checkString(id, 'the document id', ID_BYTES_MAX);
  if (id === '') throw invalid('the document id is empty');
}

/** A copy of a document with only what is stored, checked. */
export function checkDoc(doc: unknown): Doc {
  if (typeof doc !== 'object' || doc === null)
    throw invalid(`a document must be an object { id, text, ... }, not ${doc === null ? 'null' : typeof doc}`);
  const { id, text, title, format, meta, valid } = doc as Doc;
  checkId(id);
  const name = `of document "${id.slice(0, 60)}"`;
  const unknown = Object.keys(doc).find((key) => !DOC_KEYS.includes(key));
  if (unknown !== undefined)
    throw invalid(
      `unknown field "${unknown}" ${name}. Known: ${DOC_KEYS.join(', ')}; your own data belongs into meta.`,
    );
  checkString(text, `the text ${name}`, TEXT_BYTES_MAX);
  if (title !== undefined) checkString(title, `the title ${name}`, TITLE_BYTES_MAX);
  if (format !== undefined && format !== 'markdown' && format !== 'text')
    throw invalid(`the format ${name} is ${JSON.stringify(format)}; it can be 'markdown' or 'text'`);
  return {
    id,
    text,
    title,
    format,
    meta: meta === undefined ? undefined : checkMeta(meta, name),
    valid: valid === undefined ? undefined : checkValid(valid, name),
  };
}

function checkMeta(meta: unknown, name: string): NonNullable<Doc['meta']> {
  if (!isPlainObject(meta)) throw invalid(`the meta ${name} must be a plain object`);
  const copy = copyMeta(meta, 1, `meta ${name}`, new Set()) as NonNullable<Doc['meta']>;
  checkString(JSON.stringify(copy), `the meta ${name} as JSON`, META_BYTES_MAX);
  return copy;
}

/** A JSON copy, each getter read once. Objects are made without a prototype in the way: `__proto__` is a key like any other. */
function copyMeta(value: unknown, depth: number, where: string, above: Set<unknown>): MetaValue {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    if (!isWellFormed(value))
      throw new AetherError('AV_TEXT_ENCODING', `${where} holds a lone surrogate, which UTF-8 cannot store`);
    return value;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw invalid(`${where} is ${value}, which JSON cannot hold`);
    return value;
  }
  const isArray = Array.isArray(value);
  if (!isArray && !isPlainObject(value))
    throw invalid(
      `${where} is ${describe(value)}; metadata is JSON: strings, numbers, booleans, null, lists, plain objects`,
    );
  if (depth > META_DEPTH_MAX)
    throw new AetherError('AV_LIMIT', `${where} is nested deeper than ${META_DEPTH_MAX} levels`);
  if (above.has(value)) throw invalid(`${where} contains itself`);
  above.add(value);
  const copy = isArray
    ? Array.from(value, (item, i) => copyMeta(item, depth + 1, `${where}[${i}]`, above))
    : Object.fromEntries(
        Object.entries(value)
          .filter(([, item]) => item !== undefined)
          .map(([key, item]) => [key, copyMeta(item, depth + 1, `${where}.${key.slice(0, 40)}`, above)]),
      );
  above.delete(value);
  return copy;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null ? `a ${value.constructor?.name ?? 'object'}` : `a ${typeof value}`;
}

function checkValid(valid: unknown, name: string): NonNullable<Doc['valid']> {
  if (!isPlainObject(valid)) throw invalid(`the valid time ${name} must be { from?, to? }`);
  const at = (end: 'from' | 'to'): number | undefined => {
    const time = valid[end];
    if (time === undefined) return undefined;
    if ((!(time instanceof Date) && typeof time !== 'number') || Number.isNaN(Number(time)))
      throw invalid(`valid.${end} ${name} must be a Date or milliseconds since 1970`);
    return Number(time);
  };
  const [from, to] = [at('from'), at('to')];
  if (from !== undefined && to !== undefined && from >= to)
    throw invalid(`the valid time ${name} ends before it begins`);
  return { from, to };
}

/** The query as it is sent: made well-formed, or a copy of the vector. */
export function checkQuery(query: unknown): string | Float32Array {
  if (typeof query === 'string') {
    if (query.length > QUERY_BYTES_MAX || utf8Length(query) > QUERY_BYTES_MAX)
      throw new AetherError('AV_LIMIT', `the query has more than ${QUERY_BYTES_MAX} bytes`);
    return isWellFormed(query)
      ? query
      : query.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
  }
  if (!(query instanceof Float32Array))
    throw invalid(`a query must be a string or a Float32Array, not ${describe(query)}`);
  if (!query.every(Number.isFinite))
    throw new AetherError('AV_NON_FINITE', 'the query vector holds NaN or an infinity');
  return query.slice();
}

/** The options of a search that go to the worker, checked. */
export function checkSearch(options: SearchOptions): Omit<SearchOptions, 'signal' | 'deadlineMs'> {
  const { k, mode, collapse, filter, asOf, weight, explain } = options;
  if (k !== undefined && (!Number.isInteger(k) || k < 1))
    throw invalid(`k is ${k}; it must be a whole number from 1 to ${HITS_MAX}`);
  if (k !== undefined && k > HITS_MAX)
    throw new AetherError('AV_LIMIT', `k is ${k}; at most ${HITS_MAX} hits are allowed`);
  oneOf('mode', mode, ['hybrid', 'lexical', 'dense']);
  oneOf('collapse', collapse, ['section', 'document', 'none']);
  if (weight !== undefined && !(weight >= 0 && weight <= 1)) throw invalid(`weight is ${weight}; it must be 0 to 1`);
  if (asOf !== undefined) checkAsOf(asOf);
  return { k, mode, collapse, filter: filter === undefined ? undefined : cloneable(filter), asOf, weight, explain };
}

function oneOf(option: string, value: unknown, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(value as string))
    throw invalid(`${option} is ${JSON.stringify(value)}; it can be ${allowed.map((a) => `'${a}'`).join(', ')}`);
}

/** Throws for a point in history that cannot be one. */
export function checkAsOf(asOf: unknown): asserts asOf is AsOf {
  if (typeof asOf === 'string') return;
  if ((!(asOf instanceof Date) && typeof asOf !== 'number') || Number.isNaN(Number(asOf)))
    throw new AetherError('AV_REF_UNKNOWN', 'a point in history is a ref (string), a Date, or milliseconds since 1970');
}

/** The filter as a plain copy: functions and the like cannot cross to the worker. */
function cloneable<T>(filter: T): T {
  try {
    return structuredClone(filter);
  } catch (cause) {
    throw new AetherError('AV_FILTER', 'the filter holds a function or something else that is no plain data', {
      cause,
    });
  }
}

/** A commit message. */
export function checkMessage(message: unknown): string {
  checkString(message, 'the commit message', MESSAGE_BYTES_MAX);
  return message;
}
