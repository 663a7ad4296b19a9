// What need not be in memory: vectors at full precision, fetched when a read needs them, let go of when they are over the budget; and, right
// after an opening, codes and links, which are fetched as reads need them until all are there.
//
// The guest never waits. It answers from what is in memory and what it can read of files at once, and says what it lacked; that is fetched and handed
// in, and the same is asked again, in one turn: so an answer is the one that it would be with everything in memory, whatever was let go of meanwhile.

import { sectionSpan, type Span } from '../base/envelope.ts';
import { AetherError, asAether } from '../base/errors.ts';
import { FILE_HEAD_BYTES, FILL_BYTES, ITEM_FILE_BYTES_MIN } from '../base/limits.ts';
import type { Piece } from '../ports/index.ts';
import type { CollectionDef } from '../model/vectors.ts';
import type { ByteRange, Room, VectorIndex } from '../ports/vectors.ts';
import type { Collection } from './collections.ts';
import type { SegmentEntry } from './manifest.ts';
import type { State } from './state.ts';

/** Links of a place, unless the collection says it; and what a row takes beside them, its code and its values: number, scale, checksums. */
const [LIKELY_M, OTHER_ROW_BYTES] = [16, 24];
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
  const layout = kind !== 'items' && isPaged(state, entry) ? layoutOf(entry, whole) : undefined;
  if (kind === 'items') index.attachItems(id, piece);
  else if (whole === undefined || layout === undefined) index.attachVectors(id, piece);
  else {
    const rooms = roomsFor(index, layout);
    for (const part of PARTS) rooms[part].put(0, whole.subarray(layout[part].from, layout[part].to));
    index.attachPaged(id, rooms, true);
    while (index.check(FILL_BYTES));
  }
  keepWithin(state);
  // It was just written, is in memory as one, and is searched next.
  for (;;) {
    const range = index.absent(FILL_BYTES);
    if (!whole || range?.segment !== id || roomOf(state) < range.to - range.from) return;
    index.supply(range, whole.subarray(range.from, range.to));
  }
}

/**
 * Begins to read a segment of a collection, of a large one not its rows; what is returned takes it in. Where any part can be had in one turn, codes
 * and links are not read either: a search needs few of them.
 */
export async function beginToRead(
  { store, memory }: Pick<State, 'store' | 'memory'>,
  entry: SegmentEntry,
  def: CollectionDef,
): Promise<(index: VectorIndex) => Promise<void>> {
  const { id, kind, bytes: length } = entry;
  const isInParts = kind !== 'items' && isPaged({ store, memory }, entry);
  const read = (slices: readonly Span[]): Promise<Uint8Array>[] => {
    const reads = slices.map(({ from, to }) => store.readRange(id, from, to));
    for (const each of reads) each.catch(() => undefined);
    return reads;
  };
  const isLargeItems = kind === 'items' && length >= ITEM_FILE_BYTES_MIN;
  const isOpen = (isInParts || isLargeItems) && (await store.readsNow(id));
  const readNow = (from: number, into: Uint8Array): boolean => store.readNow(id, from, into) === into.length;
  // What is most likely wanted, begun before its head has told.
  const slices = slicesOf({ from: 0, to: isOpen ? FILE_HEAD_BYTES : likelyEnd(entry, def) });
  const begun = isInParts ? read(slices) : [];
  const layout = isInParts ? layoutOf(entry, await begun[0]) : undefined;
  if (layout === undefined) {
    const whole = async (): Promise<Piece> => ({ frames: await store.readSegment(id), length });
    if (kind === 'items' && isOpen)
      return async (index) => {
        const room = index.room(length);
        index.attachItems(id, room.fill(0, length, (into) => readNow(0, into)) ? room : await whole());
      };
    const piece = await whole();
    return async (index) => (kind === 'items' ? index.attachItems(id, piece) : index.attachVectors(id, piece));
  }
  const others = slicesOf({ from: slices.at(-1)?.to ?? 0, to: layout.links.to });
  if (!isOpen) begun.push(...read(others));
  return async (index) => {
    const rooms = roomsFor(index, layout);
    if (isOpen && rooms.head.fill(0, layout.head.to, (into) => readNow(0, into)))
      return index.attachPaged(id, rooms, false, readNow);
    if (isOpen) begun.push(...read(others));
    let from = 0;
    for (const reading of begun) {
      const bytes = await reading;
      for (const part of PARTS) {
        const own = layout[part];
        const [start, end] = [Math.max(from, own.from), Math.min(from + bytes.length, own.to)];
        if (start < end) rooms[part].put(start - own.from, bytes.subarray(start - from, end - from));
      }
      from += bytes.length;
    }
    index.attachPaged(id, rooms, true);
  };
}

/** Where codes and links of a segment end, by what a row takes of either and of values. One without a graph has less. */
function likelyEnd({ bytes }: SegmentEntry, { dims, metric, index, m }: CollectionDef): number {
  const [values, codes] = [4 * dims, metric === 'hamming' ? dims / 8 : dims];
  const links = index === 'flat' ? 0 : 8 * (m || LIKELY_M);
  const other = codes + links + OTHER_ROW_BYTES;
  return Math.min(bytes, Math.ceil((bytes * other) / (other + values)) + FILE_HEAD_BYTES);
}

