// Which section of which document is right, at any commit: names followed both ways, sections read by the harness.
import { isBelow } from '../../bench/lib/gold.mjs';
import { pathAt } from '../../bench/lib/history.mjs';
import { plain } from '../../bench/lib/markdown.mjs';
import { kindOf, sections } from '../../bench/lib/sections.mjs';

/**
 * The name at seq `to` of the file that a question was made from. Some questions give the name that it has at the end of the stream
 * instead of the one it had at their seq; it is followed from there.
 */
export function nameAt(history, { path, seq }, to) {
  return pathAt(history, path, wasThere(history, path, seq) ? seq : Number.POSITIVE_INFINITY, to);
}

function wasThere({ commits }, name, seq) {
  let there = false;
  for (const commit of commits) {
    if (commit.seq > seq) break;
    for (const { op, from } of commit.changes) if (op === 'rename' && from === name) there = false;
    for (const { op, path } of commit.changes) if (path === name) there = op !== 'delete';
  }
  return there;
}

/**
 * What a question was made from, as it is in the state after commit `index`: `{ id, path?, sections }`; undefined when the document or
 * the section is not there.
 */
export function goldAt({ whole, commits }, { made_from: from }, index, state) {
  const id = nameAt(whole, from, commits[index].seq);
  const text = state.get(id);
  if (text === undefined) return undefined;
  const all = sections(id, text);
  const path = from.heading == null ? undefined : headingThere(all, plain(from.heading));
  if (path === null) return undefined;
  return { id, path, sections: all.filter((section) => isBelow(section.path, path)) };
}

/**
 * The heading path of a section at that time: the same but for upper and lower case; else, where a heading above it was worded
 * otherwise, the one section of the document with the same last heading. Null when there is none.
 */
function headingThere(all, wanted) {
  const paths = [...new Set(all.map(({ path }) => path))];
  const low = wanted.toLowerCase();
  const equal = paths.find((path) => path === wanted) ?? paths.find((path) => path.toLowerCase() === low);
  if (equal !== undefined) return equal;
  const last = (path) => path.split(' > ').at(-1);
  const alike = paths.filter((path) => path !== '' && last(path.toLowerCase()) === last(low));
  return alike.length === 1 ? alike[0] : null;
}

/**
 * Whether a piece of the gold document (`{ path, range }`) lies in the gold section: by heading path in Markdown; other formats have no
 * heading paths in a hit, there the place in the text decides.
 */
export function liesIn(gold, { path, range }) {
  if (gold.path === undefined) return true;
  if (kindOf(gold.id) === 'markdown') return isBelow(plain(path), gold.path);
  return gold.sections.some(({ start, end }) => range[0] >= start && range[0] < end);
}
