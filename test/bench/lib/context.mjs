// What every task is given: the site, the options of the run, a seed, and results that several tasks share.
import { Site } from './site.mjs';
import { runSuite } from './suite.mjs';

/** Runs a suite on a site of its own and closes that whatever happens. Resolves to the exit code. `draw` makes a page of the result. */
export async function runHere(args, tasks, draw) {
  const site = await new Site().start();
  const shared = new Map();
  const once = (key, make) => {
    if (!shared.has(key)) shared.set(key, make());
    return shared.get(key);
  };
  const seed = Number(process.env.AETHERV_SEED ?? Date.now() % 2 ** 31);
  try {
    return await runSuite(args, tasks, { ...args, site, seed, once }, draw);
  } finally {
    await site.close();
  }
}
