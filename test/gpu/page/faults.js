// A database whose GPU fails as it is told to, beside one without a GPU: what both answer.
import { AetherV } from '/aetherv/index.js';
import { random } from './random.js';

const channel = new BroadcastChannel('gpu-faults');
const DIMS = 24;

/** What the worker has counted. */
export function counted() {
  return new Promise((done) => {
    channel.onmessage = ({ data }) => data.calls && done(data);
    channel.postMessage({ ask: true });
  });
}

export async function arm(fault) {
  channel.postMessage({ fault });
  // Messages come in order: once it has answered, it knows.
  return counted();
}

/** Sets the worker's clock on. */
export async function forward(ms) {
  channel.postMessage({ forward: ms });
  return counted();
}

/** Opens a database on the worker that can be told to fail; `?none`: that has no adapter. */
export const openFaulty = (options, search = '') =>
  AetherV.open(undefined, { ...options, assets: { workerUrl: `/kernels/faulty-worker.js${search}` } });

/** Two databases with the same rows, one with a GPU, and `ask`, which puts the same batch to both. */
export async function pair(seed, search = '') {
  const draw = random(seed);
  const [faulty, plain] = [await openFaulty({ gpu: 'force' }, search), await AetherV.open(undefined, { gpu: 'off' })];
  const rows = 400;
  const columns = { ids: Array.from({ length: rows }, (_, i) => `i${i}`), vectors: draw.values(rows * DIMS) };
  const [one, other] = [faulty, plain].map((db) => db.vectors('rows', { dims: DIMS }));
  for (const collection of [one, other]) await collection.putColumns(columns);
  const ask = async (count = 5) => {
    const queries = draw.values(count * DIMS);
    const options = { k: 10, exact: true, explain: true };
    const [there, here] = [await one.searchBatch(queries, options), await other.searchBatch(queries, options)];
    const plainly = ({ ids, scores }) => JSON.stringify([ids, [...scores]]);
    return { same: plainly(there) === plainly(here), path: there.why.path, why: there.why.why };
  };
  const close = () => Promise.all([faulty.close(), plain.close()]);
  return { faulty, ask, close };
}

/** Two databases with the same rows, and `ask`, which has both group them, from another seed each time. */
export async function pairOfClusters(seed) {
  const draw = random(seed);
  const [faulty, plain] = [
    await openFaulty({ gpu: 'force' }, '?clusters'),
    await AetherV.open(undefined, { gpu: 'off' }),
  ];
  const columns = { ids: Array.from({ length: 400 }, (_, i) => `i${i}`), vectors: draw.values(400 * DIMS) };
  const both = [faulty, plain].map((db) => db.vectors('rows', { dims: DIMS }));
  for (const collection of both) await collection.putColumns(columns);
  const ask = async () => {
    const options = { k: 7, iterations: 3, seed: draw.below(1e6), explain: true };
    const [there, here] = [await both[0].clusters(options), await both[1].clusters(options)];
    const plainly = ({ why: _, centroids, clusters, ...rest }) => JSON.stringify([rest, [...centroids], [...clusters]]);
    return { same: plainly(there) === plainly(here), path: there.why.path, why: there.why.why };
  };
  const close = () => Promise.all([faulty.close(), plain.close()]);
  return { faulty, ask, close };
}

/** Two databases with the same documents, and `ask`, which puts the same batch of texts to both. */
export async function pairOfTexts(seed) {
  const draw = random(seed);
  const words = 'kettle ladder window basket candle harbor island jacket market needle orange pepper'.split(' ');
  const text = (count) => Array.from({ length: count }, () => draw.pick(words)).join(' ');
  const docs = Array.from({ length: 200 }, (_, i) => ({ id: `d${i}.md`, text: `# Note ${i}\n\n${text(9)}.\n` }));
  const both = [await openFaulty({ gpu: 'force' }, '?texts'), await AetherV.open(undefined, { gpu: 'off' })];
  for (const db of both) {
    await db.put(docs);
    await db.flush();
  }
  const [faulty] = both;
  const ask = async () => {
    const queries = Array.from({ length: 5 }, () => text(3));
    const before = (await faulty.info()).gpu.batches;
    const answers = [];
    for (const db of both) {
      const found = await db.searchBatch(queries, { collapse: 'none' });
      // Commits differ in their times.
      answers.push(JSON.stringify(found.map((hits) => hits.map(({ interval: _, ...hit }) => hit))));
    }
    const { batches, why } = (await faulty.info()).gpu;
    return { same: answers[0] === answers[1], path: batches > before ? 'gpu' : 'cpu', why };
  };
  const close = () => Promise.all(both.map((db) => db.close()));
  return { faulty, ask, close };
}

