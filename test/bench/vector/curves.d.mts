/** A set of vectors as `sets.mjs` gives it, as far as defects need it. */
export interface VectorSet {
  readonly dims: number;
  readonly metric: string;
  readonly rows: Float32Array;
  readonly queries: Float32Array;
  readonly count: number;
}
export interface Run {
  readonly points: readonly { readonly ef: number; readonly us: number; readonly recall: number }[];
  /** Hits of each query, by point. */
  readonly answers: readonly (readonly (readonly number[])[])[];
}
export function defectsOf(set: VectorSet, from: number, run: Run): string[];
