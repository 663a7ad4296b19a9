// What a collection and its searches can be asked with, and what the page checks before anything is sent.

import { AetherError } from '../base/errors.ts';
import {
  BATCH_HITS_MAX,
  CLUSTERS_MAX,
  DIMS_MAX,
  DIVERSE_HITS_MAX,
  DIVERSE_POOL_EACH,
  DIVERSE_POOL_MIN,
  EF_MAX,
  HITS_MAX,
  ITERATIONS_MAX,
  NAME_CHARS_MAX,
  NEIGHBOURS_MAX,
} from '../base/limits.ts';
import type { ClustersAsk, ClustersOptions } from '../model/clusters.ts';
import type { AsOf } from '../model/query.ts';
import type {
  ItemsAsk,
  NeighboursAsk,
  NeighboursOptions,
  VectorSearchOptions,
  VectorsOptions,
} from '../model/vectors.ts';
import type { CollectionRequest } from '../protocol/engine.ts';
import type { Guard } from './handle.ts';
import { checkAsOf, checkFilter, checkShare } from './question.ts';
import { checkKeys, checkString, describe, given, invalid, isPlainObject, oneOf } from './validate.ts';

const DEADLINE_MS = 30_000;
const K_DEFAULT = 10;
const EF_DEFAULT = 64;
const OPTIONS = ['dims', 'metric', 'index', 'm', 'efConstruction'];
const GUARD_OPTIONS = ['signal', 'deadlineMs'];
const SEARCH_OPTIONS = ['k', 'filter', 'ef', 'exact', 'mmr', 'asOf', 'includeVector', 'explain', ...GUARD_OPTIONS];
const CLUSTERS_OPTIONS = ['k', 'iterations', 'seed', 'filter', 'asOf', 'explain', ...GUARD_OPTIONS];
const ITERATIONS_DEFAULT = 20;
const SEED_DEFAULT = 1;

/** Options of a search. */
export interface VectorQueryOptions extends VectorSearchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds, default 30,000: then it fails with `AV_TIMEOUT`. */
  readonly deadlineMs?: number | undefined;
}

/** Options of {@link VectorCollection.clusters}. */
export interface ClusteringOptions extends ClustersOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; then it fails with `AV_TIMEOUT`. Default: it takes as long as it takes. */
  readonly deadlineMs?: number | undefined;
}

/** The definition that a name and options make. */
export function checkCollection(name: unknown, options: VectorsOptions): CollectionRequest {
  checkString(name, 'the collection name', 4 * NAME_CHARS_MAX);
  if (name === '' || name.length > NAME_CHARS_MAX)
    throw invalid(`the collection name has ${name.length} characters; it takes 1 to ${NAME_CHARS_MAX}`);
  if (!isPlainObject(options))
    throw invalid(`the options of a collection are an object { dims, ... }, not ${describe(options)}`);
  checkKeys(options, OPTIONS);
  const { dims, metric = 'cosine', index = 'auto', m, efConstruction } = options;
  whole('dims', dims, 1, DIMS_MAX);
  oneOf('metric', metric, ['cosine', 'dot', 'l2', 'hamming']);
  oneOf('index', index, ['auto', 'flat', 'hnsw']);
  if (m !== undefined) whole('m', m, 4, 32);
  if (efConstruction !== undefined) whole('efConstruction', efConstruction, 8, 1000);
  return { name, dims, metric, index, m: m ?? 0, efConstruction: efConstruction ?? 0 };
}

/** Throws `AV_INVALID` for what is no whole number within bounds. */
export function whole(option: string, value: unknown, least: number, most: number): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return;
  throw invalid(
    `${option} is ${typeof value === 'number' ? value : describe(value)}; it must be a whole number from ${least} to ${most}`,
  );
}

