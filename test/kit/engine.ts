// Starts the real WASM engine in Node, so that flows run on the parts that ship.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as glue from '../../wasm/pkg/simd128/aetherv.js';
import { buildHere } from '../../src/index/builder.ts';
import { useStems } from '../../src/index/stems.ts';
import { createVectorClusters, createVectorIndex, useVectors } from '../../src/index/vectors.ts';
import type { WasmBuild } from '../../src/model/report.ts';
import type { Stems } from '../../src/ports/index.ts';
import type { GraphBuilder, VectorGuest } from '../../src/ports/vectors.ts';

/** The three builds, best last. */
export const BUILDS: readonly WasmBuild[] = ['scalar', 'simd128', 'relaxed'];

/** Path of a file of the project. */
export const projectFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The binary of a build. */
export const wasmBytes = (build: WasmBuild): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(projectFile(`wasm/pkg/${build}/aetherv_bg.wasm`)));

/** Starts the engine behind `src/index/shard.ts`; again is a no-op. */
export function startEngine(): void {
  glue.initSync({ module: new WebAssembly.Module(wasmBytes('simd128')) });
}

/** The guest of vector collections, and a builder that works in this thread. */
export const testGuest = async (): Promise<VectorGuest> => {
  useVectors(
    new WebAssembly.Module(new Uint8Array(readFileSync(projectFile('wasm/pkg/vectors/simd128/vectors_bg.wasm')))),
  );
  return { create: createVectorIndex, clusters: createVectorClusters, scanMs: () => 1 };
};
export const testBuilder: GraphBuilder = {
  build: (input, { signal, onProgress }) =>
    buildHere(input, async (done, total) => {
      onProgress(done, total);
      return signal.aborted;
    }),
};

/** The stemmers, loaded from the file when a text needs them. */
export const testStems: Stems = {
  load: () => useStems(new WebAssembly.Module(readFileSync(projectFile('wasm/pkg/stems/aetherv_stems.wasm')))),
};

/** What the glue of a build gives. */
export type Glue = typeof glue;

let copies = 0;

/** A build in a module of its own, with the glue that all builds share. */
export async function loadBuild(build: WasmBuild): Promise<Glue> {
  const fresh: Glue = await import(/* @vite-ignore */ `../../wasm/pkg/simd128/aetherv.js?copy=${build}${++copies}`);
  fresh.initSync({ module: new WebAssembly.Module(wasmBytes(build)) });
  return fresh;
}

/** A stored piece inside a build's memory. */
export function pieceIn(build: Glue, bytes: Uint8Array): InstanceType<Glue['Piece']> {
  const piece = new build.Piece(bytes.length);
  new Uint8Array((build.linear_memory() as WebAssembly.Memory).buffer, piece.address(), bytes.length).set(bytes);
  return piece;
}

/** A file of the shared data folder, if there is one: AETHERV_DATA, else `shared` beside the repository. */
export function sharedFile(path: string): string | undefined {
  const file = `${process.env.AETHERV_DATA ?? projectFile('../shared')}/${path}`;
  return existsSync(file) ? file : undefined;
}
