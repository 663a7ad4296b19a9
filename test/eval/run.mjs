// `npm run eval -- SUITE [--rows a,b] [--short] [--out FILE] [--report FILE] [--collection DIR] [--history FILE --queries FILE]`: quality, and history, in real Chromium.
import { build } from '../../.ci/build.mjs';
import { setup } from '../../.ci/setup.mjs';
import { conduct } from '../../.ci/shell.mjs';
import { readArgs } from '../bench/lib/args.mjs';
import { runHere } from '../bench/lib/context.mjs';
import { history } from './history/tasks.mjs';
import { quality } from './quality/tasks.mjs';

const suites = { history, quality };

await conduct(async () => {
  const args = readArgs(process.argv.slice(2), Object.keys(suites));
  await setup();
  await build();
  return runHere(args, suites[args.suite](args));
});
