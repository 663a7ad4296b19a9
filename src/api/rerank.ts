// The best hits in the order of a model that reads query and text together. The texts are those of the hits: of the view searched.

import { AetherError } from '../base/errors.ts';
import { HITS_MAX } from '../base/limits.ts';
import type { Hit, Query, SearchOptions } from '../model/query.ts';
import type { Reranker } from '../ports/reranker.ts';
import { checkKeys, invalid, isPlainObject } from './validate.ts';

const HITS_DEFAULT = 20;

/** What a search that reranks has to know. */
export interface Reranking {
  readonly model: Reranker;
  readonly query: string;
  /** How many hits the model reads. */
  readonly n: number;
}

/** How long the model may take. */
interface Limits {
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Whether and how a search reranks; throws for what makes no sense. */
export function rerankingOf(
  query: string | Float32Array | Query,
  { rerank, sort, mmr }: SearchOptions,
  model: Reranker | undefined,
): Reranking | undefined {
  if (rerank === undefined || rerank === false) return undefined;
  const settings: unknown = rerank === true ? {} : rerank;
  if (!isPlainObject(settings)) throw invalid('rerank must be true, false or { n }');
  checkKeys(settings, ['n']);
  const { n = HITS_DEFAULT } = settings;
  if (typeof n !== 'number' || !Number.isInteger(n) || n < 1 || n > HITS_MAX)
    throw invalid(`rerank.n is ${String(n)}; it must be a whole number from 1 to ${HITS_MAX}`);
  if (sort !== undefined || mmr) throw invalid('rerank orders by its model: leave out sort and mmr');
  const text = typeof query === 'string' ? query : query instanceof Float32Array ? undefined : query.text;
  if (text === undefined) throw invalid('rerank needs words: a query that is a string, or has a text');
  if (!model) {
    const message = 'this database was opened without a reranker. Give AetherV.open one, or leave out rerank.';
    throw new AetherError('AV_MODEL_UNAVAILABLE', message);
  }
  return { model, query: text, n };
}

/**
 * The first `n` hits by the model's scores, equal ones as they were; those behind them stay.
 *
 * @throws `AV_EMBEDDER`, `AV_NON_FINITE`, `AV_MODEL_UNAVAILABLE`, `AV_WORKER_LOST`, `AV_TIMEOUT`, `AV_ABORTED`.
 */
export async function reranked(hits: readonly Hit[], { model, query, n }: Reranking, limits: Limits): Promise<Hit[]> {
  const [read, rest] = [hits.slice(0, n), hits.slice(n)];
  if (read.length === 0) return [];
  const texts = read.map(({ path, text }) => [...path, text].join('\n'));
  const scores = await within(limits, (signal) => model.score(query, texts, { signal }), model.id);
  if (scores?.length !== read.length)
    throw new AetherError(
      'AV_EMBEDDER',
      `reranker "${model.id}" gave ${scores?.length} scores for ${read.length} texts`,
    );
  const scored = read.map((hit, i) => ({ hit, score: Number(scores[i]) }));
  if (scored.some(({ score }) => !Number.isFinite(score)))
    throw new AetherError('AV_NON_FINITE', `reranker "${model.id}" gave a score that is no finite number`);
  const best = scored.sort((a, b) => b.score - a.score);
  return [...best.map(({ hit, score }) => (hit.why ? { ...hit, why: { ...hit.why, rerank: score } } : hit)), ...rest];
}

/** What the model gives, unless the deadline or the abort comes first; it is told of either. */
function within<T>({ deadlineMs, signal }: Limits, run: (signal: AbortSignal) => Promise<T>, id: string): Promise<T> {
  const control = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const stop = (error: AetherError): void => {
      reject(error);
      control.abort();
    };
    const onAbort = (): void => stop(new AetherError('AV_ABORTED', 'search() was aborted', { cause: signal?.reason }));
    const late = (): void => stop(new AetherError('AV_TIMEOUT', `reranker "${id}" did not finish before the deadline`));
    const timer = setTimeout(late, Math.min(deadlineMs, 2 ** 31 - 1));
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
    const failed = (cause: unknown): AetherError =>
      cause instanceof AetherError
        ? cause
        : new AetherError('AV_EMBEDDER', `reranker "${id}" failed: ${String(cause)}`, { cause });
    // In a turn of its own, so that what it throws at once is a rejection too.
    Promise.resolve()
      .then(() => run(control.signal))
      .then(resolve, (cause: unknown) => reject(failed(cause)))
      .finally(() => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      });
  });
}
