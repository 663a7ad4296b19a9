// The suite `gpu`: kernels on Chromium's software adapter against their twins, and what becomes of queries when the GPU fails.
import { kernels } from '../../../src/gpu/shaders/build.mjs';
import { bundleDoor } from '../../gpu/bundle.mjs';

const DATA = 'drawn by seed';
/** Of each permutation. */
const CASES = 200;
const OPERATIONS = 10_000;

/** A page with the kernels compiled, and what that took. */
async function kernelPage({ site, once }) {
  await once('door', bundleDoor);
  const tab = await site.browse({ path: 'kernels/index.html' });
  return { tab, started: await tab.call('kernels/parity', 'start') };
}

const parity = {
  rows: ['parity-failures', 'warmup-ms', 'pipelines'],
  about: { data: DATA },
  run: async (context) => {
    const { tab, started } = await kernelPage(context);
    const count = context.short ? 3 : CASES;
    const { table } = kernels();
    const wrong = [];
    const perKernel = {};
    for (const [kernel, permutations] of Object.entries(table.kernels)) {
      perKernel[kernel] = { permutations: permutations.length, cases: permutations.length * count, failures: 0 };
      for (const constants of permutations) {
        const own = await tab.call('kernels/parity', 'cases', kernel, constants, count, context.seed);
        perKernel[kernel].failures += own.length;
        wrong.push(...own);
      }
    }
    await tab.close();
    for (const one of wrong.slice(0, 20)) console.log(one);
    const n = Object.values(perKernel).reduce((sum, { cases }) => sum + cases, 0);
    const config = { adapter: started.adapter };
    return [
      {
        row: 'parity-failures',
        value: wrong.length,
        n,
        unit: '',
        config: { ...config, seed: context.seed, perKernel },
      },
      { row: 'warmup-ms', value: Math.round(started.warmupMs), n: 1, unit: 'ms', config },
      { row: 'pipelines', value: started.pipelines, n: 1, unit: '', config },
    ];
  },
};

const operations = {
  rows: ['compiled-after-warmup'],
  about: { data: DATA },
  run: async ({ site, short, seed }) => {
    const tab = await site.browse({ path: 'kernels/index.html' });
    const count = short ? 300 : OPERATIONS;
    const { warm, later, done, gpu, metrics } = await tab.call('kernels/faults', 'operate', count, seed);
    await tab.close();
    if (gpu.batches === 0 || Object.keys(gpu.faults).length > 0)
      throw new Error(`the GPU answered ${gpu.batches} batches and failed: ${JSON.stringify(gpu.faults)}`);
    const told = metrics.gpu_pipelines_compiled_after_warmup_total;
    if (told !== later)
      throw new Error(`the engine counts ${told} pipelines compiled late, and from outside it is ${later}`);
    const config = { compiledAtWarmUp: warm, done, batchesOnGpu: gpu.batches };
    return [{ row: 'compiled-after-warmup', value: later, n: count, unit: '', config }];
  },
};

const losses = {
  rows: ['loss-survived'],
  about: { data: DATA },
  run: async ({ site, short, seed }) => {
    const tab = await site.browse({ path: 'kernels/index.html' });
    const { FAULTS } = await tab.call('kernels/faults', 'listed');
    const some = short ? FAULTS.filter((_, i) => i % 12 === 0) : FAULTS;
    let [asked, same] = [0, 0];
    const odd = [];
    for (const [fault, of] of some.flatMap((fault) => ['vectors', 'texts', 'clusters'].map((of) => [fault, of]))) {
      const name = `${fault.kind} at ${fault.at}, ${of}`;
      const seen = await tab.call('kernels/faults', 'survive', fault, seed, of);
      const answers = [seen.before, seen.during, seen.after];
      asked += answers.length;
      same += answers.filter((answer) => answer.same).length;
      if (seen.struck === 0) throw new Error(`${name} could not be caused`);
      if (answers.some((answer) => !answer.same)) odd.push(name);
    }
    await tab.close();
    if (odd.length > 0) console.log(`other hits: ${odd.join(', ')}`);
    return [
      {
        row: 'loss-survived',
        value: (100 * same) / asked,
        n: asked,
        unit: '%',
        config: { faults: some.length, seed, odd },
      },
    ];
  },
};

const software = {
  rows: ['auto-never-software', 'bytes-per-row'],
  about: { data: DATA },
  run: async ({ site, short, seed }) => {
    const tab = await site.browse({ path: 'kernels/index.html' });
    const [rows, dims, queries] = short ? [3000, 384, 1000] : [10_000, 384, 300];
    const { auto, force } = await tab.call('kernels/faults', 'autoAndForced', rows, dims, queries, seed);
    await tab.close();
    if (!auto.info.software || force.info.batches === 0) throw new Error('this adapter is no software');
    const { bytes, rows: resident, adapter } = force.info;
    return [
      {
        row: 'auto-never-software',
        value: auto.submits + auto.info.batches,
        n: 20 * queries,
        unit: '',
        config: { adapter, why: auto.info.why, batchesWhenForced: force.info.batches },
      },
      { row: 'bytes-per-row', value: bytes / resident, n: resident, unit: 'B', config: { dims, adapter } },
    ];
  },
};

export const gpu = [parity, operations, losses, software];
