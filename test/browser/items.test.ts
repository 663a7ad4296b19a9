// Single items of a collection in real Chromium: what is updated, and what is erased.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Site } from '../kit/site.ts';
import { wordsStored } from '../kit/stored.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

it('needs no embedding table, nor is one asked for, until there is a document', async () => {
  const asked: string[] = [];
  site.context.on('request', (request) => asked.push(request.url()));
  const seen = await site.page.evaluate(async () => {
    const assets = { tableUrl: new URL('no-such-table.bin', location.href).href };
    const warnings: string[] = [];
    const open = async () => {
      const db = await kit.AetherV.open('without a table', { assets });
      db.on('warning', ({ code }) => warnings.push(code));
      return db;
    };
    let db = await open();
    await db.vectors('things', { dims: 4 }).put({ id: 'a', vector: [1, 2, 3, 4] });
    await db.close();
    db = await open();
    const hits = (await db.vectors('things', { dims: 4 }).search([1, 2, 3, 4])).map(({ id }) => id);
    const before = [...warnings];
    await db.put({ id: 'doc.md', text: 'A lantern.' });
    const found = (await db.search('lantern')).map(({ id }) => id);
    await db.close();
    return { hits, before, warnings, found };
  });
  expect(seen).toEqual({ hits: ['a'], before: [], warnings: ['AV_MODEL_UNAVAILABLE'], found: ['doc.md'] });
  expect(asked.filter((url) => url.includes('no-such-table'))).toHaveLength(1);
});

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

/** Words that stand nowhere else, no two alike in either half. */
const gone = {
  id: 'bkdfwqzmxpvhtrgjcnks',
  text: 'zqpwmvxkjhcfbtdrngsk',
  meta: 'tgrvbnhzwjdxmcpkqfzs',
  log: 'xwmcjkvbqzfphtndrgwk',
};
const kept = 'jxkwqzvbmphdtfcrgnjk';

it('erased items leave every version, tab and stored byte; other items and commit ids stay', async () => {
  const words = [...Object.values(gone), kept];
  const other = await site.tab();
  const [commits, before] = await site.page.evaluate(
    async ([gone, kept]) => {
      const db = await kit.AetherV.open('erasing');
      Object.assign(globalThis, { db });
      const things = db.vectors('things', { dims: 4, index: 'hnsw' });
      await things.put([
        { id: gone.id, vector: [1, 0, 0, 0], text: gone.text, meta: { of: gone.meta } },
        { id: 'stays', vector: [0, 1, 0, 0], text: kept },
        { id: 'too', vector: [0, 0, 1, 0] },
      ]);
      await things.update({ id: gone.id, text: 'nothing' });
      await db.compact();
      await things.delete(gone.id);
      await things.put({ id: 'late', vector: [1, 1, 0, 0], text: gone.log });
      return [(await kit.all(db.log())).map(({ id }) => id), await things.count({ asOf: 'HEAD~3' })];
    },
    [gone, kept] as const,
  );
  expect([commits.length, before]).toEqual([4, 3]);
  const counts = () =>
    other.evaluate(async () => {
      const { held } = globalThis as { held?: Awaited<ReturnType<typeof kit.AetherV.open>> };
      const db = held ?? (await kit.AetherV.open('erasing'));
      Object.assign(globalThis, { held: db });
      const things = db.vectors('things', { dims: 4, index: 'hnsw' });
      return [await things.count(), await things.count({ asOf: 'HEAD~3' })];
    });
  expect(await counts()).toEqual([3, 3]);
  const stored = await site.page.evaluate(wordsStored, ['erasing', words] as const);
  expect(Object.keys(stored).sort()).toEqual([...words].sort());
  const seen = await site.page.evaluate(async (gone) => {
    const { db } = globalThis as unknown as { db: Awaited<ReturnType<typeof kit.AetherV.open>> };
    const things = db.vectors('things', { dims: 4, index: 'hnsw' });
    const report = await things.erase([gone.id, 'late'], { reason: 'asked to' });
    const near = (await things.search([1, 0, 0, 0], { k: 5, asOf: 'HEAD~3' })).map(({ id }) => id).sort();
    const log = (await kit.all(db.log())).map(({ id }) => id);
    const verified = (await db.verify({ against: 'checksums' })).ok;
    const twice = await kit.failure(things.erase('late'));
    await db.close();
    return { report, near, log, verified, twice: twice.code };
  }, gone);
  expect(seen).toMatchObject({
    report: { ids: [gone.id, 'late'], itemVersions: 3, vectors: 2, commits: 4, reason: 'asked to' },
    near: ['stays', 'too'],
    log: commits,
    verified: true,
    twice: 'AV_NOT_FOUND',
  });
  await expect.poll(counts).toEqual([2, 2]);
  await other.close();
  const left = await site.page.evaluate(wordsStored, ['erasing', words] as const);
  expect(Object.keys(left)).toEqual([kept]);
});

it('a collection says which of its items differ between two points', async () => {
  const seen = await site.page.evaluate(async () => {
    const db = await kit.AetherV.open('differing');
    const things = db.vectors<{ n: number }>('things', { dims: 2, metric: 'l2' });
    const nothing = await kit.failure(kit.all(things.diff('HEAD~1')));
    await db.put(kit.doc(1));
    const first = await things.put([
      { id: 'payload', vector: [1, 1], meta: { n: 1 }, text: 'old' },
      { id: 'vector', vector: [2, 2] },
      { id: 'dies', vector: [3, 3], meta: { n: 3 } },
      { id: 'same', vector: [4, 4] },
      { id: 'back', vector: [5, 5] },
    ]);
    await db.branch('side');
    await things.update([
      { id: 'payload', meta: { n: 2 }, text: '' },
      { id: 'vector', vector: [9, 9] },
      { id: 'back', meta: { n: 0 } },
    ]);
    await things.delete('dies');
    await things.put({ id: 'new', vector: [6, 6], text: 'born' });
    await things.put({ id: 'back', vector: [5, 5] });
    const there = await kit.all(things.diff(first.commit));
    const back = await kit.all(things.diff('HEAD', 'side'));
    const none = [await kit.all(things.diff('HEAD')), await kit.all(db.vectors('never', { dims: 3 }).diff('HEAD~1'))];
    const unknown = await kit.failure(kit.all(things.diff('nowhere')));
    const documents = (await kit.all(db.diff(first.commit))).length;
    await db.close();
    return { there, back, none, unknown: unknown.code, nothing: nothing.code, documents };
  });
  expect(seen.there).toEqual([
    { op: 'update', id: 'payload', from: { meta: { n: 1 }, text: 'old' }, to: { meta: { n: 2 } }, vector: false },
    { op: 'update', id: 'vector', from: { meta: {} }, to: { meta: {} }, vector: true },
    { op: 'delete', id: 'dies', from: { meta: { n: 3 } }, vector: true },
    { op: 'add', id: 'new', to: { meta: {}, text: 'born' }, vector: true },
  ]);
  const turned = { add: 'delete', delete: 'add', update: 'update' } as const;
  const swapped = seen.there.map(({ op, from, to, ...rest }) => ({ ...rest, op: turned[op], from: to, to: from }));
  const sorted = (list: readonly { readonly id: string }[]) => [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
  expect(sorted(seen.back)).toEqual(sorted(swapped));
  expect(seen).toMatchObject({ none: [[], []], unknown: 'AV_REF_UNKNOWN', nothing: 'AV_REF_UNKNOWN', documents: 0 });
});
