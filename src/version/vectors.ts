// Checks the vectors of a write and brings them to the form in which they are kept.

import { AetherError } from '../base/errors.ts';
import type { Metric } from '../model/vectors.ts';

/** Longer ones, squared, and their distances could be more than a float holds, and nothing could be said of their order. */
const SQUARED_LENGTH_MAX = 8e37;

/**
 * The vectors of a batch as they are kept: of length 1 under `cosine`, else as given.
 *
 * @throws `AV_DIM_MISMATCH`, `AV_NON_FINITE`, `AV_INVALID` for a vector without a direction under `cosine`, `AV_LIMIT` for one that is too
 *   long to be compared under `dot` and `l2`.
 */
export function checkedVectors(
  { ids, vectors }: { readonly ids: readonly string[]; readonly vectors: Float32Array },
  dims: number,
  metric: Metric,
): Float32Array {
  if (vectors.length !== ids.length * dims)
    throw new AetherError(
      'AV_DIM_MISMATCH',
      `${vectors.length} values are not ${ids.length} vectors of ${dims} dimensions. Give dims values for every id.`,
    );
  return checked(vectors, dims, metric, (row) => `the vector of "${ids[row]?.slice(0, 60)}"`);
}

/**
 * A query as the guest takes it.
 *
 * @throws as {@link checkedVectors}.
 */
export function checkedQueries(queries: Float32Array, dims: number, metric: Metric): Float32Array {
  if (queries.length === 0 || queries.length % dims !== 0)
    throw new AetherError(
      'AV_DIM_MISMATCH',
      `the query has ${queries.length} values; the collection has ${dims} dimensions`,
    );
  return checked(queries, dims, metric, (row) => `query ${row + 1}`);
}

/** Vectors as they are kept; `nameOf` names a row in errors. */
function checked(vectors: Float32Array, dims: number, metric: Metric, nameOf: (row: number) => string): Float32Array {
  const out = metric === 'cosine' ? vectors.slice() : vectors;
  for (let row = 0; row < out.length / dims; row++) {
    const values = out.subarray(row * dims, (row + 1) * dims);
    if (metric === 'cosine') toUnit(values, () => nameOf(row));
    else {
      mustBeFinite(values, () => nameOf(row));
      if (metric !== 'hamming') mustBeComparable(values, () => nameOf(row));
    }
  }
  return out;
}

/** Brings a vector to length 1, summed in double precision. */
function toUnit(values: Float32Array, name: () => string): void {
  let sum = 0;
  for (const value of values) sum += value * value;
  if (!Number.isFinite(sum)) mustBeFinite(values, name);
  if (sum === 0)
    throw new AetherError(
      'AV_INVALID',
      `${name()} is all zeros, which has no direction to compare by cosine. Leave it out, or use metric 'dot' or 'l2'.`,
    );
  const scale = 1 / Math.sqrt(sum);
  // So near that it would only lose bits: it came normalised.
  if (Math.abs(scale - 1) < 1e-6) return;
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) * scale;
}

function mustBeComparable(values: Float32Array, name: () => string): void {
  let sum = 0;
  for (const value of values) sum += value * value;
  if (sum > SQUARED_LENGTH_MAX)
    throw new AetherError(
      'AV_LIMIT',
      `${name()} has a length of ${Math.sqrt(sum).toPrecision(3)}; at most ${Math.sqrt(SQUARED_LENGTH_MAX).toPrecision(3)} can be compared. Scale your vectors down.`,
    );
}

function mustBeFinite(values: Float32Array, name: () => string): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw new AetherError('AV_NON_FINITE', `${name()} holds ${values[at]} at place ${at}; all values must be finite`);
}
