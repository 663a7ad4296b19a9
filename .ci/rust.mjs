// Rust on this machine: a host cargo, the wasm32 library, wasm-bindgen and wasm-pack, and the environment that finds them.
//
// 1. A host cargo (any, at least the minimum version); none -> Debian's.
// 2. The wasm32 library: there already -> `rustup target add` -> built once from Debian's std sources into `.tools/rust-wasm`.
// 3. wasm-bindgen and wasm-pack from crates.io into `.tools/cargo`, unless PATH has the very versions.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { debianPackages } from './debian.mjs';
import { ask, atLeast, readStamp, run, Stop, say, tools, versions, which } from './shell.mjs';

const triple = 'wasm32-unknown-unknown';
const built = join(tools, 'rust-wasm');
const wrappers = join(built, 'bin');
const cargoRoot = join(tools, 'cargo');
// Debian's own compiler, also where another one comes first on PATH.
const debianRustc = '/usr/bin/rustc';
const debianCargo = '/usr/bin/cargo';
// Cargo leaves the bitcode out of a release build, but the engine's link-time optimisation reads std's.
const stdFlags = '-C embed-bitcode=yes';
const debianSources = '/usr/lib/rustlib/src/rust/library';

/** The environment of a WASM build: the compiler that knows wasm32, then our tools, then whatever PATH has. */
export function wasmEnv() {
  const ours = existsSync(join(built, 'stamp'));
  const path = [...(ours ? [wrappers] : []), join(cargoRoot, 'bin'), process.env.PATH].join(delimiter);
  const linker = ours ? { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: versions.debian.wasmLinker } : {};
  // rustup's variables would send the wrappers' cargo back to rustup's own compiler.
  const { RUSTUP_TOOLCHAIN: _toolchain, RUSTC: _rustc, CARGO: _cargo, ...env } = process.env;
  return { ...(ours ? env : process.env), ...linker, PATH: path };
}

export async function setupRust() {
  await hostCargo();
  await wasm32();
  await crate('wasm-bindgen-cli', 'wasm-bindgen', versions.wasmBindgen, 'the JavaScript side of the WASM engine');
  await crate('wasm-pack', 'wasm-pack', versions.wasmPack, 'building the WASM engine');
}

async function hostCargo() {
  const { rust, rustHost } = versions.debian;
  if (!which('cargo') || !which('rustc'))
    await debianPackages([...rust, ...rustHost], `Rust ${versions.rust} or newer`);
  if (!which('cc')) throw new Stop('Install a C compiler as linker for Rust (Debian: apt-get install gcc libc6-dev).');
  const text = await ask('rustc', ['--version']);
  const version = /rustc (\S+)/.exec(text ?? '')?.[1];
  if (!version) throw new Stop(`Install Rust ${versions.rust} or newer: "rustc --version" does not run here.`);
  if (!atLeast(version, versions.rust))
    throw new Stop(`Install Rust ${versions.rust} or newer: this one is ${version}.`);
  say('rust', `compiler ${version} for tests`);
}

async function wasm32() {
  if (await hasTarget('rustc')) {
    if (existsSync(built)) rmSync(built, { recursive: true });
    return say('rust', `${triple}: this compiler has it`);
  }
  if (await sysrootIsRight()) return say('rust', `${triple}: built earlier, in .tools/rust-wasm`);
  if (which('rustup')) {
    say('rust', `${triple}: asking rustup for it, because the engine is compiled to WebAssembly`);
    const { code } = await run('rustup', ['target', 'add', triple], { log: 'rustup', limitS: 180 });
    if (code === 0 && (await hasTarget('rustc'))) return say('rust', `${triple}: added by rustup`);
    say('rust', `${triple}: rustup cannot get it here, so it is built from Debian's sources`);
  }
  const { rust, rustSource, linker } = versions.debian;
  await debianPackages(
    [...rust, ...rustSource, ...linker],
    `the Rust target ${triple}, which "rustup target add" could not add,`,
  );
  await buildSysroot();
}

async function hasTarget(rustc) {
  const folder = await ask(rustc, ['--print', 'target-libdir', '--target', triple]);
  return folder !== undefined && existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('libstd-'));
}

async function sysrootIsRight() {
  const stamp = readStamp(join(built, 'stamp'));
  return stamp !== '' && stamp === (await sysrootStamp()) && (await hasTarget(join(wrappers, 'rustc')));
}

/** What the sysroot depends on: the compiler and the flags it was built with. */
const sysrootStamp = async () => `${await ask(debianRustc, ['-vV'])}\n${stdFlags}\n`;

