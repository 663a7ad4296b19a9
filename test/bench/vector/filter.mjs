// Search within a mask over 100,000 rows, at every selectivity, random and along the clusters.
import { median, random, round } from '../lib/stats.mjs';
import { cpu } from './engines.mjs';
import { pair } from './speed.mjs';
import { k, row } from './sets.mjs';

const shares = [0.0001, 0.001, 0.01, 0.03, 0.1, 0.3, 0.5];
const asked = 200;
const rounds = 5;

export const filter = { rows: ['filter-hits', 'filter-recall', 'filter-qps-low', 'filter-qps-high'], run: measure };

async function measure(context) {
  const { set, engines, efs } = await pair(context);
  const [own, theirs] = engines;
  const query = (i) => row(set.queries, set.dims, i);
  const points = [];
  for (const kind of ['random', 'clusters'])
    for (const share of shares) points.push(point(set, own, theirs, efs, query, kind, share));
  own.set.clear_mask();
  const worst = (of, some = points) => Math.min(...some.map(of));
  const low = points.filter(({ share }) => share <= 0.01);
  const high = points.filter(({ share }) => share > 0.01);
  const line = (name, value, unit) => ({
    row: name,
    value: round(value),
    unit,
    n: asked,
    data: 'synth100k',
    config: { k, efs, points },
  });
  return [
    line(
      'filter-hits',
      worst(({ hits }) => hits),
      '%',
    ),
    line(
      'filter-recall',
      worst((each) => each.recall),
      'recall',
    ),
    line(
      'filter-qps-low',
      worst((each) => each.qps, low),
      'x',
    ),
    line(
      'filter-qps-high',
      worst((each) => each.qps, high),
      'x',
    ),
  ];
}

function point(set, own, theirs, efs, query, kind, share) {
  const words = kind === 'random' ? drawn(set, share) : clustered(set, share);
  own.set.set_mask(words);
  const truth = Array.from({ length: asked }, (_, i) => [...own.search(query(i), k, k, true)]);
  let [full, found, wanted, exact] = [0, 0, 0, 0];
  for (let i = 0; i < asked; i++) {
    const hits = [...own.search(query(i), efs.aetherv)];
    if (hits.length === truth[i].length) full++;
    found += hits.filter((hit) => truth[i].includes(hit)).length;
    wanted += truth[i].length;
    exact += own.set.report()[0];
  }
  const ratios = Array.from({ length: rounds }, () => {
    const [mine, hnsw] = [
      [own, efs.aetherv],
      [theirs, efs['hnswlib-node']],
    ].map(([engine, ef]) =>
      cpu(() => {
        for (let i = 0; i < asked; i++) engine.search(query(i), ef);
      }),
    );
    return hnsw / mine;
  });
  return {
    kind,
    share,
    hits: (100 * full) / asked,
    recall: round(found / wanted),
    exact: exact / asked,
    qps: round(median(ratios)),
  };
}

function drawn({ count }, share) {
  const uniform = random(Math.round(1 / share));
  const words = new Uint32Array(Math.ceil(count / 32));
  for (let i = 0; i < count; i++) if (uniform() < share) words[i >> 5] |= 1 << (i & 31);
  return words;
}

/** Rows of one cluster after the other until there are enough. */
function clustered({ count, labels }, share) {
  const words = new Uint32Array(Math.ceil(count / 32));
  let left = Math.round(share * count);
  for (let label = 149; label >= 0 && left > 0; label--)
    for (let i = 0; i < count && left > 0; i++)
      if (labels[i] === label) {
        words[i >> 5] |= 1 << (i & 31);
        left--;
      }
  return words;
}
