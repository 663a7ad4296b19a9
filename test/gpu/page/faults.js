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
export async function pair(seed, options = { gpu: 'force' }) {
  const draw = random(seed);
  const [faulty, plain] = [await openFaulty(options), await AetherV.open(undefined, { gpu: 'off' })];
  const rows = 400;
  const columns = { ids: Array.from({ length: rows }, (_, i) => `i${i}`), vectors: draw.values(rows * DIMS) };
  const [one, other] = [faulty, plain].map((db) => db.vectors('rows', { dims: DIMS }));
  for (const collection of [one, other]) await collection.putColumns(columns);
  const ask = async () => {
    const queries = draw.values(5 * DIMS);
    const options = { k: 10, exact: true, explain: true };
    const [there, here] = [await one.searchBatch(queries, options), await other.searchBatch(queries, options)];
    const plainly = ({ ids, scores }) => JSON.stringify([ids, [...scores]]);
    return { same: plainly(there) === plainly(here), path: there.why.path, why: there.why.why };
  };
  const close = () => Promise.all([faulty.close(), plain.close()]);
  return { faulty, ask, close };
}

/** A batch, the fault during the next one, and one after it: all of them right; how often it struck, and what the worker counted. */
export async function survive(fault, seed) {
  const { faulty, ask, close } = await pair(seed);
  try {
    const before = await ask();
    await arm({ skip: 0, ...fault });
    const during = await ask();
    const { struck } = await counted();
    await arm(null);
    const after = await ask();
    const { faults, reacquired } = (await faulty.info()).gpu;
    return { before, during, after, struck, faults, reacquired };
  } finally {
    await close();
  }
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
