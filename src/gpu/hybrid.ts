// Words and vectors of several queries as one submission: both channels score all rows, the channels become one, by score or by rank, and the best
// of each tile and the best of those are kept. Only those come back.
//
// No search of the engine takes this way: of documents it has the vectors alone looked through (`src/retrieve/propose.ts`), for its score of words has the
// statistics of each view and looks at sections too. The bench and tests run it; see the row `hybrid-fused-vs-steps`.

import { NONE } from '../ports/index.ts';
import type { Candidates, ScorePart } from '../ports/scorer.ts';
import { padded, roomFor } from './arena.ts';
import { type Plane, unpack, wholeOf } from './nearest.ts';
import { type Dispatch, submit } from './record.ts';
import { BATCH_MAX, batchFor, TILE, tileKernel, topFor } from './tiers.ts';

/** Rows that one workgroup scores, by their vectors and by their words, or fuses. */
const ROWS_A_GROUP = { vectors: 64, words: 16, fuse: 128 };
const GROUPS_MAX = 65_535;

/** Rows that have terms beside their vectors. */
export interface HybridPart extends ScorePart {
  /**
   * Terms of rows `from` to `to`, little-endian: number (u32, {@link NONE} where there is none) and weighted frequency (f32) in turn,
   * {@link HybridJob.slots} pairs a row.
   */
  terms(from: number, to: number): Uint8Array;
}

/** A batch of queries that have words and vectors. */
export interface HybridJob {
  readonly dims: number;
  /** How many rows of each query are wanted; a few more come back. */
  readonly k: number;
  /** Vectors, row-major: at most {@link BATCH_MAX}. */
  readonly queries: Float32Array;
  /** Of each query the weight of every term that it has. */
  readonly words: readonly ReadonlyMap<number, number>[];
  /** Of each query the weight of its words beside the vector, 0 to 1. */
  readonly weights: Float32Array<ArrayBuffer>;
  readonly fusion: 'score' | 'rank';
  /** Terms that a row has room for, and their saturation. */
  readonly slots: number;
  readonly k1: number;
  readonly parts: readonly HybridPart[];
}

/**
 * Runs a job.
 *
 * @throws RangeError for more queries, hits or rows than the largest tier has room for.
 */
export async function hybrid(plane: Plane, job: HybridJob): Promise<Candidates> {
  const count = job.queries.length / job.dims;
  const { keep } = topFor(job.k, false);
  const cnos = new Uint32Array(count * keep).fill(NONE);
  const out = { each: keep, cnos, scores: new Float32Array(count * keep), precision: 'whole' as const };
  const { dispatches, best } = recordHybrid(plane, job);
  const answer = await submit(plane.device, plane.pipelines, dispatches, best, 8 * keep * count);
  unpack(new Uint32Array(answer), job.parts, out, 0);
  return out;
}

/** A part while it is scored. */
interface Scored {
  readonly rows: number;
  /** Number of its first row, and of its first tile. */
  readonly base: number;
  readonly tile: number;
  /** What a mask's parameters are. */
  readonly masked: { readonly masked: number; readonly first: number };
  readonly words: GPUBuffer;
  readonly cosines: GPUBuffer;
}

/** The dispatches; rows, queries and masks are on their way when it returns. */
export function recordHybrid(plane: Plane, job: HybridJob): { dispatches: Dispatch[]; best: GPUBuffer } {
  const { arena } = plane;
  const count = job.queries.length / job.dims;
  const { keep, pool } = topFor(job.k, false);
  const mask = arena.scratch('mask', 4 * job.parts.reduce((sum, part) => sum + (part.mask?.length ?? 0), 0));
  const best = arena.scratch('best', 8 * keep * BATCH_MAX);
  const { dispatches, scored } = recordScores(plane, job, count, mask);
  const tiles = scored.reduce((sum, { rows }) => sum + Math.ceil(rows / TILE), 0);
  const constants = { KEEP: keep, POOL: pool };
  const merge = (found: GPUBuffer, tiles: number, best: GPUBuffer): void => {
    dispatches.push({
      kernel: 'topk_merge',
      constants,
      params: { tiles },
      buffers: { found, best },
      groups: [count, 1],
    });
  };
  /** The best of one channel, or of both once they are one. */
  const keepBest = (channel: 'words' | 'cosines', best: GPUBuffer): void => {
    const found = arena.scratch('found', 8 * keep * BATCH_MAX * tiles);
    for (const part of scored) {
      const params = { rows: part.rows, base: part.base, tile: part.tile, tiles, stride: part.rows, ...part.masked };
      const buffers = { scores: part[channel], mask, found };
      const groups = [Math.ceil(part.rows / TILE), count] as const;
      dispatches.push({ kernel: tileKernel(plane.pipelines.offers), constants, params, buffers, groups });
    }
    merge(found, tiles, best);
  };
  if (job.fusion === 'score') {
    dispatches.push(...fused(plane, job, count, scored, mask));
    keepBest('cosines', best);
  } else {
    const [words, cosines] = [
      arena.scratch('best words', 8 * keep * count),
      arena.scratch('best cosines', 8 * keep * count),
    ];
    keepBest('words', words);
    keepBest('cosines', cosines);
    const found = arena.scratch('ranked', 16 * keep * count);
    const buffers = { words, cosines, found };
    dispatches.push({
      kernel: 'fuse_rank',
      constants: { KEEP: keep },
      params: { queries: count },
      buffers,
      groups: [count, 1],
    });
    merge(found, 2, best);
  }
  return { dispatches, best };
}

