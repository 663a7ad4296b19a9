// The docs rows: known-item questions over the head of a history, one hit per section, the embedded table.
import { publish, readLines } from '../../bench/lib/data.mjs';
import { isBelow, knownItems } from '../../bench/lib/gold.mjs';
import { readHistory } from '../../bench/lib/history.mjs';
import { plain } from '../../bench/lib/markdown.mjs';
import { round } from '../../bench/lib/stats.mjs';

/** `pairs`: functions that give the files of a history and of its questions. */
export function docsTask(pairs) {
  return {
    rows: ['docs-mrr10-hybrid', 'docs-s10-hybrid'],
    run: async ({ site }) => {
      const rows = [];
      for (const pair of pairs) rows.push(...(await docsRows(site, ...pair())));
      return rows;
    },
  };
}

async function docsRows(site, historyFile, queriesFile) {
  const history = readHistory(historyFile);
  const { docs, questions, missing } = knownItems(history, readLines(queriesFile));
  console.log(`${history.name}: ${questions.length} questions, ${missing} left out (their section is not at the head)`);
  const tab = await site.browse();
  const filled = await tab.call('eval/quality', 'fill', publish(`${history.name}.head.json`, docs));
  const answers = await tab.call('eval/quality', 'sections', questions, { k: 10 });
  await tab.close();
  const ranks = questions.map(({ gold }, i) => answers[i].findIndex((hit) => isRight(hit, gold)));
  const mean = (score) => round(ranks.reduce((sum, rank) => sum + (rank < 0 ? 0 : score(rank)), 0) / ranks.length);
  const config = { leftOut: missing, documents: docs.length, chunks: filled.chunks, space: filled.space };
  const row = { n: questions.length, data: history.name, config };
  return [
    { row: 'docs-mrr10-hybrid', value: mean((rank) => 1 / (rank + 1)), unit: 'MRR@10', ...row },
    { row: 'docs-s10-hybrid', value: mean(() => 1), unit: 'success@10', ...row },
  ];
}

function isRight(hit, gold) {
  return hit.id === gold.id && isBelow(plain(hit.path), gold.path);
}
