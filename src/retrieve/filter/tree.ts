// A filter that has been checked: conditions on the values under a key, and what joins them.

import type { MetaValue } from '../../model/document.ts';

export type Tree =
  | { readonly op: 'and' | 'or'; readonly parts: readonly Tree[] }
  | { readonly op: 'not'; readonly part: Tree }
  | { readonly op: 'test'; readonly key: string; readonly test: Test };

/** All but `size` and `contains` fit a list if they fit it or an element of it. */
export type Test =
  /** Equal to any of these. */
  | { readonly op: 'in'; readonly values: readonly MetaValue[] }
  | { readonly op: Order; readonly value: string | number }
  | { readonly op: 'exists' }
  | { readonly op: 'prefix'; readonly text: string }
  | { readonly op: 'size'; readonly size: number }
  | { readonly op: 'near'; readonly centre: Point; readonly radius: number }
  | { readonly op: 'box'; readonly box: Box }
  /** A string within a string, or an element of a list. */
  | { readonly op: 'contains'; readonly value: MetaValue };

export type Order = 'lt' | 'lte' | 'gt' | 'gte';

/** In degrees. */
export interface Point {
  readonly lat: number;
  readonly lon: number;
}

/** In degrees; from west to east, over the 180th meridian where west is the greater. */
export interface Box {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}
