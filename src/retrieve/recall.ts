// How much a walk through the graph finds of what a scan does: measured on the collection's own vectors, spread over it.

import type { RecallInfo } from '../model/vectors.ts';
import { NONE } from '../ports/index.ts';
import { goneError } from '../version/collections.ts';
import type { State } from '../version/state.ts';
import { answerBatch, onCpu } from './batch.ts';
import { rowsOf, type Sight } from './sight.ts';

const K = 10;
const EF = 64;
const NO_FILTER = new Uint8Array(0);

/** Searches for the vectors of `sampled` items, by the index as it is and exactly: on the GPU where that is quicker. */
export async function measureRecall(state: State, sight: Sight, sampled: number): Promise<RecallInfo> {
  const { index } = sight;
  const all = index.list(sight.view, 0, index.count(sight.view, NO_FILTER));
  const step = Math.max(1, Math.floor(all.length / sampled));
  const inos = all.filter((_, i) => i % step === 0).slice(0, sampled);
  const { dims } = sight.collection.def;
  const queries = new Float32Array(inos.length * dims);
  const rows = await rowsOf(state, sight, () => index.describe(inos, true));
  if (!rows) throw goneError(sight.collection.def);
  for (const [i, { vector }] of rows.value.entries()) if (vector) queries.set(vector, i * dims);
  const ask = { filter: NO_FILTER, queries, k: K, ef: EF };
  const walked = await onCpu(state, sight, { ...ask, exact: false });
  const { found, why } = await answerBatch(state, sight, { ...ask, exact: true });
  let [wanted, hit] = [0, 0];
  for (let q = 0; q < inos.length; q++) {
    const own = (list: Uint32Array) => list.subarray(q * K, (q + 1) * K).filter((ino) => ino !== NONE);
    const truth = own(found.inos);
    // Of items as near as the last, any is right.
    const least = found.scores[q * K + truth.length - 1] ?? 0;
    const near = own(walked.inos).filter((_, i) => (walked.scores[q * K + i] ?? Number.NaN) >= least);
    wanted += truth.length;
    hit += near.length;
  }
  return { queries: inos.length, k: K, ef: EF, recall: wanted === 0 ? 1 : hit / wanted, why };
}
