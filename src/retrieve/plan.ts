// The query planner: from what is asked to clauses, to what is embedded, and to how much words count.
//
// 1. What can be told from the query alone: phrases, whether it is an identifier or quoted whole.
// 2. What depends on the view: which words it does not hold, whether the last one is unfinished.

import { EXPANDED_WORDS_MAX } from '../base/limits.ts';
import { pattern } from '../base/pattern.ts';
import type { Clause, Field, PlanRule, Query, SearchOptions } from '../model/query.ts';
import { FIELD, type Index, type IndexClause } from '../ports/index.ts';
import { readQuotes, type Quoted } from './quotes.ts';

/** Weight of the words of an identifier or a quotation: the vector only orders what they leave equal. */
const WEIGHT_OF_WORDS = 0.9;
/** A word that may be mistyped: a shorter one, and one with digits, is what it says. */
const TYPED = pattern(String.raw`^[\p{L}\p{M}]{4,}$`);
/** What makes a text without spaces a name: a capital inside, a flag, a sign between its parts, a call. */
const NAME = pattern(String.raw`\p{Ll}\p{Lu}|^--?\p{L}|[\p{L}\p{N}](?:[_/\\.@#]|::|->)[\p{L}\p{N}]|\p{L}\(\)$`);
const PARTS = pattern(String.raw`[\p{L}\p{N}][^\p{L}\p{N}]+[\p{L}\p{N}]`);
const LAST_WORD = pattern(String.raw`[\p{L}\p{N}\p{M}]+$`);
const WORDS = pattern(String.raw`[\p{L}\p{N}\p{M}]+`, 'gu');

/** What can be asked. */
export type Question = string | Float32Array | Query;

/** How the text of a query is taken. */
export type Manner = Pick<SearchOptions, 'prefix' | 'typos'>;

/** A query read, before any view is looked at. */
export interface Draft {
  /** What the dense channel ranks by, if anything: a text to embed, or a vector. */
  readonly dense: string | Float32Array | undefined;
  /** Are there words to look for? */
  readonly words: boolean;
  readonly text: string;
  /** The weight of the words if the query says it, and why. */
  readonly weight: number | undefined;
  readonly rules: readonly PlanRule[];
  readonly quoted: Quoted;
  readonly query: Query;
}

/** A query as one view takes it. */
export interface Plan {
  readonly clauses: readonly IndexClause[];
  readonly rules: readonly PlanRule[];
}

/** Reads a query. */
export function draftOf(question: Question): Draft {
  const query =
    typeof question === 'string'
      ? { text: question }
      : question instanceof Float32Array
        ? { vector: question }
        : question;
  const { text = '', vector, must, should } = query;
  const quoted = readQuotes(text);
  const rules: PlanRule[] = quoted.whole ? ['quoted'] : isIdentifier(text.trim()) ? ['identifier'] : [];
  return {
    query,
    text: quoted.plain,
    quoted,
    dense: vector ?? (quoted.plain.trim() === '' ? undefined : quoted.plain),
    words: [text.trim(), ...listOf(must), ...listOf(should)].some((part) => part !== ''),
    weight: rules.length > 0 ? WEIGHT_OF_WORDS : undefined,
    rules,
  };
}

/** Is a text one name (camelCase, snake_case, a::b, a path, a version, --flag, call()), and no word? */
export function isIdentifier(text: string): boolean {
  return !/\s/.test(text) && NAME().test(text);
}

/** The clauses of a query in a view. */
export function planOf(draft: Draft, manner: Manner, index: Pick<Index, 'words'>, view: number): Plan {
  const { query, quoted, text, rules: known } = draft;
  const budget = { words: EXPANDED_WORDS_MAX };
  const rules = [...known];
  const clauses: IndexClause[] = quoted.phrases.map((phrase) => ({ occur: 'must', kind: 'phrase', text: phrase }));
  const add = (kind: IndexClause['kind'], words: string): void => {
    if (words !== '') clauses.push({ occur: 'should', kind, text: words });
  };
  const words = wordsOf(text, manner, { index, view, budget });
  add('words', words.plain);
  add('fuzzy', words.fuzzy);
  add('prefix', words.prefix);
  if (words.prefix !== '') rules.push('prefix');
  if (words.fuzzy !== '') rules.push('typos');
  if (rules.includes('identifier') && PARTS().test(text)) add('phrase', text);
  for (const occur of ['must', 'should', 'not'] as const)
    for (const clause of listOf(query[occur])) clauses.push(...clausesOf(occur, clause, { index, view, budget }));
  return { clauses, rules };
}

