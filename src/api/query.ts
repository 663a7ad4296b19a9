// What can be asked: words, vectors and clauses, checked and copied before any message is sent.

import { AetherError } from '../base/errors.ts';
import { CLAUSES_MAX, QUERY_BYTES_MAX } from '../base/limits.ts';
import { isWellFormed, utf8Length } from '../base/text.ts';
import type { Clause, Field, Query } from '../model/query.ts';
import { describe, invalid, isPlainObject, oneOf } from './validate.ts';

const QUERY_KEYS = ['text', 'vector', 'must', 'should', 'not'];
const CLAUSE_KEYS = ['text', 'phrase', 'prefix', 'slop', 'typos', 'fields', 'boost'];
const KINDS = ['text', 'phrase', 'prefix'] as const;
const FIELDS: readonly Field[] = ['title', 'headings', 'body', 'code'];
const BOOST_MAX = 1000;
const SLOP_MAX = 255;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** How much one query has asked for so far. */
interface Spent {
  bytes: number;
  clauses: number;
}

/** The query as it is sent: its texts made well-formed, its vector copied. */
export function checkQuery(query: unknown): string | Float32Array | Query {
  const spent: Spent = { bytes: 0, clauses: 0 };
  if (typeof query === 'string') return checkText(query, 'the query', spent);
  if (query instanceof Float32Array) return checkVector(query);
  if (!isPlainObject(query))
    throw invalid(
      `a query must be a string, a Float32Array or { text, vector, must, should, not }, not ${describe(query)}`,
    );
  checkKnown(query, QUERY_KEYS, 'a query');
  const { text, vector, must, should, not } = query;
  if (vector !== undefined && !(vector instanceof Float32Array))
    throw invalid(`the vector of a query must be a Float32Array, not ${describe(vector)}`);
  return {
    text: text === undefined ? undefined : checkText(text, 'the text of the query', spent),
    vector: vector === undefined ? undefined : checkVector(vector),
    must: checkClauses(must, 'must', spent),
    should: checkClauses(should, 'should', spent),
    not: checkClauses(not, 'not', spent),
  };
}

/** A query of words alone. */
export function checkWords(query: unknown, verb: string): string | Query {
  const checked = checkQuery(query);
  if (checked instanceof Float32Array || (typeof checked === 'object' && checked.vector !== undefined))
    throw invalid(`${verb} takes words, not a vector`);
  return checked;
}

/** Text that is looked for, made well-formed. */
export function checkText(text: unknown, what: string, spent: Spent = { bytes: 0, clauses: 0 }): string {
  if (typeof text !== 'string') throw invalid(`${what} must be a string, not ${describe(text)}`);
  spent.bytes += text.length > QUERY_BYTES_MAX ? text.length : utf8Length(text);
  if (spent.bytes > QUERY_BYTES_MAX)
    throw new AetherError('AV_LIMIT', `the query has more than ${QUERY_BYTES_MAX} bytes`);
  return isWellFormed(text) ? text : text.replace(LONE_SURROGATE, '\ufffd');
}

function checkVector(vector: Float32Array): Float32Array {
  if (!vector.every(Number.isFinite))
    throw new AetherError('AV_NON_FINITE', 'the query vector holds NaN or an infinity');
  return vector.slice();
}

function checkClauses(clauses: unknown, occur: string, spent: Spent): Clause[] | undefined {
  if (clauses === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(clauses) ? clauses : [clauses];
  spent.clauses += list.length;
  if (spent.clauses > CLAUSES_MAX)
    throw new AetherError('AV_LIMIT', `the query has ${spent.clauses} clauses; at most ${CLAUSES_MAX} are allowed`);
  return Array.from(list, (clause) => checkClause(clause, occur, spent));
}

function checkClause(clause: unknown, occur: string, spent: Spent): Clause {
  if (typeof clause === 'string') return checkText(clause, `a clause of ${occur}`, spent);
  if (!isPlainObject(clause))
    throw invalid(`a clause of ${occur} must be a string or { text | phrase | prefix, ... }, not ${describe(clause)}`);
  checkKnown(clause, CLAUSE_KEYS, `a clause of ${occur}`);
  const { slop, typos, fields, boost } = clause;
  const kinds = KINDS.filter((kind) => clause[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    throw invalid(`a clause of ${occur} has ${kinds.join(' and ') || 'no words'}; it takes one of ${KINDS.join(', ')}`);
  if (slop !== undefined && kind !== 'phrase') throw invalid('slop belongs to a phrase');
  if (typos !== undefined && kind !== 'text') throw invalid('typos belong to a text');
  if (slop !== undefined && !(Number.isInteger(slop) && (slop as number) >= 0 && (slop as number) <= SLOP_MAX))
    throw invalid(`slop is ${show(slop)}; it must be a whole number from 0 to ${SLOP_MAX}`);
  if (typos !== undefined && !['auto', 0, 1, 2].includes(typos as string | number))
    throw invalid(`typos of a clause is ${show(typos)}; it can be 'auto', 0, 1 or 2`);
  return {
    [kind]: checkText(clause[kind], `the ${kind} of a clause of ${occur}`, spent),
    slop: slop as number | undefined,
    typos: typos as 'auto' | 0 | 1 | 2 | undefined,
    fields: checkFields(fields),
    boost: boost === undefined ? undefined : checkBoost('the boost of a clause', boost),
  };
}

function checkFields(fields: unknown): Field[] | undefined {
  if (fields === undefined) return undefined;
  if (!Array.isArray(fields) || fields.length === 0)
    throw invalid(`fields must be a list of ${FIELDS.join(', ')}, not ${describe(fields)}`);
  if (fields.length > FIELDS.length) throw invalid(`fields names ${fields.length}; there are ${FIELDS.length}`);
  for (const field of fields) oneOf('a field', field, FIELDS, 'required');
  return [...(fields as Field[])];
}

/** The weights of fields. */
export function checkBoosts(boosts: unknown): Partial<Record<Field, number>> | undefined {
  if (boosts === undefined) return undefined;
  if (!isPlainObject(boosts)) throw invalid(`boosts must be an object { title: 3, ... }, not ${describe(boosts)}`);
  checkKnown(boosts, FIELDS, 'boosts');
  const given = Object.entries(boosts).filter(([, boost]) => boost !== undefined);
  return Object.fromEntries(given.map(([field, boost]) => [field, checkBoost(`boosts.${field}`, boost)]));
}

function checkBoost(what: string, boost: unknown): number {
  if (typeof boost === 'number' && boost >= 0 && boost <= BOOST_MAX) return boost;
  throw invalid(`${what} is ${show(boost)}; it must be a number from 0 to ${BOOST_MAX}`);
}

function checkKnown(object: object, known: readonly string[], what: string): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw invalid(`unknown key "${unknown.slice(0, 60)}" in ${what}. Known: ${known.join(', ')}.`);
}

const show = (value: unknown): string => (typeof value === 'number' ? String(value) : describe(value));

/** A key of the metadata. */
export function checkKey(key: unknown, option: string): string {
  if (typeof key !== 'string' || key === '')
    throw invalid(`${option} takes keys of the metadata, not ${describe(key)}`);
  return checkText(key, `a key in ${option}`);
}
