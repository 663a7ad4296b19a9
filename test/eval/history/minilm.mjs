// asof-equal-minilm: dense as-of lists with the real model, against stores that were given the state at that commit at once.
import { shared } from '../../bench/lib/data.mjs';
import { round, shuffled } from '../../bench/lib/stats.mjs';
import { Skip } from '../../bench/lib/suite.mjs';
import { questionsAt, sameHits } from './asof.mjs';
import { feed } from './replay.mjs';
import { difference, evenly, statesAt } from './stream.mjs';

const page = 'eval/history';
/** Characters of all ten states together: what the model can embed in some minutes. */
const charactersMost = 300_000;

/** The documents whose texts in all states stay below the limit: drawn by seed, so that which they are says nothing about them. */
function chosen(states) {
  const ids = shuffled([...new Set(states.flatMap((state) => [...state.keys()]))].sort(), 1);
  const out = new Set();
  let left = charactersMost;
  for (const id of ids) {
    const size = states.reduce((sum, state) => sum + (state.get(id)?.length ?? 0), 0);
    if (size <= left) {
      out.add(id);
      left -= size;
    }
  }
  return out;
}

/**
 * Ten states spread along the stream become ten commits of one database, each the difference to the one before; as of each of them it
 * must answer as a new one that was given that state in one put. (The model is run on other batches there: equal vectors are not a
 * matter of course.)
 */
export async function minilm(context, set) {
  if (context.short) throw new Skip('--short: embedding with the real model takes minutes');
  shared('models/all-MiniLM-L6-v2');
  const stream = set.open();
  const indices = evenly(stream.commits.length, 10);
  const whole = [...statesAt(stream, indices).values()];
  const ids = chosen(whole);
  const states = whole.map((state) => new Map([...state].filter(([id]) => ids.has(id))));
  if (stream.queries.length === 0 || ids.size === 0) throw new Skip('there are no questions, or no documents that fit');
  const tab = await context.site.browse();
  await tab.call(page, 'start', 'db', undefined, { model: 'minilm' });
  const empty = new Map();
  const steps = states.map((state, i) => difference(states[i - 1] ?? empty, state, `state ${i}`));
  const written = await feed(tab, 'db', steps);
  const seen = { lists: 0, unequal: 0, commit: undefined };
  for (const [i, state] of states.entries()) {
    seen.commit = written[i].commit ?? seen.commit;
    const questions = questionsAt(stream, indices[i], 40);
    await tab.call(page, 'start', 'fresh', undefined, { model: 'minilm' });
    await feed(tab, 'fresh', [difference(empty, state, 'the state')]);
    const options = { k: 10, mode: 'dense' };
    const before = await tab.call(page, 'answers', 'db', seen.commit, questions, options);
    const fresh = await tab.call(page, 'answers', 'fresh', undefined, questions, options);
    await tab.call(page, 'close', 'fresh');
    seen.lists += before.length;
    seen.unequal += before.filter((list, at) => !sameHits(list, fresh[at])).length;
  }
  const { embedding, contents } = await tab.call(page, 'verb', 'db', 'info');
  await tab.close();
  const documents = new Set(whole.flatMap((state) => [...state.keys()])).size;
  const config = {
    commits: states.length,
    documents: `${ids.size} of ${documents}`,
    contents,
    space: embedding.space,
    unequal: seen.unequal,
  };
  const value = round(100 - (100 * seen.unequal) / seen.lists);
  return [{ row: 'asof-equal-minilm', value, unit: '%', n: seen.lists, config }];
}
