// Recall and speed of every engine as ef rises, and the defects that its own answers show.
import { round } from '../lib/stats.mjs';
import { cpu } from './engines.mjs';
import { k, recall, row } from './sets.mjs';

/** Values of ef that a curve has points at. */
export const efs = [10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 448];
/** From this recall on at the largest ef nothing is amiss. */
const whole = 0.99;
const probes = 50;

/** `{ curves: { NAME: [{ ef, us, recall }] }, defects: { NAME: [clause] } }` over the second half of the queries, the engines in turn. */
export function curvesOf(set, engines) {
  const half = Math.floor(set.asked / 2);
  const ask = (engine, ef) => (i) => engine.search(row(set.queries, set.dims, i), ef);
  const runs = engines.map((engine) => ({ engine, points: [], answers: [] }));
  for (const ef of efs)
    for (const { engine, points, answers } of runs) {
      const search = ask(engine, ef);
      const hits = Array.from({ length: set.asked - half }, (_, i) => [...search(half + i)].map(Number));
      const us = cpu(() => {
        for (let i = half; i < set.asked; i++) search(i);
      });
      points.push({ ef, us: round(us / hits.length), recall: round(recall(set, (i) => hits[i - half], half)) });
      answers.push(hits);
    }
  const of = (value) => Object.fromEntries(runs.map((run) => [run.engine.name, value(run)]));
  return { curves: of(({ points }) => points), defects: of((run) => defectsOf(set, half, run)) };
}

/** What is wrong with an engine, by its hits at each ef for the queries from number `from` on. */
export function defectsOf(set, from, { points, answers }) {
  const [first, last] = [points[0], points.at(-1)];
  const [few, most] = [answers[0], answers.at(-1)];
  const out = [];
  const short = most.filter((hits) => hits.length < k).length;
  if (short > 0) out.push(`fewer than ${k} hits for ${short} of ${most.length} queries`);
  const twice = most.filter((hits) => new Set(hits).size < hits.length).length;
  if (twice > 0) out.push(`a hit twice for ${twice} of ${most.length} queries`);
  if (last.recall >= whole) return out;
  if (few.every((hits, i) => String(hits) === String(most[i])))
    out.push(`ef has no effect: the same hits at ${first.ef} and at ${last.ef}, recall ${last.recall}`);
  else {
    const flat = points.findIndex(({ recall }) => last.recall - recall < 0.002);
    out.push(`recall ${last.recall} at ef ${last.ef}, a plateau since ef ${points[flat].ef}`);
  }
  const other = nearerMetric(set, from, most);
  if (other) out.push(`its hits are those of ${other}, not of ${set.metric}`);
  return out;
}

/** The metric whose exact hits the answers agree with best, if it is not the set's. */
function nearerMetric(set, from, answers) {
  const metrics = ['cosine', 'dot', 'l2'];
  const agree = metrics.map((metric) => {
    let found = 0;
    for (let i = 0; i < probes; i++) {
      const best = exact(set, metric, row(set.queries, set.dims, from + i));
      found += answers[i].filter((hit) => best.includes(hit)).length;
    }
    return found / (probes * k);
  });
  const best = agree.indexOf(Math.max(...agree));
  const own = agree[metrics.indexOf(set.metric)];
  return agree[best] > own + 0.02 ? metrics[best] : undefined;
}

function exact({ rows, dims, count }, metric, query) {
  const scores = Float64Array.from({ length: count }, (_, i) => {
    let [dot, square, apart] = [0, 0, 0];
    for (let d = 0; d < dims; d++) {
      const [x, y] = [rows[i * dims + d], query[d]];
      dot += x * y;
      square += x * x;
      apart += (x - y) ** 2;
    }
    return metric === 'l2' ? -apart : metric === 'dot' ? dot : dot / Math.sqrt(square);
  });
  return [...scores.keys()].sort((a, b) => scores[b] - scores[a]).slice(0, k);
}
