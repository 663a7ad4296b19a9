// The verbs of the facade that ask: search, one question or many, facets, suggestions.

import { AetherError, ofQuery } from '../base/errors.ts';
import { HITS_PER_BATCH_MAX, QUERIES_PER_BATCH_MAX } from '../base/limits.ts';
import type {
  FacetOptions,
  FacetValue,
  Hit,
  Query,
  SearchOptions,
  Suggestion,
  SuggestOptions,
} from '../model/query.ts';
import { unpackHits } from '../protocol/hits.ts';
import { checkQuery, checkWords } from './query.ts';
import { checkFacets, checkSearch, checkSuggest } from './question.ts';
import { reranked, type Reranking, rerankingOf } from './rerank.ts';
import { describe, given, invalid } from './validate.ts';
import { Versions } from './versions.ts';

const DEADLINE_MS = 30_000;
const K_DEFAULT = 10;

/** A database that can be asked. */
export abstract class Searches extends Versions {
  /**
   * Searches what is there now, or as of an earlier point.
   *
   * @param query words, in any language people write: only a pair of double quotes around words says more, that every hit
   *   must hold them side by side; a quote that is alone is an ordinary character. Or a vector of the active space. Or a
   *   `Query` with clauses. An empty query finds nothing; one of stop words alone what is nearest by meaning.
   * @example await db.search({ text: 'reload', must: { phrase: 'dev server', fields: ['body'] }, not: 'legacy' });
   * @throws `AV_INVALID`, `AV_LIMIT`, `AV_FILTER`, `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_DIM_MISMATCH`,
   *   `AV_NON_FINITE`, `AV_MODEL_UNAVAILABLE`, `AV_TIMEOUT`, `AV_ABORTED`; with `rerank` also `AV_EMBEDDER`, `AV_WORKER_LOST`.
   */
  async search(query: string | Float32Array | Query, options: SearchOptions = {}): Promise<Hit[]> {
    const request = given({ query: checkQuery(query), ...checkSearch(options) });
    const rerank = rerankingOf(request.query, options, this.reranker);
    const { deadlineMs = DEADLINE_MS, signal } = options;
    const due = performance.now() + deadlineMs;
    const wanted = rerank ? { ...request, k: Math.max(request.k ?? K_DEFAULT, rerank.n) } : request;
    const found = await this.read('search', (engine, call) => engine.search(call, wanted), { deadlineMs, signal });
    const hits = unpackHits(found);
    return rerank ? this.#again(hits, rerank, options, due) : hits;
  }

  /**
   * The hits of each of several queries, the same as `search` gives one by one, from one state of the database: point, view and filter are
   * looked up once, all texts are embedded in one call of the model, and nothing that is committed meanwhile is seen. (A model whose
   * bits depend on what else is in its batch gives other bits here.) One query that fails fails the call; the message says which.
   *
   * @param queries at most 1,024, with at most 131,072 hits together; as those of `search`.
   * @example const [first, second] = await db.searchBatch(['hot reload', 'env variables'], { k: 5 });
   * @throws as `search`.
   */
  async searchBatch(
    queries: readonly (string | Float32Array | Query)[],
    options: SearchOptions = {},
  ): Promise<Hit[][]> {
    const ask = checkSearch(options);
    checkSize(queries, 1);
    // With its holes, which are no queries.
    const checked = Array.from(queries, (query: unknown, i) => ofQuery(i, () => checkQuery(query)));
    const reranks = checked.map((query, i) => ofQuery(i, () => rerankingOf(query, options, this.reranker)));
    const k = Math.max(ask.k ?? K_DEFAULT, reranks[0]?.n ?? 0);
    checkSize(queries, k);
    const { deadlineMs = DEADLINE_MS, signal } = options;
    const due = performance.now() + deadlineMs;
    const request = { queries: checked, ...given({ ...ask, k }) };
    const all = await this.read('searchBatch', (engine, call) => engine.searchBatch(call, request), {
      deadlineMs,
      signal,
    });
    const out: Hit[][] = [];
    for (const [i, found] of all.entries()) {
      const [own, hits] = [reranks[i], unpackHits(found)];
      out.push(own ? await this.#again(hits, own, options, due) : hits);
    }
    return out;
  }

  /**
   * How many documents have each value of a key of the metadata: of those that the filter admits, those with a chunk that
   * holds a word of the query and what its clauses want; all of them when the query is empty. Most documents first, then by value
   * (null, booleans, numbers, strings). Each element of a list counts, an object does not. A key that no document has
   * gives an empty list.
   *
   * @example const { lang } = await db.facets('hot reload', { by: 'lang' });   // [{ value: 'en', count: 12 }, ...]
   * @throws `AV_INVALID`, `AV_LIMIT`, `AV_FILTER`, `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_TIMEOUT`, `AV_ABORTED`.
   */
  async facets(query: string | Query, options: FacetOptions): Promise<Record<string, readonly FacetValue[]>> {
    const [words, ask] = [checkWords(query, 'facets'), checkFacets(options)];
    const guard = { deadlineMs: options.deadlineMs ?? DEADLINE_MS, signal: options.signal };
    return this.read('facets', (engine, call) => engine.facets(call, words, ask), guard);
  }

  /**
   * "Did you mean": the text with words that no chunk holds corrected, or with its last word completed; best first, none
   * when every word is there. Words come folded: in small letters, without accents.
   *
   * @throws `AV_INVALID`, `AV_LIMIT`, `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`.
   */
  async suggest(text: string, options: SuggestOptions = {}): Promise<Suggestion[]> {
    const ask = checkSuggest(text, options);
    return [...(await this.read('suggest', (engine, call) => engine.suggest(call, ask.text, ask)))];
  }

  /** Hits in the order of the reranker. */
  async #again(hits: readonly Hit[], rerank: Reranking, options: SearchOptions, due: number): Promise<Hit[]> {
    const limits = { deadlineMs: due - performance.now(), signal: options.signal };
    const again = await reranked(hits, rerank, limits);
    this.mustBeOpen();
    return again.slice(0, options.k ?? K_DEFAULT);
  }
}

/** Throws for what is no list, and for more queries, or hits of all of them, than a batch may have. */
function checkSize(queries: unknown, k: number): void {
  if (!Array.isArray(queries)) throw invalid(`the queries must be a list, not ${describe(queries)}`);
  const { length } = queries;
  if (length > QUERIES_PER_BATCH_MAX || length * k > HITS_PER_BATCH_MAX)
    throw new AetherError(
      'AV_LIMIT',
      `${length} queries of ${k} hits each are too many: a batch has at most ${QUERIES_PER_BATCH_MAX} queries and ${HITS_PER_BATCH_MAX} hits. Ask in several calls.`,
    );
}
