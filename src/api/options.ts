// What a database can be opened with, and what the page checks before anything is sent.

import { AetherError } from '../base/errors.ts';
import { DIMS_MAX, NAME_CHARS_MAX } from '../base/limits.ts';
import { isWellFormed } from '../base/text.ts';
import type { Durability, GpuMode, Progress, WasmBuild } from '../model/report.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { Reranker } from '../ports/reranker.ts';
import { checkKeys, describe, invalid, oneOf } from './validate.ts';

/** Options of `AetherV.open`. */
export interface OpenOptions {
  /**
   * The model. Default `'auto'`: the embedded static table, 256 dimensions, English, nothing to download but its 2 MB
   * file from beside the script. `import { transformers } from 'aetherv/transformers'` gives a transformer.
   */
  readonly embedder?: 'auto' | Embedder | undefined;
  /**
   * The model of searches with `rerank`. None by default. `import { crossEncoder } from 'aetherv/transformers'` gives one.
   */
  readonly reranker?: Reranker | undefined;
  /**
   * When a write is acknowledged. `'strict'` (default): the browser has told the disk to keep it. `'relaxed'`: survives
   * the death of the browser, not of the machine; faster.
   */
  readonly durability?: Durability | undefined;
  /** The database was built with another model. `'error'` (default): `AV_MODEL_MISMATCH`; `'upgrade'`: embed what lives with the new one. */
  readonly onModelChange?: 'error' | 'upgrade' | undefined;
  /**
   * Where a named database lies. Default `'auto'`: in IndexedDB. `'opfs'`: vectors and items of large collections in files of the origin's private file
   * system, which are opened and paged several times faster; each is flushed before it counts, but whether its name outlives a power failure
   * is the browser's affair. Where there is none, IndexedDB and a warning. `'memory'`: nowhere.
   */
  readonly store?: 'auto' | 'opfs' | 'memory' | undefined;
  /**
   * Bytes of memory that collections of vectors may take together, default 256 MiB. Codes, graphs and items are always there; of vectors at
   * full precision those that fit, and the others are read from storage where a search needs them. The text index is not counted.
   */
  readonly memoryBudgetBytes?: number | undefined;
  /**
   * Whether batches of queries over documents or a collection may be scored by the GPU; hits are the same. `'auto'` (default): where a real one is measured to be
   * quicker; `'force'`: whenever it can, also by a software adapter, and opening fails with `AV_GPU` without any; `'off'`.
   */
  readonly gpu?: GpuMode | undefined;
  /** Bytes of vectors that may lie in the GPU's memory, from 1. Default 1 GiB. Collections that are larger lie there as codes, or are left to the CPU. */
  readonly gpuBytesMax?: number | undefined;
  /** Where the parts of the library are, if not beside its script. */
  readonly assets?: Assets | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Addresses of the library's parts. */
export interface Assets {
  /** The engine worker's script. */
  readonly workerUrl?: string | undefined;
  /** The engines, one per build. */
  readonly wasmUrl?: Readonly<Record<WasmBuild, string>> | undefined;
  /** The engines of vector collections, one per build; fetched when a collection is first used. */
  readonly vectorsUrl?: Readonly<Record<WasmBuild, string>> | undefined;
  /** The script of the worker that builds graphs of vector collections. */
  readonly builderUrl?: string | undefined;
  /** The stemmers of other languages than English. */
  readonly stemsUrl?: string | undefined;
  /** The embedding table. */
  readonly tableUrl?: string | undefined;
}

const KNOWN = [
  'embedder',
  'reranker',
  'durability',
  'onModelChange',
  'store',
  'memoryBudgetBytes',
  'gpu',
  'gpuBytesMax',
  'assets',
  'onProgress',
  'signal',
];

/** Throws `AV_INVALID`, `AV_LIMIT` or `AV_TEXT_ENCODING` for a name that cannot be one. */
export function checkName(name: unknown): void {
  if (typeof name !== 'string' || name === '')
    throw invalid('a database name must be a string that is not empty; leave it out for a database in memory');
  if (name.length > NAME_CHARS_MAX)
    throw new AetherError(
      'AV_LIMIT',
      `the database name has ${name.length} characters; at most ${NAME_CHARS_MAX} are allowed`,
    );
  if (!isWellFormed(name)) throw new AetherError('AV_TEXT_ENCODING', 'the database name holds a lone surrogate');
}

/** Throws `AV_INVALID` or `AV_LIMIT` for options that make no sense. */
export function checkOptions(options: OpenOptions): void {
  checkKeys(options, KNOWN);
  oneOf('durability', options.durability, ['strict', 'relaxed']);
  oneOf('onModelChange', options.onModelChange, ['error', 'upgrade']);
  const { memoryBudgetBytes: budget } = options;
  if (budget !== undefined && (!Number.isSafeInteger(budget) || budget < 0))
    throw invalid(
      `option memoryBudgetBytes is ${typeof budget === 'number' ? budget : describe(budget)}; it must be a whole number from 0`,
    );
  oneOf('store', options.store, ['auto', 'opfs', 'memory']);
  oneOf('gpu', options.gpu, ['off', 'auto', 'force']);
  const { gpuBytesMax = 1 } = options;
  if (!(typeof gpuBytesMax === 'number' && gpuBytesMax >= 1))
    throw invalid(`option gpuBytesMax is ${String(gpuBytesMax)}; it must be a number from 1`);
  if (options.embedder !== undefined && options.embedder !== 'auto') checkEmbedder(options.embedder);
  if (options.reranker !== undefined && typeof (options.reranker as Partial<Reranker> | null)?.score !== 'function')
    throw invalid('option reranker must be an object with id and score(query, texts, options)');
}

function checkEmbedder(embedder: Embedder): void {
  if (typeof embedder !== 'object' || embedder === null || typeof embedder.embed !== 'function')
    throw invalid("option embedder must be 'auto' or an object with id, dims and embed(texts, options)");
  if (typeof embedder.id !== 'string' || embedder.id === '')
    throw invalid('the embedder needs an id: it names the embedding space');
  if (!Number.isInteger(embedder.dims) || embedder.dims < 1)
    throw invalid(`the embedder has dims ${embedder.dims}; it must be a whole number from 1`);
  if (embedder.dims > DIMS_MAX)
    throw new AetherError('AV_LIMIT', `the embedder has ${embedder.dims} dimensions; at most ${DIMS_MAX} are allowed`);
  if (embedder.weight !== undefined && !(embedder.weight >= 0 && embedder.weight <= 1))
    throw invalid(`the embedder has weight ${embedder.weight}; it must be 0 to 1`);
}
