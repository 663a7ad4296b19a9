// A model run by transformers.js: where its files come from, how texts are cut, how token vectors are pooled, how a pair is scored.
import { AetherError } from '../base/errors.ts';
import type { EmbedKind } from '../ports/embedder.ts';

export type Pooling = 'mean' | 'cls' | 'last_token';
export type ModelDtype = 'fp32' | 'fp16' | 'q8' | 'int8' | 'uint8' | 'q4' | 'q4f16' | 'bnb4';
export type ModelDevice = 'wasm' | 'webgpu';

/** How much of the model's files has arrived; `done` and `total` are bytes of all files seen so far. */
export interface LoadProgress {
  readonly phase: 'load';
  readonly done: number;
  readonly total: number;
  readonly file: string;
}

/** What the worker has to know; URLs are absolute, folders end with a slash. */
export interface Plan {
  /** Vectors of texts, or how well a text answers a query. */
  readonly task: 'embed' | 'score';
  readonly model: string;
  readonly base: string;
  readonly allowRemote: boolean;
  readonly revision: string;
  readonly dtype: ModelDtype;
  readonly device: ModelDevice;
  readonly pooling: Pooling;
  readonly dims: number;
  readonly tokensMax: number;
  readonly prefixes: Readonly<Record<EmbedKind, string>>;
  readonly library: string | undefined;
  readonly wasmPaths: string | { wasm: string; mjs?: string } | undefined;
}

type Library = typeof import('@huggingface/transformers');

/** A loaded model with its tokenizer. */
export type Model = Encoder | Scorer;

export interface Encoder {
  /** Token ids of the windows of a text; none when it has nothing to say. */
  windows(text: string, kind: EmbedKind): number[][];
  /** One vector of unit length per window, row-major. */
  vectors(windows: readonly (readonly number[])[]): Promise<Float32Array>;
}

export interface Scorer {
  /** The higher, the better the text answers the query; both are cut to what the model takes. */
  score(query: string, text: string): Promise<number>;
}

/** What the forward pass gives, in the part that is used here. */
interface Output {
  readonly dims: readonly number[];
  to(type: 'float32'): { readonly data: Float32Array };
}

/** Loads library, tokenizer and model. @throws AV_MODEL_UNAVAILABLE with what to do. */
export async function loadModel(plan: Plan, onProgress: (progress: LoadProgress) => void): Promise<Model> {
  const library = await importLibrary(plan.library);
  const missing: string[] = [];
  configure(library.env, plan, missing);
  const options = { revision: plan.revision, progress_callback: progressTo(onProgress) };
  try {
    const tokenizer = await library.AutoTokenizer.from_pretrained(plan.model, options);
    const kind = plan.task === 'score' ? library.AutoModelForSequenceClassification : library.AutoModel;
    const network = await kind.from_pretrained(plan.model, { ...options, dtype: plan.dtype, device: plan.device });
    mustFit(plan, Number(tokenizer.model_max_length));
    if (plan.task === 'score') {
      const inputs = (query: string, text: string) =>
        tokenizer(query, { text_pair: text, truncation: true, max_length: plan.tokensMax });
      const scorer: Scorer = { score: async (query, text) => scoreIn(await network(inputs(query, text)), plan) };
      await scorer.score('warm', 'warm');
      return scorer;
    }
    const model: Encoder = {
      windows: windowsBy((text, specials) => tokenizer.encode(text, { add_special_tokens: specials }), plan),
      async vectors(windows) {
        const { ids, mask, shape } = padded(windows);
        const inputs = {
          input_ids: new library.Tensor('int64', ids, shape),
          attention_mask: new library.Tensor('int64', mask, shape),
        };
        const outputs: Record<string, Output | undefined> = await network(inputs);
        return pool(outputs.last_hidden_state ?? outputs.token_embeddings, windows, plan);
      },
    };
    // Finds out at once whether the runtime works and the vectors are as long as said.
    await model.vectors(model.windows('warm', 'query'));
    return model;
  } catch (error) {
    throw error instanceof AetherError ? error : unavailable(plan, error, missing);
  }
}

