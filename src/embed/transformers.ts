// The page side of the transformers.js embedder: options, the space's name, and the life of the worker that runs the model.
import { AetherError, fromWire } from '../base/errors.ts';
import type { Embedder, EmbedKind, EmbedReply, EmbedRequest } from '../ports/embedder.ts';
import type { LoadProgress, ModelDevice, ModelDtype, Plan, Pooling } from './model.ts';
import type { FromWorker, ToWorker } from './pipeline.ts';
import workerUrl from '../../workers/embed.worker.ts?worker&url';

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
   * ONNX Runtime's files: a folder's URL, or the file's, `{ wasm }`, with `mjs` when it is not the build that the library expects
   * (`ort-wasm-simd-threaded.asyncify.wasm`). Default: beside the library, where bundlers put it; never a CDN.
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
  #line: Line | undefined;

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
    if (signal?.aborted) throw aborted();
    return texts.length === 0 ? new Float32Array(0) : this.#open().ask(texts, kind, signal);
  }

  async connect(): Promise<MessagePort> {
    return this.#open().connect();
  }

  /** Ends the worker; a later call would start a new one. */
  close(): void {
    this.#line?.end(new AetherError('AV_CLOSED', 'the embedder was closed.'));
    this.#line = undefined;
  }

  /** The worker, or a new one in place of one that died or could not load the model. */
  #open(): Line {
    if (this.#line?.failure) {
      this.#line.end(this.#line.failure);
      this.#line = undefined;
    }
    this.#line ??= new Line(this.#plan, this.#onProgress);
    return this.#line;
  }
}

/** One worker and the page's own port to it. */
class Line {
  /** Why no further call should use this worker. */
  failure: AetherError | undefined;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #pending = new Map<number, { resolve(vectors: Float32Array): void; reject(error: AetherError): void }>();
  readonly #started = deferred<void>();
  #runs = false;
  #calls = 0;

  constructor(plan: Plan, onProgress: TransformersOptions['onProgress']) {
    this.#worker = spawn();
    // Unique: it names one worker.
    const lock = `aetherv-embedder-${performance.timeOrigin}-${Math.random()}`;
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      if (data.about === 'progress') onProgress?.(data.progress);
      else if (data.about === 'failed') this.failure = fromWire(data.error);
      else {
        this.#runs = true;
        this.#started.resolve();
        // Granted when the worker is gone, also where it ended without an error.
        void navigator.locks?.request(lock, () => this.#died('it ended'));
      }
    });
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#died(event.message);
    });
    // Who connects hears of a failure; nobody else has to.
    this.#started.promise.catch(() => undefined);
    this.#send({ plan, lock });
    this.#port = this.#channel();
    this.#port.onmessage = ({ data }: MessageEvent<EmbedReply>) => this.#settle(data);
  }

  /** A new port, once it is known that the worker's script runs; the model may still be on its way. */
  async connect(): Promise<MessagePort> {
    await this.#started.promise;
    return this.#channel();
  }

  ask(texts: readonly string[], kind: EmbedKind, signal: AbortSignal | undefined): Promise<Float32Array> {
    const call = ++this.#calls;
    const { promise, resolve, reject } = deferred<Float32Array>();
    const giveUp = () => {
      this.#pending.delete(call);
      this.#port.postMessage({ call, cancel: true });
      reject(aborted());
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    this.#pending.set(call, { resolve, reject });
    this.#port.postMessage({ call, texts, kind } satisfies EmbedRequest);
    return promise.finally(() => signal?.removeEventListener('abort', giveUp));
  }

  /** Ends the worker; calls in flight reject with `error`. */
  end(error: AetherError): void {
    this.failure ??= error;
    this.#worker.terminate();
    this.#port.close();
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#started.reject(error);
  }

  #channel(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#send({ port: port2 }, [port2]);
    return port1;
  }

  #settle(reply: EmbedReply): void {
    const asked = this.#pending.get(reply.call);
    this.#pending.delete(reply.call);
    if ('vectors' in reply) asked?.resolve(reply.vectors);
    else asked?.reject(fromWire(reply.error as Parameters<typeof fromWire>[0]));
  }

  #died(reason: string): void {
    if (this.failure) return;
    const lost = new AetherError(
      'AV_WORKER_LOST',
      `the embedder's worker died (${reason}). Call again: a new one starts.`,
    );
    const missing = `the embedder's worker could not be started from ${workerUrl} (${reason || 'not a script'}). Serve that file.`;
    this.end(this.#runs ? lost : new AetherError('AV_MODEL_UNAVAILABLE', missing));
  }

  #send(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}

function spawn(): Worker {
  if (typeof Worker === 'undefined') {
    throw new AetherError(
      'AV_MODEL_UNAVAILABLE',
      'this place has no workers to run a model in. Use transformers() in a page.',
    );
  }
  if (new URL(import.meta.url).origin === location.origin) {
    return new Worker(new URL('../../workers/embed.worker.ts', import.meta.url), { type: 'module' });
  }
  // A page may not start another origin's file as a worker, but a module of its own may import it.
  const text = `import ${JSON.stringify(new URL(workerUrl, import.meta.url))};`;
  return new Worker(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })), { type: 'module' });
}

function planOf(options: TransformersOptions): Plan {
  const model = options.model ?? 'all-MiniLM-L6-v2';
  const recipe = known[model.slice(model.lastIndexOf('/') + 1)];
  const dims = options.dims ?? recipe?.dims;
  if (dims === undefined)
    throw invalid(`dims of the model "${model}" are not known. Give dims, the length of its vectors.`);
  mustBeWithin('dims', dims, 8192, 1);
  const tokensMax = options.maxTokens ?? recipe?.tokensMax ?? 256;
  mustBeWithin('maxTokens', tokensMax, 8192, 8);
  return {
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
  return { wasm: absolute(paths.wasm), ...(paths.mjs === undefined ? {} : { mjs: absolute(paths.mjs) }) };
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

function aborted(): AetherError {
  return new AetherError('AV_ABORTED', 'embedding was given up through its AbortSignal.');
}

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: AetherError) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
