// Sets up what AetherV needs: Node packages, Rust for WebAssembly, a browser; what is already right is left alone.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setupBrowser } from './browser.mjs';
import { setupRust } from './rust.mjs';
import { atLeast, conduct, fingerprint, readStamp, root, run, Stop, say, versions } from './shell.mjs';

/** Runs the steps asked for, in order. Throws a Stop with one sentence when a step cannot be done. */
export async function setup({ packages = true, rust = true, browser = true } = {}) {
  const have = process.versions.node;
  if (!atLeast(have, versions.node)) throw new Stop(`Install Node ${versions.node} or newer: this is ${have}.`);
  if (packages) await nodePackages();
  if (rust) await setupRust();
  if (browser) await setupBrowser();
}

async function nodePackages() {
  const stampFile = join(root, 'node_modules/.aetherv-stamp');
  const lock = fingerprint(['package-lock.json', '.npmrc'], process.platform, process.arch);
  if (readStamp(stampFile) === lock) return say('packages', 'node_modules is what package-lock.json says');
  say('packages', 'npm ci: the compiler, bundler and test tools named in package-lock.json');
  const { code, seconds } = await npm(['ci', '--no-audit', '--no-fund']);
  if (code !== 0) throw new Stop('Give npm access to its registry: "npm ci" failed, see .tools/log/npm.log.');
  writeFileSync(stampFile, lock);
  say('packages', `done in ${seconds.toFixed(0)} s`);
}

function npm(args) {
  // Under `npm start` the running npm is the right one; otherwise the one on PATH.
  const cli = process.env.npm_execpath;
  const options = { log: 'npm', limitS: 600 };
  return cli && existsSync(cli) ? run(process.execPath, [cli, ...args], options) : run('npm', args, options);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await conduct(() => setup());
