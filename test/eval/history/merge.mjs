// merge-wrong and merge-extra-embeds: two branches with a hundred edits each, merged, against a store rebuilt from the expected state.
import { Skip } from '../../bench/lib/suite.mjs';
import { modes, questionsAt, sameHits } from './asof.mjs';
import { plan } from './edits.mjs';
import { feed } from './replay.mjs';
import { compared } from './restore.mjs';
import { difference, stateAt } from './stream.mjs';

const page = 'eval/history';
const empty = new Map();

/** Performs both branches on `db`, merges b into a and resolves to what merge answered and how many texts the model saw in it. */
async function branched(tab, start, { a, b }) {
  const verb = (...given) => tab.call(page, 'verb', 'db', ...given);
  const texts = async () => (await verb('info')).embedding.texts;
  await feed(tab, 'db', [difference(empty, start, 'the head')]);
  await verb('branch', 'a');
  await verb('branch', 'b');
  await verb('checkout', 'a');
  await feed(tab, 'db', a);
  await verb('checkout', 'b');
  await feed(tab, 'db', b);
  await verb('checkout', 'a');
  const before = await texts();
  const result = await verb('merge', 'b', { message: 'both' });
  return { ...result, texts: (await texts()) - before };
}

/** What a store embeds anew for the merged state when it has seen the start and all edits of both branches. */
async function unavoidable(tab, start, { a, b, expected }) {
  await tab.call(page, 'start', 'linear');
  const end = (steps) => {
    const state = new Map(start);
    for (const { put, drop } of steps) {
      for (const { id, text } of put) state.set(id, text);
      for (const id of drop) state.delete(id);
    }
    return state;
  };
  const steps = [
    difference(empty, start, ''),
    ...a,
    difference(end(a), start, ''),
    ...b,
    difference(end(b), expected, ''),
  ];
  const written = await feed(tab, 'linear', steps);
  await tab.call(page, 'close', 'linear');
  return written.at(-1).embedded ?? 0;
}

export async function merge({ site, short }, set) {
  const stream = set.open();
  const start = stateAt(stream, stream.last);
  const count = short ? 20 : 100;
  const planned = plan(start, count);
  if (Math.min(planned.a.length, planned.b.length) < count)
    throw new Skip(`the head has only ${planned.edits} paragraphs that can be edited apart from each other`);
  const tab = await site.browse();
  await tab.call(page, 'start', 'db', 'merged');
  const { commit, conflicts, texts } = await branched(tab, start, planned);
  for (const { kind, id, path } of conflicts.slice(0, 5)) console.error(`conflict: ${kind} in ${id} ${path ?? ''}`);
  const there = compared(await tab.call(page, 'documents', 'db'), planned.expected);
  await tab.call(page, 'start', 'fresh');
  await feed(tab, 'fresh', [difference(empty, planned.expected, 'the expected state')]);
  const questions = questionsAt(stream, stream.last, 40);
  let lists = 0;
  for (const mode of modes) {
    const merged = await tab.call(page, 'answers', 'db', undefined, questions, { k: 10, mode });
    const fresh = await tab.call(page, 'answers', 'fresh', undefined, questions, { k: 10, mode });
    lists += merged.filter((list, i) => !sameHits(list, fresh[i])).length;
  }
  const needed = await unavoidable(tab, start, planned);
  await tab.close();
  const documents = there.total - there.equal;
  const config = { documentsWrong: documents, listsWrong: lists, conflicts: conflicts.length, editsEach: count };
  const n = there.total + modes.length * questions.length;
  const rows = [{ row: 'merge-wrong', value: documents + lists, unit: 'documents and lists', n, config }];
  if (!commit) return [...rows, noEmbeds(conflicts)];
  // By the commit, or by the counter around the model: the higher counts.
  const embedded = Math.max(commit.stats.embedded, texts);
  const embeds = { embedded, newInputs: needed, reused: commit.stats.reused };
  return [
    ...rows,
    { row: 'merge-extra-embeds', value: embedded - needed, unit: 'texts', n: 2 * count, config: embeds },
  ];
}

function noEmbeds(conflicts) {
  return { row: 'merge-extra-embeds', state: 'failed', reason: `no commit was made: ${conflicts.length} conflicts` };
}
