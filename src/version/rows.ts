// Vectors at full precision that need not be in memory: fetched when a read needs them, let go of when they are over the budget.
//
// The guest never waits. It answers from what is in memory and says what it lacked; that is fetched and handed in, and the same is asked
// again, in one turn: so an answer is the one that it would be with everything in memory, whatever was let go of meanwhile.

import { sectionStart } from '../base/envelope.ts';
import { AetherError, asAether } from '../base/errors.ts';
import { FILL_BYTES } from '../base/limits.ts';
import type { Piece } from '../ports/index.ts';
import type { ByteRange, VectorIndex } from '../ports/vectors.ts';
import type { Collection } from './collections.ts';
import type { SegmentEntry } from './manifest.ts';
import type { State } from './state.ts';

const [ROWS, SUMS] = ['Rows', 'sums'];
/** Room for the header of a vector segment. */
const HEADER_BYTES = 512;
/** A segment is read in pieces of this size, so that they come side by side. */
const READ_BYTES = 8_388_608;

/** Of the budget. The rest is for what nobody counts: gaps between what is allocated, the guest's own memory, objects of the engine. */
const COUNTED_SHARE = 15 / 16;

/** Bytes that were fetched. */
interface Fetched {
  readonly range: ByteRange;
  readonly bytes: Uint8Array;
}

/** Takes a segment of a collection in that is in memory as bytes. */
export function attachTo(state: State, index: VectorIndex, entry: SegmentEntry, piece: Piece): void {
  const { id, kind } = entry;
  const [whole] = piece.frames;
  const head = kind !== 'items' && isPaged(state, entry) ? headOf(whole) : undefined;
  if (kind === 'items') index.attachItems(id, piece);
  else if (whole === undefined || head === undefined) index.attachVectors(id, piece);
  else {
    const room = index.room(head);
    room.put(0, whole.subarray(0, head));
    index.attachPaged(id, room);
  }
  keepWithin(state);
  // It was just written, is in memory as one, and is searched next.
  for (;;) {
    const range = index.absent(FILL_BYTES);
    if (!whole || range?.segment !== id || roomOf(state) < range.to - range.from) return;
    index.supply(range, whole.subarray(range.from, range.to));
  }
}

/** Reads a segment of a collection, of a large one not its rows; what is returned takes it in. */
export async function readInto(state: State, index: VectorIndex, entry: SegmentEntry): Promise<() => void> {
  const { id, kind, bytes: length } = entry;
  const { store } = state;
  const head =
    kind !== 'items' && isPaged(state, entry) ? headOf(await store.readRange(id, 0, HEADER_BYTES)) : undefined;
  if (head === undefined) {
    const piece = { frames: await store.readSegment(id), length };
    return () => {
      if (kind === 'items') index.attachItems(id, piece);
      else index.attachVectors(id, piece);
    };
  }
  const slices = Array.from({ length: Math.ceil(head / READ_BYTES) }, (_, i) => {
    const from = i * READ_BYTES;
    return { from, to: Math.min(head, from + READ_BYTES) };
  });
  const isOpen = store.readNow(id, 0, new Uint8Array(0)) !== undefined;
  const reads = isOpen ? [] : slices.map(({ from, to }) => store.readRange(id, from, to));
  for (const read of reads) read.catch(() => undefined);
  // Made while they are on their way: that takes as long as some of them.
  const room = index.room(head);
  const readInto = async ({ from, to }: { from: number; to: number }, i: number): Promise<void> => {
    if (isOpen && room.fill(from, to, (into) => store.readNow(id, from, into) === into.length)) return;
    room.put(from, await (reads[i] ?? store.readRange(id, from, to)));
  };
  await Promise.all(slices.map(readInto));
  return () => index.attachPaged(id, room);
}

const isPaged = ({ store, memory }: State, { bytes }: SegmentEntry): boolean =>
  store.kind !== 'memory' && bytes >= memory.pagedFromBytes;

/** Where the rows begin, if they can be read by themselves. */
const headOf = (first: Uint8Array | undefined): number | undefined =>
  first && sectionStart(first, SUMS) !== undefined ? sectionStart(first, ROWS) : undefined;

/**
 * Reads from a collection, with every vector at hand that it takes: `read` is called until it lacked none. Undefined when the collection was
 * dropped meanwhile. `bytes`: what was read from the store for it.
 *
 * @throws `AV_CORRUPT`, `AV_STORAGE`, and what `read` throws.
 */
