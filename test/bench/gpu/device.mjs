// The suite `gpu-device`: the same kernels by Dawn in Node, on a real GPU, against the engine's scan with one worker a core.
//
// A software adapter never stands in for a GPU: there every task runs at a small size, which shows that it works, and its rows are skipped.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { bundleDoor, bundleFolder } from '../../gpu/bundle.mjs';
import { random, round, summary } from '../lib/stats.mjs';
import { vectors } from '../lib/data.mjs';
import { Skip } from '../lib/suite.mjs';
import { peers } from '../peers/install.mjs';
import { arithmetic, bandwidth } from './limits.mjs';

const DIMS = 384;
const QUERIES = 64;
const K = 10;
const ROUNDS = 21;
const ROWS_BYTES_MAX = 4 * 2 ** 30;

/** The adapter, its device with all pipelines, and the GPU room's functions. */
function plane(context) {
  return context.once('plane', async () => {
    await peers(context);
    await bundleDoor();
    const door = await import(pathToFileURL(join(bundleFolder, 'door.js')).href);
    const { create, globals } = await dawn();
    Object.assign(globalThis, globals);
    // Held for as long as the device is used: Dawn goes with it.
    const gpu = create([]);
    const found = await door.findAdapter(gpu).catch((error) => {
      throw new Skip(`Dawn finds no adapter: ${error.message}`);
    });
    const made = await door.makePlane(found, ROWS_BYTES_MAX);
    console.log(`adapter: ${found.name}${found.software ? ' (software)' : ''}`);
    return { ...door, ...made, gpu, name: found.name, software: found.software };
  });
}

async function dawn() {
  try {
    return await import(createRequire(import.meta.url).resolve('webgpu'));
  } catch (error) {
    throw new Skip(`the package webgpu of test/bench cannot be loaded: ${error.message.split('\n', 1)[0]}`);
  }
}

/** Measures, and says why the rows do not count where the adapter is software. */
async function onDevice(context, measure) {
  const own = await plane(context);
  const rows = await measure(own, own.software);
  if (own.software) throw new Skip(`the only adapter is software: ${own.name}`);
  return rows.map((row) => ({ ...row, config: { adapter: own.name, ...row.config } }));
}

/** A job of `count` rows; the same values again and again where there are more than there are values. */
function jobOf(values, count, queries) {
  const [width, length] = [4 * DIMS, values.length / DIMS];
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const part = {
    key: `rows ${count}`,
    rows: count,
    mask: undefined,
    cnos: Uint32Array.from({ length: count }, (_, i) => i),
    values: (from, to) => {
      const out = new Uint8Array(width * (to - from));
      for (let row = from; row < to; row++)
        out.set(bytes.subarray(width * (row % length), width * ((row % length) + 1)), width * (row - from));
      return out;
    },
  };
  return { dims: DIMS, metric: 'cosine', k: K, queries, gather: () => [part] };
}

/** Milliseconds of runs, after two that upload and warm up. */
async function timed(run, rounds) {
  const times = [];
  for (let i = -2; i < rounds; i++) {
    const started = performance.now();
    await run();
    if (i >= 0) times.push(performance.now() - started);
  }
  return times;
}

/** What the engine does with candidates: scores them exactly. In JavaScript, which is slower. */
function rescore(values, queries, { each, cnos }) {
  let best = 0;
  for (let q = 0; q < queries.length / DIMS; q++)
    for (let i = 0; i < each; i++) {
      let sum = 0;
      const row = DIMS * (cnos[q * each + i] % (values.length / DIMS));
      for (let d = 0; d < DIMS; d++) sum += values[row + d] * queries[q * DIMS + d];
      best = Math.max(best, sum);
    }
  return best;
}

const floats = (folder, name) => new Float32Array(readFileSync(join(folder, `${name}.f32`)).buffer);
const drawn = (count, seed) => {
  const uniform = random(seed);
  return Float32Array.from({ length: count * DIMS }, () => uniform() - 0.5);
};

