// Errors before any message is sent: documents, ids, queries.

import { AetherError } from '../base/errors.ts';
import {
  ID_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  META_BYTES_MAX,
  META_DEPTH_MAX,
  TEXT_BYTES_MAX,
  TITLE_BYTES_MAX,
} from '../base/limits.ts';
import { isWellFormed, utf8Length } from '../base/text.ts';
import type { Doc, MetaValue } from '../model/document.ts';

export const invalid = (what: string): AetherError => new AetherError('AV_INVALID', what);
const DOC_KEYS = ['id', 'text', 'title', 'format', 'meta', 'valid'];

/** A string that can be stored, within its limit. */
export function checkString(value: unknown, what: string, bytesMax: number): asserts value is string {
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

/** A JSON copy of metadata. */
export function checkMeta(meta: unknown, name: string): NonNullable<Doc['meta']> {
  if (!isPlainObject(meta)) throw invalid(`the meta ${name} must be a plain object`);
  const copy = copyMeta(meta, 1, `meta ${name}`, new Set()) as NonNullable<Doc['meta']>;
  checkString(JSON.stringify(copy), `the meta ${name} as JSON`, META_BYTES_MAX);
  return copy;
}

/** A JSON copy, each getter read once. Objects are made without a prototype in the way: `__proto__` is a key like any other. */
function copyMeta(value: unknown, depth: number, where: string, above: Set<unknown>): MetaValue {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return mustBeWellFormed(value, where);
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
          .map(([key, item]) => [
            mustBeWellFormed(key, `a key of ${where}`),
            copyMeta(item, depth + 1, `${where}.${key.slice(0, 40)}`, above),
          ]),
      );
  above.delete(value);
  return copy;
}

function mustBeWellFormed(text: string, where: string): string {
  if (isWellFormed(text)) return text;
  throw new AetherError('AV_TEXT_ENCODING', `${where} holds a lone surrogate, which UTF-8 cannot store`);
}

/** Is it an object as literals make it? */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

export function describe(value: unknown): string {
  return typeof value === 'object' && value !== null ? `a ${value.constructor?.name ?? 'object'}` : `a ${typeof value}`;
}

/** A stretch of valid time as numbers. */
export function checkValid(valid: unknown, name: string): { from?: number | undefined; to?: number | undefined } {
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

/** The name of a branch or a tag; the engine knows which can be one. */
export function checkName(name: unknown, what: string): asserts name is string {
  checkString(name, `the ${what} name`, ID_BYTES_MAX);
}

/** A commit message. */
export function checkMessage(message: unknown): string {
  checkString(message, 'the commit message', MESSAGE_BYTES_MAX);
  return message;
}

/** The ids of a delete. */
export function checkIds(ids: unknown, call = 'delete'): string[] {
  const list = typeof ids === 'string' ? [ids] : Array.isArray(ids) ? [...ids] : undefined;
  if (!list) throw invalid(`${call} takes an id or a list of ids, not ${describe(ids)}`);
  for (const id of list) checkId(id);
  return list as string[];
}

/** Only what was given: every key costs on its way to the worker, with or without a value. */
export function given<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/** Throws for options that a call does not know, or a signal that is none. */
export function checkKeys(options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw invalid(`options must be an object, not ${describe(options)}`);
  for (const key of Object.keys(options))
    if (!known.includes(key)) throw invalid(`unknown option "${key}". Known: ${known.join(', ')}.`);
  const { signal } = options as { signal?: unknown };
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid('option signal must be an AbortSignal');
}

/** Throws when an option is none of those allowed. */
export function oneOf(
  option: string,
  value: unknown,
  allowed: readonly string[],
  need: 'required' | 'optional' = 'optional',
): void {
  if ((value !== undefined || need === 'required') && !allowed.includes(value as string))
    throw invalid(
      `${option} is ${typeof value === 'string' ? `"${value}"` : describe(value)}; it can be ${allowed.map((a) => `'${a}'`).join(', ')}`,
    );
}
