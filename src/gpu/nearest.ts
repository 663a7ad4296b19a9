// The rows nearest to each of several queries, as one submission: scores of a stripe of rows, the best of its tiles, and so on stripe by stripe;
// then the best of all tiles. Only those come back.

import { NONE } from '../ports/index.ts';
import type { Candidates, ScoreJob, ScorePart } from '../ports/scorer.ts';
import { type Arena, padded, type Slab } from './arena.ts';
import type { Pipelines } from './pipelines.ts';
import { type Dispatch, submit } from './record.ts';
import { BATCH_MAX, batchFor, STRIPE, TILE, topFor } from './tiers.ts';

/** Rows that one workgroup scores. */
const ROWS_A_GROUP = 64;

/** What a job runs on. */
export interface Plane {
  readonly device: GPUDevice;
  readonly pipelines: Pipelines;
  readonly arena: Arena;
}

/** Runs a job, {@link BATCH_MAX} queries a submission; undefined when it is given up. */
export async function nearest(plane: Plane, job: ScoreJob): Promise<Candidates | undefined> {
  const { dims, queries, k } = job;
  const count = queries.length / dims;
  const { keep } = topFor(k);
  const out = { each: keep, cnos: new Uint32Array(count * keep).fill(NONE), scores: new Float32Array(count * keep) };
  for (let from = 0; from < count; from += BATCH_MAX) {
    const some = queries.subarray(from * dims, Math.min(from + BATCH_MAX, count) * dims);
    // Gathered anew: between two submissions others have their turn, and rows may have come or moved.
    const parts = job.gather();
    if (!parts) return undefined;
    const pairs = parts.length === 0 ? new Uint32Array(0) : await run(plane, job, parts, some);
    unpack(pairs, parts, out, from * keep);
  }
  return out;
}

async function run(
  plane: Plane,
  job: ScoreJob,
  parts: readonly ScorePart[],
  queries: Float32Array,
): Promise<Uint32Array> {
  const { device, pipelines, arena } = plane;
  const [count, { keep }] = [queries.length / job.dims, topFor(job.k)];
  const dispatches = record(plane, job, parts, queries);
  const best = arena.scratch('best', 8 * keep * BATCH_MAX);
  return new Uint32Array(await submit(device, pipelines, dispatches, best, 8 * keep * count));
}

/** The dispatches; rows, queries and masks are on their way when it returns. */
function record(
  { device, arena }: Plane,
  { dims, metric, k }: ScoreJob,
  parts: readonly ScorePart[],
  queries: Float32Array,
): Dispatch[] {
  const { keep } = topFor(k);
  const [fours, count] = [Math.ceil(dims / 4), queries.length / dims];
  const slabs = arena.bring(parts, dims);
  const tilesOf = (own: readonly Slab[], part: number) =>
    own.reduce((sum, slab) => sum + Math.ceil(rowsIn(slab, parts[part]) / TILE), 0);
  const tiles = slabs.reduce((sum, own, part) => sum + tilesOf(own, part), 0);
  const buffers = {
    queries: arena.scratch('queries', 16 * fours * BATCH_MAX),
    scores: arena.scratch('scores', 4 * STRIPE * BATCH_MAX),
    found: arena.scratch('found', 8 * keep * BATCH_MAX * tiles),
    best: arena.scratch('best', 8 * keep * BATCH_MAX),
    mask: arena.scratch('mask', 4 * parts.reduce((sum, { mask }) => sum + (mask?.length ?? 0), 0)),
  };
  const bytes = new Uint8Array(queries.buffer, queries.byteOffset, queries.byteLength);
  device.queue.writeBuffer(buffers.queries, 0, padded(bytes, dims, fours));
  const dispatches: Dispatch[] = [];
  const score = { BATCH: batchFor(count), L2: metric === 'l2' };
  const top = { KEEP: keep };
  let [base, tile, word] = [0, 0, 0];
  for (const [i, part] of parts.entries()) {
    const { mask } = part;
    if (mask) device.queue.writeBuffer(buffers.mask, 4 * word, mask as Uint32Array<ArrayBuffer>);
    for (const slab of slabs[i] ?? [])
      for (let from = 0; from < rowsIn(slab, part); from += STRIPE) {
        const rows = Math.min(STRIPE, rowsIn(slab, part) - from);
        dispatches.push({
          kernel: 'score_f32',
          constants: score,
          params: { rows, first: from, queries: count, fours, stride: STRIPE },
          buffers: { ...buffers, rows: slab.buffer },
          groups: [Math.ceil(rows / ROWS_A_GROUP), 1],
        });
        const [own, first] = [Math.ceil(rows / TILE), slab.first + from];
        const params = {
          rows,
          first: 32 * word + first,
          base: base + first,
          masked: mask ? 1 : 0,
          tile,
          tiles,
          stride: STRIPE,
        };
        dispatches.push({ kernel: 'topk_tile', constants: top, params, buffers, groups: [own, count] });
        tile += own;
      }
    base += part.rows;
    word += mask?.length ?? 0;
  }
  dispatches.push({ kernel: 'topk_merge', constants: top, params: { tiles }, buffers, groups: [count, 1] });
  return dispatches;
}

/** Rows of a part that lie in a slab. */
const rowsIn = ({ first, capacity }: Slab, part: ScorePart | undefined): number =>
  Math.max(0, Math.min(capacity, (part?.rows ?? 0) - first));

/** From keys and row numbers to scores and content numbers. */
function unpack(pairs: Uint32Array, parts: readonly ScorePart[], out: Candidates, from: number): void {
  const ends: number[] = [];
  for (const { rows } of parts) ends.push((ends.at(-1) ?? 0) + rows);
  const bits = new Uint32Array(out.scores.buffer);
  for (let i = 0; 2 * i < pairs.length; i++) {
    const [key = 0, row = NONE] = pairs.subarray(2 * i, 2 * i + 2);
    if (row === NONE) continue;
    const part = ends.findIndex((end) => row < end);
    out.cnos[from + i] = parts[part]?.cnos[row - (ends[part - 1] ?? 0)] ?? NONE;
    // Back from the order of keys to the bits of an f32; what was no number is none again.
    bits[from + i] = key === NONE ? 0x7fc00000 : key >>> 31 === 1 ? key & 0x7fffffff : ~key;
  }
}
