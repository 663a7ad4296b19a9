// What crosses between the page and its engine worker: one contract interface, plain data only.

import type { WireError } from '../base/errors.ts';
import type { Clustering, ClustersAsk } from '../model/clusters.ts';
import type { Doc, DocInfo } from '../model/document.ts';
import type {
  BlameLine,
  ChangeHit,
  ChunkVersion,
  CompactionReport,
  Delta,
  DiffOptions,
  ErasureReport,
  GcReport,
  LineageGraph,
  MergeResult,
  Plan,
  RefInfo,
  ReflogEntry,
} from '../model/history.ts';
import type { Filter } from '../model/filter.ts';
import type {
  AsOf,
  ChangesOptions,
  FacetOptions,
  FacetValue,
  Instant,
  Query,
  SearchOptions,
  Suggestion,
  SuggestOptions,
} from '../model/query.ts';
import type {
  BatchHits,
  CollectionDef,
  CollectionInfo,
  ItemBatch,
  ItemDelta,
  ItemErasureReport,
  ItemHits,
  ItemsAsk,
  NearItems,
  NeighboursAsk,
  StoredItem,
} from '../model/vectors.ts';
import type {
  Capabilities,
  CommitInfo,
  Durability,
  GpuMode,
  Info,
  Metrics,
  Progress,
  VerifyReport,
  Warning,
  WasmBuild,
  WriteReport,
} from '../model/report.ts';
import type { PackedHits } from './hits.ts';

/** Page and worker come from one build, or they refuse each other. */
export const PROTOCOL_VERSION = 7;

/** Every call answers with this: errors cross whole, Comlink's own error path would drop their code. */
export type Outcome<T> = { readonly ok: T } | { readonly error: WireError };

/** Which model embeds: the static table at an address, or one that answers on a port. */
export type EmbedderChoice =
  | { readonly kind: 'table'; readonly url: string | undefined }
  | {
      readonly kind: 'port';
      readonly id: string;
      readonly dims: number;
      readonly weight: number | undefined;
      readonly port: MessagePort;
    };

/** What `open` sends to the worker. */
export interface OpenRequest {
  readonly protocol: number;
  readonly name: string | undefined;
  readonly durability: Durability;
  /** Large segments into the private file system. */
  readonly onDisk: boolean;
  readonly memoryBudgetBytes: number;
  readonly onModelChange: 'error' | 'upgrade';
  readonly embedder: EmbedderChoice;
  readonly gpu: { readonly mode: GpuMode; readonly bytesMax: number };
  /** Addresses of the three engines; undefined in the one-file build, which holds its own. */
  readonly wasm: Readonly<Record<WasmBuild, string>> | undefined;
  /** Addresses of the three guests of vector collections. */
  readonly vectors: Readonly<Record<WasmBuild, string>> | undefined;
  /** Where the stemmers of other languages are. */
  readonly stemsUrl: string | undefined;
  /** How the worker was started, for `capabilities()`. */
  readonly how: string;
  /** Name of the Web Lock that the worker holds while it lives. */
  readonly lifeLock: string;
  /** Where the handle stood when the worker before this one died. */
  readonly checkout: Instant | undefined;
}

/** What `open` answers. */
export interface OpenReply {
  readonly protocol: number;
  readonly capabilities: Capabilities;
}

/** A search as the worker gets it. */
export type SearchRequest = { readonly query: string | Float32Array | Query } & Omit<
  SearchOptions,
  'signal' | 'deadlineMs'
>;

/** Several searches of one state. */
export type BatchRequest = { readonly queries: readonly SearchRequest['query'][] } & Omit<SearchRequest, 'query'>;

/** What every commit carries. */
export interface CommitRequest {
  readonly message: string;
  readonly author: string;
  readonly dense: boolean;
}

/** Deletes, then puts: documents are pulled through the side port when `pulls`. */
export interface WriteRequest extends CommitRequest {
  readonly delete?: readonly string[] | undefined;
  /** Only what holds within is deleted: half-open milliseconds. */
  readonly within?: { readonly from?: number | undefined; readonly to?: number | undefined } | undefined;
  readonly pulls: boolean;
  readonly total?: number | undefined;
  /** Commit that the branch must be at still, as a plan has it; the empty string for none. */
  readonly base?: string | undefined;
  /** And the branch it was made for. */
  readonly branch?: string | undefined;
}

