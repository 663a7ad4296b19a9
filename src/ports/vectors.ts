// What the mind asks of the guest that holds collections of vectors, and of the worker that builds their graphs.

import type { CollectionDef, VectorWhy } from '../model/vectors.ts';
import type { Piece } from './index.ts';
import type { Candidates, Near, Probes, ScorePart } from './scorer.ts';

/** Item versions found, the nearest first, and what it took. Scores: higher is nearer; of `l2` minus the squared distance. */
export interface ItemsFound {
  /** Of a batch `k` a query, {@link NONE} where there are fewer hits. */
  readonly inos: Uint32Array;
  readonly scores: Float32Array;
}

/** A search within a view, narrowed by a compiled filter (empty: all). */
export interface ItemsQuery {
  readonly view: number;
  readonly filter: Uint8Array;
  /** One query or several, row-major; under cosine of length 1. */
  readonly queries: Float32Array;
  readonly k: number;
  readonly ef: number;
  readonly exact: boolean;
}

/** An item version as it is kept. */
export interface ItemRow {
  readonly ino: number;
  readonly id: string;
  /** JSON; empty is `{}`. */
  readonly meta: string;
  /** Empty: none. */
  readonly text: string;
  readonly vector: Float32Array | undefined;
}

/** Sizes of one attached segment, or of what is in memory alone (`id` 0). */
export interface PartInfo {
  readonly id: number;
  readonly kind: 'items' | 'vectors';
  readonly rows: number;
  readonly graph: boolean;
}

/** Room in the guest's memory. */
export interface Room {
  /** Fills bytes in, `from` a byte on; each once. */
  put(from: number, bytes: Uint8Array): void;
  /** Has `read` fill in bytes `from` to before `to`, each once; false when it could not. */
  fill(from: number, to: number, read: (into: Uint8Array) => boolean): boolean;
}

/** Bytes of a stored segment, from one to before another. */
export interface ByteRange {
  readonly segment: number;
  readonly from: number;
  readonly to: number;
}

/** A part of a collection with the rows that may be found, and how many they are; its key names it within the collection. */
export interface AdmittedPart extends ScorePart {
  readonly count: number;
  /** Are all its rows in memory? If not, `values` must not be asked for. */
  readonly resident: boolean;
}

/** Queries answered from candidates, by a scan as a row might have been left out, by a scan as the candidates were wrong. */
export interface Tally {
  readonly proved: number;
  readonly scanned: number;
  readonly wrong: number;
}

/** Clusters of contents on their way: a step assigns all contents, then the centroids move. */
export interface ItemClusters {
  /** Places of `count` among `of`, rising, spread over all by chance. */
  picks(of: number, count: number): Uint32Array;
  /** Draws seeds from the sample until about so many products are done; returns how many there are. */
  seed(products: number): number;
  /** Moves the centroids to the means of what was assigned since the last move. */
  move(): void;
  /** Row-major. */
  readonly centroids: Float32Array;
  /** The sum of squared distances of what was assigned since the last move. */
  readonly inertia: number;
  free(): void;
}

