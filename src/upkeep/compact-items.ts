// The story of a compaction of a collection: choose, build beside the engine, publish, then let go of what was read.
//
// Building takes seconds, so it happens between two turns: writes go on meanwhile. What they change is seen through views, not stored in
// segments, so the graph that was built stays right; only who deletes a segment meanwhile makes it useless.

import { GRAPH_ROWS_MAX } from '../base/limits.ts';
import type { CompactionReport } from '../model/history.ts';
import type { CollectionDef } from '../model/vectors.ts';
import type { Built, VectorIndex } from '../ports/vectors.ts';
import { Bitset } from '../version/bitset.ts';
import { type Collection, graphFrom, isOf, openCollection } from '../version/collections.ts';
import type { History } from '../version/history.ts';
import type { SegmentEntry } from '../version/manifest.ts';
import { ARCHIVE_SPACE, Shelf } from '../version/shelf.ts';
import { attachSegment, orBroken, type State } from '../version/state.ts';
import { choose, type Eagerness } from './choose.ts';
import { chooseGraphs } from './choose-graphs.ts';
import { flush, follow, publish, settle } from './flush.ts';

/** What a compaction needs from outside. */
export interface Tending {
  readonly eager: Eagerness;
  readonly signal: AbortSignal;
  /** Seqs that somebody reads. */
  pinned(): Promise<ReadonlySet<number>>;
  /** Runs when no write does. */
  exclusively<T>(run: () => Promise<T>): Promise<T>;
}

/** What one run found to do. */
interface Work {
  readonly items: readonly number[];
  readonly vectors: readonly UsedRows[][];
}

/** A vector segment with the rows that somebody is shown, and those that are stored at all: bitsets over its rows. */
interface UsedRows {
  readonly entry: SegmentEntry;
  readonly live: Uint32Array;
  readonly kept: Uint32Array;
}

const NOTHING: Work = { items: [], vectors: [] };

/**
 * Compacts one collection once; undefined when there is nothing worth doing.
 *
 * @throws `AV_QUOTA`, `AV_STORAGE`, `AV_CORRUPT`, `AV_WORKER_LOST`, `AV_ABORTED`; the database goes on as before then.
 */
export async function compactItems(
  state: State,
  collection: Collection,
  tending: Tending,
): Promise<CompactionReport | undefined> {
  const started = state.now();
  const { def } = collection;
  const work = await tending.exclusively(async () => {
    // Dropped while it waited for its turn.
    if (state.collections.all.get(def.ordinal) !== collection) return NOTHING;
    if (tending.eager === 'now') await flush(state);
    const index = await openCollection(state, collection);
    return plan(state, collection, index, tending.eager, await tending.pinned());
  });
  if (work.items.length === 0 && work.vectors.length === 0) return undefined;
  const built: Built[] = [];
  for (const group of work.vectors) built.push(await buildAnew(state, def, group, tending.signal));
  return tending.exclusively(() => adopt(state, collection, work, built, started));
}

/** Vector segments as one, with the rows to keep. */
export async function buildAnew(
  { store, builder }: State,
  def: CollectionDef,
  group: readonly UsedRows[],
  signal: AbortSignal,
): Promise<Built> {
  const segments = await Promise.all(
    group.map(async ({ entry, live, kept }) => {
      const frames = await store.readSegment(entry.id);
      return { piece: { frames, length: entry.bytes }, live, kept };
    }),
  );
  return builder.build({ def, graphFrom: graphFrom(def), segments }, { signal, onProgress: () => undefined });
}