/** What a collection is, as the page knows it. */
export type CollectionRequest = Omit<CollectionDef, 'ordinal'>;
/** A {@link CollectionRequest} as JSON: a string crosses several times faster than an object. */
export type CollectionKey = string;

/** A write to a collection: ids that go, then items that are pulled through the side port when `pulls`. */
export interface ItemsRequest extends CommitRequest {
  readonly def: CollectionRequest;
  readonly delete: readonly string[];
  readonly pulls: boolean;
  readonly total?: number | undefined;
}

/** A stretch of history. */
export interface RangeRequest {
  readonly from: Instant;
  readonly to?: Instant | undefined;
}

/** What a branch, a tag, a checkout or a reset names. */
export type RefRequest =
  | { readonly kind: 'branch' | 'tag'; readonly name: string; readonly ref?: Instant | undefined }
  | { readonly kind: 'drop-branch' | 'drop-tag'; readonly name: string }
  | { readonly kind: 'checkout'; readonly ref: Instant }
  | { readonly kind: 'reset'; readonly name: string; readonly ref: Instant };

/** Pages of a long list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page starts; undefined after the last. */
  readonly next: number | undefined;
}

/** The engine worker's calls. `call` names a call, so that it can be given up and its progress told apart. */
export interface EngineContract {
  /** `side` is for what is pulled and told, `calls` for every later call. */
  open(request: OpenRequest, side: MessagePort, calls: MessagePort): Promise<Outcome<OpenReply>>;
  write(call: number, request: WriteRequest): Promise<Outcome<WriteReport>>;
  search(call: number, request: SearchRequest): Promise<Outcome<PackedHits>>;
  searchBatch(call: number, request: BatchRequest): Promise<Outcome<readonly PackedHits[]>>;
  facets(
    call: number,
    query: string | Query,
    options: Omit<FacetOptions, 'signal' | 'deadlineMs'>,
  ): Promise<Outcome<Record<string, readonly FacetValue[]>>>;
  suggest(call: number, text: string, options: SuggestOptions): Promise<Outcome<readonly Suggestion[]>>;
  get(call: number, id: string, asOf: AsOf | undefined): Promise<Outcome<Doc | undefined>>;
  has(call: number, id: string, asOf: AsOf | undefined): Promise<Outcome<boolean>>;
  list(call: number, from: number, asOf: AsOf | undefined): Promise<Outcome<Page<DocInfo>>>;
  log(call: number, from: number, asOf: AsOf | undefined): Promise<Outcome<Page<CommitInfo>>>;
  info(call: number): Promise<Outcome<Info>>;
  metrics(call: number): Promise<Outcome<Metrics>>;
  flush(call: number): Promise<Outcome<undefined>>;
  stage(call: number, request: WriteRequest): Promise<Outcome<Plan>>;
  merge(
    call: number,
    from: Instant,
    strategy: 'conflict' | 'ours' | 'theirs',
    request: CommitRequest,
  ): Promise<Outcome<MergeResult<CommitInfo>>>;
  restore(call: number, ref: Instant, path: string | undefined, request: CommitRequest): Promise<Outcome<CommitInfo>>;
  ref(call: number, request: RefRequest): Promise<Outcome<undefined>>;
  refs(call: number): Promise<Outcome<readonly RefInfo[]>>;
  reflog(call: number): Promise<Outcome<readonly ReflogEntry[]>>;
  commitInfo(call: number, id: string): Promise<Outcome<CommitInfo | undefined>>;
  diff(call: number, range: RangeRequest, options: DiffOptions): Promise<Outcome<readonly Delta[]>>;
  changes(call: number, query: string | Query, options: ChangesOptions): Promise<Outcome<readonly ChangeHit[]>>;
  history(call: number, id: string): Promise<Outcome<readonly ChunkVersion[]>>;
  blame(call: number, id: string): Promise<Outcome<readonly BlameLine[]>>;
  lineage(call: number, id: string, direction: 'up' | 'down' | 'both'): Promise<Outcome<LineageGraph>>;
  retain(call: number, policy: { keepLast?: number; keepWithinMs?: number }): Promise<Outcome<undefined>>;
  gc(call: number, dryRun: boolean): Promise<Outcome<GcReport>>;
  erase(call: number, id: string, reason: string): Promise<Outcome<ErasureReport>>;
  compact(call: number, budgetMs: number | undefined): Promise<Outcome<CompactionReport>>;
  verify(call: number, against: 'rebuild' | 'checksums'): Promise<Outcome<VerifyReport>>;
  writeItems(call: number, request: ItemsRequest): Promise<Outcome<WriteReport>>;
  searchItems(call: number, of: CollectionKey, vector: Float32Array, ask: ItemsAsk): Promise<Outcome<ItemHits>>;
  searchItemsBatch(call: number, of: CollectionKey, vectors: Float32Array, ask: ItemsAsk): Promise<Outcome<BatchHits>>;
  getItem(
    call: number,
    of: CollectionKey,
    id: string,
    asOf: AsOf | undefined,
  ): Promise<Outcome<StoredItem | undefined>>;
  listItems(call: number, of: CollectionKey, from: number, asOf: AsOf | undefined): Promise<Outcome<Page<StoredItem>>>;
  neighbours(
    call: number,
    of: CollectionKey,
    from: number,
    ask: NeighboursAsk,
    asOf: AsOf | undefined,
  ): Promise<Outcome<Page<NearItems>>>;
  clusters(call: number, of: CollectionKey, ask: ClustersAsk): Promise<Outcome<Clustering>>;
  countItems(
    call: number,
    of: CollectionKey,
    filter: Filter | undefined,
    asOf: AsOf | undefined,
  ): Promise<Outcome<number>>;
  /** @param sampled items to measure the recall on; 0 for none. */
  collectionInfo(call: number, of: CollectionKey, sampled: number): Promise<Outcome<CollectionInfo | undefined>>;
  diffItems(call: number, of: CollectionKey, range: RangeRequest): Promise<Outcome<readonly ItemDelta[]>>;
  eraseItems(call: number, name: string, ids: readonly string[], reason: string): Promise<Outcome<ItemErasureReport>>;
  dropCollection(call: number, name: string): Promise<Outcome<undefined>>;
  collections(call: number): Promise<Outcome<readonly CollectionInfo[]>>;
  /** Keeps the commit of a point in history from being forgotten; answers its id. */
  pin(call: number, pin: string, asOf: AsOf | undefined): Promise<Outcome<string | undefined>>;
  unpin(pin: string): void;
  close(call: number): Promise<Outcome<undefined>>;
  /** Gives a call up. */
  cancel(call: number): void;
  /** Answers while the worker is alive and not stuck. */
  ping(): Promise<true>;
}

