// changes-hit5: "what changed about X since T" for every change of a question's section, T just before it; plain search beside it.
import { round, shuffled } from '../../bench/lib/stats.mjs';
import { Skip } from '../../bench/lib/suite.mjs';
import { goldAt, liesIn } from './gold.mjs';
import { indexOf, statesAt } from './stream.mjs';

const page = 'eval/history';
const k = 5;
const mostQuestions = 400;
const leastQuestions = 20;

/** One per `changed_at` entry that lies in the commits replayed: `before` is the index of the commit before the change. */
function entries(stream) {
  const last = stream.commits[stream.last].seq;
  const all = stream.queries.flatMap((query) =>
    (query.made_from ? (query.changed_at ?? []) : [])
      .filter((seq) => seq <= last && indexOf(stream, seq - 1) >= 0)
      .map((seq) => ({ query, seq, before: indexOf(stream, seq - 1) })),
  );
  return all.length <= mostQuestions ? all : shuffled(all, 1).slice(0, mostQuestions);
}

/** The text of a section with all below it. */
const textOf = (gold, state) => gold?.sections.map(({ start, end }) => state.get(gold.id).slice(start, end)).join('');

/** With what is right on either side; only sections that still differ at the head from what they were at T (some edits are undone). */
function judgeable(stream) {
  const all = entries(stream);
  const states = statesAt(stream, [stream.last, ...all.map(({ before }) => before)]);
  const head = states.get(stream.last);
  const out = all.flatMap((entry) => {
    const was = goldAt(stream, entry.query, entry.before, states.get(entry.before));
    const is = goldAt(stream, entry.query, stream.last, head);
    if (!was && !is) return [];
    const then = states.get(entry.before);
    return textOf(was, then) === textOf(is, head) ? [] : [{ ...entry, was, is, then, head }];
  });
  return { out, leftOut: all.length - out.length };
}

export async function changes(_context, { stream, commits, tab }) {
  const { out: asked, leftOut } = judgeable(stream);
  if (asked.length < leastQuestions)
    throw new Skip(`only ${asked.length} changes of a question's section (changed_at) can be judged`);
  const asks = asked.map(({ query, before }) => ({ text: query.text, from: commits[before] }));
  const hits = await tab.call(page, 'changed', 'db', asks, { k });
  const texts = asks.map(({ text }) => text);
  const plainHits = await tab.call(page, 'answers', 'db', undefined, texts, { k });
  const times = new Map(await tab.call(page, 'times', 'db'));
  const right = asked.filter((entry, i) => hits[i].some((hit) => isInSection(hit, entry) && isChange(hit, entry)));
  const plainRight = asked.filter(({ seq, is }, i) => {
    const since = times.get(commits[indexOf(stream, seq)]);
    return plainHits[i].some((hit) => is && hit.id === is.id && liesIn(is, hit) && hit.born >= since);
  });
  const config = { k, plainSearch: round(plainRight.length / asked.length), leftOut };
  return [{ row: 'changes-hit5', value: round(right.length / asked.length), unit: 'hit@5', n: asked.length, config }];
}

/** A delta of the gold document, under either name, with either side in the section. */
function isInSection({ id, from, to }, { was, is }) {
  if (id !== was?.id && id !== is?.id) return false;
  return Boolean((from && was && liesIn(was, from)) || (to && is && liesIn(is, to)));
}

/** What is said to have changed must have: what stands at its places then and now is not the same, or not there on one side. */
function isChange({ id, from, to }, { was, is, then, head }) {
  const [before, after] = [then.get(was?.id ?? id) ?? '', head.get(is?.id ?? id) ?? ''];
  const [old, now] = [from && before.slice(...from.range), to && after.slice(...to.range)];
  if (from && to) return old !== now || from.path !== to.path;
  return from ? !after.includes(old) : !before.includes(now);
}