async function importLibrary(url: string | undefined): Promise<Library> {
  try {
    if (url === undefined) return await import('@huggingface/transformers');
    const module: Library = await import(/* @vite-ignore */ /* webpackIgnore: true */ url);
    return module;
  } catch (error) {
    const help =
      url === undefined
        ? 'Install it beside aetherv when a bundler builds the page; without one give library, the URL of its dist/transformers.min.js.'
        : 'Serve its dist/transformers.min.js there.';
    const from = url === undefined ? '' : ` from ${url}`;
    throw new AetherError(
      'AV_MODEL_UNAVAILABLE',
      `@huggingface/transformers could not be loaded${from} (${String(error)}). ${help}`,
    );
  }
}

/** `missing` takes the URLs that the server has not. */
function configure(env: Library['env'], plan: Plan, missing: string[]): void {
  const wasm = env.backends.onnx.wasm;
  if (wasm) {
    // The library's own setting is a CDN. Undefined: the files beside the script that holds ONNX Runtime.
    Object.assign(wasm, { wasmPaths: plan.wasmPaths });
    wasm.numThreads = globalThis.crossOriginIsolated ? Math.min(4, Math.ceil(navigator.hardwareConcurrency / 2)) : 1;
  }
  env.useWasmCache = false;
  env.logLevel = 40;
  env.allowLocalModels = true;
  env.allowRemoteModels = plan.allowRemote;
  // What the page's own server has is the HTTP cache's business; a model from the hub is kept.
  env.useBrowserCache = plan.allowRemote && 'caches' in globalThis;
  // A path: the library takes absolute URLs for foreign ones. They are made whole below, because a blob worker has no base.
  env.localModelPath = new URL(plan.base).pathname;
  const unread = new Map<string, Response>();
  env.fetch = async (input: string | URL, init?: RequestInit) => {
    const url = new URL(input, plan.base);
    const ranged = new Headers(init?.headers).has('range');
    // The library asks for a file's size first and leaves the body: that answer is as good for the second time.
    const earlier = ranged ? undefined : unread.get(url.href);
    if (earlier && !earlier.bodyUsed) return earlier;
    const response = await fetch(url, init).catch(() => new Response(null, { status: 404 }));
    // Some servers answer what they do not have with their start page.
    const isPage = response.headers.get('content-type')?.startsWith('text/html');
    if (!response.ok || isPage) {
      if (!missing.includes(url.href)) missing.push(url.href);
      return new Response(null, { status: isPage ? 404 : response.status });
    }
    if (!ranged) unread.set(url.href, response);
    return response;
  };
}

function progressTo(onProgress: (progress: LoadProgress) => void) {
  const files = new Map<string, { loaded: number; total: number }>();
  return (event: { status: string; file?: string; loaded?: number; total?: number }) => {
    if (event.status !== 'progress' || event.file === undefined) return;
    const loaded = event.loaded ?? 0;
    files.set(event.file, { loaded, total: event.total ?? loaded });
    const all = [...files.values()];
    const done = all.reduce((sum, file) => sum + file.loaded, 0);
    const total = all.reduce((sum, file) => sum + file.total, 0);
    onProgress({ phase: 'load', done, total, file: event.file });
  };
}

function mustFit({ model, tokensMax }: Plan, most: number): void {
  if (tokensMax <= most) return;
  throw new AetherError(
    'AV_INVALID',
    `maxTokens is ${tokensMax}, but model "${model}" takes ${most}. Give at most that.`,
  );
}

function unavailable(plan: Plan, error: unknown, missing: readonly string[]): AetherError {
  const said = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
  const reason = missing.length > 0 && !/backend/i.test(said) ? `missing: ${missing.join(', ')}` : said;
  const where = new URL(plan.base).href + (plan.allowRemote ? ' or the Hugging Face Hub' : '');
  const message = `model "${plan.model}" could not be loaded from ${where} (${reason}). ${advice(reason)}`;
  return new AetherError('AV_MODEL_UNAVAILABLE', message);
}

