// The store of a database without a name: nothing outlives the page, so only what is not in memory anyway is kept.

import { KIND } from '../base/envelope.ts';
import { isPacked } from '../base/pack.ts';
import type { Store } from '../ports/store.ts';

/**
 * A store that holds archive segments, and vectors of items, which a worker merges: index and history in memory are the only copy of all
 * else.
 */
export function createMemoryStore(): Store {
  const kept = new Map<number, Uint8Array>();
  return {
    kind: 'memory',
    load: async () => ({ heads: [], manifests: new Map(), frames: [], segments: new Map() }),
    readSegment: async (id) => [kept.get(id)].filter((bytes) => bytes !== undefined),
    readRange: async (id, from, to) => kept.get(id)?.slice(from, to) ?? new Uint8Array(0),
    readsNow: async () => false,
    readNow: () => undefined,
    tail: async () => [],
    append: async () => undefined,
    writeSegment: async (id, bytes) => {
      if (isPacked(bytes) || kindOf(bytes) === KIND.itemVectors) kept.set(id, bytes);
    },
    publish: async () => undefined,
    dropSegments: async (ids) => {
      for (const id of ids) kept.delete(id);
    },
    close: () => kept.clear(),
  };
}

const kindOf = (bytes: Uint8Array): number => (bytes[6] ?? 0) | ((bytes[7] ?? 0) << 8);
