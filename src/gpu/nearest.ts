// The rows nearest to each of several queries, as one submission: scores of a stripe of rows, the best of its tiles, and so on stripe by stripe;
// then the best of all tiles. Only those come back.

import { NONE } from '../ports/index.ts';
import type { Candidates, Precision, ScoreJob, ScorePart } from '../ports/scorer.ts';
import { type Arena, type Layout, padded, type Slab } from './arena.ts';
import type { Pipelines } from './pipelines.ts';
import { type Dispatch, submit } from './record.ts';
import { BATCH_MAX, batchFor, codedKernel, STRIPE, TILE, tileKernel, type Top, topFor } from './tiers.ts';

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
  const count = job.queries.length / job.dims;
  const { precision = 'whole' } = job;
  const top = topFor(job.k, precision === 'codes');
  const { keep } = top;
  const cnos = new Uint32Array(count * keep).fill(NONE);
  const out = { each: keep, cnos, scores: new Float32Array(count * keep), precision };
  for (let from = 0; from < count; from += BATCH_MAX) {
    // Gathered anew: between two submissions others have their turn, and rows may have come or moved.
    const parts = job.gather();
    if (!parts) return undefined;
    const batch = { ...asked(job, from, Math.min(from + BATCH_MAX, count)), top };
    const pairs = parts.length === 0 ? new Uint32Array(0) : await run(plane, parts, batch);
    unpack(pairs, parts, out, from * keep);
  }
  return out;
}

/** The queries of one submission. */
interface Batch {
  readonly count: number;
  readonly top: Top;
  readonly layout: Layout;
  readonly l2: boolean;
  /** Codes padded as rows are, or values to fours. */
  readonly queries: Uint8Array<ArrayBuffer>;
  /** Of codes. */
  readonly scales: Uint8Array | undefined;
}

function asked({ dims, metric, queries, precision, probes }: ScoreJob, from: number, to: number): Omit<Batch, 'top'> {
  const [count, l2] = [to - from, metric === 'l2'];
  if (precision === 'codes') {
    if (!probes) throw new RangeError('rows are to be scored by codes, and the queries have none');
    const { width, codes, scales } = probes;
    const layout = { bytes: width, width, precision };
    return {
      count,
      l2,
      layout,
      queries: codes.slice(from * width, to * width),
      scales: scales.subarray(8 * from, 8 * to),
    };
  }
  const whole = wholeOf(dims);
  const bytes = new Uint8Array(queries.buffer, queries.byteOffset + 4 * dims * from, 4 * dims * count);
  const layout = precision === 'half' ? halfOf(dims) : whole;
  return { count, l2, layout, queries: padded(bytes, whole.bytes, whole.width), scales: undefined };
}

/** How rows lie there at full precision. */
export const wholeOf = (dims: number): Layout => ({
  bytes: 4 * dims,
  width: 16 * Math.ceil(dims / 4),
  precision: 'whole',
});

/** Likewise at half precision: the guest pads them. */
function halfOf(dims: number): Layout {
  const width = 8 * Math.ceil(dims / 4);
  return { bytes: width, width, precision: 'half' };
}

async function run(plane: Plane, parts: readonly ScorePart[], batch: Batch): Promise<Uint32Array> {
  const { device, pipelines, arena } = plane;
  const dispatches = record(plane, parts, batch);
  const { keep } = batch.top;
  const best = arena.scratch('best', 8 * keep * BATCH_MAX);
  return new Uint32Array(await submit(device, pipelines, dispatches, best, 8 * keep * batch.count));
}

