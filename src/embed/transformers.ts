// The page side of the transformers.js embedder: options, the name of the space, and one worker after another.
import { AetherError } from '../base/errors.ts';
import type { Embedder, EmbedKind } from '../ports/embedder.ts';
import type { LoadProgress, ModelDevice, ModelDtype, Plan, Pooling } from './model.ts';
import { ModelWorker } from './worker.ts';

export type { LoadProgress, ModelDevice, ModelDtype, Pooling };

/** What {@link transformers} takes. Relative URLs are relative to the page. */
export interface TransformersOptions {
  /** The model's folder below `base`, or its id on the Hugging Face Hub with `allowRemote`. Default `'all-MiniLM-L6-v2'`. */
  model?: string;
  /** URL of the folder that holds the model's folder. Default `'/models/'`. */
  base?: string | URL;
  /** Whether files that `base` has not may be fetched from the Hugging Face Hub. Default false: no foreign request. */
  allowRemote?: boolean;
  /** Branch, tag or commit on the hub. Default `'main'`. */
  revision?: string;
  /** Which file of the model's `onnx` folder: `'q8'` (default) is `model_quantized.onnx`, `'fp32'` is `model.onnx`. */
  dtype?: ModelDtype;
  /** Where the model runs. Default `'wasm'`. */
  device?: ModelDevice;
  /** How token vectors become one. Default: the known model's, else `'mean'`. */
  pooling?: Pooling;
  /** Values of a vector. Known models need none. */
  dims?: number;
  /** Longer texts are cut into windows whose vectors are averaged by tokens. 8 to 8,192; default: the known model's, else 256. */
  maxTokens?: number;
  /**
   * ONNX Runtime's files (npm `onnxruntime-web`, folder `dist`): the folder's URL, or `{ wasm }`, with `mjs` where that does not lie beside
   * it under the same name. `ort-wasm-simd-threaded.wasm` is enough for device `'wasm'`: half as large as the `asyncify` build that the
   * library takes by itself, and faster. Default: beside the library, where bundlers put it; never a CDN.
   */
  wasmPaths?: string | { wasm: string; mjs?: string };
  /**
   * URL of transformers.js as one ES module, its `dist/transformers.min.js`, for pages without a bundler. Default: the bare import
   * `@huggingface/transformers`, which the application's bundler resolves.
   */
  library?: string | URL;
  /** Weight of the lexical channel in hybrid search with this model, 0 to 1. Default 0.5. */
  weight?: number;
  /** Put before queries and before documents. Default: the known model's, else nothing. */
  prefixes?: { query?: string; document?: string };
  /** Called while the model's files arrive; sizes are bytes. */
  onProgress?: (progress: LoadProgress) => void;
}

interface Known {
  readonly dims: number;
  readonly tokensMax: number;
  readonly pooling: Pooling;
  readonly query?: string;
  readonly document?: string;
}

const instruction = 'Represent this sentence for searching relevant passages: ';

/** By the last part of a model's name. */
const known: Readonly<Record<string, Known>> = {
  'all-MiniLM-L6-v2': { dims: 384, tokensMax: 256, pooling: 'mean' },
  'bge-micro-v2': { dims: 384, tokensMax: 512, pooling: 'mean' },
  'bge-small-en-v1.5': { dims: 384, tokensMax: 512, pooling: 'cls', query: instruction },
  'gte-small': { dims: 384, tokensMax: 512, pooling: 'mean' },
  'multilingual-e5-small': { dims: 384, tokensMax: 512, pooling: 'mean', query: 'query: ', document: 'passage: ' },
  'snowflake-arctic-embed-s': { dims: 384, tokensMax: 512, pooling: 'cls', query: instruction },
  'snowflake-arctic-embed-xs': { dims: 384, tokensMax: 512, pooling: 'cls', query: instruction },
};

/**
 * An embedding model run by transformers.js in a worker of its own. Nothing is loaded before the first `embed` or `connect`.
 *
 * ```ts
 * const embedder = transformers({ model: 'all-MiniLM-L6-v2', base: '/models/' });
 * const db = await AetherV.open('notes', { embedder });
 * ```
 *
 * @throws AV_INVALID on an option outside its range, and when `dims` of an unknown model is not given.
 * Its calls reject with AV_MODEL_UNAVAILABLE when library, runtime or model cannot be loaded (the next call tries again),
 * AV_EMBEDDER when the model fails, AV_WORKER_LOST when its worker dies, AV_ABORTED.
 */
export function transformers(options: TransformersOptions = {}): Embedder {
  return new WorkerEmbedder(planOf(options), weightOf(options.weight), options.onProgress);
}

