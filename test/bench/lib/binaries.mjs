// wasm-gzip-kb: what a page downloads of each build of the engine and of the module of collections.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../../../.ci/shell.mjs';
import { round } from './stats.mjs';

const builds = ['aetherv', 'vectors'].flatMap((name) => ['scalar', 'simd128', 'relaxed'].map((build) => [name, build]));

/** KB are 1,000 bytes, gzip level 9. */
export const binaries = {
  rows: ['wasm-gzip-kb'],
  run: async () =>
    builds.map(([name, build]) => {
      const bytes = gzipSync(readFileSync(join(root, `dist/wasm/${name}.${build}.wasm`)), { level: 9 }).length;
      return { row: 'wasm-gzip-kb', value: round(bytes / 1000), unit: 'KB', n: 1, data: `${name} ${build}` };
    }),
};
