// A collection at a point of history: what every read of it looks at.

import type { AsOf } from '../model/query.ts';
import type { VectorIndex } from '../ports/vectors.ts';
import { type Collection, openCollection } from '../version/collections.ts';
import { withRows } from '../version/rows.ts';
import type { State } from '../version/state.ts';
import { pointOf } from './point.ts';

/** A collection, its guest, and the view. */
export interface Sight {
  readonly collection: Collection;
  readonly index: VectorIndex;
  /** Its handle, for this turn: while something is awaited, other reads may take its place. */
  readonly view: number;
}

/** Nothing, where there is none of that name. */
export async function sightOf(state: State, name: string, asOf: AsOf | undefined): Promise<Sight | undefined> {
  // Throws for a point that is not there, whatever else is.
  pointOf(state.history, asOf);
  const collection = state.collections.named(name);
  if (!collection) return undefined;
  const index = await openCollection(state, collection);
  const at = state.history.view(pointOf(state.history, asOf).seq);
  return {
    collection,
    index,
    get view() {
      return collection.handle(index, at);
    },
  };
}

/** A read that takes vectors; see {@link withRows}. */
export const rowsOf = <T>(state: State, { collection, index }: Sight, read: () => T): ReturnType<typeof withRows<T>> =>
  withRows(state, collection, index, read);
