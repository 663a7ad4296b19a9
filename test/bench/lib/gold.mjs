// Known-item questions over the head of a history: which section must come back for each (the docs rows of bench/rows.md).
import { head, pathAtHead } from './history.mjs';
import { headingPaths, plain } from './markdown.mjs';

/**
 * Questions with `made_from` whose evidence is alive at the head, as `{ id, text, kind, gold: { id, path? } }`: right is any chunk at
 * or below that heading path (markup stripped), without a heading any chunk of the document. Renamed files are followed. `missing`
 * counts questions whose document or section is no longer there under that name.
 */
export function knownItems(history, queries) {
  const docs = head(history);
  const sections = new Map(docs.map((doc) => [doc.id, headingPaths(doc.text)]));
  const asked = queries.filter((query) => query.made_from && (query.valid?.[1] ?? null) === null);
  const questions = asked.flatMap(({ id, text, kind, made_from: { path, seq, heading } }) => {
    const gold = { id: pathAtHead(history, path, seq), path: heading === undefined ? undefined : plain(heading) };
    const found = sections.get(gold.id)?.some((section) => isBelow(section, gold.path));
    return found || (gold.path === undefined && sections.has(gold.id)) ? [{ id, text, kind, gold }] : [];
  });
  return { docs, questions, missing: asked.length - questions.length };
}

/** Whether the plain path of a section is `wanted` or lies below it. */
export function isBelow(section, wanted) {
  return wanted === undefined || section === wanted || section.startsWith(`${wanted} > `);
}