function plan(
  state: State,
  collection: Collection,
  index: VectorIndex,
  eager: Eagerness,
  pinned: ReadonlySet<number>,
): Work {
  const { ordinal } = collection.def;
  const [shown, stored] = [shownItems(state.history, ordinal, pinned), storedItems(state.history, ordinal)];
  const own = state.manifest.segments.filter(isOf(collection));
  const parts = new Map(index.info().parts.map((part) => [part.id, part]));
  const items = own.filter(({ kind }) => kind === 'items');
  const weighed = items.map(({ id, bytes }) => {
    const rows = parts.get(id)?.rows ?? 0;
    return { id, bytes, rows, wrong: rows - index.itemsKept(id, stored.words) };
  });
  const vectors = rowsOfVectors(index, own, shown, stored);
  const byId = new Map(vectors.map((each) => [each.entry.id, each]));
  const count = (words: Uint32Array): number => new Bitset(words).count();
  const groups = chooseGraphs(
    vectors.map(({ entry, live, kept }) => ({
      id: entry.id,
      rows: parts.get(entry.id)?.rows ?? 0,
      live: count(live),
      kept: count(kept),
      archive: entry.space === ARCHIVE_SPACE,
      graph: parts.get(entry.id)?.graph ?? false,
    })),
    eager,
    { graphFrom: graphFrom(collection.def), rowsMax: GRAPH_ROWS_MAX },
  );
  const chosen = choose(weighed, eager);
  const [only] = chosen.length === 1 ? weighed.filter(({ id }) => id === chosen[0]) : [];
  return {
    items: only?.wrong === 0 ? [] : chosen,
    vectors: groups.map((ids) => ids.map((id) => byId.get(id)).filter((each) => each !== undefined)),
  };
}

/** Of these segments those of vectors, with the rows that item versions of two sets have. */
export function rowsOfVectors(
  index: VectorIndex,
  segments: readonly SegmentEntry[],
  shown: Bitset,
  stored: Bitset,
): UsedRows[] {
  return segments
    .filter(({ kind }) => kind === 'item-vectors')
    .map((entry) => {
      const [live, kept] = [index.rowsUsed(entry.id, shown.words), index.rowsUsed(entry.id, stored.words)];
      return { entry, live, kept };
    });
}

/** Item versions that a branch head, the handle or a reader shows. */
export function shownItems(history: History, collection: number, pinned: ReadonlySet<number> = new Set()): Bitset {
  const out = new Bitset();
  for (const seq of new Set([...history.refs.branches.values(), history.headSeq, ...pinned])) {
    const items = seq === 0 || history.commits.has(seq) ? history.view(seq).items.get(collection) : undefined;
    if (items) out.addAll(items);
  }
  return out;
}

/** Item versions that any commit shows. */
export function storedItems(history: History, collection: number): Bitset {
  const out = new Bitset();
  for (const { items = [] } of history.timeline.values())
    for (const delta of items) if (delta.collection === collection) for (const ino of delta.born) out.add(ino);
  return out;
}

async function adopt(
  state: State,
  collection: Collection,
  work: Work,
  built: readonly Built[],
  started: number,
): Promise<CompactionReport | undefined> {
  const gone = [...work.items, ...work.vectors.flat().map(({ entry }) => entry.id)];
  const there = new Set(state.manifest.segments.map(({ id }) => id));
  const index = collection.index;
  // Erased or rewritten meanwhile: what was built is of no use, and the next run looks anew.
  if (!index || gone.some((id) => !there.has(id))) return undefined;
  await flush(state);
  const { manifest } = state;
  const { ordinal } = collection.def;
  const shelf = new Shelf(state);
  const pieces = new Map<number, Uint8Array>();
  const put = async (kind: 'items' | 'item-vectors', bytes: Uint8Array, archive = false): Promise<void> => {
    const entry = await shelf.put(kind, bytes, { collection: ordinal, archive });
    if (entry) pieces.set(entry.id, bytes);
  };
  const stored = storedItems(state.history, ordinal);
  try {
    if (work.items.length > 0) await put('items', index.resealItems(work.items, stored.words));
    for (const { live, archive } of built) {
      await put('item-vectors', live);
      await put('item-vectors', archive, true);
    }
    const segments = [...manifest.segments.filter(({ id }) => !gone.includes(id)), ...shelf.written];
    await publish(state, follow(state, segments, shelf.next));
  } catch (error) {
    if (state.manifest === manifest) await shelf.discard();
    throw error;
  }
  orBroken(state, () => {
    for (const entry of shelf.written) {
      const bytes = pieces.get(entry.id);
      if (bytes) attachSegment(state, entry, { frames: [bytes], length: bytes.length });
    }
    index.detach(gone);
  });
  await settle(state);
  await state.store.dropSegments(gone);
  const bytesOf = (all: readonly SegmentEntry[]): number => all.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    merged: gone.length,
    written: shelf.written.length,
    archived: 0,
    bytesBefore: bytesOf(manifest.segments),
    bytesAfter: bytesOf(state.manifest.segments),
    ms: state.now() - started,
  };
}
