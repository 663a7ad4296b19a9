// What goes into a collection of vectors and what comes out: shapes without behaviour.

import type { Meta } from './document.ts';
import type { Filter } from './filter.ts';
import type { AsOf } from './query.ts';

/**
 * How vectors are compared. `cosine`: they are stored with length 1; `dot`: as they are; `l2`: by Euclidean distance; `hamming`: by the
 * number of dimensions in which one is above 0 and the other is not.
 */
export type Metric = 'cosine' | 'dot' | 'l2' | 'hamming';

/** `flat` is scanned and exact; `hnsw` has a graph; `auto` (default) has one from about 20,000 vectors on, where it pays. */
export type IndexKind = 'auto' | 'flat' | 'hnsw';

/** What a collection is; fixed when the first item is put. */
export interface VectorsOptions {
  /** Values of each vector, 1 to 8,192. */
  readonly dims: number;
  /** Default `'cosine'`. */
  readonly metric?: Metric | undefined;
  /** Default `'auto'`. */
  readonly index?: IndexKind | undefined;
  /** Links of each vector in the graph's upper layers; twice as many in the lowest. 4 to 32, default 16. */
  readonly m?: number | undefined;
  /** Candidates looked at while the graph is built, 8 to 1,000. More is slower to build and finds more. Default 128. */
  readonly efConstruction?: number | undefined;
}

/** What a collection is: fixed when it is made. */
export interface CollectionDef {
  /** 1 or more; 0 is the documents. */
  readonly ordinal: number;
  readonly name: string;
  readonly dims: number;
  readonly metric: Metric;
  readonly index: IndexKind;
  /** Links of a place above the lowest layer, and candidates while it is built; 0: as measured best. */
  readonly m: number;
  readonly efConstruction: number;
}

/** What is put. */
export interface Item<M extends Meta = Meta> {
  /** 1 to 1,024 bytes of UTF-8, of your choice. */
  readonly id: string;
  /** `dims` finite values. Under `cosine` it comes back with length 1. */
  readonly vector: Float32Array | readonly number[];
  /** Kept with it, not searched. */
  readonly text?: string | undefined;
  readonly meta?: M | undefined;
}

/** What changes of an item: what is not given stays as it is. An empty `text` or `meta` takes it away. */
export interface ItemUpdate<M extends Meta = Meta> extends Omit<Item<M>, 'vector'> {
  readonly vector?: Item['vector'] | undefined;
}

/** What is kept of an item. */
export interface StoredItem<M extends Meta = Meta> extends Item<M> {
  readonly vector: Float32Array;
}

/** Columns of a bulk put. */
export interface ItemColumns<M extends Meta = Meta> {
  readonly ids: readonly string[];
  /** `ids.length` rows of `dims` values, row-major. */
  readonly vectors: Float32Array;
  readonly meta?: readonly (M | undefined)[] | undefined;
}

/** Items on their way, as columns of equal length; vectors row-major. */
export interface ItemBatch {
  readonly ids: readonly string[];
  readonly vectors: Float32Array;
  readonly metas?: readonly (Meta | undefined)[] | undefined;
  readonly texts?: readonly (string | undefined)[] | undefined;
  /**
   * Of an update: does each item bring a vector? Texts and metadata that are undefined are not given, either; that stays as it is. Without it
   * items are put.
   */
  readonly moved?: readonly boolean[] | undefined;
}

/** How to search a collection. */
export interface VectorSearchOptions {
  /** Hits wanted, 1 to 10,000; fewer come only when fewer items fit. Default 10. */
  readonly k?: number | undefined;
  /** Which items may be found, by their metadata. */
  readonly filter?: Filter | undefined;
  /** Candidates that a walk through the graph keeps, at least `k`, at most 10,000: more is slower and finds more. Default 64. */
  readonly ef?: number | undefined;
  /** Compare every item: slower, misses nothing. Default false. */
  readonly exact?: boolean | undefined;
  /**
   * How much unlike the hits before it a hit should be, 0 (default: not at all) to 1: of four times as many hits (at least 50) each is the best by
   * `(1 - mmr) * closeness / best closeness - mmr * likeness` to the most like one before it (maximal marginal relevance, Carbonell and Goldstein
   * 1998). Closeness is of query and hit, likeness of two hits: the cosine, `1 / (1 + distance)`, the share of dimensions that agree; under `dot`
   * closeness is the product. Above 0 the order of the hits is not that of their scores, and `k` is at most 200.
   */
  readonly mmr?: number | undefined;
  /** The items there were at that commit or time. Default: where the handle stands. */
  readonly asOf?: AsOf | undefined;
  /** Default false. */
  readonly includeVector?: boolean | undefined;
  /** Say how the search was answered, in `why` of every hit. Default false. */
  readonly explain?: boolean | undefined;
}

/** A search as the worker gets it: the page has checked it and filled these in. */
export type ItemsAsk = VectorSearchOptions & { readonly k: number; readonly ef: number };

/** An item found. */
export interface VectorHit<M extends Meta = Meta> {
  readonly id: string;
  /**
   * Higher is nearer, 0 to 1 but for `dot`: `(1 + cosine) / 2`, `1 / (1 + distance)`, the share of dimensions that agree; the product itself
   * for `dot`.
   */
  readonly score: number;
  /** The metric itself: cosine, dot product, Euclidean distance, number of dimensions that differ. */
  readonly raw: number;
  readonly meta: M;
  readonly text?: string | undefined;
  readonly vector?: Float32Array | undefined;
  readonly why?: VectorWhy | undefined;
}

