// Values of metadata in one order, for sorting and counting.

import type { MetaValue } from '../model/document.ts';

/** A value that has a place in the order. */
export type Scalar = string | number | boolean | null;

const KINDS = ['object', 'boolean', 'number', 'string'];

/** null, then booleans, numbers, strings by UTF-16. */
export function compareScalars(a: Scalar, b: Scalar): number {
  if (typeof a !== typeof b) return KINDS.indexOf(typeof a) - KINDS.indexOf(typeof b);
  if (a === b || a === null || b === null) return 0;
  return a < b ? -1 : 1;
}

/** Is it no list and no object? */
export function isScalar(value: MetaValue | undefined): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
