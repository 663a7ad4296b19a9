// Read-only facts about an open database: what is stored, and what of the browser is used and why.

import type { Capabilities, Durability, Info } from '../model/report.ts';
import type { OpenRequest } from '../protocol/engine.ts';
import { spaceOf } from '../version/state.ts';
import { modelUse, type Room } from './compose.ts';

/** What `info()` answers. */
export function infoOf({ state, writer }: Room, name: string | undefined, openMs: number): Info {
  const { history, manifest, index, wal } = state;
  const { headCommit: head, checkout } = history;
  const segments = [...manifest.segments, ...state.walSegments];
  const space = spaceOf(state);
  const use = (state.embedder && modelUse.get(state.embedder)) ?? { texts: 0, ms: 0 };
  return {
    name,
    role: writer ? 'writer' : 'reader',
    head: head && { commit: head.id, seq: head.seq },
    branch: 'branch' in checkout ? checkout.branch : undefined,
    commits: history.commits.size,
    documents: history.head.docs.count(),
    chunks: history.head.chunks.count(),
    chunkVersions: history.chunks.size,
    contents: index.contentsHeld(),
    segments: segments.length,
    walFrames: wal.frames,
    bytes: wal.bytes + segments.reduce((sum, { bytes }) => sum + bytes, 0),
    embedding: { space: space.id, dims: space.dims, ...use },
    openMs,
    gpu: state.scorer.info,
  };
}

/** What `capabilities()` answers. */
export function capabilitiesOf(room: Room, request: OpenRequest, durability: Durability | 'memory'): Capabilities {
  const { wasm, state, storageWhy, writer } = room;
  const { id, dims } = spaceOf(state);
  const why =
    request.embedder.kind === 'table'
      ? 'no other model was given: the embedded table answers'
      : 'the model that was given';
  return {
    wasm,
    storage: { kind: state.store.kind, durability, why: storageWhy },
    space: { id, dims, why },
    gpu: { adapter: state.scorer.info.adapter, why: state.scorer.info.why },
    worker: { how: `${request.how}, ${writer ? 'writer' : 'reader'}` },
  };
}
