// The store of a database without a name: nothing outlives the page, so nothing is kept.

import type { Store } from '../ports/store.ts';

/** A store that accepts everything and holds nothing: the index and the history in memory are the only copy. */
export function createMemoryStore(): Store {
  return {
    kind: 'memory',
    load: async () => ({ heads: [], manifests: new Map(), frames: [], segments: new Map() }),
    tail: async () => [],
    append: async () => undefined,
    writeSegment: async () => undefined,
    publish: async () => undefined,
    dropSegments: async () => undefined,
    close: () => undefined,
  };
}
