// Installs the peers of test/bench/package.json when a peer row is asked for; a native one that does not build is left out.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprint, readStamp, run } from '../../../.ci/shell.mjs';
import { Skip } from '../lib/suite.mjs';

const folder = fileURLToPath(new URL('..', import.meta.url));
const stampFile = join(folder, 'node_modules/.aetherv-stamp');

/** Brings node_modules to what the lock file says; once a run, and never in a short one. */
export function peers({ once, short }) {
  if (short) throw new Skip('--short: peers are not installed');
  return once('peers', async () => {
    const files = ['test/bench/package.json', 'test/bench/package-lock.json'];
    const stamp = fingerprint(files, process.version, process.platform, process.arch);
    if (readStamp(stampFile) === stamp) return;
    console.log('installing the peers of test/bench/package.json');
    if (!(await npm('ci', '--ignore-scripts')))
      throw new Skip('npm ci in test/bench failed, see .tools/log/peers-ci.log');
    if (!(await npm('rebuild', '--ignore-scripts=false')))
      console.log('hnswlib-node did not build, see .tools/log/peers-rebuild.log');
    writeFileSync(stampFile, stamp);
  });
}

async function npm(command, ...args) {
  const cli = process.env.npm_execpath;
  const [program, first] = cli && existsSync(cli) ? [process.execPath, [cli]] : ['npm', []];
  const options = { cwd: folder, log: `peers-${command}`, limitS: 300 };
  return (await run(program, [...first, command, ...args, '--no-audit', '--no-fund'], options)).code === 0;
}

/** What every row of a peer says: whose it is, and that it is no row of ours. */
export function aboutPeer(peer) {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { suite: 'spine-peers', peer, peerVersion: dependencies[peer] };
}
