// Receipts: what a write did, what a commit holds, what a database is made of.

import type { RecallInfo } from './vectors.ts';

/** What a write did: documents, chunks, tokens (words). */
export interface WriteReport {
  /** Id of the commit; of the head when nothing changed. */
  readonly commit: string;
  /** Its place on the time axis of the database. */
  readonly seq: number;
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly deleted: number;
  /** Chunks of the documents that were added or updated. */
  readonly chunks: number;
  /** Distinct embedding inputs that went through the model. */
  readonly embedded: number;
  /** Chunks whose vector was there already. */
  readonly reused: number;
  /** Chunks left without a vector: no embedder, or `wait: 'lexical'`. */
  readonly skipped: number;
  /** Words that went through the model, heading paths included; and words of changed documents that did not have to. */
  readonly tokensEmbedded: number;
  readonly tokensReused: number;
  /** `strict`: on disk; `relaxed`: survives the death of the process; `memory`: gone with the page. */
  readonly durable: Durability | 'memory';
  /** Milliseconds in the engine, from its turn to the end of the commit. */
  readonly ms: number;
}

/** How a write is acknowledged. */
export type Durability = 'strict' | 'relaxed';

/** One commit of the history. */
export interface CommitInfo {
  readonly id: string;
  readonly seq: number;
  /** The commit before; of a merge, the branch merged into and the one merged. */
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: string;
  /** Milliseconds since 1970, strictly rising with seq. */
  readonly time: number;
  readonly stats: CommitStats;
}

/** The counts of a {@link WriteReport} that stay with the commit. */
export interface CommitStats {
  readonly added: number;
  readonly updated: number;
  readonly deleted: number;
  readonly chunks: number;
  readonly embedded: number;
  readonly reused: number;
  /** 0 for commits of the first format. */
  readonly tokensEmbedded: number;
  readonly tokensReused: number;
}

/** Progress of a long call. */
export interface Progress {
  readonly phase: 'prepare' | 'embed' | 'index' | 'write' | 'load' | 'upgrade';
  /** Documents, bytes or chunks done, by phase. */
  readonly done: number;
  /** Of how many, where known. */
  readonly total?: number | undefined;
  /** What is being loaded, in phase `load`. */
  readonly file?: string | undefined;
}

/** What is in a database. */
export interface Info {
  readonly name: string | undefined;
  readonly role: 'writer' | 'reader';
  readonly head: { readonly commit: string; readonly seq: number } | undefined;
  /** The branch this handle writes to; undefined while it stands on a tag or a commit. */
  readonly branch: string | undefined;
  readonly commits: number;
  /** Documents and chunks that are live at the head. */
  readonly documents: number;
  readonly chunks: number;
  /** Chunk versions ever stored. */
  readonly chunkVersions: number;
  /** Distinct embedding inputs with a vector of the active space in this tab; one that reads has those of the log computed as it searches. */
  readonly contents: number;
  readonly segments: number;
  readonly walFrames: number;
  /** Bytes of segments and log handed to the store, before padding. */
  readonly bytes: number;
  readonly embedding: { readonly space: string; readonly dims: number; readonly texts: number; readonly ms: number };
  /** Milliseconds of opening inside the worker. */
  readonly openMs: number;
  readonly gpu: GpuInfo;
}

/** Whether batches may be scored by the GPU: `auto` (default), where a real one is quicker; `force`, whenever it can. */
export type GpuMode = 'off' | 'auto' | 'force';

/** How the GPU can fail: device lost, refused by WebGPU, out of memory, wrong scores, too slow. */
export type GpuFault = 'lost' | 'validation' | 'memory' | 'numbers' | 'timeout';

