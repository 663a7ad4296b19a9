// The GPU of this worker: when it is looked for, and what it is given.

import { AetherError } from '../base/errors.ts';
import { calibrate } from '../gpu/calibrate.ts';
import { GpuScorer } from '../gpu/scorer.ts';
import type { LoadedWasm } from '../index/load.ts';
import { loadVectors } from '../index/vectors.ts';
import type { Scorer } from '../ports/scorer.ts';
import type { OpenRequest } from '../protocol/engine.ts';
import { recalled } from '../storage/recall.ts';

/**
 * The GPU, if it is wanted; got at once only where it is forced.
 *
 * @throws `AV_GPU` where it is and cannot be had.
 */
export async function scorerOf(
  { gpu: { mode, bytesMax }, vectors }: OpenRequest,
  { build }: LoadedWasm,
): Promise<Scorer> {
  const scorer = new GpuScorer({
    mode,
    gpu: () => (navigator as Partial<Navigator>).gpu,
    bytesMax,
    now: () => performance.now(),
    // What was forced is used however slow it is.
    measure: async (plane, adapter) =>
      mode === 'force'
        ? undefined
        : recalled(`${adapter}, ${build}`, async () => calibrate(plane, await loadVectors(vectors))),
  });
  if (mode !== 'force') return scorer;
  await scorer.ready();
  const { state, why } = scorer.info;
  if (state === 'ready') return scorer;
  throw new AetherError('AV_GPU', `gpu: 'force' found no GPU: ${why}. Open with gpu: 'auto'.`);
}
