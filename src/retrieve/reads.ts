// The reads besides search: a document as it was, the documents there are, the commits there were.

import type { Doc, DocInfo } from '../model/document.ts';
import type { AsOf } from '../model/query.ts';
import type { CommitInfo } from '../model/report.ts';
import { chunksOf } from '../version/compare.ts';
import { openFor } from '../version/opening.ts';
import { type DocVersion, vnosOf } from '../version/record.ts';
import type { State } from '../version/state.ts';
import { isValidAt } from '../version/valid.ts';
import { pointOf, viewAt } from './point.ts';

const PAGE_ITEMS = 256;

/** A page of a list and where the next one starts; undefined after the last. */
export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: number | undefined;
}

/** The document version that was alive, and held at the valid time if one is asked for. */
export function find(state: State, id: string, asOf: AsOf | undefined): DocVersion | undefined {
  const { view, valid } = viewAt(state.history, asOf);
  if (valid !== undefined) return state.history.alive(id, view).find((doc) => isValidAt(doc, valid));
  return state.history.live(id, view, state.now());
}

/** The document, its text rebuilt from its parts. */
export async function get(state: State, id: string, asOf: AsOf | undefined): Promise<Doc | undefined> {
  for (;;) {
    const doc = find(state, id, asOf);
    if (!doc) return undefined;
    if (!(await openFor(state, chunksOf([doc])))) return asDoc(state, doc);
  }
}

function asDoc({ index }: State, doc: DocVersion): Doc {
  const { id, title, format, meta, validFrom: from, validTo: to } = doc;
  const text = doc.parts.map((part) => (typeof part === 'string' ? part : index.text(part))).join('');
  return { id, text, title, format, meta, ...(from === undefined && to === undefined ? {} : { valid: { from, to } }) };
}

/** Documents by ordinal, from ordinal `first` on; one with several versions at different valid times is listed once for each. */
export function list(state: State, first: number, asOf: AsOf | undefined): PageOf<DocInfo> {
  const { history } = state;
  const { view, valid } = viewAt(history, asOf);
  const items: DocInfo[] = [];
  for (const dno of view.docs) {
    const doc = dno < first ? undefined : history.docs[dno];
    if (!doc || (valid !== undefined && !isValidAt(doc, valid))) continue;
    if (items.length === PAGE_ITEMS) return { items, next: dno };
    const { id, title, format, meta, validFrom: from, validTo: to } = doc;
    const times = from === undefined && to === undefined ? {} : { valid: { from, to } };
    items.push({ id, title, format, meta, ...times, chunks: vnosOf(doc.parts).length, seq: history.bornAt(dno, view) });
  }
  return { items, next: undefined };
}

/**
 * Commits on the way to a point in history from newest to oldest, from seq `from` down; 0 starts at the point's own. The
 * walk begins at the point, which is pinned: `from` may be forgotten between two pages.
 */
export function log(state: State, from: number, asOf: AsOf | undefined): PageOf<CommitInfo> {
  const { history } = state;
  const items: CommitInfo[] = [];
  for (const seq of history.lines.walk(pointOf(history, asOf).seq)) {
    if (from > 0 && seq > from) continue;
    const commit = history.commits.get(seq);
    if (!commit) break;
    if (items.length === PAGE_ITEMS) return { items, next: seq };
    items.push(commit);
  }
  return { items, next: undefined };
}