/** Every kind of failure at every call where it can be caused. `early`: while a device is got again after a loss. */
const FAULTS = [
  ...['null', 'throw', 'hang'].map((kind) => ({ kind, at: 'GPU.requestAdapter', early: true })),
  ...['throw', 'hang'].map((kind) => ({ kind, at: 'GPUAdapter.requestDevice', early: true })),
  { kind: 'limits', at: 'GPUAdapter.requestDevice', early: true },
  ...['lost', 'throw', 'shader'].map((kind) => ({ kind, at: 'GPUDevice.createShaderModule', early: true })),
  ...['lost', 'throw', 'hang'].map((kind) => ({ kind, at: 'GPUDevice.createComputePipelineAsync', early: true })),
  ...['lost', 'validation', 'memory', 'throw'].map((kind) => ({ kind, at: 'GPUDevice.createBuffer' })),
  ...['lost', 'validation', 'throw'].map((kind) => ({ kind, at: 'GPUQueue.writeBuffer' })),
  { kind: 'nan', at: 'GPUQueue.writeBuffer', least: 10_000, early: true },
  ...['lost', 'validation', 'throw'].map((kind) => ({ kind, at: 'GPUDevice.createCommandEncoder' })),
  ...['lost', 'validation', 'throw'].map((kind) => ({ kind, at: 'GPUDevice.createBindGroup' })),
  ...['lost', 'validation', 'memory', 'throw'].map((kind) => ({ kind, at: 'GPUQueue.submit' })),
  ...['lost', 'throw', 'hang'].map((kind) => ({ kind, at: 'GPUBuffer.mapAsync' })),
  ...['garbage', 'zeros', 'throw'].map((kind) => ({ kind, at: 'GPUBuffer.getMappedRange' })),
  ...['lost', 'throw', 'hang'].map((kind) => ({ kind, at: 'GPUDevice.popErrorScope' })),
];

/** For whoever asks from outside. */
export const listed = () => ({ FAULTS });

const PAIRS = { vectors: pair, texts: pairOfTexts, clusters: pairOfClusters };

/** A batch, the fault during the next one, and one after it: all of them right; how often it struck, and what the worker counted. */
export async function survive(fault, seed, of = 'vectors') {
  const { faulty, ask, close } = await PAIRS[of](seed);
  try {
    const before = await ask();
    if (fault.early) {
      await arm({ kind: 'lost', at: 'GPUQueue.submit', skip: 0 });
      await ask();
      await forward(11_000);
    }
    await arm({ skip: 0, ...fault });
    const during = await ask();
    const { struck } = await counted();
    await arm(null);
    const after = await ask();
    const { faults, reacquired } = (await faulty.info()).gpu;
    return { before, during, after, struck, faults, reacquired, metrics: await faulty.metrics() };
  } finally {
    await close();
  }
}

/** Pipelines that were compiled, as seen from outside. */
const compiled = ({ calls }) =>
  (calls['GPUDevice.createComputePipeline'] ?? 0) + (calls['GPUDevice.createComputePipelineAsync'] ?? 0);

