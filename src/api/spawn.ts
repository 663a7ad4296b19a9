// Starts the workers of the ES module build: files beside this one.

import type { WasmBuild } from '../model/report.ts';
import type { Assets } from './options.ts';

/** A started engine worker and where its parts are. */
export interface Spawned {
  readonly worker: Worker;
  readonly how: string;
  /** Undefined when the worker holds its own engine. */
  readonly wasm: Readonly<Record<WasmBuild, string>> | undefined;
  readonly vectors: Readonly<Record<WasmBuild, string>> | undefined;
  readonly tableUrl: string | undefined;
  readonly stemsUrl: string | undefined;
}

/** Is this the library as it was published, whose workers may be started as they are? */
const isOwnOrigin = (): boolean => new URL(import.meta.url).origin === location.origin;

/** Starts the engine worker. */
export function spawn(assets: Assets): Spawned {
  const wasm = assets.wasmUrl ?? {
    relaxed: new URL('../../wasm/pkg/relaxed/aetherv_bg.wasm', import.meta.url).href,
    simd128: new URL('../../wasm/pkg/simd128/aetherv_bg.wasm', import.meta.url).href,
    scalar: new URL('../../wasm/pkg/scalar/aetherv_bg.wasm', import.meta.url).href,
  };
  const stemsUrl = assets.stemsUrl ?? new URL('../../wasm/pkg/stems/aetherv_stems.wasm', import.meta.url).href;
  const tableUrl = assets.tableUrl ?? new URL('../embed/aether-static-256x2.bin', import.meta.url).href;
  const parts = { wasm, vectors: vectorsOf(assets), tableUrl, stemsUrl };
  if (assets.workerUrl === undefined && isOwnOrigin()) {
    const worker = new Worker(new URL('../../workers/engine.worker.ts', import.meta.url), { type: 'module' });
    return { worker, how: 'module worker', ...parts };
  }
  // Where the build puts it; only scripts that are loaded as published come here.
  const url = new URL(
    assets.workerUrl ?? new URL(/* @vite-ignore */ 'workers/engine.worker.js', import.meta.url),
    location.href,
  );
  const how = url.origin === location.origin ? 'module worker' : 'module worker of another origin';
  return { worker: startAt(url), how, ...parts };
}

function vectorsOf(assets: Assets): Readonly<Record<WasmBuild, string>> {
  return (
    assets.vectorsUrl ?? {
      relaxed: new URL('../../wasm/pkg/vectors/relaxed/vectors_bg.wasm', import.meta.url).href,
      simd128: new URL('../../wasm/pkg/vectors/simd128/vectors_bg.wasm', import.meta.url).href,
      scalar: new URL('../../wasm/pkg/vectors/scalar/vectors_bg.wasm', import.meta.url).href,
    }
  );
}

/** Starts a worker that builds a graph. */
export function spawnBuilder(assets: Assets): { worker: Worker; wasm: Spawned['vectors'] } {
  const wasm = vectorsOf(assets);
  if (assets.builderUrl === undefined && isOwnOrigin())
    return {
      worker: new Worker(new URL('../../workers/build.worker.ts', import.meta.url), { type: 'module' }),
      wasm,
    };
  const beside = new URL(/* @vite-ignore */ 'workers/build.worker.js', import.meta.url);
  return { worker: startAt(new URL(assets.builderUrl ?? beside, location.href)), wasm };
}

/** A script from another origin may not be a worker: there a module of one import stands in for it. */
function startAt(url: URL): Worker {
  if (url.origin === location.origin) return new Worker(url, { type: 'module' });
  const blob = URL.createObjectURL(new Blob([`import ${JSON.stringify(url.href)};`], { type: 'text/javascript' }));
  const worker = new Worker(blob, { type: 'module' });
  // The browser has fetched it once the worker answers or fails; both come long before this.
  setTimeout(() => URL.revokeObjectURL(blob), 60_000);
  return worker;
}
