// Builds what changed: the WASM engine, dist/ (ES modules, script-tag file, types) and, when asked, the demo page.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildWasm } from '../wasm/build.mjs';
import { texts } from '../src/gpu/shaders/build.mjs';
import { setup } from './setup.mjs';
import { shaderErrors } from './shaders.mjs';
import { conduct, fingerprint, readStamp, root, run, Stop, say, tools } from './shell.mjs';

const stamps = join(tools, 'stamp');
const settings = [
  'package.json',
  'package-lock.json',
  'vite.config.ts',
  'tsconfig.json',
  '.ci/tsconfig.types.json',
  '.ci/build.mjs',
];

/** Brings everything up to date; the set-up must have run. */
export async function build({ demo = false } = {}) {
  await buildWasm();
  // Before src/ is looked at: it writes there.
  await node('src/embed/pack.mjs', []);
  await node('src/gpu/shaders/build.mjs', []);
  await unlessSame('shaders', ['src/gpu/shaders', '.ci/shaders.mjs'], '', 'src/gpu/kernels.gen.ts', checkShaders);
  const engine = readStamp(join(root, 'wasm/pkg/stamp'));
  await unlessSame('dist', [...settings, 'src', 'workers'], engine, 'dist/index.js', buildDist);
  if (demo) await unlessSame('demo', [...settings, 'demo'], commit(), 'demo/dist/index.html', buildDemo);
}

/** The sample holds the project's own pages with their history: a new commit may have changed it. */
function commit() {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  } catch {
    return '';
  }
}

async function unlessSame(name, paths, text, product, work) {
  const stampFile = join(stamps, name);
  const stamp = fingerprint(paths, text);
  if (readStamp(stampFile) === stamp && existsSync(join(root, product))) return say(name, 'nothing changed');
  const started = performance.now();
  writeStamp(stampFile, '');
  await work();
  writeStamp(stampFile, stamp);
  say(name, `done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function writeStamp(file, text) {
  mkdirSync(stamps, { recursive: true });
  writeFileSync(file, text);
}

/** Their layout was read before; here a compiler reads them. */
async function checkShaders() {
  const errors = await shaderErrors(texts());
  if (!errors) return say('shaders', 'not compiled: no Chromium is installed ("npm test" installs one)');
  if (errors.length > 0) throw new Stop(`${errors.join('\n')}\nMend these shaders.`);
}

async function buildDist() {
  say('dist', 'bundling ES modules, workers, WASM and the script-tag file');
  await vite('production');
  await vite('global');
  oneBinaryOnly();
  // The table's attribution goes wherever the table goes.
  cpSync(join(root, 'src/embed/aether-static-256x2/MODEL.md'), join(root, 'dist/embed/MODEL.md'));
  cpSync(join(root, 'wasm/crates/stems/LICENSE-snowball'), join(root, 'dist/wasm/LICENSE-snowball'));
  // A type error is the business of `npm run check`; the declarations are written all the same.
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const types = await run(process.execPath, [tsc, '-p', '.ci/tsconfig.types.json'], { log: 'types' });
  if (types.code !== 0) say('dist', 'types written with errors: "npm run check" shows them');
}

async function buildDemo() {
  await node('demo/pack.mjs', []);
  await vite('demo');
}

/** Runs a script of the project, if it is there. */
async function node(script, args) {
  if (!existsSync(join(root, script))) return;
  const { code, output } = await run(process.execPath, [join(root, script), ...args]);
  if (code !== 0) throw new Stop(`${output}\nThe build step ${script} failed; it says why above.`);
}

async function vite(mode) {
  const program = join(root, 'node_modules/vite/bin/vite.js');
  const { code, output } = await run(process.execPath, [program, 'build', '--mode', mode, '--logLevel', 'warn'], {
    log: `vite-${mode}`,
  });
  if (code !== 0) throw new Stop(`${output}\nThe bundle "${mode}" failed; Vite says why above.`);
  if (output.trim()) console.log(output.trim());
}

/** The script-tag file carries exactly one binary, as base64 of the bytes "\0asm". */
function oneBinaryOnly() {
  const text = readFileSync(join(root, 'dist/aetherv.global.js'), 'utf8');
  const count = text.split('AGFzbQ').length - 1;
  if (count !== 1)
    throw new Stop(
      `Inline exactly the simd128 binary into dist/aetherv.global.js: it holds ${count} (see globalTwins in vite.config.ts).`,
    );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await conduct(async () => {
    await setup({ browser: false });
    await build({ demo: process.argv.includes('--demo') });
  });
}
