// Which fixed shape a job takes: the smallest that has room, and none where there is none.

import { describe, expect, it } from 'vitest';
import { KERNELS, TABLE } from './kernels.gen.ts';
import { batchFor, codeOf, K_MAX, type KernelName, permutations, pipelineName, topFor } from './tiers.ts';

describe('a tier', () => {
  it.each([
    [1, 32],
    [24, 32],
    [25, 128],
    [100, 128],
    [101, 256],
    [K_MAX, 256],
  ])('for %s rows keeps %s', (k, keep) => {
    expect(topFor(k, false).keep).toBe(keep);
    // Scores of codes are coarse: many more rows than are wanted have to be kept.
    expect(topFor(k, true).keep).toBe(256);
  });

  it('keeps more than are wanted, and has room for what a step adds', () => {
    for (const { k, keep, pool } of TABLE.tops) expect([keep > k, pool >= keep + 128]).toEqual([true, true]);
  });

  it('for queries is the smallest that holds them', () => {
    expect([1, 16, 17, 64].map(batchFor)).toEqual([16, 16, 64, 64]);
  });

  it('that would have to be larger than the largest is refused', () => {
    expect(() => topFor(K_MAX + 1, false)).toThrow(/no tier has room for 225 rows/);
    expect(() => batchFor(65)).toThrow(/no tier has room for 65 queries/);
  });
});

describe('what is compiled', () => {
  const all = [true, false].flatMap((packed) => [true, false].map((subgroups) => ({ packed, subgroups })));

  it.each(all)('for %o needs nothing that is not offered, and there is one kernel for each work', (offers) => {
    const kernels = new Set(permutations(offers).map(({ kernel }) => kernel));
    const features = [...kernels].flatMap((kernel) => [...KERNELS[kernel].features]);
    expect(new Set(features)).toEqual(new Set(offers.subgroups ? ['subgroups'] : []));
    const has = (name: KernelName) => kernels.has(name);
    expect([has('score_sq8'), has('score_sq8_plain')]).toEqual([offers.packed, !offers.packed]);
    expect([has('topk_tile_subgroups'), has('topk_tile')]).toEqual([offers.subgroups, !offers.subgroups]);
    expect(kernels.size).toBe(Object.keys(KERNELS).length - 2);
    const names = permutations(offers).map(({ kernel, constants }) => pipelineName(kernel, constants));
    expect(new Set(names).size).toBe(names.length);
  });

  it('begins with the features that it needs, then what is fixed', () => {
    expect(codeOf('topk_tile_subgroups', { KEEP: 32, POOL: 256 })).toMatch(/^enable subgroups;\nconst \w+ = /);
    expect(codeOf('topk_tile', { KEEP: 32, POOL: 256 })).toMatch(/^const /);
  });
});
