// How tests ask for clusters, and what they compare of them.

import type { Clustering, ClustersAsk } from '../../src/model/clusters.ts';
import type { Turn } from '../../src/retrieve/turns.ts';

/** Nobody else has a turn. */
export const noTurn: Turn = async () => undefined;

export const asked = (ask: Partial<ClustersAsk> = {}): ClustersAsk => ({ k: 6, iterations: 20, seed: 1, ...ask });

/** As it is compared: everything. */
export const plain = ({ centroids, clusters, sizes, ...rest }: Clustering): unknown => ({
  ...rest,
  centroids: [...centroids],
  clusters: [...clusters],
  sizes: [...sizes],
});
