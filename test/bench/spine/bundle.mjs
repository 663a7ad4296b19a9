// page-bundle-kb: what importing the library loads in the page's own thread, gzipped.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../../../.ci/shell.mjs';
import { round } from '../lib/stats.mjs';

const dist = join(root, 'dist');

/** The static imports of an ES module; `import(...)` is not one. */
const imported = /(?:^|[;}\s])(?:import|export)\s*(?:[\w$*{}\s,]+?\s*from\s*)?["'](\.[^"']+)["']/g;

function closure(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(imported)) closure(join(dirname(file), path), seen);
  return seen;
}

/** KB are 1,000 bytes, gzip level 9, each file for itself. The files must be those that the page really loads. */
export async function bundle({ site }) {
  const files = [...closure(join(dist, 'index.js'))].map((file) => relative(dist, file).replaceAll('\\', '/')).sort();
  const tab = await site.browse();
  const loaded = await tab.call('bundle', 'loadedByImport');
  await tab.close();
  if (loaded.join() !== files.join())
    throw new Error(`the page loads ${loaded.join()}, static imports are ${files.join()}`);
  const bytes = files.map((file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length);
  const value = round(bytes.reduce((sum, each) => sum + each, 0) / 1000);
  return [{ row: 'page-bundle-kb', value, unit: 'KB', n: files.length, data: 'dist', config: { files } }];
}
