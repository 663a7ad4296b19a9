// Calls of a collection in the guest for batches that are scored elsewhere.

import { madeUp } from '../base/made-up.ts';
import type { CollectionDef } from '../model/vectors.ts';
import { NONE } from '../ports/index.ts';
import type { AdmittedPart, VectorIndex } from '../ports/vectors.ts';
import * as wasm from '../../wasm/pkg/vectors/simd128/vectors.js';

/** Rows of codes are padded to a multiple of so many bytes: see `wasm/crates/ann/src/kernels/mod.rs`. */
const CODE_ALIGN = 16;
/** Likewise rows at half precision, to so many values. */
const HALF_ALIGN = 4;
/** Numbers in the guest: of what scores are of. */
const PRECISIONS = { whole: 0, half: 1, codes: 2 } as const;
/** The metric's number in the guest. */
const DOT = 1;
/** The memtable's rows only get more until it is flushed. */
const MEMTABLE_KEY = 'mem';

/** The calls, of one collection. */
export function candidateCalls(
  guest: wasm.Collection,
  { dims }: CollectionDef,
  call: <T>(run: () => T) => T,
  memory: () => ArrayBuffer,
): Pick<VectorIndex, 'admitted' | 'probes' | 'searchFrom' | 'diverse'> {
  const width = CODE_ALIGN * Math.ceil(dims / CODE_ALIGN);
  const view = (address: number, bytes: number, from: number, to: number): Uint8Array =>
    new Uint8Array(memory(), address + bytes * from, bytes * (to - from));
  const part = (at: number, id: number, rows: number, count: number, mask: Uint32Array | undefined): AdmittedPart => ({
    key: id === NONE ? MEMTABLE_KEY : String(id),
    rows,
    count,
    mask,
    resident: call(() => guest.part_resident(at)),
    get cnos() {
      return call(() => guest.part_cnos(at));
    },
    values: (from, to) =>
      view(
        call(() => guest.part_values_at(at, from, to)),
        4 * dims,
        0,
        to - from,
      ),
    halves: (from, to) =>
      view(
        call(() => guest.part_halves_at(at, from, to)),
        2 * HALF_ALIGN * Math.ceil(dims / HALF_ALIGN),
        0,
        to - from,
      ),
    codes: (from, to) =>
      view(
        call(() => guest.part_codes_at(at)),
        width,
        from,
        to,
      ),
    scales: (from, to) =>
      view(
        call(() => guest.part_scales_at(at)),
        4,
        from,
        to,
      ),
  });
  return {
    admitted(view, filter) {
      const words = call(() => guest.admitted(view, filter));
      const parts: AdmittedPart[] = [];
      for (let at = 1, place = 0; at < words.length; place++) {
        const [id = NONE, rows = 0, count = 0] = words.subarray(at, at + 3);
        at += 3;
        const length = count > 0 && count < rows ? Math.ceil(rows / 32) : 0;
        if (count > 0) parts.push(part(place, id, rows, count, length > 0 ? words.slice(at, at + length) : undefined));
        at += length;
      }
      return { matches: words[0] ?? 0, parts };
    },
    diverse: ({ inos, scores }, diversity, k) => call(() => guest.diverse(inos, scores, diversity, k)),
    probes(queries) {
      const bytes = call(() => guest.probes(queries));
      const end = (queries.length / dims) * width;
      return { width, codes: bytes.subarray(0, end), scales: bytes.subarray(end) };
    },
    searchFrom({ view, filter, queries, k }, { each, cnos, scores, precision }) {
      const of = PRECISIONS[precision];
      const words = call(() => guest.search_from(view, filter, queries, k, each, cnos, scores, of));
      const half = (words.length - 3) / 2;
      const [proved = 0, scanned = 0, wrong = 0] = words.subarray(2 * half);
      return {
        inos: words.slice(0, half),
        scores: new Float32Array(words.slice(half, 2 * half).buffer),
        proved,
        scanned,
        wrong,
      };
    },
  };
}

/** See `VectorGuest.scanMs`: the better of two, as a first run is slow. */
export function measureScan(dims: number, rows: number, queries: number): number {
  const set = new wasm.Vectors(dims, DOT, 0, 0);
  try {
    set.push(madeUp(rows * dims), new BigUint64Array(rows));
    const asked = madeUp(queries * dims);
    const times = [0, 1].map(() => {
      const started = performance.now();
      set.search_batch(asked, 10, 10);
      return performance.now() - started;
    });
    return Math.min(...times);
  } finally {
    set.free();
  }
}
