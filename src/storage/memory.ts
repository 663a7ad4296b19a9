// The store of a database without a name: nothing outlives the page, so only what is not in memory anyway is kept.

import { isPacked } from '../base/pack.ts';
import type { Store } from '../ports/store.ts';

/** A store that holds archive segments alone: index and history in memory are the only copy of all else. */
export function createMemoryStore(): Store {
  const archives = new Map<number, Uint8Array>();
  return {
    kind: 'memory',
    load: async () => ({ heads: [], manifests: new Map(), frames: [], segments: new Map() }),
    readSegment: async (id) => [archives.get(id)].filter((bytes) => bytes !== undefined),
    tail: async () => [],
    append: async () => undefined,
    writeSegment: async (id, bytes) => {
      if (isPacked(bytes)) archives.set(id, bytes);
    },
    publish: async () => undefined,
    dropSegments: async (ids) => {
      for (const id of ids) archives.delete(id);
    },
    close: () => archives.clear(),
  };
}
