// How many of the documents that match a query have each value of a metadata key.

import type { MetaValue } from '../model/document.ts';
import type { FacetOptions, FacetValue } from '../model/query.ts';
import { Bitset } from '../version/bitset.ts';
import type { DocVersion } from '../version/record.ts';
import type { State } from '../version/state.ts';
import { valueAt } from './filter/value.ts';
import { checkLooking, type Looking, lookingAt } from './looking.ts';
import { compareScalars, isScalar, type Scalar } from './meta-value.ts';
import { draftOf, planOf, type Question } from './plan.ts';

const LIMIT_DEFAULT = 100;

/** Options in the worker: the page keeps signal and deadline. */
export type FacetAsk = Omit<FacetOptions, 'signal' | 'deadlineMs'>;

/**
 * Counts by key.
 *
 * @throws `AV_FILTER`, `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`.
 */
export async function facets(
  state: State,
  question: Question,
  ask: FacetAsk,
): Promise<Record<string, readonly FacetValue[]>> {
  checkLooking(state, ask);
  const looking = await lookingAt(state, ask, false);
  const { clauses } = planOf(draftOf(question), ask, state.index, looking.handle);
  const rows = clauses.length > 0 ? new Bitset(state.index.matches(looking.handle, looking.mask, clauses)) : undefined;
  const documents = rows ? holders(state, looking, rows) : looking.documents();
  const keys = [...new Set(typeof ask.by === 'string' ? [ask.by] : ask.by)];
  const counts = keys.map(() => new Map<Scalar, number>());
  for (const doc of documents)
    for (const [i, key] of keys.entries())
      for (const value of scalarsOf(doc, key)) counts[i]?.set(value, (counts[i]?.get(value) ?? 0) + 1);
  const limit = ask.limit ?? LIMIT_DEFAULT;
  return Object.fromEntries(keys.map((key, i) => [key, mostOften(counts[i] ?? new Map(), limit)]));
}

/** The documents that hold rows, each once. */
function holders({ history }: State, { view, valid }: Looking, rows: Bitset): Set<DocVersion> {
  const found = new Set<DocVersion>();
  for (const vno of rows) {
    const doc = history.holder(vno, view, valid);
    if (doc) found.add(doc);
  }
  return found;
}

/** The values of a document under a key, each once; of a list, its elements. */
function scalarsOf({ meta }: DocVersion, key: string): Set<Scalar> {
  const value = valueAt(meta, key);
  const all: readonly (MetaValue | undefined)[] = Array.isArray(value) ? (value as readonly MetaValue[]) : [value];
  return new Set(all.filter(isScalar));
}

function mostOften(counts: ReadonlyMap<Scalar, number>, limit: number): FacetValue[] {
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || compareScalars(a.value, b.value))
    .slice(0, limit);
}
