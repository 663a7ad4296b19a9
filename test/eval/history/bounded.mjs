// bounded-bytes: ten thousand commits with `keepLast: 50` and nobody who tidies up, against a database of what is kept.
import { round } from '../../bench/lib/stats.mjs';
import { document, edit, firstNotes } from '../page/notes.js';
import { bytesAtRest, yardstickAtRest } from './disk.mjs';
import { compared } from './restore.mjs';

const page = 'eval/history';
const notes = 200;
const keepLast = 50;

/** The notes at the end, by the harness's own count. */
function stateAfter(commits) {
  const state = firstNotes(notes);
  for (let n = 1; n <= commits; n++) edit(state, n);
  return new Map(state.map((_, note) => document(state, note)).map(({ id, text }) => [id, text]));
}

/** Relaxed durability on both sides, for speed; the second is given the state before the last fifty commits, those, and `compact`. */
export async function bounded({ site, short }) {
  const commits = short ? 800 : 10_000;
  const wanted = stateAfter(commits);
  const started = performance.now();
  const tab = await site.browse();
  await tab.call(page, 'start', 'db', 'bounded', { durability: 'relaxed' });
  await tab.call(page, 'verb', 'db', 'retain', { keepLast });
  await tab.call('eval/bounded', 'write', 'db', notes, 0, commits);
  const seconds = Math.round((performance.now() - started) / 1000);
  const { bytes, leveldb } = await bytesAtRest(tab, 'db', short);

  const other = await site.browse();
  await other.call(page, 'start', 'db', 'kept', { durability: 'relaxed' });
  await other.call('eval/bounded', 'write', 'db', notes, commits - keepLast, commits);
  const kept = await yardstickAtRest(other, 'db', short);

  const again = await site.browse({ profile: tab.profile });
  await again.call(page, 'start', 'db', 'bounded', { durability: 'relaxed' });
  const reachable = (await again.call(page, 'times', 'db')).length;
  const there = compared(await again.call(page, 'documents', 'db'), wanted);
  await again.close();
  if (there.equal < there.total) throw new Error(`${there.total - there.equal} notes are not as they were written`);
  if (reachable < keepLast) throw new Error(`only ${reachable} commits are left of the ${keepLast} to be kept`);
  const config = {
    commits,
    keepLast,
    notes,
    bytes,
    ofThatLevelDb: leveldb,
    keptBytes: kept.bytes,
    commitsInLog: reachable,
    seconds,
  };
  return [
    { row: 'bounded-bytes', value: round(bytes / kept.bytes), unit: 'x', n: commits, data: 'generated notes', config },
  ];
}