/** Hits on their way to the page, as columns. */
export interface ItemHits {
  readonly ids: readonly string[];
  /** As the guest has them: higher is nearer; of `l2` minus the squared distance, of `hamming` minus the bits that differ. */
  readonly scores: readonly number[];
  /** JSON; empty is `{}`. Not there when all are. */
  readonly metas?: readonly string[] | undefined;
  readonly texts?: readonly string[] | undefined;
  readonly vectors?: readonly Float32Array[] | undefined;
  readonly why?: VectorWhy | undefined;
}

/** How a search was answered. */
export interface VectorWhy {
  /** Every item that fits was compared at full precision or shown to be no hit: nothing nearer exists. */
  readonly exact: boolean;
  readonly strategy: 'scan' | 'graph' | 'masked graph' | 'none';
  /** Items that view and filter admit. */
  readonly matches: number;
  /** Codes compared, places whose links were followed, vectors compared at full precision, segments looked at. */
  readonly compared: number;
  readonly followed: number;
  readonly reranked: number;
  readonly segments: number;
  /** Bytes fetched from storage, because they were not in memory. Not counted: codes and links that are read in place right after an opening. */
  readonly bytesRead: number;
}

/** How to look for the neighbours of all items. */
export interface NeighboursOptions {
  /** Neighbours of each item, 1 to 1,000. Default 10. */
  readonly k?: number | undefined;
  /** Neighbours of a lower {@link VectorHit.score} are left out, and items without any. Default: none is. */
  readonly minScore?: number | undefined;
  /** As in a search: without it a graph is walked where there is one. Default false. */
  readonly exact?: boolean | undefined;
  /** The items there were at that commit or time. Default: where the handle stands. */
  readonly asOf?: AsOf | undefined;
}

/** An item and those near it. */
export interface Neighbours {
  readonly id: string;
  /** The nearest first; see {@link VectorHit.score}. */
  readonly near: readonly { readonly id: string; readonly score: number }[];
}

/** What the worker is asked for. */
export interface NeighboursAsk {
  readonly k: number;
  readonly ef: number;
  readonly exact: boolean;
}

/** {@link Neighbours} on their way to the page, scores as the guest has them. */
export interface NearItems {
  readonly id: string;
  readonly ids: readonly string[];
  readonly scores: readonly number[];
}

/** The hits of many queries. */
export interface BatchHits {
  /** By query, the nearest first. */
  readonly ids: readonly (readonly string[])[];
  /** `score` of each, row by row, `k` a row; NaN where there is no hit. */
  readonly scores: Float32Array;
  /** With `explain`. */
  readonly why?: BatchWhy | undefined;
}

/** How a batch was answered. The GPU finds candidates; scores and the proof that none is missing are the engine's, so hits are the same. */
export interface BatchWhy {
  readonly path: 'gpu' | 'cpu';
  readonly why: string;
  /** Queries answered from the GPU's candidates; those of which that could not be shown were answered by a scan. */
  readonly proved: number;
  readonly scanned: number;
}

/** A collection of a database. */
export interface CollectionInfo {
  readonly name: string;
  readonly dims: number;
  readonly metric: Metric;
  /** What was asked for, and what the items are searched with now, with the reason. */
  readonly index: IndexKind;
  readonly used: 'flat' | 'hnsw';
  readonly why: string;
  /** Items where the handle stands; item versions and vectors in memory. */
  readonly count: number;
  readonly versions: number;
  readonly vectors: number;
  /** Bytes in the engine's memory, and bytes stored in segments. */
  readonly memoryBytes: number;
  readonly storedBytes: number;
  /** Bytes of the vectors at full precision, and how many of those are in memory; the others are read where a search needs them. */
  readonly vectorBytes: number;
  readonly residentVectorBytes: number;
  readonly segments: number;
  /** When it was asked for. */
  readonly recall?: RecallInfo | undefined;
}

/** How much the index finds, measured on the collection's own vectors. */
export interface RecallInfo {
  /** Items whose vectors were searched for. */
  readonly queries: number;
  readonly k: number;
  readonly ef: number;
  /** Of the `k` nearest items the share that a search finds, 0 to 1. */
  readonly recall: number;
  /** Who answered exactly. */
  readonly why: BatchWhy;
}

/** What an item has beside its id and its vector. */
export interface ItemPayload<M extends Meta = Meta> {
  readonly meta: M;
  readonly text?: string | undefined;
}

/** One difference of a collection between two points in history. */
export interface ItemDelta<M extends Meta = Meta> {
  readonly op: 'add' | 'update' | 'delete';
  readonly id: string;
  /** Missing for what was added. */
  readonly from?: ItemPayload<M> | undefined;
  /** Missing for what was deleted. */
  readonly to?: ItemPayload<M> | undefined;
  /** Has it another vector? Of what was added or deleted always true. */
  readonly vector: boolean;
}

/** What `erase` of items removed. */
export interface ItemErasureReport {
  readonly ids: readonly string[];
  readonly itemVersions: number;
  readonly vectors: number;
  /** Commits that put, changed or deleted any of them. */
  readonly commits: number;
  /** Segments written anew without them, and log frames dropped. */
  readonly segments: number;
  readonly frames: number;
  readonly reason: string;
  readonly time: number;
}