/** Pipelines compiled by the warm-up, by a batch, and by two calls that somebody makes later: counted from outside, and by the engine. */
export async function lateCompiles(seed) {
  const { faulty, ask, close } = await pair(seed);
  const seen = async () => {
    // First, for the engine answers by another way: what was asked of the worker before is done by then.
    const outside = compiled(await counted());
    const told = await faulty.metrics();
    return {
      outside,
      all: told.gpu_pipelines_compiled_total,
      late: told.gpu_pipelines_compiled_after_warmup_total,
    };
  };
  try {
    const warm = await seen();
    const { same, path } = await ask();
    const batch = await seen();
    channel.postMessage({ compile: true });
    return { warm, same, path, batch, later: await seen() };
  } finally {
    await close();
  }
}

/** A batch of three submissions that is lost before the second or the third. */
export async function between(skip, seed) {
  const { ask, close } = await pair(seed, '?many');
  try {
    const before = await ask(140);
    await arm({ kind: 'lost', at: 'GPUQueue.submit', skip });
    const during = await ask(140);
    const { struck } = await counted();
    return { before, during, struck };
  } finally {
    await close();
  }
}

/** Opening with a fault from the start, in both modes: the code and the message, if it fails. */
export async function openedWith(search) {
  const out = {};
  for (const gpu of ['auto', 'force']) {
    const opened = await openFaulty({ gpu }, search).catch((error) => error);
    out[gpu] = { code: opened.code ?? 'none', message: opened.message };
    if (!opened.code) await opened.close();
  }
  return out;
}

/** Operations of every sort on one database whose GPU is forced; pipelines compiled until they began, and while they ran. */
export async function operate(count, seed) {
  const draw = random(seed);
  const db = await openFaulty({ gpu: 'force' }, '?whole');
  const collections = [
    db.vectors('cosine', { dims: 32 }),
    db.vectors('l2', { dims: 7, metric: 'l2', index: 'hnsw' }),
    db.vectors('dot', { dims: 384, metric: 'dot' }),
  ];
  const dims = [32, 7, 384];
  const warm = compiled(await counted());
  const done = { put: 0, search: 0, searchBatch: 0, clusters: 0, asOf: 0, filter: 0, text: 0 };
  for (let i = 0; i < count; i++) {
    const which = draw.below(3);
    const [collection, width] = [collections[which], dims[which]];
    const filter = draw.below(3) === 0 ? { n: { $lt: draw.below(5) } } : undefined;
    const asOf = i > 100 && draw.below(4) === 0 ? `HEAD~${draw.below(20)}` : undefined;
    const options = { k: draw.pick([1, 5, 10, 30, 150]), filter, asOf };
    if (filter) done.filter++;
    if (asOf) done.asOf++;
    // Clusters are many submissions each.
    const seldom = i % 25 === 24 ? 'clusters' : 'searchBatch';
    const kind = draw.pick(i < 20 ? ['put'] : ['put', 'put', 'search', 'search', 'text', seldom]);
    done[kind]++;
    if (kind === 'put')
      await collection.put(
        Array.from({ length: 1 + draw.below(4) }, () => ({
          id: `i${draw.below(3000)}`,
          vector: draw.values(width),
          meta: { n: draw.below(5) },
        })),
      );
    else if (kind === 'search') await collection.search(draw.values(width), options);
    else if (kind === 'searchBatch')
      await collection.searchBatch(draw.values(width * draw.pick([1, 3, 16, 17, 64, 100])), options);
    else if (kind === 'clusters')
      await collection.clusters({ k: draw.pick([1, 2, 5]), iterations: 2, asOf }).catch((error) => {
        // So early there may be fewer items.
        if (!/there (is|are) \d/.test(error.message)) throw error;
      });
    else if (draw.below(4) === 0)
      await db.put({ id: `d${draw.below(50)}.md`, text: `# Note ${i}\n\nThe kettle ${draw.below(99)}.` });
    else if (draw.below(2) === 0) await db.search('kettle', { asOf });
    else await db.searchBatch(['kettle', draw.values(256), `note ${i}`], { asOf });
  }
  const after = compiled(await counted());
  const [{ gpu }, metrics] = [await db.info(), await db.metrics()];
  await db.close();
  return { warm, later: after - warm, done, gpu, metrics };
}

