// Chooses the edits that the edit rows replay, and how each is recognised in a hit.
import { apply } from '../lib/history.mjs';
import { blocks, countWords, isHeading } from '../lib/markdown.mjs';

const wordsMax = 160;
/** Words of the new text that make up the question. */
const askedWords = 24;

/**
 * The first `count` edits that change one block and insert, delete or move none, not a heading, at most 160 words; with the commits
 * that lie between them, so that a database holds the state before each edit. NAME.edits.jsonl says which edits of a document change
 * exactly one block; the stream is then cut into blocks by our own reader (lib/markdown.mjs), which must find exactly one that
 * differs, and that block (old and new) must be no heading and hold at most 160 words.
 *
 * Steps: `{ put: [docs], drop: [ids] }` brings the database up to date; `{ edit: { doc, query, at, grows } }` is timed: `at` is where
 * the new text first differs from the old, `grows` whether words or signs were put in there (see page/spine.js for their use).
 */
export function editSteps(history, edits, count) {
  const single = new Set(edits.filter(changesOneBlock).map(({ seq, path }) => `${seq} ${path}`));
  const state = new Map();
  const steps = [];
  let found = 0;
  for (const commit of history.commits) {
    if (found === count) break;
    const before = new Map(state);
    apply(state, commit);
    const chosen = [];
    for (const { path } of commit.changes) {
      if (found === count || !single.has(`${commit.seq} ${path}`)) continue;
      const edit = oneBlockEdit(path, before.get(path), state.get(path));
      if (!edit) continue;
      found++;
      chosen.push(edit);
      before.set(path, state.get(path));
    }
    steps.push(...chosen.map((edit) => ({ edit })), rest(before, state));
  }
  return steps;
}

function changesOneBlock({ op, changed, inserted, deleted, moved }) {
  return op === 'modify' && changed === 1 && inserted === 0 && deleted === 0 && moved === 0;
}

/** What else the commit changes. */
function rest(before, after) {
  const put = [...after].filter(([id, text]) => before.get(id) !== text).map(([id, text]) => ({ id, text }));
  return { put, drop: [...before.keys()].filter((id) => !after.has(id)) };
}

function oneBlockEdit(id, before, after) {
  const [old, now] = [blocks(before), blocks(after)];
  const differ = now.map((_, i) => i).filter((i) => now[i] !== old[i]);
  const [at] = differ;
  if (old.length !== now.length || differ.length !== 1) return undefined;
  const [was, is] = [old[at], now[at]];
  if (isHeading(was) || isHeading(is) || Math.max(countWords(was), countWords(is)) > wordsMax) return undefined;
  const query = question(is, difference(was, is).at);
  return query === '' ? undefined : { doc: { id, text: after }, query, ...difference(before, after) };
}

/** The first place where two texts differ, and whether anything but white space stands there only in `is`. */
function difference(was, is) {
  let at = 0;
  while (at < is.length && is[at] === was[at]) at++;
  let same = 0;
  while (same < Math.min(is.length, was.length) - at && is.at(-1 - same) === was.at(-1 - same)) same++;
  return { at, grows: is.slice(at, is.length - same).trim() !== '' };
}

/** The words of the block around the change, as somebody would ask for it who remembers the sentence. */
function question(block, at) {
  const words = (text) => text.match(/[\p{L}\p{N}]+/gu) ?? [];
  const rest = words(block.slice(block.lastIndexOf(' ', at) + 1));
  const before = words(block.slice(0, block.lastIndexOf(' ', at) + 1));
  return [...before.slice(-Math.max(askedWords / 2, askedWords - rest.length)), ...rest].slice(0, askedWords).join(' ');
}
