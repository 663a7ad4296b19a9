// version-accuracy and temporal-section1: questions asked as of a commit while their evidence lived.
import { random, round } from '../../bench/lib/stats.mjs';
import { Skip } from '../../bench/lib/suite.mjs';
import { bestSection, settings } from './bm25.mjs';
import { goldAt, liesIn, nameAt } from './gold.mjs';
import { indexOf, isAlive, statesAt } from './stream.mjs';

const page = 'eval/history';
const leastQuestions = 20;
const leastAsks = 200;

/** First index and the one after the last at which a question's evidence lives, within the commits replayed. */
function life(stream, { valid: [from, to] }) {
  const start = stream.commits.findIndex((commit) => commit.seq >= from);
  const end = to == null ? stream.commits.length : indexOf(stream, to - 1) + 1;
  return start < 0 || end <= start ? undefined : [start, end];
}

/**
 * At least 200 asks `{ query, index, ref }`: every question that has evidence once, each at a commit drawn by seed from its life; when
 * there are fewer than 200, all of them again at other commits.
 */
function asks({ stream, commits }, usable) {
  const questions = stream.queries
    .filter((query) => query.made_from && query.valid && usable(query))
    .map((query) => ({ query, span: life(stream, query) }))
    .filter(({ span }) => span);
  if (questions.length < leastQuestions)
    throw new Skip(`only ${questions.length} questions say where and when their evidence lived`);
  const uniform = random(1);
  const out = [];
  while (out.length < leastAsks) {
    for (const { query, span } of questions) {
      const index = span[0] + Math.floor(uniform() * (span[1] - span[0]));
      out.push({ query, index, ref: commits[index] });
    }
  }
  return { questions: questions.length, list: out };
}

async function asked(tab, list) {
  const plainAsks = list.map(({ query, ref }) => ({ text: query.text, ref }));
  return tab.call(page, 'answersAt', 'db', plainAsks, { k: 10 });
}

/** Of the hits from the gold document: how many show text that was alive at that commit. */
export async function accuracy(_context, { tab, ...replay }) {
  const { stream } = replay;
  const { questions, list } = asks(replay, () => true);
  const states = statesAt(
    stream,
    list.map(({ index }) => index),
  );
  const answers = await asked(tab, list);
  const seen = { hits: 0, alive: 0, asksWithHit: 0 };
  for (const [i, { query, index }] of list.entries()) {
    const id = nameAt(stream.whole, query.made_from, stream.commits[index].seq);
    const hits = answers[i].filter((hit) => hit.id === id);
    seen.hits += hits.length;
    seen.asksWithHit += hits.length > 0 ? 1 : 0;
    seen.alive += hits.filter((hit) => isAlive(states.get(index), hit)).length;
  }
  const config = { questions, asks: list.length, hits: seen.hits, asksWithHit: seen.asksWithHit };
  return [{ row: 'version-accuracy', value: round((100 * seen.alive) / seen.hits), unit: '%', n: list.length, config }];
}

/** The share of questions with the gold section at rank 1 of a default search, over the share that exact BM25 has there. */
export async function section1(_context, { tab, ...replay }) {
  const { stream } = replay;
  const { list } = asks(replay, (query) => query.made_from.heading);
  const states = statesAt(
    stream,
    list.map(({ index }) => index),
  );
  const judged = list.flatMap((ask) => {
    const gold = goldAt(stream, ask.query, ask.index, states.get(ask.index));
    return gold ? [{ ...ask, gold }] : [];
  });
  if (judged.length < leastQuestions) throw new Skip(`only ${judged.length} gold sections are found in the documents`);
  const answers = await asked(tab, judged);
  const isRight = (gold, hit) => hit !== undefined && hit.id === gold.id && liesIn(gold, hit);
  const ours = judged.filter(({ gold }, i) => isRight(gold, answers[i][0])).length;
  const exact = judged.filter(({ query, index, gold }) =>
    isRight(gold, bestSection(states.get(index), query.text)),
  ).length;
  const config = {
    ours: round(ours / judged.length),
    bm25: round(exact / judged.length),
    leftOut: list.length - judged.length,
    ...settings,
  };
  return [{ row: 'temporal-section1', value: round(ours / exact), unit: 'x', n: judged.length, config }];
}
