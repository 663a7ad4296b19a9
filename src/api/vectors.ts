// A collection of vectors that the user brings: put, search, and ask again as of any earlier commit of the database.

import { RECALL_QUERIES_MAX } from '../base/limits.ts';
import type { Clustering } from '../model/clusters.ts';
import type { Meta } from '../model/document.ts';
import type { Filter } from '../model/filter.ts';
import type { AsOf, Instant } from '../model/query.ts';
import type { WriteReport } from '../model/report.ts';
import type {
  BatchHits,
  CollectionInfo,
  Item,
  ItemColumns,
  ItemDelta,
  ItemErasureReport,
  ItemUpdate,
  Neighbours,
  NeighboursOptions,
  StoredItem,
  VectorHit,
  VectorsOptions,
} from '../model/vectors.ts';
import type {
  CollectionKey,
  CollectionRequest,
  CommitRequest,
  ItemsRequest,
  Outcome,
  Page,
} from '../protocol/engine.ts';
import { COMMIT_OPTIONS, type CommitOptions, type Engine, type Guard, type Method } from './handle.ts';
import { checkColumns, ColumnBatches, ItemBatches, own, toVector } from './item-source.ts';
import { checkAsOf, checkFilter, checkInstant } from './question.ts';
import type { Pulls } from './source.ts';
import { publicScore, toHits, toNeighbours } from './vector-hits.ts';
import {
  checkAsk,
  checkClusters,
  checkCollection,
  checkNeighbours,
  checkQueries,
  type ClusteringOptions,
  type VectorQueryOptions,
  whole,
} from './vector-options.ts';
import { checkId, checkIds, checkKeys, checkMessage, invalid } from './validate.ts';

/** Options of a write to a collection. */
export type ItemWriteOptions = Omit<CommitOptions, 'wait'>;
const WRITE_OPTIONS = COMMIT_OPTIONS.filter((option) => option !== 'wait');

/** What a collection asks of its database. */
export interface Calls {
  read<T>(method: Method, start: (engine: Engine, call: number) => Promise<Outcome<T>>, guard?: Guard): Promise<T>;
  change<T>(method: Method, start: (engine: Engine, call: number) => Promise<Outcome<T>>): Promise<T>;
  write(
    request: Omit<ItemsRequest, keyof CommitRequest>,
    options: ItemWriteOptions,
    batches: Pulls | undefined,
  ): Promise<WriteReport>;
  pages<T>(
    asOf: AsOf | undefined,
    page: (engine: Engine, call: number, from: number, at: AsOf | undefined) => Promise<Outcome<Page<T>>>,
  ): AsyncIterable<T>;
}

/**
 * Vectors under ids of yours, in the database's history: every write is a commit, and every earlier commit stays searchable.
 *
 * @example
 * const images = db.vectors('images', { dims: 512 });
 * await images.put([{ id: 'cat.jpg', vector, meta: { year: 2024 } }]);
 * const hits = await images.search(query, { k: 5, filter: { year: { $gte: 2020 } } });
 */
export class VectorCollection<M extends Meta = Meta> {
  readonly #calls: Calls;
  readonly #def: CollectionRequest;
  readonly #key: CollectionKey;

  /** @internal */
  constructor(calls: Calls, name: string, options: VectorsOptions) {
    this.#calls = calls;
    this.#def = checkCollection(name, options);
    this.#key = JSON.stringify(this.#def);
  }

  get name(): string {
    return this.#def.name;
  }

  /**
   * Stores items as one commit; an item replaces the one of its id whole. One with the vector it had before touches no index.
   *
   * @throws `AV_INVALID`, `AV_LIMIT`, `AV_DIM_MISMATCH`, `AV_NON_FINITE`, `AV_TEXT_ENCODING`, `AV_ABORTED`, `AV_BUSY`, `AV_QUOTA`,
   *   `AV_STORAGE`: nothing is changed. `AV_OUTCOME_UNKNOWN`: the worker died meanwhile. `AV_CLOSED`.
   */
  async put(
    items: Item<M> | Iterable<Item<M>> | AsyncIterable<Item<M>>,
    options: ItemWriteOptions = {},
  ): Promise<WriteReport> {
    return this.#put(items as Iterable<Item>, options, false);
  }

  /**
   * Changes items that are there, as one commit: `text`, `meta` (as a whole) and `vector`, as far as they are given. Without a new vector nothing
   * but the payload is written and no index is touched.
   *
   * @example
   * await images.update({ id: 'cat.jpg', meta: { year: 2025 } });
   *
   * @throws as `put`. `AV_NOT_FOUND`: an item is not there; `AV_INVALID`: one is named twice.
   */
  async update(
    items: ItemUpdate<M> | Iterable<ItemUpdate<M>> | AsyncIterable<ItemUpdate<M>>,
    options: ItemWriteOptions = {},
  ): Promise<WriteReport> {
    return this.#put(items as Iterable<ItemUpdate>, options, true);
  }

