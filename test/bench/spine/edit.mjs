// edit-searchable-ms and edit-embedded-chunks: one-block edits of vite-docs, each on a database that holds the state before it.
import { publish, readLines, shared } from '../lib/data.mjs';
import { readHistory } from '../lib/history.mjs';
import { percentile, round, summary } from '../lib/stats.mjs';
import { editSteps } from './edits.mjs';

export async function edits({ site, short }) {
  const count = short ? 20 : 100;
  const history = readHistory(shared('data/histories/vite-docs.jsonl.gz'));
  const steps = editSteps(history, readLines(shared('data/histories/vite-docs.edits.jsonl')), count);
  const tab = await site.browse();
  const results = await tab.call('spine', 'replay', 'edits', publish('vite-docs.edits.json', steps));
  await tab.close();
  const lost = results.filter(({ found }) => !found);
  for (const { id, query } of lost) console.error(`the new text of ${id} is not found by "${query}"`);
  if (lost.length > 0)
    throw new Error(`the new text of ${lost.length} of ${results.length} edits was not found by 50 searches`);
  const times = results.map(({ ms }) => ms);
  // By the report, and by the counter in the engine worker: the higher counts.
  const embedded = results.map((result) => Math.max(result.embedded, result.texts));
  const data = 'vite-docs';
  const config = {
    p95: round(percentile(times, 0.95)),
    max: round(Math.max(...times)),
    putMs: summary(results.map(({ putMs }) => putMs)).value,
    searchesMax: Math.max(...results.map(({ searches }) => searches)),
  };
  return [
    { row: 'edit-searchable-ms', ...summary(times), unit: 'ms', data, config },
    { row: 'edit-embedded-chunks', ...summary(embedded), value: Math.max(...embedded), unit: 'chunks', data },
  ];
}
