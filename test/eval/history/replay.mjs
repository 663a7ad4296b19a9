// The replay that most history rows look at: one database in a persistent profile, every commit of the stream a commit of ours.
import { publish } from '../../bench/lib/data.mjs';
import { bytesAtRest } from './disk.mjs';
import { steps } from './stream.mjs';

/** The name of the database in its profile. */
const NAME = 'replayed';

const page = 'eval/history';
/** Steps that the page fetches at once. */
const part = 100;

/** Performs steps on an open database and resolves to what the page says of each. */
export async function feed(tab, handle, list, options) {
  const out = [];
  for (let from = 0; from < list.length; from += part) {
    const url = publish('history.steps.json', list.slice(from, from + part));
    out.push(...(await tab.call(page, 'feed', handle, url, options)));
  }
  return out;
}

/**
 * Replays a stream whole, default durability and embedder, with messages, then compacts it; made once a run. `commits`: the commit after
 * each index; `written`: what the page says of each step.
 */
export function replayed({ site, short, once }, set) {
  return once(`replay ${set.name}`, async () => {
    const stream = set.open();
    const list = steps(stream);
    const tab = await site.browse();
    await tab.call(page, 'start', 'db', NAME, { counting: true });
    const started = performance.now();
    const written = await feed(tab, 'db', list, { counted: true });
    const seconds = Math.round((performance.now() - started) / 1000);
    await tab.call(page, 'verb', 'db', 'compact');
    const info = await tab.call(page, 'verb', 'db', 'info');
    const atRest = await bytesAtRest(tab, 'db', short);
    console.log(`${set.name}: ${list.length} commits replayed in ${seconds} s`);
    return { stream, list, written, commits: carried(written), info, atRest, profile: tab.profile };
  });
}

/** A step that changed nothing leaves the commit before it. */
function carried(written) {
  let commit;
  return written.map((step) => {
    commit = step.commit ?? commit;
    return commit;
  });
}

/**
 * A measurement on the replayed database: `measure(context, replay)`, with the database open as `db` in the page `replay.tab` of a new
 * browser process, which ends with it.
 */
export function onReplay(measure) {
  return async (context, set) => {
    const replay = await replayed(context, set);
    const tab = await context.site.browse({ profile: replay.profile });
    try {
      await tab.call(page, 'start', 'db', NAME);
      return await measure(context, { ...replay, name: set.name, tab });
    } finally {
      await tab.close();
    }
  };
}
