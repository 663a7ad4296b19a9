// Compiles the engine to WebAssembly three times (scalar, simd128, relaxed), shrinks each and prints its size.
//
// 1. wasm-pack compiles `crates/binding` and `crates/vectors` with the target features of each build, each in a target folder of its own.
// 2. wasm-opt shrinks the binary; it may use no feature beyond those of that build.
// 3. The JavaScript glue of all three must be the same bytes: `src/index` uses one for whichever binary it loads.
// Skipped when nothing under wasm/ changed since the last good build.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { wasmEnv } from '../.ci/rust.mjs';
import { conduct, fingerprint, readStamp, root, run, Stop, say, tools, versions } from '../.ci/shell.mjs';

const out = join(root, 'wasm/pkg');
const stampFile = join(out, 'stamp');
const stemsFile = join(out, 'stems/aetherv_stems.wasm');
/** What is compiled for each build: the engine, and beside it the sets of vectors, which the engine does not use yet. */
const modules = [
  { crate: 'binding', stem: 'aetherv', folder: out },
  { crate: 'vectors', stem: 'vectors', folder: join(out, 'vectors') },
];

/** Twins of the GPU's kernels: for tests alone, and once. */
const twins = { crate: 'twins', stem: 'twins', folder: join(out, 'twins') };

// What rustc's wasm32 target turns on by itself, and so may wasm-opt.
const baseline = [
  'bulk-memory',
  'nontrapping-float-to-int',
  'sign-ext',
  'mutable-globals',
  'reference-types',
  'multivalue',
];
const builds = [
  { name: 'scalar', features: [], opt: [] },
  { name: 'simd128', features: ['simd128'], opt: ['simd'] },
  { name: 'relaxed', features: ['simd128', 'relaxed-simd'], opt: ['simd', 'relaxed-simd'] },
];

