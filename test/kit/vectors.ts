// The guest of vector collections in its three builds, and a collection made for one question.

import { readFileSync } from 'node:fs';
import { encodeItems } from '../../src/version/items.ts';
import type * as engine from '../../wasm/pkg/vectors/simd128/vectors.js';
import { BUILDS, projectFile } from './engine.ts';

/** What the glue gives. */
export type VectorGlue = typeof engine;

/** The binary of a build. */
export const vectorBytes = (build: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(projectFile(`wasm/pkg/vectors/${build}/vectors_bg.wasm`)));

let copies = 0;

/** Every build in a module of its own, with the glue that all share. */
export const loadVectorBuilds = () =>
  Promise.all(
    BUILDS.map(async (name) => {
      const url = `../../wasm/pkg/vectors/simd128/vectors.js?copy=${name}${++copies}`;
      const glue: VectorGlue = await import(/* @vite-ignore */ url);
      glue.initSync({ module: new WebAssembly.Module(vectorBytes(name)) });
      return { name, glue };
    }),
  );

/** Rows of a collection with these metadata (JSON; none is no bytes) that a filter admits, a bit a row: 32 a word. */
export function matches(glue: VectorGlue, filter: Uint8Array, metas: readonly string[]): Uint32Array {
  const def = { ordinal: 1, name: '', dims: 1, metric: 'dot', index: 'flat', m: 0, efConstruction: 0 } as const;
  const [inos, empty] = [[...metas.keys()], metas.map(() => '')];
  const versions = new Uint8Array(16 * metas.length);
  const vectors = Float32Array.of(1);
  const rows = {
    inos,
    cnos: inos.map(() => 0),
    versions,
    ids: inos.map(String),
    metas,
    texts: empty,
    firstCno: 0,
    vectors,
  };
  const guest = new glue.Collection(1, 1, 0, 0, 1000);
  try {
    guest.apply(encodeItems(def, rows));
    const bits = new Uint32Array(Math.ceil(metas.length / 32));
    const view = guest.add_view(bits.map(() => 0xffffffff));
    for (const ino of guest.list(view, filter, 0, metas.length))
      bits[ino >> 5] = (bits[ino >> 5] ?? 0) | (1 << (ino & 31));
    return bits;
  } finally {
    guest.free();
  }
}
