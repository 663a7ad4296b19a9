// What is compared: our engine in Node, and the native peers, each behind the same few calls.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { root } from '../../../.ci/shell.mjs';
import { Skip } from '../lib/suite.mjs';
import { k, row } from './sets.mjs';

const require = createRequire(import.meta.url);
let copies = 0;

/** A new instance of the relaxed build; Node 20 compiles it only with this flag. */
async function glue() {
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  const instance = await import(`${root}/wasm/pkg/vectors/relaxed/vectors.js?copy=${++copies}`);
  instance.initSync({
    module: new WebAssembly.Module(readFileSync(join(root, 'wasm/pkg/vectors/relaxed/vectors_bg.wasm'))),
  });
  return instance;
}

/** What the level of a row is decided by, from a number of its own. */
export const levelHash = (number) => BigInt.asUintN(64, BigInt(number + 1) * 0x9e3779b97f4a7c15n);

/** Ours: the binding's `Vectors`, query and hits through linear memory. */
export async function ours({ dims, metric }) {
  const guest = await glue();
  const set = new guest.Vectors(dims, ['cosine', 'dot', 'l2', 'hamming'].indexOf(metric), 0, 0);
  const memory = guest.linear_memory();
  let query = new Float32Array();
  let hits = new Uint32Array();
  return {
    name: 'aetherv',
    set,
    memory,
    build(rows, hashOf = levelHash) {
      const before = set.count();
      set.push(
        rows,
        BigUint64Array.from({ length: rows.length / dims }, (_, i) => hashOf(before + i)),
      );
      while (set.grow(1000) > 0);
    },
    search(vector, ef, count = k, exact = false) {
      if (query.length === 0 || hits.length < count) {
        const [rowsAt, queryAt] = [set.rows_at(count), set.query_at()];
        query = new Float32Array(memory.buffer, queryAt, dims);
        hits = new Uint32Array(memory.buffer, rowsAt, count);
      }
      query.set(vector);
      return hits.subarray(0, set.search(count, ef, exact));
    },
    free: () => set.free(),
  };
}

/** hnswlib-node with the settings of its docs (M 16, efConstruction 200); it takes plain arrays of numbers, and that is part of its price. */
export function hnswlib({ dims, metric, count }) {
  const { HierarchicalNSW } = peer('hnswlib-node');
  const index = new HierarchicalNSW(metric === 'l2' ? 'l2' : 'ip', dims);
  return {
    name: 'hnswlib-node',
    build(rows) {
      index.initIndex(count, 16, 200, 100);
      for (let i = 0; i < count; i++) index.addPoint([...row(rows, dims, i)], i);
    },
    search(vector, ef) {
      index.setEf(ef);
      return index.searchKnn([...vector], k).neighbors;
    },
    free() {},
  };
}

/** usearch with its own defaults (connectivity 16, expansion_add 128). Its ef is fixed when an index is made: one is made for each. */
export const usearch = (quantization) => (set) => {
  const { Index } = peer('usearch');
  const { dims, metric, count } = set;
  const folder = mkdtempSync(join(tmpdir(), 'aetherv-usearch-'));
  const config = { dimensions: dims, metric: metric === 'l2' ? 'l2sq' : 'ip', quantization };
  const indexes = new Map();
  const at = (ef) => {
    if (!indexes.has(ef)) {
      const index = new Index({ ...config, expansion_search: ef });
      index.load(join(folder, 'index'));
      indexes.clear();
      indexes.set(ef, index);
    }
    return indexes.get(ef);
  };
  return {
    name: `usearch-${quantization}`,
    build(rows) {
      const index = new Index(config);
      const threads = 1;
      for (let i = 0; i < count; i++) index.add(BigInt(i), row(rows, dims, i), threads);
      index.save(join(folder, 'index'));
    },
    search: (vector, ef) => at(ef).search(vector, k, 1).keys,
    /** Builds, then hands out how to add to the index that was built and to search it. */
    grow(rows, use) {
      const index = new Index(config);
      const threads = 1;
      let next = 0;
      const add = (vector) => index.add(BigInt(next++), vector, threads);
      while (next < count) add(row(rows, dims, next));
      return use(add, (vector) => index.search(vector, k, threads));
    },
    free: () => rmSync(folder, { recursive: true }),
  };
};

/** A peer's module; without it its rows are skipped. */
function peer(name) {
  try {
    return require(name);
  } catch {
    throw new Skip(`${name} is not installed or did not build here, see .tools/log/peers-rebuild.log`);
  }
}

/** CPU time of this process in microseconds that `work` took. */
export function cpu(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
