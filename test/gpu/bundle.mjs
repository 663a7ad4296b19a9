// Bundles the door into the GPU room as one module that a page or Node can import.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { tools } from '../../.ci/shell.mjs';

/** Where the module is: `door.js` in it. */
export const bundleFolder = join(tools, 'gpu-door');

export async function bundleDoor() {
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: {
      target: 'es2022',
      outDir: bundleFolder,
      emptyOutDir: true,
      minify: false,
      lib: { entry: fileURLToPath(new URL('door.ts', import.meta.url)), formats: ['es'], fileName: () => 'door.js' },
    },
  });
}
