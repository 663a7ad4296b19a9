// The page side of a cross-encoder run by transformers.js: options, and pairs sent to its worker one by one.
import { AetherError } from '../base/errors.ts';
import type { Reranker } from '../ports/reranker.ts';
import { planOf, type TransformersOptions } from './transformers.ts';
import { ModelWorker } from './worker.ts';

/** What {@link crossEncoder} takes; as for `transformers`, but `model` is required and `maxTokens` of query and text together. */
export type CrossEncoderOptions = Omit<TransformersOptions, 'model' | 'pooling' | 'dims' | 'weight' | 'prefixes'> & {
  /** The folder below `base` of a model for text classification, or its id on the hub: `'ms-marco-MiniLM-L-6-v2'`, ... */
  model: string;
};

const TOKENS_MAX = 512;

/**
 * A model that reads query and text together, run by transformers.js in a worker of its own. Nothing is loaded before the first
 * search that asks for it.
 *
 * ```ts
 * const db = await AetherV.open('notes', { reranker: crossEncoder({ model: 'ms-marco-MiniLM-L-6-v2' }) });
 * const hits = await db.search('how do I turn on hot reload?', { rerank: true });
 * ```
 *
 * @throws AV_INVALID on an option outside its range. Its calls reject with AV_MODEL_UNAVAILABLE when library, runtime or model cannot be
 * loaded (the next call tries again), AV_EMBEDDER when the model gives no score, AV_WORKER_LOST when its worker dies, AV_ABORTED.
 */
export function crossEncoder(options: CrossEncoderOptions): Reranker {
  const plan = planOf({ maxTokens: TOKENS_MAX, ...options, dims: 1 }, 'score');
  let worker: ModelWorker | undefined;
  const end = (error: AetherError | undefined): void => {
    if (error) worker?.end(error);
    worker = undefined;
  };
  return {
    id: `transformers:${plan.model}:${plan.dtype}`,
    async score(query, texts, { signal } = {}) {
      if (worker?.failure) end(worker.failure);
      const asked = worker ?? new ModelWorker(plan, options.onProgress);
      worker = asked;
      const scores = texts.map((text) => asked.ask([query, text], 'query', signal));
      return (await Promise.all(scores)).map(([score = Number.NaN]) => score);
    },
    close: () => end(new AetherError('AV_CLOSED', 'the reranker was closed.')),
  };
}
