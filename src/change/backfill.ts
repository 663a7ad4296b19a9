// Vectors for live chunks that have none in the active space: after `wait: 'lexical'`, a missing model, a new model.

import { NONE } from '../ports/index.ts';
import { encodeFrame } from '../version/frame.ts';
import { applyFrame, orBroken, previousIn, type State, takeDurable } from '../version/state.ts';
import { chunkInput } from '../version/input.ts';
import { openFor } from '../version/opening.ts';
import { Embeddings } from './embeddings.ts';

const CHUNKS_PER_FRAME = 512;
const NOTHING = { frames: [], length: 0 };

/** Live chunks without a vector in the active space. */
export function missing(state: State): number[] {
  const { index, history } = state;
  // At every opening: one call in place of one a chunk. A transient vector is none to keep.
  if (index.revivedCount() === 0) return [...index.unembedded(history.head.chunks.words)];
  return [...history.head.chunks].filter((vno) => index.contentOf(vno) === NONE);
}

/** Embeds as many of them as fit one frame. */
export async function backfill(state: State, signal: AbortSignal): Promise<void> {
  await openFor(state, state.history.head.chunks);
  const vnos = missing(state).slice(0, CHUNKS_PER_FRAME);
  if (vnos.length === 0) return;
  const inputs = vnos.map((vno) => ({ vno, text: chunkInput(state.index, vno) }));
  const sections = await new Embeddings(state).sections(inputs, signal, () => undefined);
  const frame = { record: undefined, refs: [], sections, segments: [] };
  // Vectors that can be computed again are not logged: they go into memory, and with it into the next segment.
  if (state.embedder?.deterministic) return orBroken(state, () => applyFrame(state, frame, () => NOTHING));
  const bytes = encodeFrame(frame, state.wal.chain, previousIn(state.history), state.hasher.crc32c);
  signal.throwIfAborted();
  await state.store.append(state.manifest.epoch, state.wal.frames, bytes);
  takeDurable(state, frame, bytes, () => NOTHING);
}
