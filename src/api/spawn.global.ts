// Starts the workers of the one-file build: they are inside this script, so that any origin may serve it.

import type { Assets } from './options.ts';
import type { Spawned } from './spawn.ts';
import BuildWorker from '../../workers/build.worker.ts?worker&inline';
import EngineWorker from '../../workers/engine.worker.ts?worker&inline';

// Known only while the script runs for the first time.
const script = typeof document === 'undefined' ? null : document.currentScript;
const scriptUrl = script instanceof HTMLScriptElement && script.src !== '' ? script.src : undefined;

const beside = (file: string): string | undefined => scriptUrl && new URL(file, scriptUrl).href;

/** Starts the engine worker, or the worker of `assets.workerUrl`. */
export function spawn(assets: Assets): Spawned {
  const tableUrl = assets.tableUrl ?? beside('embed/aether-static-256x2.bin');
  const stemsUrl = assets.stemsUrl ?? beside('wasm/aetherv.stems.wasm');
  const worker = assets.workerUrl === undefined ? new EngineWorker() : new Worker(assets.workerUrl, { type: 'module' });
  const vectors = vectorsOf(assets);
  return { worker, how: 'worker inside the script', wasm: assets.wasmUrl, vectors, tableUrl, stemsUrl };
}

function vectorsOf(assets: Assets): Spawned['vectors'] {
  const [relaxed, simd128, scalar] = ['relaxed', 'simd128', 'scalar'].map((build) =>
    beside(`wasm/vectors.${build}.wasm`),
  );
  return assets.vectorsUrl ?? (relaxed && simd128 && scalar ? { relaxed, simd128, scalar } : undefined);
}

/** Starts a worker that builds a graph, or the worker of `assets.builderUrl`. */
export function spawnBuilder(assets: Assets): { worker: Worker; wasm: Spawned['vectors'] } {
  const worker =
    assets.builderUrl === undefined ? new BuildWorker() : new Worker(assets.builderUrl, { type: 'module' });
  return { worker, wasm: vectorsOf(assets) };
}
