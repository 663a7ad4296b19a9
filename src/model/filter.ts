// What a filter on metadata may say.

import type { MetaValue } from './document.ts';

/** An area on the earth, in degrees and metres, its edge included; a box from west to east, also over the 180th meridian. */
export type GeoArea =
  | { readonly center: { readonly lat: number; readonly lon: number }; readonly radius: number }
  | { readonly south: number; readonly west: number; readonly north: number; readonly east: number };

/**
 * Conditions on one metadata value, all of which must fit. A list fits if one of its elements does, each condition for
 * itself. Values are of one kind or unequal: 1 is not '1'. What is missing fits `$ne`, `$nin`
 * and `$exists: false`.
 */
export interface Condition {
  /** Lists and objects are equal if their JSON is. */
  readonly $eq?: MetaValue;
  readonly $ne?: MetaValue;
  /** Numbers or strings, those by UTF-16; so for the next three. */
  readonly $gt?: string | number;
  readonly $gte?: string | number;
  readonly $lt?: string | number;
  readonly $lte?: string | number;
  /** Both ends included. */
  readonly $between?: readonly [number, number] | readonly [string, string];
  /** Equal to one of at most 10,000. */
  readonly $in?: readonly MetaValue[];
  readonly $nin?: readonly MetaValue[];
  /** For lists: one of these is in it (`$in` by another name), or all of them are; all of none always are. */
  readonly $any?: readonly MetaValue[];
  readonly $all?: readonly MetaValue[];
  /** A list of so many elements. */
  readonly $size?: number;
  /** Is there a value? null is one. */
  readonly $exists?: boolean;
  /** A string with this string in it, or a list with this element. */
  readonly $contains?: MetaValue;
  readonly $startsWith?: string;
  /** A point `{ lat, lon }` within an area. */
  readonly $geoWithin?: GeoArea;
  readonly $not?: Condition;
}

/**
 * A Mongo-style filter on `meta`: every key must fit; dotted keys reach into objects, not into lists, and a key that
 * holds the dots itself wins. At most 256 conditions, 16 levels.
 */
export type Filter = {
  readonly $and?: readonly Filter[];
  readonly $or?: readonly Filter[];
  readonly $nor?: readonly Filter[];
  readonly $not?: Filter;
} & { readonly [key: string]: MetaValue | Condition | readonly Filter[] | Filter | undefined };
