// Finds a Chromium to test in: the one named, the system's, or the one that Playwright keeps; the set-up gets one if there is none.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { debianPackages } from './debian.mjs';
import { root, run, Stop, say, versions, which } from './shell.mjs';

/** The path of a Chromium, or undefined. `AETHERV_CHROMIUM` wins. */
export function chromiumPath() {
  const named = process.env.AETHERV_CHROMIUM;
  if (named) return existsSync(named) ? named : undefined;
  const system = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  for (const name of system) {
    const path = which(name);
    if (path) return path;
  }
  return playwrightsOwn();
}

function playwrightsOwn() {
  try {
    const path = createRequire(join(root, 'package.json'))('playwright-core').chromium.executablePath();
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

export async function setupBrowser() {
  if (process.env.AETHERV_CHROMIUM && !chromiumPath()) {
    throw new Stop('Set AETHERV_CHROMIUM to the path of a Chromium: it names a file that does not exist.');
  }
  if (chromiumPath()) return say('browser', `found ${chromiumPath()}`);
  say('browser', 'none found: asking Playwright for Chromium, because the tests run in a real browser');
  const cli = join(root, 'node_modules/playwright-core/cli.js');
  await run(process.execPath, [cli, 'install', 'chromium'], { log: 'playwright', limitS: 180 });
  if (!chromiumPath()) {
    say('browser', "Playwright cannot get one here, so Debian's package is installed");
    await debianPackages(versions.debian.browser, 'a browser to test in');
  }
  if (!chromiumPath()) throw new Stop('Install Chromium, or set AETHERV_CHROMIUM to the path of one.');
  say('browser', `found ${chromiumPath()}`);
}
