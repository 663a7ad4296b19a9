// Rows near the vectors of a batch, found by the GPU where that is quicker. The index starts from them, scores them exactly, and proves that no other
// row is among its hits, or looks at all rows as it would without.

import { NONE, type Proposed, type VectorRows } from '../ports/index.ts';
import type { ScorePart } from '../ports/scorer.ts';
import { spaceOf, type State } from '../version/state.ts';
import { choosePlane } from './batch.ts';
import { type Looking, lensAt, type Where } from './looking.ts';
import type { Ask } from './search.ts';

/** Rows of a query that are asked for at least: several may be of one group. */
const ROWS_MIN = 100;
/** Below every cosine. */
const LEAST = -2;
const EPSILON = 2 ** -23;

/** What was found for the queries of a batch. */
export interface Proposals {
  /** Of a query; undefined for one without a vector. */
  of(query: number): Proposed | undefined;
  /** One of them was wrong: a failure of the GPU, and none is to be used any more. */
  distrust(): void;
  /** Is what is looked at still what was looked through? Rows may have come or moved meanwhile. */
  hold(looking: Looking): boolean;
}

/**
 * Looks for rows near the vectors (of unit length, or zero) at a point; undefined where the index does better alone, or the GPU failed.
 *
 * @param turn is waited for before the GPU: it keeps the commit.
 */
export async function propose(
  state: State,
  looking: Looking,
  vectors: readonly (Float32Array | undefined)[],
  ask: Ask,
  turn: () => Promise<void>,
): Promise<Proposals | undefined> {
  // Ranks need every row, feedback another vector, and sorting none.
  if (ask.explain || ask.fusion === 'rank' || ask.feedback || ask.sort) return undefined;
  const asked = [...vectors.keys()].filter((i) => vectors[i]?.some((value) => value !== 0));
  if (asked.length === 0) return undefined;
  const { scorer } = state;
  const { dims } = spaceOf(state);
  const k = Math.max(ask.k ?? 0, ROWS_MIN);
  const choice = choosePlane(scorer, { metric: 'dot', dims, k, queries: asked.length }, () => {
    const all = state.index.vectorRows(looking.handle, looking.mask);
    return { rows: sumOf(all, 'rows'), matches: sumOf(all, 'count'), resident: true, walks: false };
  });
  if (choice.wanted) void scorer.ready();
  if (choice.path === 'cpu' || choice.precision !== 'whole') return undefined;
  await turn();
  const queries = new Float32Array(asked.length * dims);
  for (const [at, i] of asked.entries()) queries.set(vectors[i] ?? [], at * dims);
  let seen: readonly VectorRows[] | undefined;
  const gather = (): ScorePart[] | undefined => {
    const all = rowsAt(state, ask, looking);
    seen ??= all;
    return all && seen && areSame(all, seen) ? partsOf(all) : undefined;
  };
  const found = await scorer.nearest({ dims, metric: 'dot', k, queries, gather });
  const parts = seen;
  if (!found || !parts) return undefined;
  const each: (Proposed | undefined)[] = vectors.map(() => undefined);
  for (const [at, i] of asked.entries()) {
    const own = (list: typeof found.cnos | typeof found.scores) =>
      list.subarray(at * found.each, (at + 1) * found.each);
    const length = (own(found.cnos).indexOf(NONE) + found.each + 1) % (found.each + 1);
    const [rows, cosines] = [
      own(found.cnos).slice(0, length) as Uint32Array,
      own(found.scores).slice(0, length) as Float32Array,
    ];
    if (!areSound(rows, cosines, parts, found.each)) {
      scorer.distrust();
      return undefined;
    }
    // Of sums in any order; see `Bound` in wasm/crates/collection/src/candidates.rs. Vectors are of unit length.
    const error = 2.2 * (dims + 4) * EPSILON;
    each[i] = { rows, cosines, error, rest: length < found.each ? LEAST : (cosines.at(-1) ?? 0) + error };
  }
  let trusted = true;
  return {
    of: (query) => (trusted ? each[query] : undefined),
    hold: (now) => areSame(state.index.vectorRows(now.handle, now.mask), parts),
    distrust() {
      if (trusted) scorer.distrust();
      trusted = false;
    },
  };
}

const sumOf = (parts: readonly VectorRows[], of: 'rows' | 'count'): number =>
  parts.reduce((sum, part) => sum + part[of], 0);

/** The rows as they are now; undefined when the commit is gone. */
function rowsAt(state: State, where: Where, { view: { seq }, valid }: Looking): VectorRows[] | undefined {
  if (!state.history.commits.has(seq)) return undefined;
  const { handle, mask } = lensAt(state, where, seq, valid);
  return state.index.vectorRows(handle, mask);
}

function areSame(some: readonly VectorRows[], others: readonly VectorRows[]): boolean {
  const isSame = (a: VectorRows, b: VectorRows | undefined): boolean =>
    a.id === b?.id && a.rows === b.rows && a.count === b.count && a.mask.every((word, i) => word === b.mask[i]);
  return some.length === others.length && some.every((part, i) => isSame(part, others[i]));
}

/** The rows as the scorer takes them: numbered by place. */
function partsOf(all: readonly VectorRows[]): ScorePart[] {
  const places = Uint32Array.from({ length: sumOf(all, 'rows') }, (_, i) => i);
  const none = () => new Uint8Array(0);
  const parts: ScorePart[] = [];
  let first = 0;
  for (const { id, rows, count, mask, values } of all) {
    const cnos = places.subarray(first, first + rows);
    first += rows;
    const admitted = count < rows ? mask : undefined;
    if (count > 0)
      parts.push({
        key: `documents/${id}`,
        rows,
        mask: admitted,
        cnos,
        values,
        halves: none,
        codes: none,
        scales: none,
      });
  }
  return parts;
}

/** May this be what was asked for: admitted rows, each once, the nearest first, and as many as there are where there are fewer? */
function areSound(rows: Uint32Array, cosines: Float32Array, parts: readonly VectorRows[], most: number): boolean {
  const isAdmitted = (place: number): boolean => {
    let row = place;
    for (const part of parts) {
      if (row < part.rows) return (((part.mask[row >> 5] ?? 0) >>> (row & 31)) & 1) === 1;
      row -= part.rows;
    }
    return false;
  };
  return (
    rows.length === Math.min(most, sumOf(parts, 'count')) &&
    new Set(rows).size === rows.length &&
    rows.every(isAdmitted) &&
    cosines.every((cosine, i) => cosine <= (cosines[i - 1] ?? Number.MAX_VALUE))
  );
}
