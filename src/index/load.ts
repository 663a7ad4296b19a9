// Chooses one of the three WASM builds and instantiates it, once per worker.

import { AetherError, type ErrorCode } from '../base/errors.ts';
import type { WasmBuild } from '../model/report.ts';
import { initSync } from '../../wasm/pkg/simd128/aetherv.js';

/** Where the builds can be had: addresses of all three, or the bytes of the one that is bundled. */
export type WasmSource =
  | { readonly urls: Readonly<Record<WasmBuild, string>> }
  | { readonly build: WasmBuild; readonly base64: string };

/** The build that runs, and why. */
export interface LoadedWasm {
  readonly build: WasmBuild;
  readonly why: string;
}

// Modules of one function each: `v128.const 0; i32x4.extract_lane 0` and `i32x4.relaxed_dot_i8x16_i7x16_add_s`.
const HEAD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0];
const ZERO = [253, 12, ...new Array<number>(16).fill(0)];
const PROBE: Readonly<Record<Exclude<WasmBuild, 'scalar'>, readonly number[]>> = {
  simd128: [...HEAD, 10, 25, 1, 23, 0, ...ZERO, 253, 27, 0, 11],
  relaxed: [...HEAD, 10, 64, 1, 62, 0, ...ZERO, ...ZERO, ...ZERO, 253, 147, 2, 253, 27, 0, 11],
};

/** The fastest build that this browser validates. */
export function chooseBuild(validate: (bytes: Uint8Array<ArrayBuffer>) => boolean = WebAssembly.validate): LoadedWasm {
  if (validate(new Uint8Array(PROBE.relaxed))) return { build: 'relaxed', why: 'the browser validates relaxed SIMD' };
  if (validate(new Uint8Array(PROBE.simd128)))
    return { build: 'simd128', why: 'the browser validates SIMD, not relaxed SIMD' };
  return { build: 'scalar', why: 'the browser has no WebAssembly SIMD' };
}

/**
 * Loads and instantiates the engine.
 *
 * @throws `AV_INTERNAL` when the binary cannot be fetched or is none.
 */
export async function loadWasm(source: WasmSource): Promise<LoadedWasm> {
  const best = chooseBuild();
  if ('base64' in source) {
    if (source.build !== 'scalar' && best.build === 'scalar')
      throw new AetherError(
        'AV_INTERNAL',
        'this browser has no WebAssembly SIMD and the one-file build holds only that engine. Use the ES module build.',
      );
    const bytes = Uint8Array.from(atob(source.base64), (char) => char.charCodeAt(0));
    initSync({ module: await WebAssembly.compile(bytes) });
    return { build: source.build, why: 'the one-file build holds this engine' };
  }
  initSync({ module: await fetchModule(source.urls[best.build], 'the engine') });
  return best;
}

/** A server that takes a request and never answers would hold up every write. */
const FETCH_MS_MAX = 20_000;

/**
 * Fetches `what` and compiles it, while it is on its way if the server says what it is. Its address is an option of `open`.
 *
 * @throws `code` when it cannot be had, or is something else.
 */
export async function fetchModule(
  url: string,
  what: string,
  code: ErrorCode = 'AV_INTERNAL',
  option = 'assets.wasmUrl',
): Promise<WebAssembly.Module> {
  const failed = (why: string, cause?: unknown): AetherError =>
    new AetherError(code, `${what} ${url} cannot be loaded: ${why}. Serve it beside the script or set ${option}.`, {
      cause,
    });
  const broken = (cause: unknown): never => {
    // Such as the page of a server that answers every path with it.
    const isOther = cause instanceof WebAssembly.CompileError;
    throw failed(isOther ? 'what came is no WebAssembly' : 'the request failed or took too long', cause);
  };
  const reply = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS_MAX) }).catch(broken);
  if (!reply.ok) throw failed(`the server answered ${reply.status}`);
  const isTyped = reply.headers.get('content-type') === 'application/wasm';
  const compiled = isTyped ? WebAssembly.compileStreaming(reply) : reply.arrayBuffer().then(WebAssembly.compile);
  return compiled.catch(broken);
}
