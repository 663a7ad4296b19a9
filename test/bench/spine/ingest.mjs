// ingest-vite-docs-s: a new database from the call of `open` to the first correct hit.
import { publish, readLines, shared } from '../lib/data.mjs';
import { knownItems } from '../lib/gold.mjs';
import { readHistory } from '../lib/history.mjs';
import { summary } from '../lib/stats.mjs';

/**
 * A correct hit: the first question of the query file that was made from a sentence of a section that never changed, answered with
 * that section among the ten hits of a default search. Each repetition is a new page (new worker, new engine) and a new name.
 */
export async function ingest({ site, short }) {
  const history = readHistory(shared('data/histories/vite-docs.jsonl.gz'));
  const { docs, questions } = knownItems(history, readLines(shared('data/histories/vite-docs.queries.jsonl')));
  const { text: query, gold } = questions.find(({ kind }) => kind === 'sentence-stable');
  const url = publish('vite-docs.head.json', docs);
  const tab = await site.browse();
  const times = [];
  for (let i = 0; i < (short ? 2 : 7); i++) {
    await tab.reload();
    await tab.call('spine', 'load', url);
    const { ms } = await tab.call('spine', 'ingest', `fresh-${i}`, { query, ...gold });
    times.push(ms / 1000);
  }
  await tab.close();
  const config = { documents: docs.length, query };
  return [{ row: 'ingest-vite-docs-s', ...summary(times), unit: 's', data: 'vite-docs', config }];
}