/** Options of a search, checked and filled in. */
export function checkAsk(options: VectorQueryOptions): [ItemsAsk, Guard] {
  checkKeys(options, SEARCH_OPTIONS);
  const { signal, deadlineMs = DEADLINE_MS, ...rest } = options;
  const { k = K_DEFAULT, ef = Math.max(EF_DEFAULT, k), exact, mmr, includeVector, explain } = rest;
  if (!Number.isInteger(k) || k < 1) throw invalid(`k is ${String(k)}; it must be a whole number from 1`);
  if (k > HITS_MAX) throw new AetherError('AV_LIMIT', `k is ${k}; at most ${HITS_MAX} hits can be asked for`);
  whole('ef', ef, 1, EF_MAX);
  checkShare('mmr', mmr);
  if (mmr && k > DIVERSE_HITS_MAX)
    throw new AetherError('AV_LIMIT', `k is ${k}; with mmr at most ${DIVERSE_HITS_MAX} hits are allowed`);
  checkFlags({ exact, includeVector, explain });
  checkDeadline(deadlineMs);
  checkAsOf(rest.asOf);
  return [given({ ...rest, filter: checkFilter(rest.filter), k, ef }), { signal, deadlineMs }];
}

/** Throws for queries of a batch that are none, or too many. */
export function checkQueries(vectors: unknown, dims: number, { k, mmr }: ItemsAsk): asserts vectors is Float32Array {
  if (!(vectors instanceof Float32Array)) throw invalid(`the queries must be a Float32Array, not ${describe(vectors)}`);
  if (vectors.length === 0 || vectors.length % dims !== 0)
    throw new AetherError('AV_DIM_MISMATCH', `${vectors.length} values are no rows of ${dims} dimensions`);
  const queries = vectors.length / dims;
  const hits = mmr ? Math.max(DIVERSE_POOL_MIN, DIVERSE_POOL_EACH * k) : k;
  if (queries * hits <= BATCH_HITS_MAX) return;
  const chosen = mmr ? ` from which ${k} are chosen` : '';
  throw new AetherError(
    'AV_LIMIT',
    `${queries} queries of ${hits} hits each${chosen} are more than ${BATCH_HITS_MAX} hits. Ask in several calls.`,
  );
}

function checkFlags(flags: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(flags))
    if (value !== undefined && typeof value !== 'boolean') throw invalid(`${name} must be true or false`);
}

function checkDeadline(deadlineMs: number): void {
  if (!(deadlineMs > 0)) throw invalid(`deadlineMs is ${deadlineMs}; it must be above 0`);
}

/** Likewise of clusters. */
export function checkClusters(options: ClusteringOptions): [ClustersAsk, Guard] {
  if (!isPlainObject(options))
    throw invalid(`the options of clusters are an object { k, ... }, not ${describe(options)}`);
  checkKeys(options, CLUSTERS_OPTIONS);
  const { signal, deadlineMs, ...rest } = options;
  const { k, iterations = ITERATIONS_DEFAULT, seed = SEED_DEFAULT, explain, asOf } = rest;
  if (!Number.isInteger(k) || k < 1) throw invalid(`k is ${String(k)}; it must be a whole number from 1`);
  if (k > CLUSTERS_MAX) throw new AetherError('AV_LIMIT', `k is ${k}; at most ${CLUSTERS_MAX} clusters can be made`);
  whole('iterations', iterations, 0, ITERATIONS_MAX);
  whole('seed', seed, 0, 2 ** 32 - 1);
  checkFlags({ explain });
  if (deadlineMs !== undefined) checkDeadline(deadlineMs);
  checkAsOf(asOf);
  return [given({ ...rest, filter: checkFilter(rest.filter), k, iterations, seed }), { signal, deadlineMs }];
}

/** Likewise of neighbours. */
export function checkNeighbours(options: NeighboursOptions): {
  readonly ask: NeighboursAsk;
  readonly minScore: number | undefined;
  readonly asOf: AsOf | undefined;
} {
  checkKeys(options, ['k', 'minScore', 'exact', 'asOf']);
  const { k = K_DEFAULT, minScore, exact = false, asOf } = options;
  whole('k', k, 1, NEIGHBOURS_MAX);
  if (typeof exact !== 'boolean') throw invalid('exact must be true or false');
  if (minScore !== undefined && !Number.isFinite(minScore))
    throw invalid(`minScore is ${String(minScore)}; it must be a number`);
  checkAsOf(asOf);
  return { ask: { k, ef: Math.max(EF_DEFAULT, k), exact }, minScore, asOf };
}
