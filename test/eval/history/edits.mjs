// Two lists of edits of the same documents that do not touch each other, and the state in which both are done.
import { blocks, countWords, isHeading } from '../../bench/lib/markdown.mjs';
import { random, shuffled } from '../../bench/lib/stats.mjs';
import { paragraph } from '../page/notes.js';

/** Places of the blocks of a text, as `{ start, end, text }`. */
function places(text) {
  let at = 0;
  return blocks(text).map((block) => {
    const start = text.indexOf(block, at);
    at = start + block.length;
    return { start, end: at, text: block };
  });
}

/** What is part of something larger or no prose: fences, tables, containers, tags, lists, quotes, what is indented, link targets. */
const odd = /^(\s|[`~]{3}|\||:::|<|---|[-*+]\s|\d+[.)]\s|>|\[[^\]]*\]:|\.\.\s|\{\{)/;

/** A paragraph that stands in its document once and has eight words or more. */
function isProse({ text }, all) {
  const once = all.filter((other) => other.text === text).length === 1;
  return once && !isHeading(text) && !odd.test(text) && countWords(text) >= 8;
}

/** Blocks that may be edited: no two of them next to each other, so that inserting and deleting touches no other's neighbour. */
function candidates(state) {
  return [...state].flatMap(([id, text]) => {
    const all = places(text);
    const out = [];
    for (const [i, place] of all.entries()) {
      const free = out.length === 0 || out.at(-1).index + 1 < i;
      if (free && isProse(place, all)) out.push({ id, index: i, ...place });
    }
    return out;
  });
}

/** What an edit makes of its block: most rewrite it, some put one after it, some take it away. `seed` names the new words. */
function edited({ text, end, start }, seed, kind) {
  const words = paragraph(seed, 0, 1);
  if (kind === 'insert') return { start: end, end, now: `\n\n${words}` };
  if (kind === 'delete') return { start, end, now: '' };
  if (kind === 'append') return { start: end, end, now: ` ${words}` };
  const at = start + text.search(/\s/) + 1;
  return { start: at, end: at, now: `${words.split(' ').slice(0, 4).join(' ')} ` };
}

const kinds = ['append', 'reword', 'append', 'insert', 'reword', 'append', 'reword', 'insert', 'append', 'delete'];

/**
 * Plans `count` edits for each of two branches over a state: nine tenths in blocks (those of both branches lie in the same documents,
 * never in the same block nor side by side), the rest new documents and deletions of documents that nobody edits.
 * Resolves to `{ a, b, expected }`: lists of steps, and the state in which all of them are done.
 */
export function plan(state, count) {
  const others = Math.floor(count / 10);
  const free = shuffled(candidates(state), 3);
  const doomed = new Set(shuffled([...state.keys()].sort(), 5).slice(0, Math.min(others, Math.floor(state.size / 8))));
  const inBlocks = free.filter(({ id }) => !doomed.has(id)).slice(0, 2 * (count - others));
  const all = inBlocks.map((place, i) => ({
    id: place.id,
    ...edited(place, i, kinds[(i >> 1) % kinds.length]),
    mine: i % 2,
  }));
  const lists = [0, 1].map((mine) =>
    whole(
      state,
      all.filter((each) => each.mine === mine),
      others,
      [...doomed],
      mine,
    ),
  );
  const expected = new Map(
    [...state].map(([id, text]) => [
      id,
      applied(
        text,
        all.filter((each) => each.id === id),
      ),
    ]),
  );
  for (const { put, drop } of lists.flat()) {
    for (const { id, text } of put) if (!state.has(id)) expected.set(id, text);
    for (const id of drop) expected.delete(id);
  }
  return { a: lists[0], b: lists[1], expected, edits: all.length };
}

/** The steps of one branch: its block edits one by one, then its new documents, then its deletions. */
function whole(state, edits, others, doomed, mine) {
  const done = new Map();
  const steps = shuffled(edits, mine + 11).map((edit) => {
    const mineThere = [...(done.get(edit.id) ?? []), edit];
    done.set(edit.id, mineThere);
    return { put: [{ id: edit.id, text: applied(state.get(edit.id), mineThere) }], drop: [] };
  });
  const gone = doomed.filter((_, i) => i % 2 === mine);
  const uniform = random(mine + 1);
  const added = Array.from({ length: Math.max(0, others - gone.length) }, (_, i) => {
    const body = [1, 2, 3].map((at) => paragraph(1000 + mine, at, i + Math.floor(uniform() * 7)));
    return { put: [{ id: `added/${mine}-${i}.md`, text: `# Added ${mine} ${i}\n\n${body.join('\n\n')}\n` }], drop: [] };
  });
  return [...steps, ...added, ...gone.map((id) => ({ put: [], drop: [id] }))].map((step, i) => ({
    ...step,
    message: `edit ${i} of branch ${mine}`,
  }));
}

/** A text with edits done, the last place first. */
function applied(text, edits) {
  let out = text;
  for (const { start, end, now } of [...edits].sort((x, y) => y.start - x.start))
    out = out.slice(0, start) + now + out.slice(end);
  return out;
}
