// MiniSearch on the passages of search-10k-p50-ms: the same questions, in the same kind of page.
import { summary } from '../lib/stats.mjs';
import { prepared } from '../spine/passages.mjs';
import { aboutPeer, peers } from './install.mjs';

const row = 'minisearch-search-10k-p50-ms';

export const minisearchTasks = [{ rows: [row], about: aboutPeer('minisearch'), run: minisearch }];

/**
 * MiniSearch as its documentation shows it (fields title and text, stored; default options), on the page's own thread, so without
 * the way to a worker and back; it has no vectors, so this is lexical search only. Best ten taken, their texts read.
 */
async function minisearch(context) {
  await peers(context);
  const { queries, url, data } = await prepared(false);
  const count = 500;
  const tab = await context.site.browse();
  const { times, buildMs } = await tab.call(
    'peers',
    'minisearch',
    url,
    queries.slice(count, count + 100),
    queries.slice(0, count),
  );
  await tab.close();
  const config = {
    options: 'defaults',
    fields: ['title', 'text'],
    thread: 'page',
    mode: 'lexical',
    buildMs: Math.round(buildMs),
  };
  return [{ row, ...summary(times), unit: 'ms', data, config }];
}
