// Small tools of the set-up scripts: say what happens, run a program, find one, stop with one sentence.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, createWriteStream, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, with a slash at neither end. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Everything that the set-up fetches or builds for itself; git ignores it. */
export const tools = join(root, '.tools');
export const versions = JSON.parse(readFileSync(join(root, '.ci/versions.json'), 'utf8'));

/** A failure that the user can mend: its message is one sentence that says what to do, and no stack is shown. */
export class Stop extends Error {}

export function say(step, text) {
  console.log(`${step.padEnd(9)} ${text}`);
}

/** Runs `main` and ends the process: a Stop becomes one sentence and exit code 1. */
export async function conduct(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    console.error(`\n${error.message}`);
    process.exit(1);
  }
}

/**
 * Runs a program and resolves to `{ code, output, seconds }`; never rejects (a program that is missing has code 127).
 * `show` passes the output through while it comes; `log` names a file under `.tools/log` for it; `limitS` ends it.
 */
export function run(command, args, { cwd = root, env = process.env, show = false, log, limitS = 0 } = {}) {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const pieces = [];
    const file = log && openLog(log);
    const take = (to) => (piece) => {
      pieces.push(piece);
      file?.write(piece);
      if (show) to.write(piece);
    };
    child.stdout.on('data', take(process.stdout));
    child.stderr.on('data', take(process.stderr));
    const timer = limitS > 0 && setTimeout(() => child.kill('SIGKILL'), limitS * 1000);
    const done = (code) => {
      clearTimeout(timer);
      file?.end();
      const output = Buffer.concat(pieces).toString('utf8');
      resolve({ code, output, seconds: (performance.now() - started) / 1000 });
    };
    child.on('error', () => done(127));
    child.on('close', (code) => done(code ?? 124));
  });
}

function openLog(name) {
  mkdirSync(join(tools, 'log'), { recursive: true });
  return createWriteStream(join(tools, 'log', `${name}.log`));
}

/** The trimmed output of a short program, or undefined when it fails or is missing. */
export async function ask(command, args, options) {
  const { code, output } = await run(command, args, options);
  return code === 0 ? output.trim() : undefined;
}

/** The full path of a program on PATH (or on `path`), or undefined. */
export function which(name, path = process.env.PATH ?? '') {
  for (const folder of path.split(delimiter)) {
    const file = join(folder || '.', name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // Not here: look in the next folder.
    }
  }
  return undefined;
}

/** True when the dotted version `have` is at least `want`. */
export function atLeast(have, want) {
  const [a, b] = [have, want].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0));
  for (let i = 0; i < b.length; i++) if ((a[i] ?? 0) !== b[i]) return (a[i] ?? 0) > b[i];
  return true;
}

/** A hash over the names and bytes of files and folders (those that exist), and over extra texts. */
export function fingerprint(paths, ...texts) {
  const hash = createHash('sha256');
  const visit = (path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
      for (const name of readdirSync(path).sort()) if (!ignored.has(name)) visit(join(path, name));
    } else if (stat) {
      const bytes = readFileSync(path);
      hash.update(`${relative(root, path).split(sep).join('/')}\0${bytes.length}\0`).update(bytes);
    }
  };
  for (const path of paths) visit(join(root, path));
  for (const text of texts) hash.update(`\0${text}`);
  return hash.digest('hex');
}

const ignored = new Set(['node_modules', 'target', 'pkg', 'dist', '.git']);

/** The text of a small file, or an empty string when there is none: a stamp that never matches. */
export function readStamp(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
