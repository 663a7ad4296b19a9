// A point in history as a read gets it: which commit, and which valid time if one was asked for.

import type { AsOf, Instant, TimePoint } from '../model/query.ts';
import type { History, View } from '../version/history.ts';

/** A commit and a time on the other axis; without one, valid time plays no part but in search, where it is now. */
export interface Point {
  readonly seq: number;
  readonly valid: number | undefined;
}

const isTimePoint = (asOf: AsOf): asOf is TimePoint => typeof asOf === 'object' && !(asOf instanceof Date);

/** The instant on the axis of commits. */
export function instantOf(asOf: AsOf | undefined): Instant | undefined {
  return asOf === undefined || !isTimePoint(asOf) ? asOf : asOf.system;
}

/** Throws `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`. */
export function pointOf(history: History, asOf: AsOf | undefined): Point {
  const valid = asOf !== undefined && isTimePoint(asOf) && asOf.valid !== undefined ? Number(asOf.valid) : undefined;
  return { seq: history.resolve(instantOf(asOf)), valid };
}

/** What is alive there. */
export function viewAt(history: History, asOf: AsOf | undefined): { view: View; valid: number | undefined } {
  const { seq, valid } = pointOf(history, asOf);
  return { view: history.view(seq), valid };
}
