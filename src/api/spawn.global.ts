// Starts the engine worker of the one-file build: it is inside this script, so that any origin may serve it.

import type { Assets } from './options.ts';
import type { Spawned } from './spawn.ts';
import EngineWorker from '../../workers/engine.worker.ts?worker&inline';

// Known only while the script runs for the first time.
const script = typeof document === 'undefined' ? null : document.currentScript;
const scriptUrl = script instanceof HTMLScriptElement && script.src !== '' ? script.src : undefined;

/** Starts it, or the worker of `assets.workerUrl`. */
export function spawn(assets: Assets): Spawned {
  const tableUrl = assets.tableUrl ?? (scriptUrl && new URL('embed/aether-static-256x2.bin', scriptUrl).href);
  const stemsUrl = assets.stemsUrl ?? (scriptUrl && new URL('wasm/aetherv.stems.wasm', scriptUrl).href);
  const worker = assets.workerUrl === undefined ? new EngineWorker() : new Worker(assets.workerUrl, { type: 'module' });
  return { worker, how: 'worker inside the script', wasm: assets.wasmUrl, tableUrl, stemsUrl };
}
