// foreign-requests: what any page or worker of the suite's browsers asked of another origin, from Chromium's own network log.
import { requests } from '../lib/network.mjs';
import { ingest } from './ingest.mjs';

/** Counts over all browsers of this run so far; when no other row ran, one short ingest is watched. */
export async function foreign(context) {
  const { site } = context;
  if (site.logs.length === 0) await ingest({ ...context, short: true });
  const all = site.logs.flatMap(requests);
  const elsewhere = all.filter(({ url }) => new URL(url).origin !== site.origin);
  const asked = elsewhere.filter(({ initiator }) => initiator !== undefined);
  if (all.length === elsewhere.length) throw new Error('the network log shows no request of the page');
  for (const { url, initiator } of asked) console.error(`${initiator} asked for ${url}`);
  // Chromium's own business (updates, account list): no page or worker asked for it.
  const config = { browsers: site.logs.length, byTheBrowserItself: elsewhere.length - asked.length };
  return [
    { row: 'foreign-requests', value: asked.length, unit: 'requests', n: all.length, data: 'whole suite', config },
  ];
}
