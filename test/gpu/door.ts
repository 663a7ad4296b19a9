// A door into the GPU room for tests and the bench, which run kernels by themselves: bundled by `bundle.mjs`, never shipped.

import { Arena } from '../../src/gpu/arena.ts';
import { calibrate } from '../../src/gpu/calibrate.ts';
import { findAdapter, makePlane } from '../../src/gpu/device.ts';
import { hybrid, recordHybrid } from '../../src/gpu/hybrid.ts';
import { nearest } from '../../src/gpu/nearest.ts';
import { Pipelines } from '../../src/gpu/pipelines.ts';
import { submit } from '../../src/gpu/record.ts';
import { codeOf, kernelOf, permutations, TILE } from '../../src/gpu/tiers.ts';

export {
  Arena,
  calibrate,
  codeOf,
  findAdapter,
  hybrid,
  kernelOf,
  recordHybrid,
  makePlane,
  nearest,
  permutations,
  Pipelines,
  submit,
  TILE,
};
