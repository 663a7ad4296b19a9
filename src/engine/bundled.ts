// Where the engine's binary is when the page gives no addresses: nowhere in this build, inside the one-file build.

import type { WasmSource } from '../index/load.ts';

export async function bundledWasm(): Promise<WasmSource> {
  throw new Error('the ES module build needs the addresses of its engines');
}
