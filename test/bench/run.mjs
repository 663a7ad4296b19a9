// `npm run bench -- SUITE [--rows a,b] [--short] [--out FILE] [--report FILE]`: sets up, builds, measures in real Chromium (see README.md).
import { build } from '../../.ci/build.mjs';
import { setup } from '../../.ci/setup.mjs';
import { conduct } from '../../.ci/shell.mjs';
import { readArgs } from './lib/args.mjs';
import { runHere } from './lib/context.mjs';
import { gpuDevice } from './gpu/device.mjs';
import { gpu } from './gpu/tasks.mjs';
import { spine } from './spine/tasks.mjs';
import { text } from './text/tasks.mjs';
import { page } from './vector/page.mjs';
import { vector } from './vector/tasks.mjs';

const suites = { gpu, 'gpu-device': gpuDevice, spine, text, vector };
/** Suites whose result is drawn, too. */
const pages = { vector: page };

await conduct(async () => {
  const args = readArgs(process.argv.slice(2), Object.keys(suites));
  await setup();
  await build();
  return runHere(args, suites[args.suite], pages[args.suite]);
});
