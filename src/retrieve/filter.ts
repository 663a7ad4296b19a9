// A Mongo-style filter on metadata: checked once, then a predicate of documents or bytes for the guest, which mean the same.

import type { Meta } from '../model/document.ts';
import { bytecode } from './filter/bytecode.ts';
import { predicate } from './filter/fits.ts';
import { parseFilter } from './filter/parse.ts';

/** Does a document's metadata fit? */
export type Predicate = (meta: Meta) => boolean;

/**
 * The predicate of a filter.
 *
 * @throws `AV_FILTER` for an unknown operator or a value that an operator cannot take, `AV_LIMIT` for too large a filter.
 */
export function compileFilter(filter: unknown): Predicate {
  return predicate(parseFilter(filter));
}

/**
 * The filter as bytes for the guest.
 *
 * @throws as {@link compileFilter}.
 */
export function encodeFilter(filter: unknown): Uint8Array {
  return bytecode(parseFilter(filter));
}
