// Groups the items of a collection by their vectors (k-means).
//
// 1. What view and filter show: contents, each once, with how many items have it.
// 2. Seeds, from a sample of them.
// 3. Steps, until none changes its cluster: the GPU says which two centroids are nearest to each, where that is quicker; the guest decides, and
//    looks at all where that is no proof. So the planes give the same clusters. Then the centroids move.
// Each turn does a slice of it; `src/retrieve/turns.ts` lets others have theirs.

import { AetherError } from '../base/errors.ts';
import { BATCH_HITS_MAX } from '../base/limits.ts';
import type { Clustering, ClustersAsk } from '../model/clusters.ts';
import type { BatchWhy, CollectionDef } from '../model/vectors.ts';
import { NONE } from '../ports/index.ts';
import type { Near } from '../ports/scorer.ts';
import type { ItemClusters } from '../ports/vectors.ts';
import type { State } from '../version/state.ts';
import { type Choice, choosePlane, lookAt, partsOf, sizeOf } from './batch.ts';
import { encodeFilter } from './filter.ts';
import { type Turn, Turns } from './turns.ts';

/** Of one turn: products of a value of an item and one of a centroid (some 10 ms), bytes of vectors, items whose ids are read. */
const TURN = { products: 2e7, bytes: 8_388_608, items: 65_536 };
/** So many products of a scan, which are of codes, take the engine as long as one at full precision; measured at 384 dimensions. */
const SCANNED_AS_SOON = 2.5;
/** Contents that seeds are drawn from: so many for each cluster, no fewer in all, and about so many bytes. */
const SAMPLED = { each: 32, least: 1024, bytes: 16_777_216 };

/** What is shown, and who is at it. */
interface Run {
  readonly state: State;
  readonly def: Pick<CollectionDef, 'dims' | 'metric'>;
  readonly turns: Turns;
  readonly clusters: ItemClusters;
  readonly count: number;
  readonly filter: Uint8Array;
  /** Contents, rising, and how many items have each. */
  readonly cnos: Uint32Array;
  readonly weights: Uint32Array;
}

/**
 * Clusters of the items that view and filter show.
 *
 * @throws `AV_INVALID` for more clusters than items, or bits; `AV_LIMIT` for too many items; `AV_FILTER`, `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`,
 *   `AV_ABORTED`; `AV_NOT_FOUND` for a collection that was dropped, or items that were erased, meanwhile.
 */
export async function clusterItems(
  state: State,
  def: Pick<CollectionDef, 'name' | 'dims' | 'metric'>,
  ask: ClustersAsk,
  turn: Turn,
): Promise<Clustering> {
  if (def.metric === 'hamming')
    throw new AetherError('AV_INVALID', "clusters need vectors that have a mean; those of metric 'hamming' are bits");
  const filter = ask.filter === undefined ? new Uint8Array(0) : encodeFilter(ask.filter);
  const turns = new Turns(state, def.name, ask.asOf, turn);
  const inos = await itemsOf(turns, filter, ask.k);
  const { cnos, weights, places } = await contentsOf(turns, inos);
  const guest = await state.collections.guest();
  const clusters = guest.clusters(def, ask.k, ask.seed);
  try {
    const run = { state, def, turns, clusters, count: ask.k, filter, cnos, weights };
    await seed(run);
    const { found, ...end } = await steps(run, ask.iterations);
    const own = places.map((place) => found[place] ?? NONE);
    const sizes = new Uint32Array(ask.k);
    for (const cluster of own) sizes[cluster] = (sizes[cluster] ?? 0) + 1;
    const { iterations, converged, why } = end;
    return {
      ...{ centroids: clusters.centroids, ids: await idsOf(turns, inos), clusters: own, sizes },
      ...{ inertia: clusters.inertia, iterations, converged, ...(ask.explain ? { why } : {}) },
    };
  } finally {
    clusters.free();
  }
}

/** Item versions that are shown. */
async function itemsOf(turns: Turns, filter: Uint8Array, k: number): Promise<Uint32Array> {
  const sight = await turns.sight();
  const inos = sight?.index.list(sight.view, 0, BATCH_HITS_MAX + 1, filter) ?? new Uint32Array(0);
  if (inos.length > BATCH_HITS_MAX)
    throw new AetherError(
      'AV_LIMIT',
      `there are more than ${BATCH_HITS_MAX} items. Ask for some of them, by a filter.`,
    );
  if (inos.length >= k) return inos;
  const there = inos.length === 1 ? 'is 1 item' : `are ${inos.length} items`;
  throw new AetherError('AV_INVALID', `k is ${k}, and there ${there} to make clusters of. Ask for fewer clusters.`);
}

