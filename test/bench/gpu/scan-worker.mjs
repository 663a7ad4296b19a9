// One core's share of a batch: an exact scan by the relaxed build.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { root } from '../../../.ci/shell.mjs';

// Node 20 compiles it only with this flag.
setFlagsFromString('--experimental-wasm-relaxed-simd');
const { values, queries, dims, k } = workerData;
const guest = await import(`${root}/wasm/pkg/vectors/relaxed/vectors.js`);
guest.initSync({
  module: new WebAssembly.Module(readFileSync(join(root, 'wasm/pkg/vectors/relaxed/vectors_bg.wasm'))),
});
const set = new guest.Vectors(dims, 0, 0, 0);
set.push(values, new BigUint64Array(values.length / dims));
parentPort.on('message', () => {
  set.search_batch(queries, k, k);
  parentPort.postMessage('done');
});
parentPort.postMessage('ready');