/** Worker to page, on the side port. */
export type SideMessage =
  | { readonly kind: 'pull'; readonly call: number }
  | { readonly kind: 'embedder' }
  | { readonly kind: 'builder' }
  | { readonly kind: 'progress'; readonly call: number; readonly progress: Progress }
  | { readonly kind: 'warning'; readonly warning: Warning }
  | { readonly kind: 'status'; readonly role: 'writer' | 'reader' }
  | { readonly kind: 'change'; readonly commit: CommitInfo };

/**
 * Page to worker, on the side port: the documents asked for (`done` after the last), a port to the embedder when one was
 * asked for, and the news that the one before is dead.
 */
export type SideReply =
  | { readonly kind: 'batch'; readonly call: number; readonly docs: readonly Doc[]; readonly done: boolean }
  | { readonly kind: 'items'; readonly call: number; readonly batch: ItemBatch; readonly done: boolean }
  | { readonly kind: 'builder'; readonly port: MessagePort }
  | { readonly kind: 'no-builder'; readonly error: WireError }
  | { readonly kind: 'failed'; readonly call: number; readonly error: WireError }
  | { readonly kind: 'embedder'; readonly port: MessagePort }
  | { readonly kind: 'no-embedder'; readonly error: WireError }
  | { readonly kind: 'embedder-lost'; readonly reason: string };
