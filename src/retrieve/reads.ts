// The reads besides search: a document as it was, the documents there are, the commits there were.

import type { Doc, DocInfo } from '../model/document.ts';
import type { AsOf } from '../model/query.ts';
import type { CommitInfo } from '../model/report.ts';
import type { View } from '../version/history.ts';
import type { DocVersion } from '../version/record.ts';
import type { State } from '../version/state.ts';

const PAGE_ITEMS = 256;

/** A page of a list and where the next one starts; undefined after the last. */
export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: number | undefined;
}

const viewAt = ({ history }: State, asOf: AsOf | undefined): View => history.view(history.resolve(asOf));

/** The document version that was alive. */
export function find(state: State, id: string, asOf: AsOf | undefined): DocVersion | undefined {
  return state.history.live(id, viewAt(state, asOf));
}

/** The document, its text rebuilt from its parts. */
export function get(state: State, id: string, asOf: AsOf | undefined): Doc | undefined {
  const doc = find(state, id, asOf);
  if (!doc) return undefined;
  const { title, format, meta, validFrom: from, validTo: to } = doc;
  const text = doc.parts.map((part) => (typeof part === 'string' ? part : state.index.text(part))).join('');
  return { id, text, title, format, meta, ...(from === undefined && to === undefined ? {} : { valid: { from, to } }) };
}

/** Documents by ordinal, from ordinal `from` on. */
export function list(state: State, from: number, asOf: AsOf | undefined): PageOf<DocInfo> {
  const view = viewAt(state, asOf);
  const items: DocInfo[] = [];
  for (const dno of view.docs) {
    const doc = dno < from ? undefined : state.history.docs[dno];
    if (!doc) continue;
    if (items.length === PAGE_ITEMS) return { items, next: dno };
    const { id, title, format, meta } = doc;
    const chunks = doc.parts.filter((part) => typeof part === 'number').length;
    items.push({ id, title, format, meta, chunks, seq: state.history.bornAt(dno, view) });
  }
  return { items, next: undefined };
}

/** Commits from newest to oldest, from seq `from` down; 0 starts at the view's own. */
export function log(state: State, from: number, asOf: AsOf | undefined): PageOf<CommitInfo> {
  const newest = from === 0 ? viewAt(state, asOf).seq : from;
  const oldest = Math.max(0, newest - PAGE_ITEMS);
  return { items: state.history.commits.slice(oldest, newest).reverse(), next: oldest > 0 ? oldest : undefined };
}

/** Id of the commit that a point in history means; undefined before the first. */
export function resolve(state: State, asOf: AsOf | undefined): string | undefined {
  return state.history.commits[viewAt(state, asOf).seq - 1]?.id;
}
