// The worst queries of a judged collection, explained: what was found instead, by which score, and where the relevant documents are.
import { round } from '../../bench/lib/stats.mjs';

const shown = 10;
const hitsShown = 5;

/**
 * Up to ten queries of the default search, lowest nDCG@10 first, then in the order of the file. `explain(queries)` resolves to the
 * best hits of each with `why`.
 */
export async function worst({ name, docs, queries, qrels, lists, scores }, explain) {
  const found = queries.map((query, i) => ({ ...query, i, ndcg10: scores.hybrid.perQuery.get(query._id)?.ndcg10 }));
  const chosen = found.filter(({ ndcg10 }) => ndcg10 !== undefined).sort((a, b) => a.ndcg10 - b.ndcg10 || a.i - b.i);
  chosen.length = Math.min(shown, chosen.length);
  const titles = new Map(docs.map(({ id, title, text }) => [id, (title ?? text).slice(0, 80)]));
  const hits = await explain(chosen);
  const rankIn = (mode, i, id) => lists[mode][i].indexOf(id) + 1 || undefined;
  const each = chosen.map(({ _id, text, i, ndcg10 }, at) => ({
    query: _id,
    text,
    ndcg10: round(ndcg10),
    hits: hits[at].slice(0, hitsShown).map((hit) => ({ grade: qrels.get(_id).get(hit.id) ?? 0, ...hit })),
    missed: relevant(qrels.get(_id))
      .map(([id, grade]) => ({ id, grade, ...ranks(rankIn, i, id), title: titles.get(id) }))
      .filter(({ hybrid }) => hybrid === undefined || hybrid > 10),
  }));
  return { collection: name, ndcg10: round(scores.hybrid.ndcg10), worst: each };
}

const relevant = (grades) => [...grades].filter(([, grade]) => grade > 0).sort((a, b) => b[1] - a[1]);
const ranks = (rankIn, i, id) =>
  Object.fromEntries(['hybrid', 'lexical', 'dense'].map((mode) => [mode, rankIn(mode, i, id)]));

/** The same for people. A rank that is missing is beyond 100. */
export function asMarkdown(reports) {
  return reports.map(collection).join('\n');
}

function collection({ collection, ndcg10, worst }) {
  const head = `# ${collection}\n\nnDCG@10 of the default search: ${ndcg10}. Its worst queries:\n`;
  return [head, ...worst.map(query)].join('\n');
}

function query({ query, text, ndcg10, hits, missed }) {
  const found = hits.map(({ id, grade, score, why }, at) => {
    const { bm25, chunk, section, lexicalRank, cosine, cosineRank, weight } = why;
    return [at + 1, id, grade, score, bm25, chunk, section, lexicalRank || '-', cosine, cosineRank || '-', weight];
  });
  const lost = missed.map((doc) => [
    doc.id,
    doc.grade,
    ...['hybrid', 'lexical', 'dense'].map((m) => doc[m] ?? '>100'),
    doc.title,
  ]);
  return [
    `## ${query}: ${text.trim()}\n\nnDCG@10 ${ndcg10}; rules: ${[...new Set(hits.flatMap(({ why }) => why.rules))].join(', ') || 'none'}\n`,
    table(['', 'found', 'grade', 'score', 'words', 'chunk', 'section', 'rank', 'cosine', 'rank', 'weight'], found),
    table(['missed', 'grade', 'rank', 'by words', 'by vector', 'title'], lost),
  ].join('\n');
}

function table(head, rows) {
  if (rows.length === 0) return '';
  const cell = (value) =>
    typeof value === 'number' ? String(Number(value.toPrecision(3))) : String(value).replace(/[|\n]/g, ' ');
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}
