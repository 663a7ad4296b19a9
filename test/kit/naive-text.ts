// What clauses, facets and sorting mean, as plainly as it can be told: every chunk read, every word compared.

import type { Meta, MetaValue } from '../../src/model/document.ts';
import type { Clause, Query, SortKey } from '../../src/model/query.ts';

/** A chunk as the reference sees it. */
export interface NaiveChunk {
  readonly id: string;
  readonly start: number;
  readonly text: string;
  /** The title of its document. */
  readonly title: string;
  readonly meta: Meta;
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Does the chunk match? `looks`: a query that looks for nothing matches everything it does not forbid. */
export function matches(chunk: NaiveChunk, { text, must, should, not }: Query): boolean {
  const [wanted, needed, banned] = [list(should), list(must), list(not)];
  const asked = [...(text ? [text] : []), ...wanted, ...needed];
  if (banned.some((clause) => holds(chunk, clause, 'any'))) return false;
  if (!needed.every((clause) => holds(chunk, clause, 'all'))) return false;
  return asked.length === 0 || asked.some((clause) => holds(chunk, clause, 'any'));
}

function list(clauses: Query['must']): readonly Clause[] {
  return clauses === undefined ? [] : Array.isArray(clauses) ? clauses : [clauses as Clause];
}

function holds({ title, text }: NaiveChunk, clause: Clause, how: 'any' | 'all'): boolean {
  const { text: words, phrase, prefix, fields } = typeof clause === 'string' ? { text: clause } : clause;
  const places = [
    ...(!fields || fields.includes('title') ? [title] : []),
    ...(!fields || fields.includes('body') ? [text] : []),
  ];
  const found = places.map(wordsOf);
  if (phrase !== undefined)
    return found.some((place) => ` ${place.join(' ')} `.includes(` ${wordsOf(phrase).join(' ')} `));
  const each = (word: string): boolean =>
    found.flat().some((own) => (prefix === undefined ? own === word : own.startsWith(word)));
  const all = wordsOf(prefix ?? words ?? '');
  return how === 'all' ? all.every(each) : all.some(each);
}

/** The value of a dotted key. */
export function valueUnder(meta: Meta, key: string): MetaValue | undefined {
  return key.split('.').reduce<MetaValue | undefined>((value, part) => (value as Meta | undefined)?.[part], meta);
}

/** Values and counts of a key over documents, as `facets` gives them. */
export function counted(metas: readonly Meta[], key: string): { value: unknown; count: number }[] {
  const values = metas.flatMap((meta) =>
    [...new Set([valueUnder(meta, key)].flat())].filter((value) => value !== undefined),
  );
  const all = [...new Set(values)].map((value) => ({ value, count: values.filter((each) => each === value).length }));
  return all.sort((a, b) => b.count - a.count || order(a.value as MetaValue, b.value as MetaValue));
}

const KINDS = ['boolean', 'number', 'string'];

/** Booleans, numbers, strings. */
function order(a: MetaValue, b: MetaValue): number {
  return KINDS.indexOf(typeof a) - KINDS.indexOf(typeof b) || ((a ?? 0) < (b ?? 0) ? -1 : a === b ? 0 : 1);
}

/** Compares documents by sort keys; what is missing comes last. */
export function bySort(keys: readonly SortKey[], a: Meta, b: Meta): number {
  for (const key of keys) {
    const [x, y] = [valueUnder(a, key.by), valueUnder(b, key.by)];
    const found =
      x === undefined || y === undefined
        ? Number(x === undefined) - Number(y === undefined)
        : order(x, y) * (key.order === 'desc' ? -1 : 1);
    if (found !== 0) return found;
  }
  return 0;
}
