// What a query looks at: the point it asks about, brought into memory, with the filter as a mask.

import type { Filter } from '../model/filter.ts';
import type { AsOf } from '../model/query.ts';
import type { State } from '../version/state.ts';
import { keyOf } from './filter/value.ts';
import { compileFilter } from './filter.ts';
import { pointOf } from './point.ts';
import { ready } from './ready.ts';
import { type Lens, viewsOf } from './views.ts';

/** A view and the valid time it is seen at. */
export type Looking = Lens & { readonly valid: number };

/** Which documents, when. */
export interface Where {
  readonly filter?: Filter | undefined;
  readonly asOf?: AsOf | undefined;
}

/** Throws for a point or a filter that cannot be, before anything else is done. */
export function checkLooking(state: State, { filter, asOf }: Where): void {
  if (filter !== undefined) compileFilter(filter);
  pointOf(state.history, asOf);
}

/** What is to be looked at, as it is known now, brought in or not. */
export function lensAt(state: State, { filter }: Pick<Where, 'filter'>, seq: number, valid: number): Lens {
  const fits = filter === undefined ? undefined : { key: keyOf(filter), fits: compileFilter(filter) };
  return viewsOf(state).lens(seq, valid, fits);
}

/** @throws `AV_FILTER`, `AV_LIMIT`, `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`. */
export async function lookingAt(state: State, { filter, asOf }: Where, dense: boolean): Promise<Looking> {
  // After each wait the point is looked up anew: index and history are those of one moment.
  let point = pointOf(state.history, asOf);
  while (await ready(state, state.history.view(point.seq), dense)) point = pointOf(state.history, asOf);
  const valid = point.valid ?? state.now();
  return { ...lensAt(state, { filter }, point.seq, valid), valid };
}
