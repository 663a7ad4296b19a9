// The engine's binary inside the one-file build: simd128, which every current browser runs.

import type { WasmSource } from '../index/load.ts';

export async function bundledWasm(): Promise<WasmSource> {
  // The one-file build makes a data: address of it.
  const { href } = new URL('../../wasm/pkg/simd128/aetherv_bg.wasm', import.meta.url);
  return { build: 'simd128', base64: href.slice(href.indexOf(',') + 1) };
}
