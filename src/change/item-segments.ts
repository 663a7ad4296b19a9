// A large write to a collection goes to segments first: vectors with their graph, built beside the engine, and items.

import { KIND, writeEnvelope } from '../base/envelope.ts';
import { GRAPH_ROWS_MAX } from '../base/limits.ts';
import type { Piece } from '../ports/index.ts';
import { type Collection, graphFrom } from '../version/collections.ts';
import { encodeItems } from '../version/items.ts';
import type { Shelf } from '../version/shelf.ts';
import type { State } from '../version/state.ts';
import type { ItemDraft } from './item-draft.ts';
import type { WritePlan } from './write.ts';

/** What is written. */
export interface Large {
  readonly state: State;
  readonly plan: Pick<WritePlan, 'signal' | 'onProgress'>;
  readonly collection: Collection;
  readonly draft: ItemDraft;
}

/** Builds and writes segments of a large write: vectors with their graph, then the items. */
export async function spill(
  { state, plan, collection, draft }: Large,
  shelf: Shelf,
  pieces: Map<number, Piece>,
): Promise<void> {
  const { def } = collection;
  const keep = async (kind: 'items' | 'item-vectors', bytes: Uint8Array): Promise<void> => {
    const entry = await shelf.put(kind, bytes, { collection: def.ordinal });
    if (entry) pieces.set(entry.id, { frames: [bytes], length: bytes.length });
  };
  const body = encodeItems(def, draft.rows(new Float32Array(0)));
  await keep('items', writeEnvelope(KIND.items, [{ tag: 'Item', body }], state.hasher.crc32c));
  const total = draft.nextCno - draft.firstCno;
  let firstCno = draft.firstCno;
  for (const vectors of slices(draft.vectors.splice(0), GRAPH_ROWS_MAX * def.dims)) {
    const done = firstCno - draft.firstCno;
    const { live } = await state.builder.build(
      { def, graphFrom: graphFrom(def), segments: [], rows: { vectors, firstCno } },
      { signal: plan.signal, onProgress: (rows) => plan.onProgress({ phase: 'index', done: done + rows, total }) },
    );
    firstCno += vectors.reduce((sum, { length }) => sum + length, 0) / def.dims;
    plan.signal.throwIfAborted();
    await keep('item-vectors', live);
  }
}

/** Runs of arrays of at most so many values together; one alone may have more. */
function* slices(arrays: readonly Float32Array[], most: number): Generator<Float32Array[]> {
  let [run, values]: [Float32Array[], number] = [[], 0];
  for (const each of arrays) {
    if (run.length > 0 && values + each.length > most) {
      yield run;
      [run, values] = [[], 0];
    }
    run.push(each);
    values += each.length;
  }
  if (run.length > 0) yield run;
}
