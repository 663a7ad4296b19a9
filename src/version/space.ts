// Vectors of an embedding space: what a model gives, checked and brought to unit length.

import { AetherError, asAether } from '../base/errors.ts';
import type { Embedder, EmbedKind } from '../ports/embedder.ts';

/** Vectors whose squared length is within this of 1 are left as the model gave them. */
const UNIT_TOLERANCE = 1e-4;

/**
 * Unit vectors of texts, row-major, whatever shape the model gave.
 *
 * @throws `AV_EMBEDDER` for a failure, a wrong count or wrong dimensions; `AV_NON_FINITE` for NaN.
 */
export async function embed(
  embedder: Embedder,
  texts: readonly string[],
  kind: EmbedKind,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const given = await embedder.embed(texts, signal ? { kind, signal } : { kind }).catch((cause: unknown) => {
    if (signal?.aborted) throw signal.reason;
    throw asAether(cause, 'AV_EMBEDDER');
  });
  const { dims } = embedder;
  const flat = given instanceof Float32Array ? given : flatten(given, dims);
  if (flat.length !== texts.length * dims) {
    throw new AetherError(
      'AV_EMBEDDER',
      `embedder "${embedder.id}" gave ${flat.length} values for ${texts.length} texts of ${dims} dimensions`,
    );
  }
  for (let at = 0; at < flat.length; at += dims) normalise(flat.subarray(at, at + dims), embedder.id);
  return flat;
}

function flatten(rows: readonly (Float32Array | readonly number[])[], dims: number): Float32Array {
  const flat = new Float32Array(rows.length * dims);
  for (const [i, row] of rows.entries()) {
    if (row.length !== dims)
      throw new AetherError('AV_EMBEDDER', `the embedder gave a vector of ${row.length} values instead of ${dims}`);
    flat.set(row, i * dims);
  }
  return flat;
}

/** Brings a vector to unit length in place; a zero vector stays. */
export function normalise(row: Float32Array, who: string): void {
  let squares = 0;
  for (const value of row) squares += value * value;
  if (!Number.isFinite(squares))
    throw new AetherError('AV_NON_FINITE', `a vector of "${who}" holds NaN or an infinity`);
  if (squares === 0 || Math.abs(squares - 1) < UNIT_TOLERANCE) return;
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < row.length; i++) row[i] = (row[i] ?? 0) * scale;
}