/** Builds std for wasm32 from Debian's sources and lays it out as a sysroot, with wrappers that use it. */
async function buildSysroot() {
  say('rust', `${triple}: building the standard library once (about half a minute)`);
  rmSync(built, { recursive: true, force: true });
  // Cargo cannot see that the library under its compiler changes, and would link against the old one.
  for (const name of existsSync(tools) ? readdirSync(tools) : []) {
    if (name.startsWith('target-')) rmSync(join(tools, name), { recursive: true });
  }
  const crateFolder = join(built, 'std');
  mkdirSync(join(crateFolder, '.cargo'), { recursive: true });
  mkdirSync(join(crateFolder, 'src'));
  writeFileSync(
    join(crateFolder, 'Cargo.toml'),
    '[package]\nname = "std-for-wasm32"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n',
  );
  writeFileSync(join(crateFolder, 'src/lib.rs'), '');
  writeFileSync(
    join(crateFolder, '.cargo/config.toml'),
    `[source.crates-io]\nreplace-with = "vendored"\n[source.vendored]\ndirectory = "${debianSources}/vendor"\n`,
  );
  const { RUSTUP_TOOLCHAIN: _toolchain, CARGO_ENCODED_RUSTFLAGS: _flags, ...rest } = process.env;
  const env = {
    ...rest,
    RUSTC: debianRustc,
    RUSTC_BOOTSTRAP: '1',
    RUSTFLAGS: stdFlags,
    CARGO_TARGET_DIR: join(crateFolder, 'target'),
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: versions.debian.wasmLinker,
  };
  const args = ['build', '--release', '--offline', '--target', triple, '-Z', 'build-std=std,panic_abort'];
  const { code, seconds } = await run(debianCargo, args, { cwd: crateFolder, env, log: 'build-std', limitS: 600 });
  if (code !== 0)
    throw new Stop(
      `Install Rust with the target ${triple} (rustup target add ${triple}): building it from Debian's sources failed, see .tools/log/build-std.log.`,
    );
  await layOut(join(crateFolder, 'target', triple, 'release/deps'));
  rmSync(crateFolder, { recursive: true });
  writeFileSync(join(built, 'stamp'), await sysrootStamp());
  say('rust', `${triple}: built in ${seconds.toFixed(0)} s`);
}

async function layOut(deps) {
  const sysroot = join(built, 'sysroot');
  const host = /^host: (.*)$/m.exec(await ask(debianRustc, ['-vV']))?.[1];
  const library = join(sysroot, 'lib/rustlib', triple, 'lib');
  mkdirSync(library, { recursive: true });
  symlinkSync(join('/usr/lib/rustlib', host), join(sysroot, 'lib/rustlib', host));
  for (const name of readdirSync(deps)) {
    if (name.endsWith('.rlib') && !name.startsWith('libstd_for_wasm32'))
      copyFileSync(join(deps, name), join(library, name));
  }
  mkdirSync(wrappers);
  wrapper('rustc', `exec ${debianRustc} --sysroot "$(dirname "$0")/../sysroot" "$@"`);
  wrapper('cargo', `exec ${debianCargo} "$@"`);
}

function wrapper(name, line) {
  const file = join(wrappers, name);
  writeFileSync(file, `#!/bin/sh\n# Debian's ${name} with the wasm32 library built beside it.\n${line}\n`);
  chmodSync(file, 0o755);
}

/** A program from crates.io at exactly `version`. */
async function crate(name, program, version, why) {
  const path = [join(cargoRoot, 'bin'), process.env.PATH].join(delimiter);
  const found = which(program, path);
  const have = found && /\d+\.\d+\.\d+/.exec((await ask(found, ['--version'])) ?? '')?.[0];
  if (have === version) return say('rust', `${name} ${version}: there`);
  say('rust', `${name} ${version}: compiling it from crates.io for ${why} (about 2 minutes)`);
  const args = ['install', name, '--version', version, '--root', cargoRoot, '--force'];
  const env = { ...process.env, CARGO_TARGET_DIR: join(tools, 'target-tools') };
  // A published lock file can name a crate that the index at hand does not have yet, hence the second try.
  let result = await run('cargo', [...args, '--locked'], { cwd: tools, env, log: name, limitS: 900 });
  if (result.code !== 0) result = await run('cargo', args, { cwd: tools, env, log: name, limitS: 900 });
  if (result.code !== 0)
    throw new Stop(
      `Install ${name} ${version} (cargo install ${name} --version ${version}): compiling it failed, see .tools/log/${name}.log.`,
    );
  say('rust', `${name} ${version}: compiled in ${result.seconds.toFixed(0)} s`);
}
