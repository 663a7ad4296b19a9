// Clusters of a collection, and hits unlike each other, through all three builds: equal bits (D8).

import { expect, it } from 'vitest';
import { encodeItems } from '../../src/version/items.ts';
import { Random, seedOf } from '../kit/random.ts';
import { sameIn } from '../kit/same.ts';
import { loadVectorBuilds, type VectorGlue } from '../kit/vectors.ts';

const seed = seedOf('clusters of the builds');
const { same } = sameIn(await loadVectorBuilds());
const ROWS = 300;
const METRICS = ['cosine', 'dot', 'l2', 'hamming'] as const;

/** A collection of rows drawn by seed, all in memory. */
function collectionOf(glue: VectorGlue, metric: (typeof METRICS)[number], dims: number) {
  const random = new Random(seed + dims);
  const vectors = Float32Array.from(Array.from({ length: ROWS }, () => [...random.unit(dims)]).flat());
  const inos = Array.from({ length: ROWS }, (_, i) => i);
  const empty = inos.map(() => '');
  const def = { ordinal: 1, name: '', dims, metric, index: 'flat', m: 0, efConstruction: 0 } as const;
  const versions = new Uint8Array(16 * ROWS);
  const rows = { inos, cnos: inos, versions, ids: inos.map(String), metas: empty, texts: empty, firstCno: 0, vectors };
  const guest = new glue.Collection(dims, METRICS.indexOf(metric), 0, 0, ROWS + 1);
  guest.apply(encodeItems(def, rows));
  return { guest, query: random.unit(dims), cnos: Uint32Array.from(inos) };
}

it.each([
  ['cosine', 100],
  ['dot', 24],
  ['l2', 33],
] as const)('clusters by %s of %i dimensions are the same bits', (metric, dims) => {
  const found = same((glue) => {
    const { guest, cnos } = collectionOf(glue, metric, dims);
    const clusters = new glue.Clusters(dims, metric === 'cosine', 12, 5);
    const weights = cnos.map((cno) => 1 + (cno % 3));
    clusters.sample(
      guest,
      clusters.picks(ROWS, 200).map((place) => cnos[place] ?? 0),
    );
    while (clusters.seed(1) < 12);
    const steps = Array.from({ length: 4 }, () => {
      clusters.update();
      const own = clusters.assign(guest, cnos, weights, new Uint32Array(0), new Float32Array(0));
      return [...own, clusters.inertia(), ...new Uint32Array(clusters.centroids().buffer)];
    });
    clusters.free();
    guest.free();
    return steps;
  });
  expect(found[0]).not.toEqual(found[3]);
});

it.each(METRICS)('hits unlike each other by %s are the same', (metric) => {
  const chosen = same((glue) => {
    const { guest, query } = collectionOf(glue, metric, 100);
    const view = guest.add_view(new Uint32Array(Math.ceil(ROWS / 32)).fill(0xffffffff));
    const words = guest.search_batch(view, new Uint8Array(0), query, 60, 60, true);
    const scores = new Float32Array(words.slice(60).buffer);
    const places = [...guest.diverse(words.subarray(0, 60), scores, 0.7, 15)];
    guest.free();
    return places;
  });
  expect(new Set(chosen).size).toBe(15);
});
