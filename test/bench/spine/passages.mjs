// The rows on 10,000 passages: longest task while they go in, search, reopening in a new browser process.
import { passages, publish } from '../lib/data.mjs';
import { percentile, round, summary } from '../lib/stats.mjs';
import { longestTask, traced } from '../lib/trace.mjs';

const name = 'passages';

/** The documents as a page fetches them, and the queries. */
export async function prepared(short) {
  const count = short ? 2000 : 10_000;
  const { docs, queries } = await passages(count);
  return { count, queries, url: publish(`passages-${count}.json`, docs), data: `passages100k, first ${count}` };
}

/** One database for all three rows: each ingest is traced, the last profile is kept. */
function filled({ site, short, once }) {
  return once('passages', async () => {
    const set = await prepared(short);
    const ingests = [];
    let profile;
    for (let i = 0; i < (short ? 1 : 3); i++) {
      const tab = await site.browse();
      profile = tab.profile;
      await tab.call('spine', 'load', set.url);
      await tab.call('spine', 'open', name);
      const { result, events } = await traced(tab.page, () => tab.call('spine', 'putLoaded'));
      if (result.added !== set.count) throw new Error(`${result.added} of ${set.count} passages were added`);
      ingests.push({ ...longestTask(events, tab.page.url()), putMs: result.ms, chunks: result.chunks });
      await tab.close();
    }
    return { ...set, ingests, profile };
  });
}

/** The longest of all ingests: a pause that happens sometimes is a pause. */
export async function longestTaskRow(context) {
  const { ingests, data } = await filled(context);
  const figures = summary(ingests.map(({ ms }) => ms));
  const value = round(Math.max(...ingests.map(({ ms }) => ms)));
  const config = { wallMs: ingests.map(({ wallMs }) => wallMs), putMs: ingests.map(({ putMs }) => round(putMs)) };
  return [{ row: 'longest-task-ms', ...figures, value, unit: 'ms', data, config }];
}

export async function search(context) {
  const { site, short } = context;
  const { queries, profile, data } = await filled(context);
  const count = short ? 100 : 500;
  const tab = await site.browse({ profile });
  await tab.call('spine', 'open', name);
  await tab.call('spine', 'searchAll', queries.slice(count, count + 100));
  const { times, hits } = await tab.call('spine', 'searchAll', queries.slice(0, count));
  await tab.close();
  if (hits < count) throw new Error(`${hits} hits for ${count} queries`);
  const config = {
    p95: round(percentile(times, 0.95)),
    p99: round(percentile(times, 0.99)),
    k: 10,
    warmUpQueries: 100,
  };
  return [{ row: 'search-10k-p50-ms', ...summary(times), unit: 'ms', data, config }];
}

/** Each repetition is a new browser process on the same profile; it may settle for a second before `open` is called. */
export async function reopen(context) {
  const { site, short } = context;
  const { queries, profile, data } = await filled(context);
  const times = [];
  const opens = [];
  for (let i = 0; i < (short ? 2 : 7); i++) {
    const tab = await site.browse({ profile });
    await tab.page.evaluate(() => import('/spine.js'));
    await tab.page.waitForTimeout(1000);
    const { ms, hits, openMs } = await tab.call('spine', 'reopen', name, queries[i]);
    await tab.close();
    if (hits === 0) throw new Error(`no hit after reopening for "${queries[i]}"`);
    times.push(ms);
    opens.push(openMs);
  }
  return [
    { row: 'reopen-first-hit-ms', ...summary(times), unit: 'ms', data, config: { openMs: summary(opens).value } },
  ];
}