/** The dispatches; rows, queries and masks are on their way when it returns. */
function record({ device: { queue }, pipelines, arena }: Plane, parts: readonly ScorePart[], batch: Batch): Dispatch[] {
  const { count, layout, l2, queries, scales } = batch;
  const { keep, pool } = batch.top;
  const slabs = arena.bring(parts, layout);
  const tilesOf = (own: readonly Slab[], part: number) =>
    own.reduce((sum, slab) => sum + Math.ceil(rowsIn(slab, parts[part]) / TILE), 0);
  const tiles = slabs.reduce((sum, own, part) => sum + tilesOf(own, part), 0);
  const buffers = {
    queries: arena.scratch('queries', (queries.length / count) * BATCH_MAX),
    query_scales: arena.scratch('query scales', 8 * BATCH_MAX),
    scores: arena.scratch('scores', 4 * STRIPE * BATCH_MAX),
    found: arena.scratch('found', 8 * keep * BATCH_MAX * tiles),
    best: arena.scratch('best', 8 * keep * BATCH_MAX),
    mask: arena.scratch('mask', 4 * parts.reduce((sum, { mask }) => sum + (mask?.length ?? 0), 0)),
  };
  queue.writeBuffer(buffers.queries, 0, queries);
  if (scales) queue.writeBuffer(buffers.query_scales, 0, scales as Uint8Array<ArrayBuffer>);
  const BATCH = batchFor(count);
  const width = layout.width / 16;
  const scorers: Record<Precision, Pick<Dispatch, 'kernel' | 'constants'> & { depth: Dispatch['params'] }> = {
    whole: { kernel: 'score_f32', constants: { BATCH, L2: l2 }, depth: { fours: width } },
    half: { kernel: 'score_f16', constants: { BATCH, L2: false }, depth: { fours: 2 * width } },
    codes: { kernel: codedKernel(pipelines.offers), constants: { BATCH }, depth: { sixteens: width } },
  };
  const { depth, ...score } = scorers[layout.precision];
  const kernel = tileKernel(pipelines.offers);
  const constants = { KEEP: keep, POOL: pool };
  const dispatches: Dispatch[] = [];
  let [base, tile, word] = [0, 0, 0];
  for (const [i, part] of parts.entries()) {
    const { mask } = part;
    if (mask) queue.writeBuffer(buffers.mask, 4 * word, mask as Uint32Array<ArrayBuffer>);
    for (const slab of slabs[i] ?? [])
      for (let from = 0; from < rowsIn(slab, part); from += STRIPE) {
        const rows = Math.min(STRIPE, rowsIn(slab, part) - from);
        const [own, first] = [Math.ceil(rows / TILE), slab.first + from];
        const shape = { rows, queries: count, stride: STRIPE, tile, tiles, masked: mask ? 1 : 0 };
        dispatches.push({
          ...score,
          params: { ...shape, first: from, ...depth },
          buffers: { ...buffers, rows: slab.buffer, ...(slab.scales ? { row_scales: slab.scales } : {}) },
          groups: [Math.ceil(rows / ROWS_A_GROUP), 1],
        });
        const params = { ...shape, first: 32 * word + first, base: base + first };
        dispatches.push({ kernel, constants, params, buffers, groups: [own, count] });
        tile += own;
      }
    base += part.rows;
    word += mask?.length ?? 0;
  }
  dispatches.push({ kernel: 'topk_merge', constants, params: { tiles }, buffers, groups: [count, 1] });
  return dispatches;
}

/** Rows of a part that lie in a slab. */
const rowsIn = ({ first, capacity }: Slab, part: ScorePart | undefined): number =>
  Math.max(0, Math.min(capacity, (part?.rows ?? 0) - first));

/** From keys and row numbers to scores and content numbers. */
export function unpack(pairs: Uint32Array, parts: readonly ScorePart[], out: Candidates, from: number): void {
  const ends: number[] = [];
  for (const { rows } of parts) ends.push((ends.at(-1) ?? 0) + rows);
  const bits = new Uint32Array(out.scores.buffer);
  for (let i = 0; 2 * i < pairs.length; i++) {
    const [key = 0, row = NONE] = pairs.subarray(2 * i, 2 * i + 2);
    if (row === NONE) continue;
    const part = ends.findIndex((end) => row < end);
    out.cnos[from + i] = parts[part]?.cnos[row - (ends[part - 1] ?? 0)] ?? NONE;
    bits[from + i] = bitsOf(key);
  }
}

/** Back from the order of keys to the bits of an f32; what was no number is none again. */
export const bitsOf = (key: number): number => (key === NONE ? 0x7fc00000 : key >>> 31 === 1 ? key & 0x7fffffff : ~key);
