// The collections of a database: opened when they are first used, kept up with every frame from then on.

import { AetherError } from '../base/errors.ts';
import { AHEAD_SHARE, GRAPH_ROWS_MIN } from '../base/limits.ts';
import type { CollectionDef } from '../model/vectors.ts';
import type { VectorGuest, VectorIndex } from '../ports/vectors.ts';
import { NONE } from '../ports/index.ts';
import { Bitset } from './bitset.ts';
import type { View } from './history.ts';
import { type CollectionEntry, headOfItems } from './items.ts';
import type { Manifest, SegmentEntry } from './manifest.ts';
import { beginToRead, keepWithin } from './rows.ts';
import type { State } from './state.ts';

/** Views of a collection that are kept in the guest. */
const HANDLES_MAX = 16;

/** One collection. */
export class Collection {
  readonly def: CollectionDef;
  nextIno: number;
  nextCno: number;
  /** Item sections since the last flush: what segments do not hold. */
  sections: Uint8Array[] = [];
  /** Once it is open. */
  index: VectorIndex | undefined;
  opening: Promise<VectorIndex> | undefined;
  /** Then its ordinal may be another's. */
  isDropped = false;
  /** Is something being read that nobody waits for? */
  isFilling = false;
  /** Have codes and links all come? */
  isWhole = false;
  readonly #handles = new Map<number, number>();

  constructor({ def, nextIno, nextCno }: CollectionEntry) {
    this.def = def;
    this.nextIno = nextIno;
    this.nextCno = nextCno;
  }

  get entry(): CollectionEntry {
    const { def, nextIno, nextCno } = this;
    return { def, nextIno, nextCno };
  }

  /** Takes an Item section in. */
  apply(section: Uint8Array): void {
    const { nextIno, nextCno } = headOfItems(section);
    this.nextIno = Math.max(this.nextIno, nextIno);
    this.nextCno = Math.max(this.nextCno, nextCno);
    this.sections.push(section);
    this.index?.apply(section);
  }

  /** The handle of a view in the open index. */
  handle(index: VectorIndex, { seq, items }: Pick<View, 'seq' | 'items'>): number {
    const known = this.#handles.get(seq);
    // Asked again: to the back of the queue.
    this.#handles.delete(seq);
    const handle = known ?? index.addView((items.get(this.def.ordinal) ?? new Bitset()).words);
    this.#handles.set(seq, handle);
    const [oldest] = this.#handles;
    if (this.#handles.size > HANDLES_MAX && oldest) {
      this.#handles.delete(oldest[0]);
      index.dropView(oldest[1]);
    }
    return handle;
  }
}

/** Segments of collections that are being read, by id. */
export type Begun = Map<number, ReturnType<typeof beginToRead>>;

/** All collections, by ordinal and by name. */
export class Collections {
  readonly all = new Map<number, Collection>();
  /** Segments whose reading began before there was an index to take them in. */
  begun: Begun = new Map();
  /** Loads the guest, once. */
  readonly guest: () => Promise<VectorGuest>;

  constructor(guest: () => Promise<VectorGuest>) {
    this.guest = guest;
  }

  /** Makes a collection, or moves one on. */
  add(entry: CollectionEntry): Collection {
    const known = this.all.get(entry.def.ordinal);
    if (known) {
      known.nextIno = Math.max(known.nextIno, entry.nextIno);
      known.nextCno = Math.max(known.nextCno, entry.nextCno);
      return known;
    }
    const collection = new Collection(entry);
    this.all.set(entry.def.ordinal, collection);
    return collection;
  }

  named(name: string): Collection | undefined {
    for (const collection of this.all.values()) if (collection.def.name === name) return collection;
    return undefined;
  }

  /** The collection of an Item section. */
  ofSection(section: Uint8Array): Collection {
    const { collection } = headOfItems(section);
    const found = this.all.get(collection);
    if (!found) throw new AetherError('AV_CORRUPT', `items of collection ${collection}, which no manifest names`);
    return found;
  }

  /** Bytes of items that no segment holds. */
  memBytes(): number {
    let bytes = 0;
    for (const { sections } of this.all.values()) for (const { length } of sections) bytes += length;
    return bytes;
  }

  entries(): CollectionEntry[] {
    return [...this.all.values()].map(({ entry }) => entry);
  }
}