/** One collection in the guest. All methods are synchronous; returned arrays are copies. Bitsets hold 32 ordinals a word. */
export interface VectorIndex {
  /** Takes an Item section in. */
  apply(section: Uint8Array): void;
  /** Takes an items segment in: its bytes, or a room that they were filled in. */
  attachItems(id: number, segment: Piece | Room): void;
  attachVectors(id: number, segment: Piece): void;
  /** Room for a piece that comes in parts; for {@link attachPaged} and {@link attachItems}. */
  room(length: number): Room;
  /**
   * Takes a vector segment in without what is read page by page: the head ends where its section `Code` begins. There is room for the sections
   * `Code` and `lnks` (of no bytes without a graph), filled in if they are `here`; a page of theirs is checked when it is first read. If they are
   * not, `file` is asked for bytes of the segment, from one of them on, in the midst of a search, for vectors too; where there is none, or it says
   * false, they are lacking.
   */
  attachPaged(
    id: number,
    rooms: { readonly head: Room; readonly codes: Room; readonly links: Room },
    here: boolean,
    file?: (from: number, into: Uint8Array) => boolean,
  ): void;
  /** Did any call since the last {@link lacking} need what is not in memory? Then what it answered is no answer. */
  lacks(): boolean;
  /** Where that is. */
  lacking(): ByteRange[];
  /** Bytes of vectors that were read so since this was last asked. */
  takeRead(): number;
  /** The next codes and links that did not come yet, about `most` bytes of them; undefined when all did. */
  coming(most: number): ByteRange | undefined;
  /** Has `read` fill codes and links in where they belong; false when it could not, and for a range of vectors, which are supplied. */
  fillIn(range: ByteRange, read: (into: Uint8Array) => boolean): boolean;
  /** Checks about `most` bytes of codes and links that came and were not read yet; false when none are left. */
  check(most: number): boolean;
  /** The next vectors that are not in memory, about `most` bytes of them; undefined when all are. */
  absent(most: number): ByteRange | undefined;
  /**
   * Takes them in; of a segment that was detached meanwhile nothing is needed.
   *
   * @throws `AV_CORRUPT` when their checksum is wrong.
   */
  supply(range: ByteRange, bytes: Uint8Array): void;
  /** Lets go of those not read for longest, until at most `most` bytes are left of what can be fetched again. */
  trim(most: number): void;
  detach(ids: readonly number[]): void;
  /** Segments of what came in since the last flush; empty when nothing did. */
  sealItems(): Uint8Array;
  sealVectors(): Uint8Array;
  clearMem(): void;
  /** One items segment in place of those with these ids, with the item versions of a bitset alone; empty when there are none. */
  resealItems(ids: readonly number[], keep: Uint32Array): Uint8Array;
  /** How many item versions of an attached items segment a bitset has. */
  itemsKept(id: number, keep: Uint32Array): number;
  /** Rows of an attached vector segment that item versions of a bitset refer to, as a bitset over its rows. */
  rowsUsed(id: number, items: Uint32Array): Uint32Array;
  /** The item version of each id that a view shows, NONE where it shows none. */
  find(ids: readonly string[], view: number): Uint32Array;
  /** 16 bytes of each item version. */
  versions(inos: Uint32Array): Uint8Array;
  cnos(inos: Uint32Array): Uint32Array;
  /** Which of the item versions (row i of `vectors` beside `inos[i]`) have this very vector. */
  sameVectors(inos: Uint32Array, vectors: Float32Array): readonly boolean[];
  describe(inos: Uint32Array, withVectors: boolean): ItemRow[];
  /** Ids alone. */
  ids(inos: Uint32Array): string[];
  /** Item versions of a view that a compiled filter matches (none: all), rising, from an ordinal on. */
  list(view: number, from: number, most: number, filter?: Uint8Array): Uint32Array;
  addView(words: Uint32Array): number;
  dropView(handle: number): void;
  count(view: number, filter: Uint8Array): number;
  /** The hits of one query. */
  search(query: ItemsQuery): ItemsFound;
  /** The hits of several. */
  searchBatch(query: ItemsQuery): ItemsFound;
  /** What a view shows and a filter matches, for another processor to score: how many contents, and the parts that have any. */
  admitted(view: number, filter: Uint8Array): { readonly matches: number; readonly parts: readonly AdmittedPart[] };
  /** Queries as codes, for another processor. */
  probes(queries: Float32Array): Probes;
  /** The hits of several queries, from candidates; those of which that cannot be shown to be right are answered by a scan. */
  searchFrom(query: Omit<ItemsQuery, 'ef' | 'exact'>, found: Candidates): ItemsFound & Tally;
  /** Of the hits of one query, the best first, places of `k` that are unlike each other; `diversity` from 0 to 1. */
  diverse(found: ItemsFound, diversity: number, k: number): Uint32Array;
  /** Adds contents to the sample that seeds are drawn from; false when one is not there any more. */
  sample(clusters: ItemClusters, cnos: Uint32Array): boolean;
  /**
   * The cluster of each content, which counts as often as its weight says, from what another processor says is near, if it does; undefined when
   * one is not there any more: then none was counted.
   */
  assign(
    clusters: ItemClusters,
    cnos: Uint32Array,
    weights: Uint32Array,
    near: Near | undefined,
  ): (Tally & { readonly clusters: Uint32Array }) | undefined;
  /** How the last search was answered. */
  report(): Omit<VectorWhy, 'bytesRead'>;
  info(): {
    readonly items: number;
    readonly contents: number;
    /** In memory, vectors included. */
    readonly bytes: number;
    /** Bytes of vectors at full precision: all, those in memory, and those of them that {@link trim} can let go of. */
    readonly vectors: { readonly all: number; readonly here: number; readonly paged: number };
    readonly parts: readonly PartInfo[];
  };
  free(): void;
}

/** The guest of collections, once it is loaded. */
export interface VectorGuest {
  create(def: CollectionDef): VectorIndex;
  /** So many clusters of a collection's contents, not begun; chance begins with `seed`. */
  clusters(def: Pick<CollectionDef, 'dims' | 'metric'>, count: number, seed: number): ItemClusters;
  /** Milliseconds that a scan of so many rows takes for so many queries, measured on rows made up. */
  scanMs(dims: number, rows: number, queries: number): number;
}

/** What a build is made of: vector segments with the rows to keep, then rows that are in none. */
export interface BuildInput {
  readonly def: CollectionDef;
  /** From how many live rows on there is a graph. */
  readonly graphFrom: number;
  readonly segments: readonly {
    readonly piece: Piece;
    /** Rows that get into the graph, and rows that stay at all: bitsets over the segment's rows. */
    readonly live: Uint32Array;
    readonly kept: Uint32Array;
  }[];
  /** Row-major, contents counting up from `firstCno`. */
  readonly rows?: { readonly vectors: readonly Float32Array[]; readonly firstCno: number } | undefined;
}

/** Vector segments that were built: rows to search, and rows that only history shows; empty when there are none. */
export interface Built {
  readonly live: Uint8Array;
  readonly archive: Uint8Array;
}

/** Builds graphs beside the engine, in a worker of its own for each run. */
export interface GraphBuilder {
  /**
   * @throws `AV_ABORTED`, `AV_WORKER_LOST`, `AV_CORRUPT`.
   */
  build(
    input: BuildInput,
    options: { readonly signal: AbortSignal; onProgress(done: number, total: number): void },
  ): Promise<Built>;
}