const batch = {
  rows: ['batch64-100k'],
  run: (context) =>
    onDevice(context, async (own, small) => {
      const folder = small ? undefined : await vectors(100_000);
      const values = folder ? floats(folder, 'base') : drawn(2000, 1);
      const queries = (folder ? floats(folder, 'query') : drawn(QUERIES, 2)).slice(0, QUERIES * DIMS);
      const job = jobOf(values, values.length / DIMS, queries);
      const rounds = small ? 3 : ROUNDS;
      const there = await timed(async () => rescore(values, queries, await own.nearest(own, job)), rounds);
      const here = await scans(values, queries, rounds);
      const value = round(summary(here).value / summary(there).value);
      const config = { gpuMs: summary(there), wasmMs: summary(here), workers: cpus().length, k: K };
      return [{ row: 'batch64-100k', value, n: rounds, unit: 'x', data: 'synth100k', config }];
    }),
};

/** The same batch by the relaxed build, the rows divided among workers. */
async function scans(values, queries, rounds) {
  const count = values.length / DIMS;
  const size = Math.ceil(count / cpus().length);
  const workers = Array.from({ length: Math.ceil(count / size) }, (_, i) => {
    const own = values.slice(i * size * DIMS, Math.min(count, (i + 1) * size) * DIMS);
    return new Worker(new URL('scan-worker.mjs', import.meta.url), {
      workerData: { values: own, queries, dims: DIMS, k: K },
    });
  });
  const answer = (worker) =>
    new Promise((done, fail) => {
      worker.once('message', done);
      worker.once('error', fail);
    });
  try {
    await Promise.all(workers.map(answer));
    return await timed(async () => {
      const answers = workers.map(answer);
      for (const worker of workers) worker.postMessage('scan');
      await Promise.all(answers);
    }, rounds);
  } finally {
    for (const worker of workers) await worker.terminate();
  }
}

const share = {
  rows: ['batch64-1m-share'],
  run: (context) =>
    onDevice(context, async (own, small) => {
      const rows = small ? 4000 : 1_000_000;
      const queries = drawn(QUERIES, 3);
      const times = await timed(() => own.nearest(own, jobOf(drawn(1000, 4), rows, queries)), small ? 2 : ROUNDS);
      const [bytesPerMs, flopsPerMs] = [await bandwidth(own.device, small), await arithmetic(own.device, small)];
      const ms = summary(times).value;
      // Rows are read once, scores written and read once; a product is a multiplication and an addition.
      const least = {
        bandwidthMs: (rows * (4 * DIMS + 8 * QUERIES)) / bytesPerMs,
        arithmeticMs: (2 * rows * DIMS * QUERIES) / flopsPerMs,
      };
      const bound = Math.max(least.bandwidthMs, least.arithmeticMs);
      const config = { ms, ...least, gigabytesPerS: round(bytesPerMs / 1e6), gigaflops: round(flopsPerMs / 1e6) };
      return [
        {
          row: 'batch64-1m-share',
          value: round((100 * bound) / ms),
          n: times.length,
          unit: '%',
          data: 'drawn by seed',
          config,
        },
      ];
    }),
};

const stated = {
  rows: ['single-breakeven-rows', 'readback-us'],
  about: { data: 'drawn by seed' },
  run: (context) =>
    onDevice(context, async (own, small) => {
      const one = drawn(1, 5);
      const values = drawn(1000, 6);
      const rounds = small ? 2 : ROUNDS;
      const empty = await timed(() => own.nearest(own, jobOf(values, 1, one)), rounds);
      const [few, many] = small ? [1000, 4000] : [16_384, 262_144];
      const ms = [];
      for (const rows of [few, many])
        ms.push(summary(await timed(() => own.nearest(own, jobOf(values, rows, one)), rounds)).value);
      const cpu = summary(await scans(drawn(few, 7), one, rounds)).value / few;
      const [slope, start] = [(ms[1] - ms[0]) / (many - few), ms[0] - (few * (ms[1] - ms[0])) / (many - few)];
      const never = cpu <= slope;
      const config = { gpuMs: ms, at: [few, many], cpuNsPerRow: round(cpu * 1e6), never };
      return [
        // Where the GPU is never quicker, no number of rows is: 0, and `never` says so.
        {
          row: 'single-breakeven-rows',
          value: never ? 0 : Math.ceil(Math.max(0, start) / (cpu - slope)),
          n: rounds,
          unit: 'rows',
          config,
        },
        { row: 'readback-us', value: round(1000 * summary(empty).value), n: rounds, unit: 'µs' },
      ];
    }),
};

