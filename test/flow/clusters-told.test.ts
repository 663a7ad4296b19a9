// Clusters whose nearest centroids another processor looks for, here a plain loop: the same, bit for bit, whatever it says and whatever is written meanwhile.

import { beforeAll, describe, expect, it } from 'vitest';
import type { ClustersAsk } from '../../src/model/clusters.ts';
import type { Metric } from '../../src/model/vectors.ts';
import type { AssignJob, Near, Scorer } from '../../src/ports/scorer.ts';
import { clusterItems } from '../../src/retrieve/clusters.ts';
import { dropCollection } from '../../src/upkeep/drop.ts';
import { asked, noTurn, plain } from '../kit/clusters.ts';
import { codeOf } from '../kit/code.ts';
import { startEngine } from '../kit/engine.ts';
import { Random, seedOf } from '../kit/random.ts';
import { filled, kind, rows } from '../kit/things.ts';

beforeAll(startEngine);
const NONE = 0xffffffff;
const SEED = seedOf('clusters told');

/** A scorer that is always ready: a plain loop, which sums backwards. */
class LoopScorer {
  readonly kMax = 224;
  readonly kCodedMax = 100;
  bytesMax = 1 << 30;
  jobs = 0;
  distrusted = 0;
  fails = false;
  spoil: (near: Near) => void = () => undefined;
  meanwhile: () => Promise<unknown> = async () => undefined;
  readonly info = { mode: 'force', state: 'ready', why: 'out of order' } as Scorer['info'];

  async ready(): Promise<void> {}
  distrust(): void {
    this.distrusted++;
  }

  async assign({ dims, centroids, cnos, gather }: AssignJob): Promise<Near | undefined> {
    this.jobs++;
    const parts = gather();
    if (!parts) return undefined;
    const near = { numbers: new Uint32Array(2 * cnos.length).fill(NONE), scores: new Float32Array(2 * cnos.length) };
    for (const { rows, cnos: own, values } of parts) {
      const flat = new Float32Array(values(0, rows).slice().buffer);
      for (let row = 0; row < rows; row++) {
        const at = cnos.indexOf(own[row] ?? NONE);
        if (at < 0) continue;
        const all = Array.from({ length: centroids.length / dims }, (_, i): [number, number] => {
          let sum = 0;
          for (let d = dims - 1; d >= 0; d--) {
            const gap = Math.fround((flat[row * dims + d] ?? 0) - (centroids[i * dims + d] ?? 0));
            sum = Math.fround(sum - gap * gap);
          }
          return [sum, i];
        });
        for (const [which, [score, number]] of all
          .sort((a, b) => b[0] - a[0] || a[1] - b[1])
          .slice(0, 2)
          .entries()) {
          near.numbers[2 * at + which] = number;
          near.scores[2 * at + which] = score;
        }
      }
    }
    await this.meanwhile();
    this.spoil(near);
    return this.fails ? undefined : near;
  }
}

describe('another processor that looks for what is near', () => {
  async function pair(ask: Partial<ClustersAsk>, way: Partial<LoopScorer>, metric: Metric = 'cosine') {
    const db = await filled(metric, SEED);
    const wanted = plain(await clusterItems(db.state, kind(metric), asked(ask), noTurn));
    const scorer = Object.assign(new LoopScorer(), way);
    Object.assign(db.state, { scorer });
    const { why, ...found } = await clusterItems(db.state, kind(metric), asked({ ...ask, explain: true }), noTurn);
    expect(plain(found)).toEqual(wanted);
    return { scorer, why, iterations: found.iterations };
  }

  it.each(['cosine', 'dot', 'l2'] as const)('changes no bit of the answer by %s', async (metric) => {
    for (const ask of [{}, { k: 1 }, { k: 2 }, { k: 40 }, { filter: { odd: true } }, { asOf: 'HEAD~1' }]) {
      const { scorer, why, iterations } = await pair(ask, {}, metric);
      expect([scorer.jobs, scorer.distrusted]).toEqual([iterations + 1, 0]);
      expect(why).toMatchObject({ path: 'gpu' });
      expect(why?.proved).toBeGreaterThan(20 * (why?.scanned ?? 0));
    }
  });

  it.each<[string, (near: Near) => void]>([
    ['scores that are wrong', ({ scores }) => scores.fill(-0.5)],
    ['no numbers', ({ scores }) => scores.fill(Number.NaN)],
    ['centroids that are not there', ({ numbers }) => numbers.fill(77)],
    ['one centroid twice', ({ numbers }) => numbers.fill(1)],
    ['some of it wrong alone', ({ scores }) => scores.fill(-9, 100, 101)],
    ['nothing of some', ({ numbers }) => numbers.fill(NONE, 200, 210)],
  ])('and brings %s, which is counted as a failure', async (_, spoil) => {
    const { scorer } = await pair({}, { spoil });
    expect(scorer.distrusted).toBeGreaterThan(0);
  });

  it('and fails, or has no room at full precision', async () => {
    const { why } = await pair({}, { fails: true });
    expect(why).toMatchObject({ path: 'cpu', why: 'the GPU did not answer: out of order', proved: 0, scanned: 0 });
    const small = await pair({}, { bytesMax: 12_000 });
    expect(small.why).toMatchObject({ path: 'cpu', why: expect.stringContaining('not fit at full precision') });
    expect(small.scorer.jobs).toBe(0);
  });

  it('while others write, and while the collection is dropped', async () => {
    const db = await filled('l2', SEED);
    const wanted = plain(await clusterItems(db.state, kind('l2'), asked(), noTurn));
    const scorer = new LoopScorer();
    Object.assign(db.state, { scorer });
    const random = new Random(3);
    // Clusters of two steps have two jobs: some seeds take no more.
    const works = [
      () => db.putItems(kind('l2'), [rows(random, 300, 30)], ['i5']),
      () => db.flush().then(() => db.tend()),
    ];
    const at = db.state.history.headCommit?.id;
    scorer.meanwhile = async () => works.shift()?.();
    expect(plain(await clusterItems(db.state, kind('l2'), asked({ asOf: at }), noTurn))).toEqual(wanted);
    expect([scorer.distrusted, works.length]).toEqual([0, 0]);
    scorer.meanwhile = () => dropCollection(db.state, 'things');
    expect(await codeOf(clusterItems(db.state, kind('l2'), asked(), noTurn))).toBe('AV_NOT_FOUND');
  });
});