interface Known {
  readonly index: Pick<Index, 'words'>;
  readonly view: number;
  /** Words that may still be expanded. */
  readonly budget: { words: number };
}

/** The words of a text by how each is looked for. */
function wordsOf(
  text: string,
  { prefix = false, typos = 'auto' }: Manner,
  { index, view, budget }: Known,
): { plain: string; fuzzy: string; prefix: string } {
  const last = prefix ? (LAST_WORD().exec(text)?.[0] ?? '') : '';
  if (text.trim() === '' || (typos === 'off' && last === '')) return { plain: text.trim(), fuzzy: '', prefix: '' };
  const head = text.slice(0, text.length - last.length);
  const found = index.words(view, text, last !== '');
  // A last word that begins nothing may be mistyped; one that is a stop word is not among those found.
  const end = found.at(-1);
  const isLast = (word: unknown): boolean => last !== '' && word === end && end?.end === text.length;
  const unbegun = end !== undefined && isLast(end) && !end.begun;
  const isMeant = (word: (typeof found)[number]): boolean =>
    isLast(word) ? unbegun && typos !== 'off' : typos === 'always' || (typos === 'auto' && !word.held);
  const textOf = ({ start, end: stop }: { start: number; end: number }): string => text.slice(start, stop);
  const meant = found
    .filter((word) => isMeant(word) && (typos === 'always' || TYPED().test(textOf(word))))
    .slice(0, budget.words);
  budget.words -= meant.length;
  const of = (words: typeof found): string => words.map(textOf).join(' ');
  const completes = last !== '' && !(unbegun && meant.includes(end)) && budget.words > 0;
  budget.words -= completes ? 1 : 0;
  const whole = completes ? head : text;
  const plain =
    typos === 'always' ? of(found.filter((word) => !meant.includes(word) && word.end <= whole.length)) : whole;
  return { plain: plain.trim(), fuzzy: of(meant), prefix: completes ? last : '' };
}

/** What the index looks for on behalf of one clause. */
function clausesOf(occur: IndexClause['occur'], clause: Clause, known: Known): IndexClause[] {
  const {
    text,
    phrase,
    prefix,
    slop,
    typos = 0,
    fields,
    boost,
  } = typeof clause === 'string' ? { text: clause } : clause;
  const own = { occur, boost, fields: fields && bitsOf(fields) };
  if (phrase !== undefined) return [{ ...own, kind: 'phrase', text: phrase, slop }];
  if (prefix !== undefined) return expanded(prefix.match(WORDS()) ?? [], known, { ...own, kind: 'prefix' });
  const quoted = readQuotes(text ?? '');
  const phrases = quoted.phrases.map((each) => ({ ...own, kind: 'phrase' as const, text: each }));
  // Words of a phrase are wanted for themselves only where they may be missing.
  const words = (occur === 'should' ? quoted.plain : quoted.rest).trim();
  if (words === '') return phrases;
  if (typos === 0) return [...phrases, { ...own, kind: 'words', text: words }];
  const found = known.index.words(known.view, words, false).map(({ start, end }) => words.slice(start, end));
  return [...phrases, ...expanded(found, known, { ...own, kind: 'fuzzy', edits: typos })];
}

/** Words that stand for many, as long as there may be such; the others as they are. */
function expanded(words: readonly string[], { budget }: Known, clause: Omit<IndexClause, 'text'>): IndexClause[] {
  const many = words.slice(0, budget.words);
  const others = words.slice(many.length);
  budget.words -= many.length;
  const parts: IndexClause[] = [
    { ...clause, text: many.join(' ') },
    { ...clause, kind: 'words', edits: undefined, text: others.join(' ') },
  ];
  return parts.filter(({ text }) => text !== '');
}

function bitsOf(fields: readonly Field[]): number {
  return fields.reduce((bits, field) => bits | FIELD[field], 0);
}

function listOf(clauses: Clause | readonly Clause[] | undefined): readonly Clause[] {
  return clauses === undefined ? [] : Array.isArray(clauses) ? clauses : [clauses as Clause];
}
