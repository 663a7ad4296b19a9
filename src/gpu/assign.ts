// The two centroids nearest to each row: stripe by stripe of the rows a submission, in which the scores for one batch of centroids after the other are
// folded into what is nearest so far. Sixteen bytes a row come back. Who asked scores these two exactly, and knows that no other is nearer.

import { NONE } from '../ports/index.ts';
import type { AssignJob, Near, ScorePart } from '../ports/scorer.ts';
import { padded, type Slab } from './arena.ts';
import { bitsOf, type Plane, wholeOf } from './nearest.ts';
import { type Dispatch, submit } from './record.ts';
import { BATCH_MAX, batchFor, STRIPE } from './tiers.ts';

/** Rows that one workgroup scores, and whose nearest one looks for. */
const ROWS_A_GROUP = { score: 64, assign: 128 };
/** Key and number, twice. */
const WORDS_A_ROW = 4;

/** Centroids that are scored by one dispatch. */
interface Batch {
  readonly queries: GPUBuffer;
  readonly count: number;
  /** The number of the first. */
  readonly base: number;
}

/** Runs a job; undefined when it is given up. */
export async function assign(plane: Plane, job: AssignJob): Promise<Near | undefined> {
  const { device, pipelines, arena } = plane;
  const parts = job.gather();
  if (!parts) return undefined;
  const layout = wholeOf(job.dims);
  // Rows lie in the GPU's memory from now on, whatever becomes of them elsewhere.
  const slabs = arena.bring(parts, layout);
  const batches = upload(plane, job, layout.width);
  const size = 2 * job.cnos.length;
  const out = { numbers: new Uint32Array(size).fill(NONE), scores: new Float32Array(size) };
  for (const [i, part] of parts.entries())
    for (const slab of slabs[i] ?? [])
      for (let from = 0; from < Math.min(slab.capacity, part.rows - slab.first); from += STRIPE) {
        const rows = Math.min(STRIPE, slab.capacity - from, part.rows - slab.first - from);
        const nearest = arena.scratch('nearest', 4 * WORDS_A_ROW * STRIPE);
        const dispatches = record(plane, batches, slab, { from, rows, fours: layout.width / 16, nearest });
        const answer = await submit(device, pipelines, dispatches, nearest, 4 * WORDS_A_ROW * rows);
        unpack(new Uint32Array(answer), cnosOf(part, slab.first + from, rows), job.cnos, out);
      }
  return out;
}

/** Centroids, each batch in a buffer of its own: all of a submission are there before it begins. */
function upload({ device: { queue }, arena }: Plane, { centroids, dims }: AssignJob, width: number): Batch[] {
  const count = centroids.length / dims;
  return Array.from({ length: Math.ceil(count / BATCH_MAX) }, (_, i) => {
    const base = i * BATCH_MAX;
    const own = centroids.subarray(base * dims, (base + BATCH_MAX) * dims);
    const queries = arena.scratch(`centroids ${i}`, width * BATCH_MAX);
    queue.writeBuffer(queries, 0, padded(new Uint8Array(own.buffer, own.byteOffset, own.byteLength), 4 * dims, width));
    return { queries, count: own.length / dims, base };
  });
}

/** A stretch of a slab's rows. */
interface Stripe {
  readonly from: number;
  readonly rows: number;
  readonly fours: number;
  readonly nearest: GPUBuffer;
}

function record({ arena }: Plane, batches: readonly Batch[], slab: Slab, { from, rows, fours, nearest }: Stripe) {
  const scores = arena.scratch('scores', 4 * STRIPE * BATCH_MAX);
  const groupsOf = (each: number) => [Math.ceil(rows / each), 1] as const;
  return batches.flatMap(({ queries, count, base }): Dispatch[] => [
    {
      kernel: 'score_f32',
      constants: { BATCH: batchFor(count), L2: true },
      params: { rows, first: from, queries: count, fours, stride: STRIPE },
      buffers: { rows: slab.buffer, queries, scores },
      groups: groupsOf(ROWS_A_GROUP.score),
    },
    {
      kernel: 'cluster_assign',
      constants: {},
      params: { rows, centroids: count, base, stride: STRIPE },
      buffers: { scores, nearest },
      groups: groupsOf(ROWS_A_GROUP.assign),
    },
  ]);
}

const cnosOf = ({ cnos }: ScorePart, first: number, rows: number): Uint32Array => cnos.subarray(first, first + rows);

/** From rows to the contents that were asked about: both rise. */
function unpack(words: Uint32Array, rows: Uint32Array, asked: Uint32Array, { numbers, scores }: Near): void {
  const bits = new Uint32Array(scores.buffer);
  let at = placeOf(asked, rows[0] ?? NONE);
  for (const [row, cno] of rows.entries()) {
    while ((asked[at] ?? NONE) < cno) at++;
    if (asked[at] !== cno) continue;
    for (const which of [0, 1]) {
      const [key = 0, number = NONE] = words.subarray(WORDS_A_ROW * row + 2 * which);
      numbers[2 * at + which] = number;
      bits[2 * at + which] = bitsOf(key);
    }
  }
}

/** Where the first number is that is not below. */
function placeOf(rising: Uint32Array, number: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rising[middle] ?? NONE) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
