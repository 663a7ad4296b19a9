// Brings into memory what a view needs before it is searched: texts from the archive, stemmers, vectors that were dropped.

import { REVIVED_BYTES_MAX } from '../base/limits.ts';
import type { Bitset } from '../version/bitset.ts';
import { chunkInput } from '../version/input.ts';
import type { View } from '../version/history.ts';
import { openFor } from '../version/opening.ts';
import { embed } from '../version/space.ts';
import type { State } from '../version/state.ts';

const TEXTS_PER_CALL = 1024;

/** Views whose rows all have vectors, by index: rows only lose them when segments are replaced or memory is short. */
const complete = new WeakMap<object, { readonly generation: number; readonly seqs: Set<number> }>();

function completeIn({ index, generation }: State): Set<number> {
  const known = complete.get(index);
  if (known?.generation === generation) return known.seqs;
  const seqs = new Set<number>();
  complete.set(index, { generation, seqs });
  return seqs;
}

/**
 * Makes a view ready to be searched; true when it had to wait, so that the caller looks again which view it wants. A
 * model that gives the same bits everywhere gives a row without a vector the one that was dropped, or is still to come.
 */
export async function ready(state: State, view: View, dense: boolean): Promise<boolean> {
  const waited = await readyRows(state, view.chunks, dense && !completeIn(state).has(view.seq));
  if (dense && !waited && state.embedder?.deterministic) completeIn(state).add(view.seq);
  return waited;
}

/** The same for any set of rows. */
export async function readyRows(state: State, rows: Bitset, dense: boolean): Promise<boolean> {
  const opened = await openFor(state, rows);
  const { index, embedder } = state;
  if (index.lacksStems()) {
    await state.stems.load();
    return true;
  }
  if (!dense || !embedder?.deterministic) return opened;
  const vnos = index.unembedded(rows.words);
  if (vnos.length === 0) return opened;
  if ((index.revivedCount() + vnos.length) * embedder.dims * 5 > REVIVED_BYTES_MAX) {
    index.forgetRevived();
    completeIn(state).clear();
  }
  await revive(state, vnos);
  return true;
}

async function revive(state: State, vnos: Uint32Array): Promise<void> {
  const { index, embedder } = state;
  if (!embedder) return;
  for (let first = 0; first < vnos.length; first += TEXTS_PER_CALL) {
    const batch = vnos.slice(first, first + TEXTS_PER_CALL);
    const texts = Array.from(batch, (vno) => chunkInput(index, vno));
    const vectors = await embed(embedder, texts, 'document');
    // Segments may have been replaced meanwhile, and with them what is there.
    if (state.index === index) index.revive(batch, vectors);
  }
}
