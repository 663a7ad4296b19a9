// Clusters of a collection: every item with its nearest centroid, every centroid where its items are; the same whatever is in memory, in which segment it
// lies and what is written meanwhile.

import { beforeAll, describe, expect, it } from 'vitest';
import { AetherError } from '../../src/base/errors.ts';
import type { Clustering } from '../../src/model/clusters.ts';
import type { Metric } from '../../src/model/vectors.ts';
import { clusterItems } from '../../src/retrieve/clusters.ts';
import { listItems, searchItems } from '../../src/retrieve/items.ts';
import type { Turn } from '../../src/retrieve/turns.ts';
import { dropCollection } from '../../src/upkeep/drop.ts';
import { eraseItems } from '../../src/upkeep/erase-items.ts';
import { Database } from '../kit/database.ts';
import { asked, noTurn, plain } from '../kit/clusters.ts';
import { codeOf } from '../kit/code.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';
import { Random, seedOf } from '../kit/random.ts';
import { DIMS, filled, kind, rows } from '../kit/things.ts';

beforeAll(startEngine);
const NONE = 0xffffffff;
const SEED = seedOf('clusters');
const PAGED = { budgetBytes: 0, pagedFromBytes: 0 };

const apart = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, d) => sum + (x - (b[d] ?? 0)) ** 2, 0);

/** Is it what it should be of these items? */
function checkClusters(found: Clustering, vectors: ReadonlyMap<string, Float32Array>, metric: Metric, k: number): void {
  expect([...found.ids].sort()).toEqual([...vectors.keys()].sort());
  const centroid = (i: number) => found.centroids.subarray(i * DIMS, (i + 1) * DIMS);
  const [sums, sizes] = [new Float64Array(k * DIMS), new Array(k).fill(0)];
  let inertia = 0;
  for (const [i, id] of found.ids.entries()) {
    const [own, vector] = [found.clusters[i] ?? NONE, vectors.get(id) ?? new Float32Array(DIMS)];
    const gaps = Array.from({ length: k }, (_, i) => apart(vector, centroid(i)));
    expect(gaps[own]).toBeLessThanOrEqual(Math.min(...gaps) + 1e-5);
    inertia += gaps[own] ?? 0;
    sizes[own]++;
    for (const [d, value] of vector.entries()) sums[own * DIMS + d] = (sums[own * DIMS + d] ?? 0) + value;
  }
  expect([...found.sizes]).toEqual(sizes);
  expect(found.inertia).toBeCloseTo(inertia, 3);
  if (!found.converged) return;
  for (let i = 0; i < k; i++) {
    const sum = sums.subarray(i * DIMS, (i + 1) * DIMS);
    const by = metric === 'cosine' ? Math.hypot(...sum) : sizes[i];
    expect(
      apart(
        centroid(i),
        Float32Array.from(sum, (value) => value / by),
      ),
    ).toBeLessThan(1e-8);
  }
}

async function vectorsOf({ state }: Database, asOf?: string): Promise<Map<string, Float32Array>> {
  const { items } = await listItems(state, 'things', 0, 10_000, asOf);
  return new Map(items.map(({ id, vector }) => [id, vector]));
}

describe.each(['cosine', 'dot', 'l2'] as const)('clusters of items that are compared by %s', (metric) => {
  it('have the items nearest to them, and are where these are', async () => {
    const db = await filled(metric, SEED);
    for (const ask of [
      {},
      { k: 1 },
      { k: 25, seed: 9 },
      { k: 9, iterations: 0 },
      { asOf: 'HEAD~1' },
      { asOf: 'HEAD~2' },
    ]) {
      const found = await clusterItems(db.state, kind(metric), asked(ask), noTurn);
      checkClusters(found, await vectorsOf(db, ask.asOf), metric, ask.k ?? 6);
      expect(found.iterations).toBeLessThanOrEqual(ask.iterations ?? 20);
      expect(found).not.toHaveProperty('why');
    }
    const { ids } = await clusterItems(db.state, kind(metric), asked({ filter: { odd: false } }), noTurn);
    const { items } = await listItems(db.state, 'things', 0, 10_000, undefined);
    expect(ids).toEqual(items.filter(({ meta }) => meta?.odd === false).map(({ id }) => id));
  });

  it('are the same in other segments, with vectors left on disk, and in slices of one', async () => {
    const db = await filled(metric, SEED);
    const asks = [asked(), asked({ filter: { odd: true }, k: 11 }), asked({ asOf: 'HEAD~1', k: 3 })];
    const of = async ({ state }: Database) => {
      const all: unknown[] = [];
      for (const ask of asks) all.push(plain(await clusterItems(state, kind(metric), ask, noTurn)));
      return all;
    };
    const wanted = await of(db);
    await db.flush();
    const paged = await db.reopen({ memory: PAGED });
    expect(await of(paged)).toEqual(wanted);
    await paged.tend();
    expect(await of(paged)).toEqual(wanted);
    expect(await of(await paged.reopen())).toEqual(wanted);
  });

  it('come in turns, between which others write and read; what is written is not seen', async () => {
    const db = await filled(metric, SEED);
    const wanted = plain(await clusterItems(db.state, kind(metric), asked(), noTurn));
    const random = new Random(SEED + 1);
    const commits = new Set<string>();
    let turns = 0;
    const busy: Turn = async (commit) => {
      commits.add(commit);
      turns++;
      if (turns < 3) await db.putItems(kind(metric), [rows(random, 100 * turns, 40)], ['i3']);
      else if (turns === 3) await db.flush();
      else if (turns === 4) await db.tend();
      else await searchItems(db.state, kind(metric), random.unit(DIMS), { k: 3, ef: 10 });
    };
    expect(plain(await clusterItems(db.state, kind(metric), asked(), busy))).toEqual(wanted);
    // How many there are, chance decides: by the steps until none changes its cluster. All of the above were among them.
    expect(turns).toBeGreaterThan(4);
    expect(commits.size).toBe(1);
  });
});