class WorkerEmbedder implements Embedder {
  readonly id: string;
  readonly dims: number;
  readonly weight: number;
  readonly #plan: Plan;
  readonly #onProgress: TransformersOptions['onProgress'];
  #worker: ModelWorker | undefined;

  constructor(plan: Plan, weight: number, onProgress: TransformersOptions['onProgress']) {
    this.id = idOf(plan);
    this.dims = plan.dims;
    this.weight = weight;
    this.#plan = plan;
    this.#onProgress = onProgress;
  }

  async embed(
    texts: readonly string[],
    { kind, signal }: { kind: EmbedKind; signal?: AbortSignal },
  ): Promise<Float32Array> {
    return texts.length === 0 ? new Float32Array(0) : this.#open().ask(texts, kind, signal);
  }

  async connect(onLost: (reason: string) => void): Promise<MessagePort> {
    return this.#open().connect(onLost);
  }

  /** Ends the worker; a later call would start a new one. */
  close(): void {
    this.#worker?.end(new AetherError('AV_CLOSED', 'the embedder was closed.'));
    this.#worker = undefined;
  }

  /** The worker, or a new one in place of one that died or could not load the model. */
  #open(): ModelWorker {
    if (this.#worker?.failure) {
      this.#worker.end(this.#worker.failure);
      this.#worker = undefined;
    }
    this.#worker ??= new ModelWorker(this.#plan, this.#onProgress);
    return this.#worker;
  }
}

/** What the worker is told. @throws AV_INVALID */
export function planOf(options: TransformersOptions, task: Plan['task'] = 'embed'): Plan {
  const model = options.model ?? 'all-MiniLM-L6-v2';
  const recipe = known[model.slice(model.lastIndexOf('/') + 1)];
  const dims = options.dims ?? recipe?.dims;
  if (dims === undefined)
    throw invalid(`dims of the model "${model}" are not known. Give dims, the length of its vectors.`);
  mustBeWithin('dims', dims, 8192, 1);
  const tokensMax = options.maxTokens ?? recipe?.tokensMax ?? 256;
  mustBeWithin('maxTokens', tokensMax, 8192, 8);
  return {
    task,
    model,
    base: folderUrl(options.base ?? '/models/'),
    allowRemote: options.allowRemote ?? false,
    revision: options.revision ?? 'main',
    dtype: options.dtype ?? 'q8',
    device: options.device ?? 'wasm',
    pooling: options.pooling ?? recipe?.pooling ?? 'mean',
    dims,
    tokensMax,
    prefixes: {
      query: options.prefixes?.query ?? recipe?.query ?? '',
      document: options.prefixes?.document ?? recipe?.document ?? '',
    },
    library: options.library === undefined ? undefined : absolute(options.library),
    wasmPaths: wasmPathsOf(options.wasmPaths),
  };
}

/** Names everything that changes vectors; where the files lie does not. */
function idOf({ model, revision, dtype, device, pooling, tokensMax, prefixes }: Plan): string {
  const numerics = device === 'wasm' ? 'cpu' : 'gpu';
  const at = revision === 'main' ? '' : `@${revision}`;
  const before = prefixes.query || prefixes.document ? JSON.stringify([prefixes.query, prefixes.document]) : '';
  return `transformers:${model}${at}:${dtype}-${numerics}:${pooling}-${tokensMax}:unit${before}`;
}

function wasmPathsOf(paths: TransformersOptions['wasmPaths']): Plan['wasmPaths'] {
  if (paths === undefined) return undefined;
  if (typeof paths === 'string') return folderUrl(paths);
  // The library holds the code that goes with the asyncify build; with another one it would wait for ever.
  const twin = /-threaded(\.jspi|\.jsep)?\.wasm$/.test(paths.wasm) ? paths.wasm.replace(/wasm$/, 'mjs') : undefined;
  const mjs = paths.mjs ?? twin;
  return { wasm: absolute(paths.wasm), ...(mjs === undefined ? {} : { mjs: absolute(mjs) }) };
}

function folderUrl(url: string | URL): string {
  return absolute(url).replace(/\/*$/, '/');
}

/** The worker may be a blob: it cannot resolve relative URLs. */
function absolute(url: string | URL): string {
  if (typeof location === 'undefined') return String(url);
  return new URL(url, typeof document === 'undefined' ? location.href : document.baseURI).href;
}

function weightOf(weight = 0.5): number {
  if (!(weight >= 0 && weight <= 1)) throw invalid(`weight is ${weight}. Give a number from 0 to 1.`);
  return weight;
}

function mustBeWithin(name: string, value: number, most: number, least: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw invalid(`${name} is ${value}. Give an integer from ${least} to ${most}.`);
}

function invalid(message: string): AetherError {
  return new AetherError('AV_INVALID', message);
}
