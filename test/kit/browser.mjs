// Starts real Chromium for tests and benches: a persistent profile, WebGPU on the CPU, and a way to kill it like a crash.
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumPath } from '../../.ci/browser.mjs';

export { chromiumPath };

const flags = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
];

/**
 * A persistent browser context. Without `profile` Playwright gives it a folder of its own and removes that on close;
 * a named profile is kept, so that a test can reopen it.
 */
export async function launch({ profile = '', args = [], headless = true } = {}) {
  const executablePath = chromiumPath();
  if (!executablePath)
    throw new Error('No Chromium found: run "npm test", or set AETHERV_CHROMIUM to the path of one.');
  return chromium.launchPersistentContext(profile, { executablePath, headless, args: [...flags, ...args] });
}

/** Kills the browser that runs on `profile` as a crash would (SIGKILL, all its processes) and waits until it is gone. */
export async function kill(context, profile) {
  // Chromium links SingletonLock to "host-pid".
  const pid = Number(/-(\d+)$/.exec(readlinkSync(join(profile, 'SingletonLock')))?.[1]);
  const gone = new Promise((done) => context.once('close', done));
  // Playwright starts the browser as leader of a process group.
  process.kill(-pid, 'SIGKILL');
  await gone;
}
