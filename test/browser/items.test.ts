// Single items of a collection in real Chromium: what is updated.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

it('an update changes what it is given and nothing else, and no vector is stored again', async () => {
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open('updates');
    const things = db.vectors<{ n: number; tag?: string }>('things', { dims: 4, metric: 'l2' });
    await things.put([
      { id: 'a', vector: [1, 2, 3, 4], meta: { n: 1 }, text: 'first' },
      { id: 'b', vector: [4, 3, 2, 1], meta: { n: 2 } },
    ]);
    const one = await things.update({ id: 'a', meta: { n: 10, tag: 'new' } }, { message: 'tagged' });
    async function* more() {
      yield { id: 'a', text: '' };
      yield { id: 'b', vector: [0, 0, 0, 1], text: 'moved' };
    }
    const two = await things.update(more());
    const missing = await kit.failure(things.update([{ id: 'a', meta: { n: 0 } }, { id: 'nobody' }]));
    const { versions, vectors } = (await things.info()) ?? {};
    const all = async () =>
      (await kit.all(things.list())).map(({ id, vector, meta, text }) => [id, [...vector], meta, text]);
    const now = await all();
    const near = (await things.search([0, 0, 0, 1], { k: 1, filter: { n: 2 } })).map(({ id }) => id);
    const before = (await things.get('a', 'HEAD~2'))?.meta;
    await db.close();
    return { one, two, missing: missing.code, versions, vectors, now, near, before };
  });
  expect(seen).toMatchObject({
    one: { added: 0, updated: 1 },
    two: { added: 0, updated: 2 },
    missing: 'AV_NOT_FOUND',
    versions: 5,
    vectors: 3,
    near: ['b'],
    before: { n: 1 },
  });
  expect(seen.now).toEqual([
    ['a', [1, 2, 3, 4], { n: 10, tag: 'new' }, undefined],
    ['b', [0, 0, 0, 1], { n: 2 }, 'moved'],
  ]);
});