export async function withRows<T>(
  state: State,
  collection: Collection,
  index: VectorIndex,
  read: () => T,
): Promise<{ readonly value: T; readonly bytes: number } | undefined> {
  let value = read();
  if (!index.lacks()) return { value, bytes: 0 };
  const fetched: Fetched[] = [];
  try {
    do {
      const ranges = index.lacking();
      const now = ranges.flatMap((range) => readNow(state, range) ?? []);
      fetched.push(
        ...(now.length === ranges.length ? now : await Promise.all(ranges.map((range) => fetch(state, range)))),
      );
      if (collection.index !== index || isGone(state, collection)) return undefined;
      // All of them: while this waited, other reads may have taken the place of those before.
      for (const { range, bytes } of fetched) supply(state, index, range, bytes);
      value = read();
    } while (index.lacks());
  } finally {
    if (collection.index === index) keepWithin(state);
  }
  void fill(state, collection, index);
  return { value, bytes: fetched.reduce((sum, { bytes }) => sum + bytes.length, 0) };
}

/** Where that can be: so a search whose vectors lie in files is answered in one turn. */
function readNow({ store }: State, range: ByteRange): Fetched | undefined {
  const bytes = new Uint8Array(range.to - range.from);
  return store.readNow(range.segment, range.from, bytes) === bytes.length ? { range, bytes } : undefined;
}

async function fetch(state: State, range: ByteRange): Promise<Fetched> {
  const { segment, from, to } = range;
  try {
    return { range, bytes: await state.store.readRange(segment, from, to) };
  } catch (error) {
    // A compaction may have replaced it meanwhile: then nobody needs it.
    if (isNamed(state, segment)) throw error;
    return { range, bytes: new Uint8Array(0) };
  }
}

function supply(state: State, index: VectorIndex, range: ByteRange, bytes: Uint8Array): void {
  const { segment, from, to } = range;
  if (!isNamed(state, segment)) return;
  try {
    if (bytes.length !== to - from) throw new AetherError('AV_CORRUPT', 'it ends early, or is missing');
    index.supply(range, bytes);
  } catch (cause) {
    if (asAether(cause).code !== 'AV_CORRUPT') throw cause;
    const message = `segment ${segment} (item-vectors) of this database is damaged. Restore a copy, or destroy() it and fill it again.`;
    throw new AetherError('AV_CORRUPT', message, { detail: { segment }, cause });
  }
}

/** Was it dropped, and is that published? Its guest may still be there for a moment. */
const isGone = ({ manifest, walSegments }: State, { def, isDropped }: Collection): boolean =>
  isDropped && ![...manifest.segments, ...walSegments].some(({ collection }) => collection === def.ordinal);

const isNamed = ({ manifest, walSegments }: State, segment: number): boolean =>
  [...manifest.segments, ...walSegments].some(({ id }) => id === segment);

/** Bytes that vectors may take beside those there are: what the budget leaves beside all that has to be in memory. Below 0: too many. */
function roomOf({ collections, memory }: State): number {
  const used = [...collections.all.values()].map(({ index }) => index?.info().bytes ?? 0);
  return memory.budgetBytes * COUNTED_SHARE - used.reduce((sum, bytes) => sum + bytes, 0);
}

/** Lets go of vectors until all collections together are within the budget; each keeps its share. */
export function keepWithin(state: State): void {
  const over = -roomOf(state);
  if (over <= 0) return;
  const all = [...state.collections.all.values()].map(({ index }) => index).filter((index) => index !== undefined);
  const held = all.map((index) => index.info().vectors.paged);
  const sum = held.reduce((sum, bytes) => sum + bytes, 0);
  for (const [i, index] of all.entries()) {
    const own = held[i] ?? 0;
    if (own > 0) index.trim(Math.max(0, Math.floor(own * (1 - over / sum))));
  }
}

/** After a first read: all rows, if they fit, while nobody waits for them. What fails here is told to who needs it. */
async function fill(state: State, collection: Collection, index: VectorIndex): Promise<void> {
  if (collection.isFilling) return;
  collection.isFilling = true;
  try {
    for (;;) {
      const range = index.absent(FILL_BYTES);
      const { vectors } = index.info();
      if (!range || vectors.all - vectors.here > roomOf(state)) return;
      const { bytes } = await fetch(state, range);
      if (collection.index !== index || isGone(state, collection)) return;
      supply(state, index, range, bytes);
    }
  } catch {
    // Nobody asked for these.
  } finally {
    collection.isFilling = false;
  }
}
