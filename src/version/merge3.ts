// Two versions of a document that came of one become one again: the text by blocks, title, format, valid time and meta by field.

import type { MetaValue, ValidTime } from '../model/document.ts';
import type { Conflict, DocHead } from '../model/history.ts';
import { blocksOf } from './blocks.ts';
import { type DocSide, textOfSide } from './document.ts';
import { mergeText, type Winner } from './merge-text.ts';

/** How conflicts are resolved; `conflict` leaves that to the user. */
export type MergeStrategy = 'conflict' | 'ours' | 'theirs';

/** A merged document, undefined when deleted, and where the two sides disagreed. */
export interface MergedDocument {
  readonly doc: { readonly text: string; readonly head: DocHead } | undefined;
  readonly conflicts: Conflict[];
}

/** JSON with sorted keys: equal values have equal texts. */
function canonical(value: MetaValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

/** Valid time as JSON in milliseconds; infinite times as text, which JSON's null would confuse. */
function validJson(valid: ValidTime): string {
  const time = (at: Date | number | undefined): MetaValue | undefined => {
    const ms = at === undefined ? undefined : Number(at);
    return ms === undefined || Number.isFinite(ms) ? ms : String(ms);
  };
  return JSON.stringify({ from: time(valid.from), to: time(valid.to) });
}

type Side<T> = T | undefined;

class FieldMerge {
  readonly #id: string;
  readonly #winner: Winner;
  readonly conflicts: Conflict[] = [];

  constructor(id: string, winner: Winner) {
    this.#id = id;
    this.#winner = winner;
  }

  /** One field: the side that changed it, or the winner where both did. */
  pick<T>(field: string, json: (value: T) => string, base: Side<T>, ours: Side<T>, theirs: Side<T>): Side<T> {
    const [b, o, t] = [base, ours, theirs].map((value) => (value === undefined ? undefined : json(value)));
    if (t === b || o === t) return ours;
    if (o === b) return theirs;
    this.conflicts.push({ id: this.#id, kind: 'field', field, base: b, ours: o, theirs: t });
    return this.#winner === 'ours' ? ours : theirs;
  }

  head(base: DocHead | undefined, ours: DocHead, theirs: DocHead): DocHead {
    const title = this.pick('title', JSON.stringify, base?.title, ours.title, theirs.title);
    const format = this.pick('format', JSON.stringify, base?.format, ours.format, theirs.format) ?? ours.format;
    const valid = this.pick('valid', validJson, base?.valid, ours.valid, theirs.valid);
    const [b, o, t] = [base?.meta ?? {}, ours.meta, theirs.meta].map((meta) => new Map(Object.entries(meta)));
    const meta: [string, MetaValue][] = [];
    for (const key of new Set([...(o?.keys() ?? []), ...(t?.keys() ?? [])])) {
      const value = this.pick(`meta.${key}`, canonical, b?.get(key), o?.get(key), t?.get(key));
      if (value !== undefined) meta.push([key, value]);
    }
    return { title, format, meta: Object.fromEntries(meta), valid };
  }
}

function sameHead(a: DocHead, b: DocHead): boolean {
  const json = ({ title, format, meta, valid }: DocHead): string =>
    JSON.stringify([title ?? null, format, canonical(meta), valid === undefined ? null : validJson(valid)]);
  return json(a) === json(b);
}

function whole(side: DocSide | undefined): MergedDocument['doc'] {
  return side === undefined ? undefined : { text: textOfSide(side), head: side.head };
}

function same(a: DocSide | undefined, b: DocSide | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return textOfSide(a) === textOfSide(b) && sameHead(a.head, b.head);
}

/**
 * Merges what two branches made of a document; undefined is a document that is not there. Changes of different blocks and
 * fields both apply, equal ones once. Conflicts are always listed; the result has them resolved to `theirs` with that
 * strategy, else to `ours`.
 */
export function mergeDocuments(
  base: DocSide | undefined,
  ours: DocSide | undefined,
  theirs: DocSide | undefined,
  strategy: MergeStrategy,
): MergedDocument {
  if (same(ours, theirs) || same(base, theirs)) return { doc: whole(ours), conflicts: [] };
  if (same(base, ours)) return { doc: whole(theirs), conflicts: [] };
  const winner: Winner = strategy === 'theirs' ? 'theirs' : 'ours';
  const won = whole(winner === 'ours' ? ours : theirs);
  const id = (ours ?? theirs ?? base)?.id ?? '';
  const texts = { base: whole(base)?.text, ours: whole(ours)?.text, theirs: whole(theirs)?.text };
  if (ours === undefined || theirs === undefined) return { doc: won, conflicts: [{ id, kind: 'delete', ...texts }] };
  if (base === undefined && texts.ours !== texts.theirs)
    return { doc: won, conflicts: [{ id, kind: 'add', ...texts }] };
  const fields = new FieldMerge(id, winner);
  const head = fields.head(base?.head, ours.head, theirs.head);
  if (base === undefined || texts.ours === texts.theirs)
    return { doc: { text: textOfSide(ours), head }, conflicts: fields.conflicts };
  const merged = mergeText(blocksOf(base), blocksOf(ours), blocksOf(theirs), winner);
  const conflicts = [...merged.conflicts.map((conflict) => ({ id, ...conflict })), ...fields.conflicts];
  return { doc: { text: merged.text, head }, conflicts };
}
