// The rows of minilm17k that a history holds: at its first commit, and those that each later commit puts and deletes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseLines, shared } from '../lib/data.mjs';
import { apply, readHistory } from '../lib/history.mjs';

/** The set was made of blocks between blank lines, of at least so many characters; distinct ones, white space apart. */
const charsMin = 40;
const keyOf = (block) => block.replace(/\s+/g, ' ').trim();
const blocksOf = (text) => text.split(/\n\s*\n/).map((block) => block.trim());

/** `{ first, commits: [{ born, dead }], left }`: row numbers; `left` blocks are no row of the set. A row is there while any document has its block. */
export function replay(name) {
  const { commits } = readHistory(shared(`data/histories/${name}.jsonl.gz`));
  const rows = parseLines(gunzipSync(readFileSync(join(shared('bench/minilm17k'), 'rows.jsonl.gz'))).toString('utf8'));
  const rowOf = new Map(rows.map(({ text }, row) => [keyOf(text), row]));
  const [state, uses, left] = [new Map(), new Map(), new Set()];
  const rowsIn = (text = '') =>
    blocksOf(text).flatMap((block) => {
      const row = rowOf.get(keyOf(block));
      if (row === undefined && block.length >= charsMin) left.add(block);
      return row ?? [];
    });
  const steps = commits.map((commit) => {
    const before = new Map(state);
    apply(state, commit);
    const change = new Map();
    const count = (text, by) => {
      for (const row of rowsIn(text)) change.set(row, (change.get(row) ?? 0) + by);
    };
    for (const path of new Set([...before.keys(), ...state.keys()])) {
      if (before.get(path) === state.get(path)) continue;
      count(before.get(path), -1);
      count(state.get(path), 1);
    }
    const [born, dead] = [[], []];
    for (const [row, by] of change) {
      const was = uses.get(row) ?? 0;
      uses.set(row, was + by);
      if (was === 0 && by > 0) born.push(row);
      if (was > 0 && was + by === 0) dead.push(row);
    }
    return { born, dead };
  });
  const [{ born: first }, ...later] = steps;
  return { first, commits: later.filter(({ born, dead }) => born.length + dead.length > 0), left: left.size };
}