/** Terms: so many in use, so many of them in a row and in a query. As in texts, the n-th has the n-th part of the rows of the first. */
const [VOCABULARY, SLOTS, TERMS] = [50_000, 64, 8];

/** A job of words and vectors, of a size that is drawn. */
function hybridJob(rows, queries) {
  const [vectors, words] = [drawn(rows, 8), new Uint32Array(2 * SLOTS * rows)];
  const uniform = random(9);
  const term = () => Math.floor(VOCABULARY ** uniform()) - 1;
  const frequencies = new Float32Array(words.buffer);
  for (let row = 0; row < rows; row++) {
    const own = new Set(Array.from({ length: SLOTS / 2 }, term));
    for (const [i, value] of [...own].sort((a, b) => a - b).entries()) {
      words[2 * (row * SLOTS + i)] = value;
      frequencies[2 * (row * SLOTS + i) + 1] = 0.2 + 2 * uniform();
    }
    for (let i = own.size; i < SLOTS; i++) words[2 * (row * SLOTS + i)] = 0xffffffff;
  }
  const part = {
    key: `hybrid ${rows}`,
    rows,
    mask: Uint32Array.from({ length: Math.ceil(rows / 32) }, () => 2 ** 32 * uniform()),
    cnos: Uint32Array.from({ length: rows }, (_, i) => i),
    values: (from, to) => new Uint8Array(vectors.buffer, 4 * DIMS * from, 4 * DIMS * (to - from)),
    terms: (from, to) => new Uint8Array(words.buffer, 8 * SLOTS * from, 8 * SLOTS * (to - from)),
  };
  return {
    ...{ dims: DIMS, k: K, fusion: 'score', slots: SLOTS, k1: 1.6, parts: [part] },
    queries: drawn(queries, 10),
    words: Array.from({ length: queries }, () => new Map(Array.from({ length: TERMS }, () => [term(), 1 + uniform()]))),
    weights: new Float32Array(queries).fill(0.6),
  };
}

/** Each kernel of a job as a submission of its own, whose scores or rows come back before the next: the last are the answer. */
async function stepwise(own, job) {
  const { device, pipelines, kernelOf, submit, recordHybrid } = own;
  let answer;
  for (const dispatch of recordHybrid(own, job).dispatches) {
    const { kernel, params, buffers, constants } = dispatch;
    const { name } = kernelOf(kernel).bindings.find(({ type }) => type === 'storage');
    const each = { found: 8 * constants.KEEP * (params.tiles ?? 1), best: 8 * constants.KEEP, tops: 4 };
    const bytes = (each[name] ?? 4 * params.stride) * job.words.length;
    answer = await submit(device, pipelines, [dispatch], buffers[name], bytes);
  }
  return new Uint32Array(answer);
}

const fused = {
  rows: ['hybrid-fused-vs-steps'],
  about: { data: 'drawn by seed' },
  run: (context) =>
    onDevice(context, async (own, small) => {
      const [rows, rounds] = small ? [2000, 3] : [100_000, ROUNDS];
      const job = hybridJob(rows, QUERIES);
      const { each, cnos } = await own.hybrid(own, job);
      const steps = await stepwise(own, job);
      if (cnos.some((cno, i) => cno !== steps[2 * i + 1])) throw new Error('step by step other rows came back');
      if (each < K || cnos.subarray(0, each).includes(0xffffffff)) throw new Error('the job has too few rows');
      const [whole, parts] = [[], []];
      // In turn, so that both have the same machine.
      for (let i = 0; i < rounds; i++) {
        whole.push(...(await timed(() => own.hybrid(own, job), 1)));
        parts.push(...(await timed(() => stepwise(own, job), 1)));
      }
      const [fusedMs, stepsMs] = [summary(whole), summary(parts)];
      const value = round(stepsMs.value / fusedMs.value);
      const config = { fusedMs, stepsMs, rows, queries: QUERIES, slots: SLOTS, k: K };
      return [{ row: 'hybrid-fused-vs-steps', value, n: rounds, unit: 'x', config }];
    }),
};

export const gpuDevice = [batch, share, fused, stated];
