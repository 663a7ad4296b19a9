// Finds the document histories of the shared data folder and lists them for the demo page.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = join(process.env.AETHERV_DATA ?? join(root, '../shared'), 'data/histories');
const served = join(root, '.tools/demo/histories');

/**
 * A folder to serve as ./histories/: NAME.jsonl.gz of every history that is there, and index.json, a list of
 * {name, file, bytes, commits, documents, from, to}, which is empty without the data.
 */
export function packHistories({ source = shared, target = served } = {}) {
  mkdirSync(target, { recursive: true });
  const names = existsSync(source) ? readdirSync(source).filter((name) => name.endsWith('.jsonl.gz')) : [];
  const known = existsSync(join(target, 'index.json'))
    ? JSON.parse(readFileSync(join(target, 'index.json'), 'utf8'))
    : [];
  const list = names.sort().map((file) => {
    const { size } = statSync(join(source, file));
    const old = known.find((entry) => entry.file === file && entry.bytes === size);
    return old && existsSync(join(target, file)) ? old : facts(source, target, file);
  });
  writeFileSync(join(target, 'index.json'), `${JSON.stringify(list, null, 2)}\n`);
  return target;
}

/** Copies one history and counts what is in it. */
function facts(source, target, file) {
  const packed = readFileSync(join(source, file));
  writeFileSync(join(target, file), packed);
  const lines = gunzipSync(packed).toString('utf8').split('\n').filter(Boolean);
  const commits = lines.map((line) => JSON.parse(line));
  const paths = new Set();
  for (const { path, op, from } of commits.flatMap((commit) => commit.changes)) {
    if (op === 'rename') paths.delete(from);
    if (op === 'delete') paths.delete(path);
    else paths.add(path);
  }
  const name = file.replace(/\.jsonl\.gz$/, '');
  const times = { from: commits[0]?.time ?? null, to: commits.at(-1)?.time ?? null };
  return { name, file, bytes: packed.length, commits: commits.length, documents: paths.size, ...times };
}
