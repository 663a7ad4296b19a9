// What the Node rows index: every distinct block of both histories, all versions, and 400 questions.
import { shared } from '../lib/data.mjs';
import { readHistory } from '../lib/history.mjs';
import { blocks } from '../lib/markdown.mjs';
import { random, shuffled } from '../lib/stats.mjs';

const SEED = 20;
const heading = /^#{1,6}\s+(.*)/;

/** Rows `{ doc, path, text }` in the order of their first appearance. A block's path is its file and the heading above. */
export function historyBlocks() {
  const seen = new Set();
  const rows = [];
  for (const name of ['vite-docs', 'rust-book']) {
    for (const { changes } of readHistory(shared(`data/histories/${name}.jsonl.gz`)).commits) {
      for (const { path: doc, text } of changes) {
        let above = '';
        for (const block of typeof text === 'string' ? blocks(text) : []) {
          above = heading.exec(block)?.[1] ?? above;
          if (seen.has(block)) continue;
          seen.add(block);
          rows.push({ doc: `${name}/${doc}`, path: above === '' ? [] : [above], text: block });
        }
      }
    }
  }
  return rows;
}

/** Half of them headings, half three to five words in a row of a block. */
export function questionsOf(rows, count = 400) {
  const uniform = random(SEED);
  const headings = shuffled([...new Set(rows.flatMap(({ path }) => path))], SEED).slice(0, count / 2);
  const out = [...headings];
  while (out.length < count) {
    const words = rows[Math.floor(uniform() * rows.length)].text.match(/[\p{L}\p{N}]+/gu) ?? [];
    const length = 3 + Math.floor(uniform() * 3);
    const from = Math.floor(uniform() * (words.length - length));
    if (words.length > length) out.push(words.slice(from, from + length).join(' '));
  }
  return shuffled(out, SEED);
}