/** The GPU of this worker. */
export interface GpuInfo {
  readonly mode: GpuMode;
  /** What the adapter calls itself; undefined before it was looked for. */
  readonly adapter: string | undefined;
  /** It computes on the CPU. */
  readonly software: boolean;
  /**
   * What of its offers the kernels use: `packed`, products of packed integers for rows as codes; `subgroups`, for the best rows of each tile. Where
   * it does not offer one, another kernel does the same without.
   */
  readonly uses: readonly ('packed' | 'subgroups')[];
  /** `idle`: not looked for yet, or to be got again; `unavailable`: for good. */
  readonly state: 'idle' | 'ready' | 'unavailable';
  readonly why: string;
  /** Compiled at warm-up, and the milliseconds it took. None is compiled later. */
  readonly pipelines: number;
  readonly warmupMs: number;
  /** Batches that it scored. */
  readonly batches: number;
  readonly faults: Readonly<Partial<Record<GpuFault, number>>>;
  /** How often a device was got again after a failure; at most twice. */
  readonly reacquired: number;
  /** Rows of vectors in its memory, and their bytes. */
  readonly rows: number;
  readonly bytes: number;
  /** Measured, of it and of the engine: milliseconds of a call, nanoseconds for each product of a row, a query and a dimension. */
  readonly speeds: { readonly gpu: GpuSpeed; readonly cpu: GpuSpeed } | undefined;
}

/** See {@link GpuInfo.speeds}. */
export interface GpuSpeed {
  readonly callMs: number;
  readonly productNs: number;
}

/**
 * What `metrics()` counts: in this worker, since the database was opened. The names are these and no others, each ends with its unit, and those
 * with `_total` only grow.
 */
export interface Metrics {
  /** Batches that the GPU scored. */
  readonly gpu_batches_total: number;
  /** Failures of the GPU by kind, see {@link GpuFault}; each batch was answered without it. */
  readonly gpu_faults_lost_total: number;
  readonly gpu_faults_validation_total: number;
  readonly gpu_faults_memory_total: number;
  readonly gpu_faults_numbers_total: number;
  readonly gpu_faults_timeout_total: number;
  /** Devices got again after a failure; at most 2. */
  readonly gpu_reacquired_total: number;
  /** Pipelines compiled, over all devices; and those of them after a device was warmed up: 0, or something is wrong. */
  readonly gpu_pipelines_compiled_total: number;
  readonly gpu_pipelines_compiled_after_warmup_total: number;
  /** Writes of rows to the GPU's memory, and their bytes with padding. */
  readonly gpu_uploads_total: number;
  readonly gpu_uploaded_bytes_total: number;
  /** Segments that gave way to others there. */
  readonly gpu_evictions_total: number;
  /** What rows take there now, and how many they are. */
  readonly gpu_resident_bytes: number;
  readonly gpu_resident_rows: number;
}

/** What this browser offers and what is used of it. */
export interface Capabilities {
  readonly wasm: { readonly build: WasmBuild; readonly why: string };
  readonly storage: {
    readonly kind: 'indexeddb' | 'opfs' | 'memory';
    readonly durability: Durability | 'memory';
    readonly why: string;
  };
  readonly space: { readonly id: string; readonly dims: number; readonly why: string };
  readonly gpu: { readonly adapter: string | undefined; readonly why: string };
  readonly worker: { readonly how: string };
}

/** The three builds of the engine. */
export type WasmBuild = 'relaxed' | 'simd128' | 'scalar';

/** A stored database. */
export interface DatabaseInfo {
  readonly name: string;
}

/** Something the user should know that is no failure of a call. */
export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** The outcome of `verify`. */
export interface VerifyReport {
  readonly against: 'rebuild' | 'checksums';
  readonly ok: boolean;
  /** Stored pieces and documents looked at. */
  readonly pieces: number;
  readonly documents: number;
  /** `rebuild`: mean share of the top 10 that agrees over `queries` questions made from the documents. */
  readonly queries: number;
  readonly overlapAt10: number;
  /** Live chunks that no vector reaches, and hits that are not the current text. */
  readonly unreachable: number;
  readonly stale: number;
  /**
   * `rebuild`: of each collection with a graph how much a search finds of the 10 items that are exactly nearest, measured with up to 200 of its own
   * vectors. It is for whoever reads it to judge: `ok` does not depend on it.
   */
  readonly collections: readonly { readonly name: string; readonly recall: RecallInfo }[];
  /** What differs, in words; at most 100. */
  readonly differences: readonly string[];
  readonly ms: number;
}