it('seeds decide: the same gives the same, another one others', async () => {
  const db = await filled('l2', SEED);
  const of = async (seed: number) =>
    plain(await clusterItems(db.state, kind('l2'), asked({ seed, iterations: 1 }), noTurn));
  expect(await of(4)).toEqual(await of(4));
  expect(await of(4)).not.toEqual(await of(5));
});

it('finds the groups that there are, in a collection of thousands', async () => {
  const [random, db] = [new Random(SEED), await Database.open(new Disk())];
  await db.putItems(kind('l2'), [rows(random, 0, 4000, 5)]);
  const best = await Promise.all(
    [1, 2, 3, 4].map((seed) => clusterItems(db.state, kind('l2'), asked({ k: 5, seed }), noTurn)),
  );
  const { inertia } = best.reduce((a, b) => (b.inertia < a.inertia ? b : a));
  // Spread evenly over 0.8 in each dimension around the middles.
  expect(inertia / 4000).toBeLessThan((DIMS * 0.8 ** 2) / 12 + 0.05);
});

describe('what cannot be grouped', () => {
  it.each([
    ['more clusters than items', 'cosine', { k: 300 }, 'AV_INVALID'],
    ['more than fit the filter', 'cosine', { k: 2, filter: { odd: 'none' } }, 'AV_INVALID'],
    ['a point that is not there', 'cosine', { asOf: 'nowhere' }, 'AV_REF_UNKNOWN'],
    ['a filter that means nothing', 'cosine', { filter: { odd: { $no: 1 } } }, 'AV_FILTER'],
    ['bits', 'hamming', {}, 'AV_INVALID'],
  ] as const)('%s', async (_, metric, ask, code) => {
    const db = await filled(metric, SEED);
    expect(await codeOf(clusterItems(db.state, kind(metric), asked(ask), noTurn))).toBe(code);
  });

  it('a collection that nothing was put into, and one that is empty', async () => {
    const db = await Database.open(new Disk());
    const cluster = () => clusterItems(db.state, kind('l2'), asked({ k: 1 }), noTurn);
    expect(await codeOf(cluster())).toBe('AV_INVALID');
    await db.putItems(kind('l2'), [rows(new Random(1), 0, 1)]);
    expect((await cluster()).inertia).toBe(0);
    await db.putItems(kind('l2'), [], ['i0']);
    await expect(cluster()).rejects.toThrow('k is 1, and there are 0 items');
  });

  it('items that are all the same belong to one cluster', async () => {
    const db = await Database.open(new Disk());
    const ids = ['a', 'b', 'c'];
    await db.putItems(kind('l2'), [{ ids, vectors: new Float32Array(3 * DIMS).fill(2) }]);
    const found = await clusterItems(db.state, kind('l2'), asked({ k: 3 }), noTurn);
    expect([[...found.clusters], [...found.sizes], found.inertia]).toEqual([[0, 0, 0], [3, 0, 0], 0]);
    expect([...found.centroids]).toEqual(new Array(3 * DIMS).fill(2));
  });

  it.each<[string, (db: Database) => Promise<unknown>]>([
    ['dropped', ({ state }) => dropCollection(state, 'things')],
    [
      'robbed of an item by erasure',
      async ({ state }) => {
        const signal = new AbortController().signal;
        await eraseItems(state, { name: 'things', ids: ['i20'], reason: '', signal });
      },
    ],
  ])('a collection that is %s meanwhile', async (_, strike) => {
    for (const at of [1, 2, 4, 6]) {
      const db = await filled('l2', SEED);
      let turns = 0;
      const turn: Turn = async () => {
        if (++turns === at) await strike(db);
      };
      expect(await codeOf(clusterItems(db.state, kind('l2'), asked(), turn))).toBe('AV_NOT_FOUND');
    }
  });

  it('a call that is given up ends with its next turn', async () => {
    const db = await filled('l2', SEED);
    for (const at of [1, 3, 5]) {
      let turns = 0;
      const turn: Turn = async () => {
        if (++turns === at) throw new AetherError('AV_ABORTED', 'given up');
      };
      expect(await codeOf(clusterItems(db.state, kind('l2'), asked(), turn))).toBe('AV_ABORTED');
      expect(turns).toBe(at);
    }
  });
});
