// What a collection of vectors refuses: with its code and a sentence, and nothing is changed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

describe('bad input', () => {
  it('is refused with its code and a sentence, and changes nothing', async () => {
    const seen = await site.page.evaluate(async () => {
      const db = await kit.AetherV.open();
      const good = db.vectors('good', { dims: 4 });
      await good.put({ id: 'a', vector: [1, 2, 3, 4], meta: { n: 1 } });
      // What no type checker lets through.
      const any = (value: unknown) => value as never;
      const before = await kit.state(db);
      const calls: Record<string, () => unknown> = {
        'no dims': () => db.vectors('x', any({})),
        'dims 0': () => db.vectors('x', { dims: 0 }),
        'dims 9,000': () => db.vectors('x', { dims: 9000 }),
        'unknown metric': () => db.vectors('x', { dims: 4, metric: any('manhattan') }),
        'empty name': () => db.vectors('', { dims: 4 }),
        'unknown option': () => db.vectors('x', any({ dims: 4, quantisation: 1 })),
        'other dims': () => db.vectors('good', { dims: 5 }).put({ id: 'b', vector: [1, 2, 3, 4, 5] }),
        'other metric': () => db.vectors('good', { dims: 4, metric: 'l2' }).search([1, 2, 3, 4]),
        'short vector': () => good.put({ id: 'b', vector: [1, 2, 3] }),
        NaN: () => good.put({ id: 'b', vector: [1, Number.NaN, 3, 4] }),
        infinity: () =>
          good.put([
            { id: 'c', vector: [1, 1, 1, 1] },
            { id: 'b', vector: [1, Number.POSITIVE_INFINITY, 3, 4] },
          ]),
        'zero vector': () => good.put({ id: 'b', vector: [0, 0, 0, 0] }),
        'id of another type': () => good.put([{ id: 'b', vector: [1, 1, 1, 1] }, any({ id: 7, vector: [1, 1, 1, 1] })]),
        'strings in it': () => good.put(any({ id: 'b', vector: ['1', 2, 3, 4] })),
        'unknown field': () => good.put(any({ id: 'b', vector: [1, 2, 3, 4], metadata: {} })),
        'update of nothing': () => good.update(any(undefined)),
        'update of an item that is not there': () => good.update([{ id: 'a', meta: { n: 2 } }, { id: 'b' }]),
        'update of one item twice': () => good.update([{ id: 'a', meta: { n: 2 } }, { id: 'a' }]),
        'update to a short vector': () => good.update({ id: 'a', vector: [1] }),
        'update with no vector': () => good.update(any({ id: 'a', vector: null })),
        'update of an unknown field': () => good.update(any({ id: 'a', metadata: {} })),
        'erase of nothing': () => good.erase([]),
        'erase of an item that is not there': () => good.erase(['a', 'b']),
        'erase where nothing is': () => db.vectors('x', { dims: 4 }).erase('a'),
        'erase of a number': () => good.erase(any(7)),
        'erase for no string': () => good.erase('a', any({ reason: 7 })),
        'lengths disagree': () => good.putColumns({ ids: ['b', 'c'], vectors: new Float32Array(4) }),
        'no Float32Array': () => good.putColumns(any({ ids: ['b'], vectors: [1, 2, 3, 4] })),
        'no columns': () => good.putColumns(any(undefined)),
        'unknown column': () => good.putColumns(any({ ids: ['b'], vectors: new Float32Array(4).fill(1), metas: [{}] })),
        'ids with holes': () => good.putColumns({ ids: new Array(2), vectors: new Float32Array(8).fill(1) }),
        'too long to compare': () => db.vectors('x', { dims: 2, metric: 'dot' }).put({ id: 'b', vector: [1e30, 1] }),
        'query too short': () => good.search([1, 2]),
        'query NaN': () => good.search([1, 2, 3, Number.NaN]),
        'query zero': () => good.search([0, 0, 0, 0]),
        'k 0': () => good.search([1, 2, 3, 4], { k: 0 }),
        'k too large': () => good.search([1, 2, 3, 4], { k: 10_001 }),
        'ef too large': () => good.search([1, 2, 3, 4], { ef: 1e9 }),
        $regex: () => good.search([1, 2, 3, 4], { filter: any({ n: { $regex: 'x' } }) }),
        'deep filter': () => {
          let filter: unknown = { n: 1 };
          for (let i = 0; i < 10_000; i++) filter = { $and: [filter] };
          return good.search([1, 2, 3, 4], { filter: any(filter) });
        },
        'unknown ref': () => good.search([1, 2, 3, 4], { asOf: 'nowhere' }),
        'batch of odd length': () => good.searchBatch(new Float32Array(6)),
        'batch of too many hits': () => good.searchBatch(new Float32Array(400_000).fill(1), { k: 10_000 }),
      };
      const failures: Record<string, string> = {};
      for (const [name, call] of Object.entries(calls)) {
        const { code, message } = await kit.failure(async () => call());
        failures[name] = `${code}${message.length > 20 ? '' : ' without a sentence'}`;
      }
      const same = (await kit.state(db)) === before && (await good.count()) === 1;
      await db.close();
      const closed = await kit.failure(good.search([1, 2, 3, 4]));
      return { failures, same, closed: closed.code };
    });
    expect(seen.failures).toEqual({
      'no dims': 'AV_INVALID',
      'dims 0': 'AV_INVALID',
      'dims 9,000': 'AV_INVALID',
      'unknown metric': 'AV_INVALID',
      'empty name': 'AV_INVALID',
      'unknown option': 'AV_INVALID',
      'other dims': 'AV_DIM_MISMATCH',
      'other metric': 'AV_INVALID',
      'short vector': 'AV_DIM_MISMATCH',
      NaN: 'AV_NON_FINITE',
      infinity: 'AV_NON_FINITE',
      'zero vector': 'AV_INVALID',
      'id of another type': 'AV_INVALID',
      'strings in it': 'AV_INVALID',
      'unknown field': 'AV_INVALID',
      'update of nothing': 'AV_INVALID',
      'update of an item that is not there': 'AV_NOT_FOUND',
      'update of one item twice': 'AV_INVALID',
      'update to a short vector': 'AV_DIM_MISMATCH',
      'update with no vector': 'AV_INVALID',
      'update of an unknown field': 'AV_INVALID',
      'erase of nothing': 'AV_INVALID',
      'erase of an item that is not there': 'AV_NOT_FOUND',
      'erase where nothing is': 'AV_NOT_FOUND',
      'erase of a number': 'AV_INVALID',
      'erase for no string': 'AV_INVALID',
      'lengths disagree': 'AV_DIM_MISMATCH',
      'no Float32Array': 'AV_INVALID',
      'no columns': 'AV_INVALID',
      'unknown column': 'AV_INVALID',
      'ids with holes': 'AV_INVALID',
      'too long to compare': 'AV_LIMIT',
      'query too short': 'AV_DIM_MISMATCH',
      'query NaN': 'AV_NON_FINITE',
      'query zero': 'AV_INVALID',
      'k 0': 'AV_INVALID',
      'k too large': 'AV_LIMIT',
      'ef too large': 'AV_INVALID',
      $regex: 'AV_FILTER',
      'deep filter': 'AV_LIMIT',
      'unknown ref': 'AV_REF_UNKNOWN',
      'batch of odd length': 'AV_DIM_MISMATCH',
      'batch of too many hits': 'AV_LIMIT',
    });
    expect([seen.same, seen.closed]).toEqual([true, 'AV_CLOSED']);
  });
});