/** Both scores of all rows. */
function recordScores(
  { device: { queue, limits }, arena }: Plane,
  job: HybridJob,
  count: number,
  mask: GPUBuffer,
): { dispatches: Dispatch[]; scored: Scored[] } {
  const { parts, slots, k1 } = job;
  const BATCH = batchFor(count);
  for (const { rows } of parts)
    if (rows > GROUPS_MAX * ROWS_A_GROUP.words || roomFor(4 * rows * count) > limits.maxStorageBufferBindingSize)
      throw new RangeError(`scores of ${rows} rows for ${count} queries do not fit into one buffer`);
  const layout = wholeOf(job.dims);
  const inTerms = { bytes: 8 * slots, width: 8 * slots, precision: 'whole' as const };
  const terms = parts.map((part) => ({ ...part, key: `${part.key}/terms`, values: part.terms }));
  const vectorSlabs = arena.bring(parts, layout, terms);
  const termSlabs = arena.bring(terms, inTerms, parts);
  const asked = words(job, BATCH);
  const write = (
    name: string,
    data: Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>,
  ) => {
    const buffer = arena.scratch(name, data.byteLength);
    queue.writeBuffer(buffer, 0, data);
    return buffer;
  };
  const queries = write('queries', padded(bytesOf(job.queries), layout.bytes, layout.width));
  const ofWords = { terms: write('terms', asked.terms), weights: write('term weights', asked.weights) };
  const dispatches: Dispatch[] = [];
  let [base, tile, word] = [0, 0, 0];
  const scored = parts.map((part, i): Scored => {
    const { rows, mask: admitted } = part;
    const [[vectors, more] = [], [own, others] = []] = [vectorSlabs[i], termSlabs[i]];
    if (!vectors || !own || more || others) throw new RangeError(`a part of ${rows} rows does not fit into one buffer`);
    const bytes = 4 * rows * count;
    const [cosines, words] = [arena.scratch(`cosines ${i}`, bytes), arena.scratch(`words ${i}`, bytes)];
    if (admitted) queue.writeBuffer(mask, 4 * word, admitted as Uint32Array<ArrayBuffer>);
    const shape = { rows, first: 0, queries: count, stride: rows };
    dispatches.push({
      kernel: 'score_f32',
      constants: { BATCH, L2: false },
      params: { ...shape, fours: layout.width / 16 },
      buffers: { rows: vectors.buffer, queries, scores: cosines },
      groups: [Math.ceil(rows / ROWS_A_GROUP.vectors), 1],
    });
    dispatches.push({
      kernel: 'score_bm25',
      constants: { BATCH },
      params: { ...shape, slots, terms: asked.count, k1 },
      buffers: { rows: own.buffer, ...ofWords, scores: words },
      groups: [Math.ceil(rows / ROWS_A_GROUP.words), 1],
    });
    const masked = { masked: admitted ? 1 : 0, first: 32 * word };
    const place = { rows, base, tile, masked, words, cosines };
    base += rows;
    tile += Math.ceil(rows / TILE);
    word += admitted?.length ?? 0;
    return place;
  });
  return { dispatches, scored };
}

/** Both channels as one, in the place of the cosines. */
function fused(
  { device: { queue }, arena }: Plane,
  { weights }: HybridJob,
  count: number,
  scored: readonly Scored[],
  mask: GPUBuffer,
): Dispatch[] {
  const tops = {
    words: arena.scratch('word tops', 4 * BATCH_MAX),
    cosines: arena.scratch('cosine tops', 4 * BATCH_MAX),
  };
  const shares = arena.scratch('shares', 4 * BATCH_MAX);
  queue.writeBuffer(shares, 0, weights);
  for (const top of [tops.words, tops.cosines]) queue.writeBuffer(top, 0, new Uint32Array(BATCH_MAX));
  const dispatches: Dispatch[] = [];
  for (const part of scored)
    for (const channel of ['words', 'cosines'] as const)
      dispatches.push({
        kernel: 'score_top',
        constants: {},
        params: { rows: part.rows, stride: part.rows, ...part.masked },
        buffers: { scores: part[channel], mask, tops: tops[channel] },
        groups: [Math.ceil(part.rows / TILE), count],
      });
  for (const { rows, words, cosines } of scored)
    dispatches.push({
      kernel: 'fuse_score',
      constants: {},
      params: { rows, stride: rows },
      buffers: { words, word_tops: tops.words, cosine_tops: tops.cosines, shares, scores: cosines },
      groups: [Math.ceil(rows / ROWS_A_GROUP.fuse), count],
    });
  return dispatches;
}

/** The terms of all queries, rising, and of each its weight in every query. */
function words({ words }: HybridJob, batch: number) {
  const terms = Uint32Array.from(new Set(words.flatMap((own) => [...own.keys()]))).sort();
  const weights = new Float32Array(terms.length * batch);
  for (const [query, own] of words.entries())
    for (const [term, weight] of own) weights[terms.indexOf(term) * batch + query] = weight;
  return { terms, weights, count: terms.length };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
