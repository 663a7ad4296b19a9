// restore-equal: every document at commits all along the stream, against the stream's own state.
import { createHash } from 'node:crypto';
import { round } from '../../bench/lib/stats.mjs';
import { evenly, statesAt } from './stream.mjs';

const digest = (text) => createHash('sha256').update(text, 'utf8').digest('hex');

/** How many of the documents that are there, or should be, are not as they should be. */
export function compared(there, state) {
  const found = new Map(there);
  const ids = new Set([...found.keys(), ...state.keys()]);
  const equal = [...ids].filter((id) => state.has(id) && found.get(id) === digest(state.get(id))).length;
  // One that is listed twice is one too many.
  return { total: ids.size + there.length - found.size, equal };
}

/** Per cent of documents whose bytes are equal, over at least 50 commits; those missing or too many count as unequal. */
export async function restore(context, { name, stream, tab, commits }) {
  const indices = evenly(commits.length, context.short ? 5 : 60);
  const states = statesAt(stream, indices);
  let [total, equal] = [0, 0];
  for (const index of indices) {
    const there = await tab.call('eval/history', 'documents', 'db', commits[index]);
    const result = compared(there, states.get(index));
    if (result.equal < result.total)
      console.error(`${name}, commit ${index}: ${result.total - result.equal} of ${result.total} documents differ`);
    total += result.total;
    equal += result.equal;
  }
  const config = { commits: indices.length, documents: total, different: total - equal };
  return [{ row: 'restore-equal', value: round((100 * equal) / total), unit: '%', n: total, config }];
}