function advice(reason: string): string {
  if (/unsupported device/i.test(reason)) return "Use device: 'wasm'.";
  if (/backend/i.test(reason))
    return 'Serve ort-wasm-simd-threaded.wasm and .mjs of onnxruntime-web/dist from this origin and give the URL: wasmPaths: { wasm }.';
  return "Put the model's folder there (config.json, tokenizer.json, tokenizer_config.json, and for q8 onnx/model_quantized.onnx), give base, or set allowRemote: true.";
}

/** Cuts texts into windows of nearly equal length. */
function windowsBy(encode: (text: string, specials: boolean) => number[], plan: Plan): Encoder['windows'] {
  // What stands before and after every text, as [CLS] and [SEP].
  const around = encode('', true);
  const sample = encode('a', true);
  const before = around.filter((id, at) => id === sample[at]);
  const after = around.slice(before.length);
  const most = plan.tokensMax - around.length;
  return (text, kind) => {
    const ids = text.trim() === '' ? [] : encode(plan.prefixes[kind] + text, false);
    const length = Math.ceil(ids.length / Math.ceil(ids.length / most));
    const windows: number[][] = [];
    for (let from = 0; from < ids.length; from += length)
      windows.push([...before, ...ids.slice(from, from + length), ...after]);
    return windows;
  };
}

function padded(windows: readonly (readonly number[])[]) {
  const longest = Math.max(...windows.map((ids) => ids.length));
  const ids = new BigInt64Array(windows.length * longest);
  const mask = new BigInt64Array(windows.length * longest);
  windows.forEach((window, row) => {
    ids.set(window.map(BigInt), row * longest);
    mask.fill(1n, row * longest, row * longest + window.length);
  });
  return { ids, mask, shape: [windows.length, longest] };
}

/** Of a model with one label its logit; of one with several that of the last, `relevant`. */
function scoreIn({ logits }: { logits?: Output }, { model }: Plan): number {
  const score = logits?.to('float32').data.at(-1);
  if (score === undefined)
    throw new AetherError('AV_EMBEDDER', `model "${model}" gives no score of a pair. Use a cross-encoder.`);
  return score;
}

/** One vector per window from one per token. */
function pool(
  output: Output | undefined,
  windows: readonly (readonly number[])[],
  { pooling, dims, model }: Plan,
): Float32Array {
  const [, longest = 0, width = 0] = output?.dims ?? [];
  if (!output || width === 0)
    throw new AetherError('AV_EMBEDDER', `model "${model}" gives no token vectors. Use a sentence embedding model.`);
  if (width !== dims)
    throw new AetherError(
      'AV_DIM_MISMATCH',
      `vectors of model "${model}" have ${width} values, dims says ${dims}. Give dims: ${width}.`,
    );
  const tokens = output.to('float32').data;
  const vectors = new Float32Array(windows.length * dims);
  windows.forEach(({ length }, row) => {
    const vector = vectors.subarray(row * dims, (row + 1) * dims);
    const from = pooling === 'last_token' ? length - 1 : 0;
    const to = pooling === 'cls' ? 1 : length;
    for (let token = from; token < to; token += 1) {
      const start = (row * longest + token) * dims;
      addScaled(vector, tokens.subarray(start, start + dims), 1);
    }
  });
  return unit(vectors, dims);
}

/** Adds `factor` times `from`. */
export function addScaled(to: Float32Array, from: Float32Array, factor: number): void {
  from.forEach((value, at) => {
    to[at] = (to[at] ?? 0) + factor * value;
  });
}

/** Brings every row to length 1, in place; rows of zeros stay. */
export function unit<T extends Float32Array>(rows: T, dims: number): T {
  for (let start = 0; start < rows.length; start += dims) {
    const row = rows.subarray(start, start + dims);
    const length = Math.hypot(...row);
    if (length > 0) row.set(row.map((value) => value / length));
  }
  return rows;
}
