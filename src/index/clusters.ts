// Clusters of a collection's contents in the guest.

import type { CollectionDef } from '../model/vectors.ts';
import type { ItemClusters, VectorIndex } from '../ports/vectors.ts';
import * as wasm from '../../wasm/pkg/vectors/simd128/vectors.js';

type Call = <T>(run: () => T) => T;

interface GuestClusters extends ItemClusters {
  readonly guest: wasm.Clusters;
}
const guestOf = (clusters: ItemClusters): wasm.Clusters => (clusters as GuestClusters).guest;

const NOBODY = { numbers: new Uint32Array(0), scores: new Float32Array(0) };

/** See `VectorGuest.clusters`. */
export function createClusters(
  { dims, metric }: Pick<CollectionDef, 'dims' | 'metric'>,
  count: number,
  seed: number,
  call: Call,
): ItemClusters {
  const guest = call(() => new wasm.Clusters(dims, metric === 'cosine', count, seed));
  const own: GuestClusters = {
    guest,
    picks: (of, count) => call(() => guest.picks(of, count)),
    seed: (products) => call(() => guest.seed(products)),
    move: () => call(() => guest.update()),
    get centroids() {
      return call(() => guest.centroids());
    },
    get inertia() {
      return call(() => guest.inertia());
    },
    free: () => guest.free(),
  };
  return own;
}

/** The calls of a collection for them. */
export function clusterCalls(guest: wasm.Collection, call: Call): Pick<VectorIndex, 'sample' | 'assign'> {
  return {
    sample: (clusters, cnos) => call(() => guestOf(clusters).sample(guest, cnos)),
    assign(clusters, cnos, weights, { numbers, scores } = NOBODY) {
      const words = call(() => guestOf(clusters).assign(guest, cnos, weights, numbers, scores));
      if (words.length === 0) return undefined;
      const [proved = 0, scanned = 0, wrong = 0] = words.subarray(cnos.length);
      return { clusters: words.subarray(0, cnos.length), proved, scanned, wrong };
    },
  };
}