/** Brings `wasm/pkg/{scalar,simd128,relaxed}` up to date; resolves to true when it had to compile. */
export async function buildWasm() {
  const sources = fingerprint(['wasm/Cargo.toml', 'wasm/crates', 'wasm/build.mjs', '.ci/versions.json']);
  if (readStamp(stampFile) === sources + lockFile()) {
    say('wasm', 'nothing changed');
    return false;
  }
  checkBindgen();
  const started = performance.now();
  say('wasm', `compiling ${builds.map((build) => build.name).join(', ')}`);
  rmSync(stampFile, { force: true });
  // All at once: link-time optimisation keeps only one core busy.
  const results = (await Promise.all(builds.map(compileAll))).flat();
  results.push(await compile(twins, builds[0]));
  const failed = results.find((result) => result.code !== 0);
  if (failed) throw new Stop(`${failed.output}\nThe WASM build "${failed.name}" failed; the compiler says why above.`);
  for (const module of modules) for (const build of builds) await shrink(module, build);
  await shrink(twins, builds[0]);
  await buildStems();
  sameGlue();
  report();
  writeFileSync(stampFile, sources + lockFile());
  say('wasm', `done in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return true;
}

/** Hashed on its own, after the build too: cargo writes it when a dependency is new. */
const lockFile = () => fingerprint(['wasm/Cargo.lock']);

/** wasm-bindgen's crate and program must be of one version, or the glue does not fit the binary. */
function checkBindgen() {
  const lock = readStamp(join(root, 'wasm/Cargo.lock'));
  const version = /name = "wasm-bindgen"\s+version = "([^"]+)"/.exec(lock)?.[1];
  if (version && version !== versions.wasmBindgen) {
    throw new Stop(
      `Set wasm-bindgen to "=${versions.wasmBindgen}" in wasm/crates/binding/Cargo.toml: Cargo.lock has ${version}.`,
    );
  }
}

async function compileAll(build) {
  const results = [];
  for (const module of modules) results.push(await compile(module, build));
  return results;
}

async function compile({ crate, stem }, { name, features }) {
  // Panic texts carry source paths; without the remapping they would name this machine's folders.
  const remap = [`${homedir()}/.cargo=cargo`, `${root}=.`].map((pair) => `--remap-path-prefix=${pair}`);
  const flags =
    features.length > 0 ? ['-C', `target-feature=${features.map((feature) => `+${feature}`).join(',')}`] : [];
  const env = {
    ...wasmEnv(),
    CARGO_ENCODED_RUSTFLAGS: [...remap, ...flags].join('\x1f'),
    CARGO_TARGET_DIR: join(tools, `target-${name}`),
  };
  const folder = join(tools, `target-${name}`, 'pkg');
  const args = [
    'build',
    join(root, 'wasm/crates', crate),
    '--target',
    'web',
    '--mode',
    'no-install',
    '--release',
    '--no-opt',
  ];
  const result = await run('wasm-pack', [...args, '--no-pack', '--out-dir', folder, '--out-name', stem], {
    env,
    log: `wasm-${stem}-${name}`,
    limitS: 600,
  });
  return { ...result, name: `${stem} ${name}` };
}

/** The stemmers of other languages: no glue, a room in its memory and two calls. */
async function buildStems() {
  const target = join(tools, 'target-stems');
  const flags = [`--remap-path-prefix=${homedir()}/.cargo=cargo`, `--remap-path-prefix=${root}=.`];
  const env = { ...wasmEnv(), CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f'), CARGO_TARGET_DIR: target };
  const args = ['build', '--release', '--target', 'wasm32-unknown-unknown', '--manifest-path'];
  const compiled = await run('cargo', [...args, join(root, 'wasm/crates/stems/Cargo.toml')], {
    env,
    log: 'wasm-stems',
    limitS: 600,
  });
  if (compiled.code !== 0)
    throw new Stop(`${compiled.output}\nThe stemmers cannot be compiled; the compiler says why above.`);
  mkdirSync(join(out, 'stems'), { recursive: true });
  await optimise('stems', join(target, 'wasm32-unknown-unknown/release/aetherv_stems.wasm'), stemsFile, ['-Oz']);
}

async function shrink({ stem, folder }, { name, opt }) {
  const from = join(tools, `target-${name}`, 'pkg');
  const to = join(folder, name);
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const file of [`${stem}.d.ts`, `${stem}_bg.wasm.d.ts`]) cpSync(join(from, file), join(to, file));
  writeFileSync(join(to, `${stem}.js`), withoutGuess(readFileSync(join(from, `${stem}.js`), 'utf8')));
  await optimise(
    `${stem}-${name}`,
    join(from, `${stem}_bg.wasm`),
    join(to, `${stem}_bg.wasm`),
    ['-O3', '--converge'],
    opt,
  );
}

async function optimise(name, from, to, level, features = []) {
  const program = join(root, 'node_modules/binaryen/bin/wasm-opt');
  // Which tools made it is of no use to a page.
  const strip = ['--strip-producers', '--strip-target-features'];
  const flags = [...strip, '--mvp-features', ...[...baseline, ...features].map((feature) => `--enable-${feature}`)];
  const { code, output } = await run(process.execPath, [program, ...level, ...flags, from, '-o', to], {
    log: `wasm-opt-${name}`,
  });
  if (code !== 0) throw new Stop(`${output}\nwasm-opt refused the WASM build "${name}"; it says why above.`);
}

/** The glue would guess the binary's address, and so pull one fixed binary into every bundle; ours is always handed one. */
function withoutGuess(text) {
  const cut = text.replace(/\s*if \(module_or_path === undefined\) \{\s*module_or_path = new URL\([^)]*\);\s*\}/, '');
  if (cut.includes('import.meta.url'))
    throw new Stop('Mend withoutGuess in wasm/build.mjs: this wasm-bindgen writes its default address in another way.');
  return cut;
}

function sameGlue() {
  for (const { stem, folder } of modules)
    for (const file of [`${stem}.js`, `${stem}.d.ts`]) {
      const [first, ...others] = builds.map(({ name }) => readFileSync(join(folder, name, file), 'utf8'));
      if (others.some((text) => text !== first))
        throw new Stop(`Give all three WASM builds the same exports: ${folder}/*/${file} differ.`);
    }
}

function report() {
  const over = [];
  const files = modules.flatMap(({ stem, folder }) =>
    builds.map(({ name }) => ({ name: `${stem} ${name}`, file: join(folder, name, `${stem}_bg.wasm`) })),
  );
  for (const { name, file } of [...files, { name: 'stems', file: stemsFile }]) {
    const bytes = readFileSync(file);
    const gzip = gzipSync(bytes, { level: 9 }).length;
    say('wasm', `${name.padEnd(15)} ${kilo(bytes.length)} KB, ${kilo(gzip)} KB gzip`);
    if (gzip > versions.wasmGzipBytesMax) over.push(name);
  }
  if (over.length > 0) {
    const limit = kilo(versions.wasmGzipBytesMax).trim();
    throw new Stop(`Make these WASM builds smaller: ${over.join(', ')}; each may have at most ${limit} KB gzip.`);
  }
}

const kilo = (bytes) => (bytes / 1024).toFixed(1).padStart(6);

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  await conduct(async () => void (await buildWasm()));
