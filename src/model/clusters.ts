// Groups of a collection's items by their vectors: what is asked and what comes out.

import type { Filter } from './filter.ts';
import type { AsOf } from './query.ts';
import type { BatchWhy } from './vectors.ts';

/** How to make clusters. */
export interface ClustersOptions {
  /** How many: 1 to 1,024, and at most as many as there are items that fit. */
  readonly k: number;
  /** How often centroids move at most, 0 to 300; fewer times when nothing changes its cluster any more. Default 20. */
  readonly iterations?: number | undefined;
  /** What chance begins with, 0 to 4,294,967,295: the same items and seed give the same clusters, on every machine. Default 1. */
  readonly seed?: number | undefined;
  /** Which items, by their metadata. Default: all. */
  readonly filter?: Filter | undefined;
  /** The items there were at that commit or time. Default: where the handle stands. */
  readonly asOf?: AsOf | undefined;
  /** Say who looked for what is near, in `why`. Default false. */
  readonly explain?: boolean | undefined;
}

/** {@link ClustersOptions} as the worker gets them. */
export type ClustersAsk = Omit<ClustersOptions, 'iterations' | 'seed'> & {
  readonly iterations: number;
  readonly seed: number;
};

/** Items in clusters. */
export interface Clustering {
  /** `k` rows of `dims` values, row-major; under `cosine` of length 1. */
  readonly centroids: Float32Array;
  /** The items, in the order in which they were put. */
  readonly ids: readonly string[];
  /** Of each item the number of its cluster, which is the row of its centroid: the nearest, of equally near ones the first. */
  readonly clusters: Uint32Array;
  /** How many items each cluster has. None is possible: where vectors are the same, or when there were too few iterations. */
  readonly sizes: Uint32Array;
  /** The sum of the squared Euclidean distances of all items from their centroids; under `cosine` each is `2 - 2 * cosine`. */
  readonly inertia: number;
  /** How often the centroids moved, and whether they stopped by themselves. */
  readonly iterations: number;
  readonly converged: boolean;
  /**
   * With `explain`: who looked for the nearest centroids in the last iteration, and, over all iterations, how many vectors were decided by what the
   * GPU had found, and how many were looked at again.
   */
  readonly why?: BatchWhy | undefined;
}
