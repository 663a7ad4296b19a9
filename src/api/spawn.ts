// Starts the engine worker of the ES module build: a file beside this one.

import type { WasmBuild } from '../model/report.ts';
import type { Assets } from './options.ts';

/** A started worker and where its parts are. */
export interface Spawned {
  readonly worker: Worker;
  readonly how: string;
  /** Undefined when the worker holds its own engine. */
  readonly wasm: Readonly<Record<WasmBuild, string>> | undefined;
  readonly tableUrl: string | undefined;
  readonly stemsUrl: string | undefined;
}

/** Starts it. A script from another origin may not be a worker: there a module of one import stands in for it. */
export function spawn(assets: Assets): Spawned {
  const wasm = assets.wasmUrl ?? {
    relaxed: new URL('../../wasm/pkg/relaxed/aetherv_bg.wasm', import.meta.url).href,
    simd128: new URL('../../wasm/pkg/simd128/aetherv_bg.wasm', import.meta.url).href,
    scalar: new URL('../../wasm/pkg/scalar/aetherv_bg.wasm', import.meta.url).href,
  };
  const stemsUrl = assets.stemsUrl ?? new URL('../../wasm/pkg/stems/aetherv_stems.wasm', import.meta.url).href;
  const tableUrl = assets.tableUrl ?? new URL('../embed/aether-static-256x2.bin', import.meta.url).href;
  if (assets.workerUrl === undefined && new URL(import.meta.url).origin === location.origin) {
    const worker = new Worker(new URL('../../workers/engine.worker.ts', import.meta.url), { type: 'module' });
    return { worker, how: 'module worker', wasm, tableUrl, stemsUrl };
  }
  // Where the build puts it; only scripts that are loaded as published come here.
  const url = new URL(
    assets.workerUrl ?? new URL(/* @vite-ignore */ 'workers/engine.worker.js', import.meta.url),
    location.href,
  );
  if (url.origin === location.origin)
    return { worker: new Worker(url, { type: 'module' }), how: 'module worker', wasm, tableUrl, stemsUrl };
  const blob = URL.createObjectURL(new Blob([`import ${JSON.stringify(url.href)};`], { type: 'text/javascript' }));
  const worker = new Worker(blob, { type: 'module' });
  // The browser has fetched it once the worker answers or fails; both come long before this.
  setTimeout(() => URL.revokeObjectURL(blob), 60_000);
  return { worker, how: 'module worker of another origin', wasm, tableUrl, stemsUrl };
}