/** What the items have: contents, rising, of each how many items have it, and of each item the place of its content. */
async function contentsOf(turns: Turns, inos: Uint32Array) {
  const own = new Uint32Array(inos.length);
  for (const [from, to] of slices(inos.length, TURN.items))
    own.set(await turns.read(({ index }) => index.cnos(inos.subarray(from, to))), from);
  const cnos = own
    .slice()
    .sort()
    .filter((cno, i, sorted) => i === 0 || cno !== sorted[i - 1]);
  const weights = new Uint32Array(cnos.length);
  const places = own.map((cno) => placeIn(cnos, cno));
  for (const place of places) weights[place] = (weights[place] ?? 0) + 1;
  return { cnos, weights, places };
}

/** The place of a number that is there. */
function placeIn(rising: Uint32Array, number: number): number {
  let [low, high] = [0, rising.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rising[middle] ?? NONE) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Draws the first centroids. */
async function seed({ turns, clusters, cnos, count, def: { dims } }: Run): Promise<void> {
  const most = Math.max(count, Math.min(Math.max(SAMPLED.each * count, SAMPLED.least), SAMPLED.bytes / (4 * dims)));
  const sampled = Uint32Array.from(clusters.picks(cnos.length, Math.floor(most)), (place) => cnos[place] ?? NONE);
  for (const [from, to] of slices(sampled.length, TURN.bytes / (4 * dims)))
    await turns.read(({ index }) => index.sample(clusters, sampled.subarray(from, to)) || undefined);
  while ((await turns.read(() => clusters.seed(TURN.products))) < count);
}

/** Assigns and moves until nothing changes, or so often. */
async function steps(run: Run, most: number) {
  let found = new Uint32Array(run.cnos.length).fill(NONE);
  let [proved, scanned] = [0, 0];
  for (let iterations = 0; ; iterations++) {
    const step = await assignAll(run);
    proved += step.why.proved;
    scanned += step.why.scanned;
    const converged = step.found.every((cluster, i) => cluster === found[i]);
    found = step.found;
    const why: BatchWhy = { ...step.why, proved, scanned };
    if (converged || iterations === most) return { found, iterations, converged, why };
    run.clusters.move();
  }
}

/** The cluster of each content. */
async function assignAll(run: Run): Promise<{ readonly found: Uint32Array<ArrayBuffer>; readonly why: BatchWhy }> {
  const { turns, clusters, cnos, weights, count, def, state } = run;
  const found = new Uint32Array(cnos.length);
  const { near, path, why } = await nearBy(run);
  let [told, proved, scanned] = [near, 0, 0];
  for (let from = 0; from < cnos.length; ) {
    const looked = def.dims * (told ? Math.min(count, 3) : count);
    const to = from + Math.max(1, Math.floor(Math.min(TURN.products / looked, TURN.bytes / (4 * def.dims))));
    const some = [cnos.subarray(from, to), weights.subarray(from, to)] as const;
    const said = told && {
      numbers: told.numbers.subarray(2 * from, 2 * to),
      scores: told.scores.subarray(2 * from, 2 * to),
    };
    const own = await turns.read(({ index }) => index.assign(clusters, ...some, said));
    found.set(own.clusters, from);
    from = to;
    proved += own.proved;
    scanned += own.scanned + own.wrong;
    if (own.wrong === 0) continue;
    // Nothing of what it said is believed any more.
    state.scorer.distrust();
    told = undefined;
  }
  return { found, why: { path, why, proved, scanned } };
}

/** What the GPU says, if it is asked and answers. */
async function nearBy({
  state,
  turns,
  def,
  clusters,
  count,
  filter,
  cnos,
}: Run): Promise<Choice & { readonly near?: Near | undefined }> {
  const { scorer } = state;
  const sight = await turns.sight();
  if (!sight) throw turns.gone();
  const job = { metric: def.metric, dims: def.dims, k: 1, queries: count };
  const choice = choosePlane(scorer, job, () => {
    const { matches, ...size } = sizeOf(sight, filter);
    return { ...size, matches: SCANNED_AS_SOON * matches, walks: false };
  });
  if (choice.wanted) void scorer.ready();
  if (choice.path === 'cpu') return choice;
  if (choice.precision !== 'whole')
    return { path: 'cpu', why: 'the rows do not fit at full precision, and others say too little of what is near' };
  const gather = () => partsOf(lookAt(state, sight), filter, 'whole');
  const near = await scorer.assign({ dims: def.dims, centroids: clusters.centroids, cnos, gather });
  return near ? { ...choice, near } : { path: 'cpu', why: `the GPU did not answer: ${scorer.info.why}` };
}

async function idsOf(turns: Turns, inos: Uint32Array): Promise<string[]> {
  const ids: string[] = [];
  for (const [from, to] of slices(inos.length, TURN.items))
    for (const id of await turns.read(({ index }) => index.ids(inos.subarray(from, to)))) ids.push(id);
  return ids;
}

/** From, and to before. */
function slices(count: number, most: number): [number, number][] {
  const size = Math.max(1, Math.floor(most));
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => [i * size, Math.min(count, (i + 1) * size)]);
}