/** Where parts of a large vector segment lie: what is read at once, codes, and links of its graph. */
type Layout = Readonly<Record<(typeof PARTS)[number], Span>>;
const PARTS = ['head', 'codes', 'links'] as const;

const roomsFor = (index: VectorIndex, { head, codes, links }: Layout): Record<keyof Layout, Room> => {
  const room = ({ from, to }: Span): Room => index.room(to - from);
  return { head: room(head), codes: room(codes), links: room(links) };
};

function slicesOf({ from, to }: Span): Span[] {
  return Array.from({ length: Math.ceil((to - from) / READ_BYTES) }, (_, i) => {
    const start = from + i * READ_BYTES;
    return { from: start, to: Math.min(to, start + READ_BYTES) };
  });
}

const isPaged = ({ store, memory }: Pick<State, 'store' | 'memory'>, { bytes }: SegmentEntry): boolean =>
  store.kind !== 'memory' && bytes >= memory.pagedFromBytes;

/**
 * The layout of a segment that begins so, if it can be read page by page.
 *
 * @throws `AV_CORRUPT` for one that does not fit the segment: nobody has checked yet what its directory says.
 */
function layoutOf({ id, bytes }: SegmentEntry, first: Uint8Array | undefined): Layout | undefined {
  const span = (tag: string): Span | undefined => first && sectionSpan(first, tag);
  const [sums, codes] = [span('sums'), span('Code')];
  // Before version 6 codes came first, and links were no section of their own.
  if (!sums || !codes || codes.from < sums.from) return undefined;
  const links = span('lnks') ?? { from: codes.to, to: codes.to };
  if (codes.from > codes.to || codes.to > links.from || links.from > links.to || links.to > bytes) throw damaged(id);
  return { head: { from: 0, to: codes.from }, codes, links };
}

function damaged(segment: number, cause?: unknown): AetherError {
  const message = `segment ${segment} (item-vectors) of this database is damaged. Restore a copy, or destroy() it and fill it again.`;
  return new AetherError('AV_CORRUPT', message, { detail: { segment }, cause });
}

/**
 * Reads from a collection, with all at hand that it takes: `read` is called until it lacked none. Undefined when the collection was
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
  const fetched: Fetched[] = [];
  // Read by the guest itself.
  let own = 0;
  let value: T;
  try {
    value = attempt(index, read);
    while (index.lacks()) {
      const vectors = index.lacking().filter((range) => !readIn(state, index, range));
      const now = vectors.flatMap((range) => readNow(state, range) ?? []);
      fetched.push(
        ...(now.length === vectors.length ? now : await Promise.all(vectors.map((range) => fetch(state, range)))),
      );
      if (collection.index !== index || isGone(state, collection)) return undefined;
      // All of them: while this waited, other reads may have taken the place of those before.
      for (const { range, bytes } of fetched) supply(state, index, range, bytes);
      value = attempt(index, read);
    }
  } finally {
    if (collection.index === index) {
      own = index.takeRead();
      if (fetched.length + own > 0) keepWithin(state);
    }
  }
  if (fetched.length + own > 0 || !collection.isWhole) void fill(state, collection, index);
  return { value, bytes: fetched.reduce((sum, { bytes }) => sum + bytes.length, own) };
}

/** What fails leaves nothing lacking behind: the next read would be taken for one that has no answer yet. */
function attempt<T>(index: VectorIndex, read: () => T): T {
  try {
    return read();
  } catch (error) {
    index.lacking();
    throw error;
  }
}

/** Codes and links straight to where they belong, where that can be; false for vectors. */
const readIn = ({ store }: State, index: VectorIndex, range: ByteRange): boolean =>
  index.fillIn(range, (into) => store.readNow(range.segment, range.from, into) === into.length);

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
    throw asAether(cause).code === 'AV_CORRUPT' ? damaged(segment, cause) : cause;
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

/**
 * After a first read: codes and links, then all rows if they fit, while nobody waits for them; between two pieces others have their turn. What
 * fails here is told to who needs it.
 */
async function fill(state: State, collection: Collection, index: VectorIndex): Promise<void> {
  if (collection.isFilling) return;
  collection.isFilling = true;
  const isGoing = async (): Promise<boolean> => {
    await state.turn();
    return collection.index === index && !isGone(state, collection);
  };
  try {
    if (!collection.isWhole) {
      for (let range = index.coming(FILL_BYTES); range; range = index.coming(FILL_BYTES)) {
        if (!(await isGoing())) return;
        if (!readIn(state, index, range)) supply(state, index, range, (await fetch(state, range)).bytes);
      }
      do if (!(await isGoing())) return;
      while (index.check(FILL_BYTES));
      // Once: what is damaged is read again by who needs it.
      collection.isWhole = true;
    }
    while (await isGoing()) {
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