/** Batches that `auto` sent to the software adapter there is, and what became of one that is forced. */
export async function autoAndForced(rows, dims, queries, seed) {
  const draw = random(seed);
  const columns = { ids: Array.from({ length: rows }, (_, i) => `i${i}`), vectors: draw.values(rows * dims) };
  const asked = draw.values(queries * dims);
  const out = {};
  for (const gpu of ['auto', 'force']) {
    const db = await openFaulty({ gpu }, '?whole');
    const collection = db.vectors('rows', { dims });
    await collection.putColumns(columns);
    for (let i = 0; i < 20; i++) await collection.searchBatch(asked, { exact: i % 2 === 0 });
    const { calls } = await counted();
    out[gpu] = { info: (await db.info()).gpu, submits: calls['GPUQueue.submit'] ?? 0 };
    await db.close();
  }
  return out;
}

/** Two databases that take the adapter for a real one, one after the other: what they measured, and how a large batch was answered then. */
export async function measured(seed) {
  const draw = random(seed);
  const columns = { ids: Array.from({ length: 4000 }, (_, i) => `i${i}`), vectors: draw.values(4000 * 384) };
  const out = [];
  for (let i = 0; i < 2; i++) {
    const db = await openFaulty({ gpu: 'auto' }, '?hardware');
    const collection = db.vectors('rows', { dims: 384 });
    await collection.putColumns(columns);
    const ask = () => collection.searchBatch(draw.values(700 * 384), { explain: true });
    await ask();
    let gpu = (await db.info()).gpu;
    for (
      const end = performance.now() + 40_000;
      gpu.state === 'idle' && performance.now() < end;
      gpu = (await db.info()).gpu
    )
      await new Promise((done) => setTimeout(done, 50));
    const { why } = await ask();
    const { calls } = await counted();
    out.push({ speeds: gpu.speeds, why, submits: calls['GPUQueue.submit'] ?? 0 });
    await db.close();
  }
  return out;
}

/** The rows that are uploaded first are no numbers. */
export async function poisoned(seed) {
  const { ask, close } = await pair(seed);
  try {
    await arm({ kind: 'nan', at: 'GPUQueue.writeBuffer', skip: 0, least: 10_000 });
    const during = await ask();
    const { struck } = await counted();
    return { struck, answers: [during, await ask()] };
  } finally {
    await close();
  }
}

/** Batches through losses: the first, one lost, one at once after it, then after ten seconds each time until no device is got again. */
export async function again(seed) {
  const { ask, close } = await pair(seed);
  const lose = () => arm({ kind: 'lost', at: 'GPUQueue.submit', skip: 0 });
  const later = async () => {
    await forward(11_000);
    return ask();
  };
  try {
    const answers = [await ask()];
    for (let i = 0; i < 3; i++) {
      await lose();
      answers.push(await ask());
      if (i === 0) answers.push(await ask());
      answers.push(await later());
    }
    return answers;
  } finally {
    await close();
  }
}

/** Opening without an adapter in both modes; batches of the one that opens, and of one whose adapter goes away. */
export async function noAdapter(seed) {
  const codes = [];
  const answers = [];
  for (const gpu of ['auto', 'force']) {
    const opened = await openFaulty({ gpu }, '?none').catch((error) => error);
    codes.push(opened.code ?? 'none');
    if (!opened.code) await opened.close();
  }
  const { ask, close } = await pair(seed);
  await arm({ kind: 'lost', at: 'GPUQueue.submit', skip: 0 });
  answers.push(await ask());
  await arm({ kind: 'null', at: 'GPU.requestAdapter', skip: 0 });
  await forward(11_000);
  answers.push(await ask(), await ask());
  await close();
  return { codes, answers };
}

let kept;

/** Opens a pair that stays until `endKept`, for what is done to the browser from outside. */
export async function keep(seed) {
  kept = await pair(seed);
}

export const askKept = () => kept.ask();

export async function endKept() {
  const { gpu } = await kept.faulty.info();
  await kept.close();
  return gpu;
}
