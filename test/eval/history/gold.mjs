// Which section of which document is right, at any commit: names followed both ways, sections read by the harness.
import { isBelow } from '../../bench/lib/gold.mjs';
import { pathAt } from '../../bench/lib/history.mjs';
import { plain } from '../../bench/lib/markdown.mjs';
import { kindOf, sectionsBelow } from '../../bench/lib/sections.mjs';

/**
 * What a question was made from, as it is in the state after commit `index`: `{ id, path?, sections }`; undefined when the document or
 * the section is not there under that heading.
 */
export function goldAt({ whole, commits }, { made_from: from }, index, state) {
  const id = pathAt(whole, from.path, from.seq, commits[index].seq);
  const text = state.get(id);
  if (text === undefined) return undefined;
  const path = from.heading == null ? undefined : plain(from.heading);
  const found = sectionsBelow(id, text, path);
  return found.length > 0 ? { id, path, sections: found } : undefined;
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