  #put(items: Iterable<ItemUpdate>, options: ItemWriteOptions, updates: boolean): Promise<WriteReport> {
    checkKeys(options, WRITE_OPTIONS);
    const total = Array.isArray(items) ? items.length : undefined;
    const batches = new ItemBatches(items, this.#def.dims, updates);
    return this.#calls.write({ def: this.#def, delete: [], pulls: true, total }, options, batches);
  }

  /**
   * Stores many items as one commit, and builds their graph before it resolves; progress has phase `index` then.
   *
   * @param columns `ids.length` times `dims` values in `vectors`.
   * @throws as `put`.
   */
  async putColumns(columns: ItemColumns<M>, options: ItemWriteOptions = {}): Promise<WriteReport> {
    checkKeys(options, WRITE_OPTIONS);
    const { dims } = this.#def;
    const own = checkColumns(columns, dims);
    const request = { def: this.#def, delete: [], pulls: true, total: own.ids.length };
    return this.#calls.write(request, options, new ColumnBatches(own, dims));
  }

  /** Deletes items as one commit; ids that are not there are passed over. History keeps them. Throws as `put`. */
  async delete(ids: string | readonly string[], options: ItemWriteOptions = {}): Promise<WriteReport> {
    checkKeys(options, WRITE_OPTIONS);
    return this.#calls.write(
      { def: this.#def, delete: checkIds(ids), pulls: false, total: undefined },
      options,
      undefined,
    );
  }

  /**
   * Removes items from every version of the collection for good: their ids, metadata, texts and vectors leave every commit, segment and log.
   * Commits keep their ids, other items stay as they are. A file that held vectors of them is deleted by the browser soon after, at the latest
   * when the database is opened next.
   *
   * @throws `AV_NOT_FOUND` for an id that no stored version has; `AV_INVALID`, `AV_BUSY`, `AV_QUOTA`, `AV_STORAGE`, `AV_WORKER_LOST`: nothing is
   *   changed. `AV_OUTCOME_UNKNOWN`, `AV_CLOSED`.
   */
  async erase(ids: string | readonly string[], options: { readonly reason?: string } = {}): Promise<ItemErasureReport> {
    const all = checkIds(ids, 'erase');
    if (all.length === 0) throw invalid('erase takes at least one id');
    checkKeys(options, ['reason']);
    const reason = checkMessage(options.reason ?? '');
    return this.#calls.change('eraseItems', (engine, call) => engine.eraseItems(call, this.#def.name, all, reason));
  }

  /** The item; undefined when it is not there. Under `cosine` its vector has length 1. */
  async get(id: string, asOf?: AsOf): Promise<StoredItem<M> | undefined> {
    checkId(id);
    checkAsOf(asOf);
    return this.#calls.read('getItem', (engine, call) => engine.getItem(call, this.#key, id, asOf)) as Promise<
      StoredItem<M> | undefined
    >;
  }

  /** How many items there are, or fit a filter. Throws `AV_FILTER`, `AV_REF_UNKNOWN`. */
  async count(
    options: { readonly filter?: Filter | undefined; readonly asOf?: AsOf | undefined } = {},
  ): Promise<number> {
    checkKeys(options, ['filter', 'asOf']);
    checkAsOf(options.asOf);
    const filter = checkFilter(options.filter);
    return this.#calls.read('countItems', (engine, call) => engine.countItems(call, this.#key, filter, options.asOf));
  }

  /** The items there are, in the order in which they were put. Commits made while it runs do not change what it gives. */
  list(options: { readonly asOf?: AsOf | undefined } = {}): AsyncIterable<StoredItem<M>> {
    checkKeys(options, ['asOf']);
    checkAsOf(options.asOf);
    return this.#calls.pages(options.asOf, (engine, call, from, at) =>
      engine.listItems(call, this.#key, from, at),
    ) as AsyncIterable<StoredItem<M>>;
  }

  /**
   * The items that differ from `a` to `b` (default: where this handle stands).
   *
   * @throws `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_CLOSED`.
   */
  async *diff(a: Instant, b?: Instant): AsyncIterable<ItemDelta<M>> {
    checkInstant(a, 'required');
    checkInstant(b);
    const range = { from: a, to: b };
    const deltas = await this.#calls.read('diffItems', (engine, call) => engine.diffItems(call, this.#key, range));
    yield* deltas as readonly ItemDelta<M>[];
  }

  /**
   * The nearest items, the nearest first; as many as there are when fewer than `k` fit.
   *
   * @throws `AV_INVALID`, `AV_LIMIT`, `AV_DIM_MISMATCH`, `AV_NON_FINITE`, `AV_FILTER`, `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_TIMEOUT`,
   *   `AV_ABORTED`, `AV_CLOSED`. `AV_NOT_FOUND`: the collection was dropped meanwhile.
   */
  async search(vector: Float32Array | readonly number[], options: VectorQueryOptions = {}): Promise<VectorHit<M>[]> {
    const [ask, guard] = checkAsk(options);
    const query = toVector(vector, this.#def.dims, 'the query');
    const hits = await this.#calls.read(
      'searchItems',
      (engine, call) => engine.searchItems(call, this.#key, query, ask),
      guard,
    );
    return toHits(hits, this.#def) as VectorHit<M>[];
  }

  /**
   * The nearest items to each of several vectors: one call for all, which a GPU answers where that is quicker. `explain` says who did, and why.
   *
   * @param vectors rows of `dims` values, row-major.
   * @throws as `search`.
   */
  async searchBatch(
    vectors: Float32Array,
    options: Omit<VectorQueryOptions, 'includeVector'> = {},
  ): Promise<BatchHits> {
    const [ask, guard] = checkAsk(options);
    checkQueries(vectors, this.#def.dims, ask);
    const { scores, ...found } = await this.#calls.read(
      'searchItemsBatch',
      (engine, call) => engine.searchItemsBatch(call, this.#key, own(vectors), ask),
      guard,
    );
    return { ...found, scores: scores.map((score) => publicScore(score, this.#def)) };
  }

  /**
   * Each item with those nearest to it, in the order in which they were put: near-duplicates with `minScore`, else a graph of neighbours. Batches
   * of items are answered by the GPU where that is quicker. Commits made while it runs do not change what it gives.
   *
   * @throws `AV_INVALID`, `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_CLOSED`.
   */
  neighbours(options: NeighboursOptions = {}): AsyncIterable<Neighbours> {
    const { ask, minScore, asOf } = checkNeighbours(options);
    const pages = this.#calls.pages(asOf, (engine, call, from, at) =>
      engine.neighbours(call, this.#key, from, ask, at),
    );
    return toNeighbours(pages, this.#def, minScore);
  }

  /**
   * Groups the items by their vectors: k-means (seeds by k-means++, Arthur and Vassilvitskii 2007, then Lloyd's iterations, 1982) by Euclidean
   * distance; under `cosine` with centroids of length 1 (spherical k-means, Dhillon and Modha 2001). The same items and `seed` give the same
   * clusters, bit for bit, on every machine; where a GPU is quicker it finds what is near, which changes nothing. An iteration takes items times
   * `k` times `dims` products, in slices between which other calls are answered; what is committed meanwhile is not seen.
   *
   * @example const { ids, clusters, sizes } = await images.clusters({ k: 8, filter: { year: { $gte: 2020 } } });
   * @throws `AV_INVALID`: `k` is above the number of items that fit, an option is outside its range, or the metric is `hamming`, whose vectors have
   *   no mean. `AV_LIMIT`: `k` above 1,024, or more than 4,194,304 items. `AV_FILTER`, `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_TIMEOUT`,
   *   `AV_ABORTED`, `AV_CLOSED`, `AV_WORKER_LOST`. `AV_NOT_FOUND`: the collection was dropped, or items of it erased, meanwhile.
   */
  async clusters(options: ClusteringOptions): Promise<Clustering> {
    const [ask, guard] = checkClusters(options);
    return this.#calls.read('clusters', (engine, call) => engine.clusters(call, this.#key, ask), guard);
  }

  /**
   * Removes the collection from the database for good: every version of every item, from every commit, segment and log. Commits keep their ids.
   *
   * @throws `AV_NOT_FOUND` before the first put; `AV_BUSY`, `AV_QUOTA`, `AV_STORAGE`.
   */
  async drop(): Promise<void> {
    await this.#calls.change('dropCollection', (engine, call) => engine.dropCollection(call, this.#def.name));
  }

  /**
   * What it is made of; undefined before the first put. `recall`, 1 to 1,000, searches for the vectors of so many items and for the same exactly,
   * and says how much a search finds.
   *
   * @throws `AV_INVALID`, `AV_CLOSED`.
   */
  async info(options: { readonly recall?: number | undefined } = {}): Promise<CollectionInfo | undefined> {
    checkKeys(options, ['recall']);
    const { recall = 0 } = options;
    if (options.recall !== undefined) whole('recall', recall, 1, RECALL_QUERIES_MAX);
    return this.#calls.read('collectionInfo', (engine, call) => engine.collectionInfo(call, this.#key, recall));
  }
}
