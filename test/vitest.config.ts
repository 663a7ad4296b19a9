// Tests that cross rooms: flows, tidiness, parity of the WASM builds, real Chromium; one file at a time.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { execArgv } from '../vite.config.ts';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/*/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    environment: 'node',
    pool: 'forks',
    execArgv,
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
