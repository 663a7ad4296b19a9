// The timed rows: as-of queries beside head queries, the first query on a view, and the creation of branches.
import { passages, publish } from '../../bench/lib/data.mjs';
import { median, percentile, round, summary } from '../../bench/lib/stats.mjs';
import { Skip } from '../../bench/lib/suite.mjs';
import { distinctQuestions } from './questions.mjs';
import { evenly } from './stream.mjs';

const timing = 'eval/timing';
const p95 = (values) => percentile(values, 0.95);

/** Cuts a list into pieces of `size`. */
const pieces = (list, size) =>
  Array.from({ length: Math.floor(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));

/** Distinct commits spread along the replay; the last, which is the head, is no view of the past. */
function views(commits, count) {
  const past = [...new Set(commits.slice(0, -1))];
  return evenly(past.length, count).map((index) => past[index]);
}

/** Hybrid, k 10: 40 views warmed by one question, 20 others each; every question also asked of the head, before or after in turn. */
export async function asOfTimes(context, { stream, commits, tab }) {
  const refs = views(commits, context.short ? 8 : 40);
  const each = context.short ? 11 : 21;
  const asked = pieces(distinctQuestions(stream, each * refs.length + 20), each);
  const list = refs.map((ref, i) => ({ ref, warmUp: asked[i][0], questions: asked[i].slice(1) }));
  const times = await tab.call(timing, 'pairs', 'db', list);
  const all = (where, from = 0) => times.slice(from).flatMap((view) => view[where]);
  const newest = Math.floor((3 * times.length) / 4);
  const config = {
    commits: commits.length,
    views: refs.length,
    headP95: round(p95(all('head'))),
    p50: round(median(all('asOf'))),
    headP50: round(median(all('head'))),
    newestQuarterRatio: round(p95(all('asOf', newest)) / p95(all('head', newest))),
  };
  const n = all('asOf').length;
  return [
    { row: 'asof-p95-ratio', value: round(p95(all('asOf')) / p95(all('head'))), unit: 'x', n, config },
    { row: 'asof-p95-ms', value: round(p95(all('asOf'))), unit: 'ms', n, config },
  ];
}

/** A new browser process: the head is asked until it is warm, then every view for the first time. */
export async function openView(context, { stream, commits, tab }) {
  const refs = views(commits, context.short ? 20 : 80);
  const asked = pieces(distinctQuestions(stream, 6 * refs.length + 60), 6);
  const list = refs.map((ref, i) => ({ ref, questions: asked[i] }));
  const warmUp = asked.slice(refs.length).flat();
  const times = await tab.call(timing, 'firsts', 'db', list, warmUp);
  const extra = times.map(([first, ...warm]) => first - median(warm));
  const { spread, value } = summary(extra);
  const config = { commits: commits.length, median: value, max: round(Math.max(...extra)), warmQuestionsEach: 5 };
  return [{ row: 'open-view-p95-ms', value: round(p95(extra)), unit: 'ms', n: extra.length, spread, config }];
}

/** Default durability, one database on disk with passages of the generator, put at once. */
export async function branchCreate({ site, short }) {
  const count = short ? 5000 : 100_000;
  const { docs } = await passages(count);
  if (docs.length < count) throw new Skip(`the generator gives only ${docs.length} passages`);
  const tab = await site.browse();
  await tab.call('eval/history', 'start', 'db', 'branches');
  const part = 20_000;
  for (let from = 0; from < count; from += part) {
    const put = docs.slice(from, from + part);
    await tab.call('eval/history', 'feed', 'db', publish('history.steps.json', [{ put, drop: [], message: '' }]));
  }
  const { chunks } = await tab.call('eval/history', 'verb', 'db', 'info');
  if (chunks < count) throw new Error(`${chunks} chunks are there instead of ${count}`);
  const times = await tab.call(timing, 'branches', 'db', 20);
  await tab.close();
  const config = { chunks, max: round(Math.max(...times)) };
  return [{ row: 'branch-create-ms', ...summary(times), unit: 'ms', data: `passages100k, first ${count}`, config }];
}
