// Build time and QPS at equal recall, ours and the native peers' in one process, in turn.
import { perSet } from '../lib/suite.mjs';
import { median, round, spread } from '../lib/stats.mjs';
import { peers } from '../peers/install.mjs';
import { curvesOf } from './curves.mjs';
import { cpu, hnswlib, ours, usearch } from './engines.mjs';
import { k, recall, row, sets } from './sets.mjs';

const targets = { r95: 0.95, r99: 0.99 };
const rounds = 15;
const slice = 100;
const efMax = 2000;

const small = ['synth10k', 'minilm17k', 'mnist10k'].map((name) => ({ name }));

export const speed = [
  perSet(['qps-r95', 'qps-r99', 'qps-r95-vs-best', 'qps-r99-vs-best', 'build-10k'], small, (context, { name }) =>
    compare(context, name, [hnswlib, usearch('f32'), usearch('f16'), usearch('i8')], {
      build: 'build-10k',
      qps: (target) => `qps-${target}`,
      best: (target) => `qps-${target}-vs-best`,
    }),
  ),
  { rows: ['qps-100k-r95', 'qps-100k-r99', 'build-100k'], run: async (context) => (await pair(context)).rows },
];

/** Ours and hnswlib-node over synth100k, built once a run: `{ set, engines, efs, rows }`, the efs of recall 0.95. */
export const pair = (context) =>
  context.once('synth100k', async () => {
    await peers(context);
    const set = await sets.synth100k();
    const engines = [await ours(set), hnswlib(set)];
    const rows = judge(set, engines, { build: 'build-100k', qps: (target) => `qps-100k-${target}` });
    const { figures } = rows.find(({ row }) => row === 'qps-100k-r95').config;
    const efs = Object.fromEntries(Object.entries(figures).map(([name, { ef }]) => [name, ef]));
    return { set, engines, efs, rows: rows.map((row) => ({ data: set.name, ...row })) };
  });

async function compare(context, name, makers, rows) {
  await peers(context);
  const set = await sets[name]();
  const engines = [await ours(set), ...makers.map((make) => make(set))];
  try {
    return judge(set, engines, rows);
  } finally {
    for (const engine of engines) engine.free();
  }
}

function judge(set, engines, rows) {
  const buildS = Object.fromEntries(
    engines.map((engine) => [engine.name, round(cpu(() => engine.build(set.rows)) / 1e6)]),
  );
  const out = [
    { row: rows.build, value: round(buildS['hnswlib-node'] / buildS.aetherv), unit: 'x', n: 1, config: { buildS } },
  ];
  for (const [target, wanted] of Object.entries(targets)) out.push(...race(set, engines, target, wanted, rows));
  const found = curvesOf(set, engines);
  for (const [name, list] of Object.entries(found.defects))
    for (const what of list) console.log(`${name} on ${set.name}: ${what}`);
  const first = out.find(({ row }) => row === rows.qps('r95'));
  if (first) first.config = { ...first.config, ...found };
  return out;
}

/** One target: each engine at the smallest ef that reaches it on the first half of the queries; slices of the other half in turn. */
function race(set, engines, target, wanted, rows) {
  const half = Math.floor(set.asked / 2);
  const ask = (engine, ef) => (i) => engine.search(row(set.queries, set.dims, i), ef);
  const runners = [];
  for (const engine of engines) {
    const ef = smallestEf((ef) => recall(set, ask(engine, ef), 0, half) >= wanted);
    if (ef !== undefined) runners.push({ engine, ef, times: [] });
    else
      console.log(
        `${engine.name} never reaches recall ${wanted} on ${set.name}: ${plateau(set, engine, ask, half)} at ef ${efMax}`,
      );
  }
  for (let turn = 0; turn < rounds; turn++) {
    for (const { engine, ef, times } of runners) {
      const search = ask(engine, ef);
      const first = half + ((turn * slice) % Math.max(1, set.asked - half - slice));
      times.push(
        cpu(() => {
          for (let i = first; i < first + slice; i++) search(i);
        }) / slice,
      );
    }
  }
  const of = Object.fromEntries(runners.map((runner) => [runner.engine.name, runner]));
  const figures = Object.fromEntries(
    runners.map(({ engine, ef, times }) => [
      engine.name,
      { ef, us: round(median(times)), recall: round(recall(set, ask(engine, ef), half)) },
    ]),
  );
  const ratios = (peer) => of[peer].times.map((time, turn) => time / of.aetherv.times[turn]);
  const line = (row, peer) => ({
    row,
    value: round(median(ratios(peer))),
    spread: spread(ratios(peer)),
    unit: 'x',
    n: rounds,
    config: { k, over: peer, figures },
  });
  const natives = runners.map(({ engine }) => engine.name).filter((name) => name !== 'aetherv');
  const best = natives.reduce((a, b) => (median(of[a].times) <= median(of[b].times) ? a : b));
  return [line(rows.qps(target), 'hnswlib-node'), ...(rows.best ? [line(rows.best(target), best)] : [])];
}

/** The smallest ef, from k on, that is enough; undefined when none is. */
export function smallestEf(enough) {
  let [low, high] = [k - 1, k];
  while (!enough(high)) {
    if (high === efMax) return undefined;
    [low, high] = [high, Math.min(efMax, Math.ceil(high * 1.5))];
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

const plateau = (set, engine, ask, half) => round(recall(set, ask(engine, efMax), 0, half));
