// asof-equal and wrong-version-hits: as-of searches against a fresh store that stopped at that commit, and against the text alive then.
import { round, shuffled } from '../../bench/lib/stats.mjs';
import { Skip } from '../../bench/lib/suite.mjs';
import { feed } from './replay.mjs';
import { evenly, indexOf, isAlive, statesAt } from './stream.mjs';

const page = 'eval/history';
export const modes = ['lexical', 'dense', 'hybrid'];

/** `count` questions for a commit: drawn from those that may be asked there (evidence from that seq on or earlier), then from the rest. */
export function questionsAt(stream, index, count) {
  const { seq } = stream.commits[index];
  const mayAsk = ({ valid }) => !valid || valid[0] <= seq;
  const drawn = shuffled(stream.queries, index + 1);
  const texts = [...drawn.filter(mayAsk), ...drawn.filter((query) => !mayAsk(query))].map((query) => query.text);
  return [...new Set(texts)].slice(0, count);
}

/** Lists are equal when they name the same documents and texts in the same order. */
export const sameHits = (a, b) =>
  a.length === b.length && a.every((hit, i) => hit.id === b[i].id && hit.text === b[i].text);

const different = (lists, others) => lists.filter((list, i) => !sameHits(list, others[i])).length;

/**
 * One store in memory walks along the stream and is asked at its own head, where it has been fed nothing else yet; the replayed
 * database, which holds all of the stream, is asked the same as of that commit.
 */
export async function asOf(context, { name, stream, list, commits, tab }) {
  if (stream.queries.length === 0) throw new Skip('the queries file is empty');
  await tab.call(page, 'start', 'fresh');
  const indices = evenly(commits.length, context.short ? 5 : 50);
  const states = statesAt(stream, indices);
  const unequal = Object.fromEntries(modes.map((mode) => [mode, 0]));
  const seen = { lists: 0, hits: 0, wrong: 0, misplaced: 0 };
  let fed = 0;
  for (const index of indices) {
    await feed(tab, 'fresh', list.slice(fed, index + 1));
    fed = index + 1;
    const questions = questionsAt(stream, index, context.short ? 10 : 40);
    for (const mode of modes) {
      const before = await tab.call(page, 'answers', 'db', commits[index], questions, { k: 10, mode });
      const fresh = await tab.call(page, 'answers', 'fresh', undefined, questions, { k: 10, mode });
      unequal[mode] += different(before, fresh);
      judge(seen, before.flat(), states.get(index), `${name}, ${mode} as of commit ${index}`);
      seen.lists += before.length;
    }
  }
  const removed = await askRemoved(tab, stream, seen);
  const all = Object.values(unequal).reduce((sum, count) => sum + count, 0);
  const config = { commits: indices.length, modes, unequal };
  return [
    { row: 'asof-equal', value: round(100 - (100 * all) / seen.lists), unit: '%', n: seen.lists, config },
    {
      row: 'wrong-version-hits',
      value: seen.wrong,
      unit: 'hits',
      n: seen.hits,
      config: { removedSentencesAskedAtHead: removed, atAnotherPlaceThanSaid: seen.misplaced },
    },
  ];
}

function judge(seen, hits, state, where) {
  for (const hit of hits) {
    seen.hits++;
    if (state.get(hit.id)?.slice(...hit.range) === hit.text) continue;
    seen.misplaced++;
    if (isAlive(state, hit)) continue;
    seen.wrong++;
    console.error(`${where}: ${hit.id} ${JSON.stringify(hit.text.slice(0, 60))} is not alive`);
  }
}

/** Sentences that are gone are asked for at the head. */
async function askRemoved(tab, stream, seen) {
  const gone = stream.queries.filter(
    ({ kind, valid }) => kind === 'sentence-removed' && valid?.[1] != null && indexOf(stream, valid[1]) >= 0,
  );
  const removed = gone.filter(({ valid }) => valid[1] <= stream.commits[stream.last].seq).map(({ text }) => text);
  const state = statesAt(stream, [stream.last]).get(stream.last);
  for (const mode of modes)
    judge(
      seen,
      (await tab.call(page, 'answers', 'db', undefined, removed, { k: 10, mode })).flat(),
      state,
      `${stream.name}, ${mode} at the head`,
    );
  return removed.length;
}