/** While it was read, a collection was dropped. */
export const goneError = ({ name }: Pick<CollectionDef, 'name'>): AetherError =>
  new AetherError('AV_NOT_FOUND', `the collection "${name}" was dropped meanwhile`);

/** From how many live rows on a segment of a collection has a graph. */
export function graphFrom({ index }: Pick<CollectionDef, 'index'>): number {
  return index === 'flat' ? NONE : index === 'hnsw' ? 1 : GRAPH_ROWS_MIN;
}

/** Is it a segment of this collection? */
export const isOf =
  ({ def }: Pick<CollectionEntry, 'def'>) =>
  ({ collection }: SegmentEntry): boolean =>
    collection === def.ordinal;

/**
 * The index of a collection, read from the store when it is first asked for.
 *
 * @throws `AV_CORRUPT`, `AV_STORAGE`, `AV_INTERNAL` when the guest cannot be loaded, `AV_NOT_FOUND` when it was dropped meanwhile.
 */
export async function openCollection(state: State, collection: Collection): Promise<VectorIndex> {
  if (collection.index) return collection.index;
  collection.opening ??= read(state, collection).finally(() => {
    collection.opening = undefined;
  });
  return collection.opening;
}

/** Of each vector, beside its codes: links, scale, numbers and what an item version takes. */
const BYTES_PER_CONTENT = 192;

/**
 * Which collection is read before anybody asks: that of a database that has one alone, and not too large a one. It is what the database is for, and
 * most of the time that takes is waiting for the store.
 */
function mainOf(entries: readonly CollectionEntry[], { budgetBytes }: State['memory']): CollectionEntry | undefined {
  const [only, ...others] = entries;
  if (!only || others.length > 0) return undefined;
  return only.nextCno * (only.def.dims + BYTES_PER_CONTENT) <= budgetBytes * AHEAD_SHARE ? only : undefined;
}

/** Begins to read it, as soon as its manifest is known. */
export function readAhead(source: Pick<State, 'store' | 'memory'>, { collections, segments }: Manifest): Begun {
  const only = mainOf(collections, source.memory);
  const begun: Begun = new Map();
  if (only)
    for (const entry of inOrder(segments.filter(isOf(only)))) begun.set(entry.id, beginToRead(source, entry, only.def));
  // Who uses it hears of what fails.
  for (const reading of begun.values()) reading.catch(() => undefined);
  return begun;
}

/** Begins to open it; who uses it hears of what fails. */
export function openAhead(state: State): void {
  const main = mainOf(state.collections.entries(), state.memory);
  const collection = main && state.collections.all.get(main.def.ordinal);
  if (collection) openCollection(state, collection).catch(() => undefined);
}

async function read(state: State, collection: Collection): Promise<VectorIndex> {
  for (;;) {
    const entries = segmentsOf(state, collection);
    // While the guest is on its way too.
    const { begun } = state.collections;
    const readings = entries.map((entry) => begun.get(entry.id) ?? beginToRead(state, entry, collection.def));
    // Each is taken in once.
    for (const { id } of entries) begun.delete(id);
    for (const reading of readings) reading.catch(() => undefined);
    const index = (await state.collections.guest()).create(collection.def);
    try {
      // In their order, each while later ones are on their way.
      for (const reading of readings) await (await reading)(index);
      if (collection.isDropped) throw goneError(collection.def);
      const now = segmentsOf(state, collection);
      if (now.length === entries.length && now.every(({ id }, i) => id === entries[i]?.id)) {
        for (const section of collection.sections) index.apply(section);
        collection.index = index;
        keepWithin(state);
        return index;
      }
    } catch (error) {
      index.free();
      // What it reads may be deleted under it.
      throw collection.isDropped ? goneError(collection.def) : error;
    }
    // A flush or a compaction replaced some meanwhile.
    index.free();
  }
}

const segmentsOf = ({ manifest, walSegments }: State, collection: Collection): SegmentEntry[] =>
  inOrder([...manifest.segments, ...walSegments].filter(isOf(collection)));

/** Items first: what they take in the guest is done while vectors, which are larger, are on their way. */
const inOrder = (all: readonly SegmentEntry[]): SegmentEntry[] => [
  ...all.filter(({ kind }) => kind === 'items'),
  ...all.filter(({ kind }) => kind !== 'items'),
];
