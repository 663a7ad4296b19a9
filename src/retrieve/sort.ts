// Hits by metadata in place of score: the rows that match, as groups, in the order of their documents' values.

import type { SortKey } from '../model/query.ts';
import type { IndexHit, IndexQuery } from '../ports/index.ts';
import { Bitset } from '../version/bitset.ts';
import type { DocVersion } from '../version/record.ts';
import type { State } from '../version/state.ts';
import { valueAt } from './filter/value.ts';
import { byRank, type Placed, placed, publicScore } from './hit.ts';
import type { Looking } from './looking.ts';
import { compareScalars, isScalar, type Scalar } from './meta-value.ts';

const ALL = 0xffff_ffff;
const NO_SCORE = { score: 0, bm25: 0, cosine: 0, chunk: 0, section: 0, lexicalRank: 0, cosineRank: 0 };

type Request = Omit<IndexQuery, 'k'>;
/** A document's values under the keys of a sort. */
type Values = readonly (Scalar | undefined)[];

/** The first `k` hits. */
export function sorted(
  state: State,
  looking: Looking,
  request: Request,
  k: number,
  sort: SortKey | readonly SortKey[],
): Placed[] {
  const keys = Array.isArray(sort) ? (sort as readonly SortKey[]) : [sort as SortKey];
  const compare = (a: Values, b: Values): number => compareValues(keys, a, b);
  const values = new Map<number, Values>();
  const valuesOf = (doc: DocVersion): Values => {
    const known = values.get(doc.dno) ?? keys.map(({ by }) => sortable(doc, by));
    values.set(doc.dno, known);
    return known;
  };
  const rows = state.index.matches(request.view, request.mask, request.clauses);
  const isScored = request.clauses.some(({ occur }) => occur !== 'not') || request.vector?.some((value) => value !== 0);
  if (!isScored)
    return inOrder(state, looking, request.collapse, new Bitset(rows), k, (a, b) => compare(valuesOf(a), valuesOf(b)));
  return scored(state, looking, request, rows, k, (a, b) => compare(valuesOf(a), valuesOf(b)));
}

type ByValues = (a: DocVersion, b: DocVersion) => number;

/** With words or a vector: every group has a score. */
function scored(
  state: State,
  { view, valid }: Looking,
  request: Request,
  rows: Uint32Array,
  k: number,
  compare: ByValues,
): Placed[] {
  const mask = state.index.addView(rows);
  try {
    const { ranked, hits } = state.index.search({ ...request, mask, k: ALL, diversity: 0 });
    const all = hits.flatMap((hit) => {
      const doc = state.history.holder(hit.vno, view, valid);
      return doc ? [{ hit, doc }] : [];
    });
    all.sort((a, b) => compare(a.doc, b.doc) || b.hit.score - a.hit.score);
    const last = all[k - 1];
    const isWithin = ({ hit, doc }: { hit: IndexHit; doc: DocVersion }): boolean =>
      !last || compare(doc, last.doc) < 0 || (compare(doc, last.doc) === 0 && hit.score >= last.hit.score);
    return all
      .filter(isWithin)
      .map(({ hit }) => placed(state, view, valid, hit, request.collapse !== 'none'))
      .sort((a, b) => compare(a.doc, b.doc) || byRank(a, b))
      .slice(0, k)
      .map((each) => ({ ...each, score: publicScore(ranked, each.hit) }));
  } finally {
    state.index.dropView(mask);
  }
}

/** Without: documents by value and id, their groups as they stand there. */
function inOrder(
  state: State,
  looking: Looking,
  collapse: IndexQuery['collapse'],
  rows: Bitset,
  k: number,
  compare: ByValues,
): Placed[] {
  const { view, valid } = looking;
  const docs = [...looking.documents()].sort((a, b) => compare(a, b) || (a.id < b.id ? -1 : 1));
  const found: Placed[] = [];
  for (const doc of docs) {
    const seen = new Set<string>();
    for (const part of doc.parts) {
      if (found.length === k) return found;
      if (typeof part !== 'number' || !rows.has(part)) continue;
      const group = groupOf(state, part, collapse);
      if (seen.has(group)) continue;
      if (collapse !== 'none') seen.add(group);
      found.push(placed(state, view, valid, { vno: part, ...NO_SCORE }, false));
    }
  }
  return found;
}

function groupOf({ index }: State, vno: number, collapse: IndexQuery['collapse']): string {
  return collapse === 'section' ? index.path(vno).join('\u001f') : '';
}

function sortable(doc: DocVersion, key: string): Scalar | undefined {
  const value = valueAt(doc.meta, key);
  return isScalar(value) && value !== null ? value : undefined;
}

/** What is missing comes last, whatever the order. */
function compareValues(keys: readonly SortKey[], a: Values, b: Values): number {
  for (const [i, { order }] of keys.entries()) {
    const [x, y] = [a[i], b[i]];
    if (x === undefined || y === undefined) {
      if (x !== y) return x === undefined ? 1 : -1;
    } else {
      const found = compareScalars(x, y);
      if (found !== 0) return order === 'desc' ? -found : found;
    }
  }
  return 0;
}
