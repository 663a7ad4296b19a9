// Where data lies: the shared folder (AETHERV_DATA), and a cache folder for what is generated from it.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root, run, tools } from '../../../.ci/shell.mjs';
import { Skip } from './suite.mjs';

export const dataFolder = resolve(root, process.env.AETHERV_DATA ?? '../shared');
/** What pages fetch under /data/; git ignores it. */
export const cache = join(tools, 'bench-data');

/** The path of a file or folder of the shared data; without it the task is skipped. */
export function shared(path) {
  const full = join(dataFolder, path);
  if (!existsSync(full)) throw new Skip(`${path} is not in the data folder (AETHERV_DATA, default ../shared)`);
  return full;
}

export function readLines(file) {
  return parseLines(readFileSync(file, 'utf8'));
}

export function parseLines(text) {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** Writes rows for a page to fetch and returns their URL path. */
export function publish(name, rows) {
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, name), JSON.stringify(rows));
  return `/data/${name}`;
}

/** Runs a generator of the shared bench folder once: `node bench/NAME.mjs COUNT FOLDER`; again only when the script changed. */
async function generated(name, count) {
  const script = shared(`bench/${name}.mjs`);
  const hash = createHash('sha256').update(readFileSync(script)).digest('hex').slice(0, 12);
  const folder = join(cache, `${name}-${count}-${hash}`);
  if (existsSync(join(folder, 'done'))) return folder;
  console.log(`making ${count} ${name} once, in .tools/bench-data`);
  const { code, output } = await run(process.execPath, [script, String(count), folder]);
  if (code !== 0) throw new Error(`${name}.mjs failed: ${output}`);
  writeFileSync(join(folder, 'done'), '');
  return folder;
}

/** The first `count` of passages100k, and its queries (distinct ones, in order). */
export async function passages(count) {
  shared('data/histories');
  const folder = await generated('passages', 100_000);
  const docs = readLines(join(folder, 'passages.jsonl')).slice(0, count);
  const queries = [...new Set(readLines(join(folder, 'queries.jsonl')).map((query) => query.text))];
  return { docs, queries };
}

/** The folder of synth10k or synth100k: see bench/README.md of the data folder. */
export const vectors = (count) => generated('vectors', count);
export const synth10k = () => vectors(10_000);
