// kill-lost: the browser is killed at random moments of a write loop; every acknowledged commit must be there afterwards.
import { killBrowser } from '../lib/kill.mjs';
import { random } from '../lib/stats.mjs';
import { Skip } from '../lib/suite.mjs';
import { operation, perform } from '../page/workload.js';

const name = 'killed';

export async function kills({ site, short, seed }) {
  if (process.platform === 'win32') throw new Skip('needs ps and SIGKILL');
  const cycles = short ? 3 : 20;
  console.log(`seed ${seed} (AETHERV_SEED repeats it)`);
  const uniform = random(seed);
  const oracle = new Oracle(seed);
  const profile = site.profile();
  const lost = new Map();
  let cycle = 0;
  for (; cycle < cycles && lost.size === 0; cycle++) {
    await writeAndKill(site, profile, oracle, { delay: 100 + 900 * uniform(), whole: uniform() < 0.5 });
    for (const [n, what] of await verify(site, profile, oracle)) lost.set(n, what);
  }
  const config = { seed, acknowledged: oracle.commits.size, lost: Object.fromEntries(lost) };
  return [{ row: 'kill-lost', value: lost.size, unit: 'commits', n: cycle, data: 'seeded writes', config }];
}

/** What was acknowledged, kept outside the browser. */
class Oracle {
  commits = new Map();
  /** The database after the first `done` writes. */
  done = 0;
  state = new Map();
  /** The last write that touched each document. */
  writers = new Map();

  constructor(seed) {
    this.seed = seed;
  }

  advance() {
    const write = operation(this.seed, ++this.done, this.state);
    perform(this.state, write);
    for (const id of [...write.put.map((doc) => doc.id), ...write.drop]) this.writers.set(id, this.done);
  }

  acknowledge(n, commit) {
    this.commits.set(n, commit);
    while (this.done < n) this.advance();
  }
}

async function writeAndKill(site, profile, oracle, { delay, whole }) {
  const tab = await site.browse({ profile });
  let killing = false;
  let failure;
  const first = new Promise((resolve, reject) => {
    failure = reject;
    tab.page
      .exposeFunction('ack', (n, commit) => {
        oracle.acknowledge(n, commit);
        resolve();
      })
      .catch(reject);
  });
  const before = oracle.done;
  // The call never returns: it ends with the browser.
  tab.call('kill', 'write', name, oracle.seed, before).catch((error) => killing || failure(error));
  await first;
  await new Promise((done) => setTimeout(done, delay));
  const gone = new Promise((done) => tab.context.once('close', done));
  killing = true;
  await killBrowser(profile, whole);
  await gone;
  console.log(`killed ${whole ? 'all processes' : 'the browser process'} after ${oracle.done - before} writes`);
}

/**
 * Opens the profile again. Every acknowledged commit must be in the log. At most one write was under way, so the documents must be
 * those after the last acknowledged write, or after the one that follows it; and a search must find the last one's words. Returns
 * what is lost, as pairs of write number and reason.
 */
async function verify(site, profile, oracle) {
  const tab = await site.browse({ profile });
  const { commits, docs, found } = await tab.call('kill', 'inspect', name, oracle.done);
  await tab.close();
  const log = new Set(commits);
  const lost = [...oracle.commits]
    .filter(([, id]) => !log.has(id))
    .map(([n, id]) => [n, `commit ${id} is not in the log`]);
  const [last, there] = [oracle.done, new Map(docs)];
  const wrong = differing(there, oracle.state).map((id) => [
    oracle.writers.get(id) ?? last,
    `${id} is not as it was put`,
  ]);
  if (wrong.length > 0) oracle.advance();
  if (wrong.length > 0 && differing(there, oracle.state).length > 0) lost.push(...wrong);
  const written = [...there].filter(([, text]) => text.includes(`number${last}.`)).map(([id]) => id);
  if (written.length > 0 && !found.some((id) => written.includes(id)))
    lost.push([last, 'search does not find its words']);
  return lost;
}

function differing(there, wanted) {
  const ids = new Set([...there.keys(), ...wanted.keys()]);
  return [...ids].filter((id) => there.get(id) !== wanted.get(id));
}
