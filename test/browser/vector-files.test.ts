// Files that vectors and items lie in: they go when nothing needs them any more, and one that finds no room leaves nothing behind.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Site, serveSite } from '../kit/site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());
const ROWS = 7000;
const DIMS = 192;

/** Does any file of the browser's profile hold these bytes? */
const isOnDisk = (needle: Buffer): boolean =>
  readdirSync(site.profile, { recursive: true, withFileTypes: true }).some((entry) => {
    if (!entry.isFile()) return false;
    try {
      return readFileSync(join(entry.parentPath, entry.name)).includes(needle);
    } catch {
      // Gone since it was listed.
      return false;
    }
  });

it.each(['auto', 'opfs'] as const)('files of vectors go with their collection (store %s)', async (store) => {
  const mark = Float32Array.from({ length: 8 }, (_, i) => 0.123_456 + i / 1000);
  const needle = Buffer.from(mark.buffer);
  await site.page.evaluate(
    async ([rows, dims, mark, store]) => {
      const db = await kit.AetherV.open(`dropped ${store}`, { store });
      const vectors = new Float32Array(rows * dims).map((_, i) => Math.sin(i));
      vectors.set(mark, 4000 * dims);
      await db.vectors('rows', { dims, metric: 'dot', index: 'flat' }).putColumns({
        ids: Array.from({ length: rows }, (_, i) => `v${i}`),
        vectors,
      });
      await db.compact();
      await db.close();
    },
    [ROWS, DIMS, [...mark], store] as const,
  );
  await site.context.close();
  expect(isOnDisk(needle)).toBe(true);
  await site.launch();
  await site.page.evaluate(
    async ([dims, store]) => {
      const db = await kit.AetherV.open(`dropped ${store}`, { store, memoryBudgetBytes: 0 });
      await db.vectors('rows', { dims, metric: 'dot', index: 'flat' }).get('v4000');
      await db.vectors('rows', { dims, metric: 'dot', index: 'flat' }).drop();
      await db.close();
    },
    [DIMS, store] as const,
  );
  await site.context.close();
  await site.launch();
  await site.context.close();
  expect(isOnDisk(needle)).toBe(false);
  await site.launch();
});

it.each(['auto', 'opfs'] as const)(
  'erased items and their vectors leave the files (store %s), and the others stay',
  async (store) => {
    const mark = Float32Array.from({ length: 8 }, (_, i) => 0.654_321 + i / 1000);
    const word = `kzwqpvxjmbtd${store}`;
    const needles = [Buffer.from(mark.buffer), Buffer.from(word)];
    await site.page.evaluate(
      async ([rows, dims, mark, word, store]) => {
        const db = await kit.AetherV.open(`erased ${store}`, { store });
        const vectors = new Float32Array(rows * dims).map((_, i) => Math.sin(i));
        vectors.set(mark, 4000 * dims);
        const things = db.vectors('rows', { dims, metric: 'dot', index: 'flat' });
        const ids = Array.from({ length: rows }, (_, i) => `v${i}`);
        // More than a MiB of them.
        const meta = ids.map((id) => ({ of: `${id === 'v4000' ? word : kit.prose(1, 1)} ${'.'.repeat(200)}` }));
        await things.putColumns({ ids, vectors, meta });
        await db.close();
      },
      [ROWS, DIMS, [...mark], word, store] as const,
    );
    await site.context.close();
    expect(needles.map(isOnDisk)).toEqual([true, true]);
    await site.launch();
    const left = await site.page.evaluate(
      async ([dims, store]) => {
        const db = await kit.AetherV.open(`erased ${store}`, { store, memoryBudgetBytes: 0 });
        const things = db.vectors('rows', { dims, metric: 'dot', index: 'flat' });
        const before = (await things.get('v3999'))?.vector.join();
        const { vectors } = await things.erase('v4000');
        const same = (await things.get('v3999'))?.vector.join() === before;
        const count = await things.count();
        await db.close();
        return { vectors, same, count };
      },
      [DIMS, store] as const,
    );
    expect(left).toEqual({ vectors: 1, same: true, count: ROWS - 1 });
    await site.context.close();
    await site.launch();
    // What the browser has not deleted by then it does once the database is opened next.
    const name = `erased ${store}`;
    await site.page.evaluate(async (name) => (await kit.AetherV.open(name)).close(), name);
    await expect.poll(() => needles.map(isOnDisk), { timeout: 20_000 }).toEqual([false, false]);
  },
);

it('a put whose vectors lie in files is there again before anything was flushed, in other tabs and after a crash', async () => {
  const look = (page: Page, from: number): Promise<unknown[]> =>
    page.evaluate(
      async ([dims, from]) => {
        const held = (globalThis as { held?: Awaited<ReturnType<typeof kit.AetherV.open>> }).held;
        const db = held ?? (await kit.AetherV.open('unflushed'));
        const things = db.vectors('rows', { dims, metric: 'l2', index: 'flat' });
        const query = Float32Array.from({ length: dims }, (_, i) => Math.sin(from * dims + i));
        const { commits, walFrames } = await db.info();
        const [hit] = await things.search(query, { k: 1 });
        if (!held) await db.close();
        return [commits, walFrames, hit?.id, hit?.raw];
      },
      [DIMS, from] as const,
    );
  const put = (from: number): Promise<void> =>
    site.page.evaluate(
      async ([rows, dims, from]) => {
        const { held } = globalThis as { held?: Awaited<ReturnType<typeof kit.AetherV.open>> };
        const db = held ?? (await kit.AetherV.open('unflushed'));
        Object.assign(globalThis, { held: db });
        const vectors = new Float32Array(rows * dims).map((_, i) => Math.sin(from * dims + i));
        const ids = Array.from({ length: rows }, (_, i) => `v${from + i}`);
        await db.vectors('rows', { dims, metric: 'l2', index: 'flat' }).putColumns({ ids, vectors });
      },
      [ROWS, DIMS, from] as const,
    );
  await put(0);
  const other = await site.tab();
  expect(await look(other, 17)).toEqual([1, 1, 'v17', 0]);
  await other.evaluate(async () => Object.assign(globalThis, { held: await kit.AetherV.open('unflushed') }));
  await put(ROWS);
  await expect.poll(() => look(other, ROWS + 5)).toEqual([2, 2, `v${ROWS + 5}`, 0]);
  await other.close();
  await site.page.reload();
  expect(await look(site.page, 3)).toEqual([2, 2, 'v3', 0]);
  await put(2 * ROWS);
  await site.kill();
  await site.launch();
  expect(await look(site.page, 2 * ROWS + 1)).toEqual([3, 3, `v${2 * ROWS + 1}`, 0]);
});

it.each(['auto', 'opfs'] as const)(
  'vectors that do not fit the disk: AV_QUOTA, nothing changed, and they fit when there is room again (store %s)',
  async (store) => {
    const served = await serveSite();
    const page = await site.context.newPage();
    await page.goto(served.url);
    const origin = new URL(served.url).origin;
    const devtools = await site.context.newCDPSession(page);
    await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 4_000_000 });
    const put = async (): Promise<[string, number | undefined, number]> =>
      page.evaluate(
        async ([rows, dims, store]) => {
          const name = `full of vectors ${store}`;
          const db = await kit.AetherV.open(name, { store });
          const things = db.vectors('rows', { dims, metric: 'l2', index: 'flat' });
          const vectors = new Float32Array(rows * dims).map((_, i) => Math.sin(i));
          const { code } = await kit.failure(
            things.putColumns({ ids: Array.from({ length: rows }, (_, i) => String(i)), vectors }),
          );
          const count = (await things.info())?.count;
          await db.close();
          const root = await navigator.storage.getDirectory();
          const folder = await root.getDirectoryHandle(encodeURIComponent(`aetherv:${name}`), { create: true });
          let files = 0;
          for await (const _ of folder.keys()) files++;
          return [code, count, files] as [string, number | undefined, number];
        },
        [ROWS, DIMS, store] as const,
      );
    expect(await put()).toEqual(['AV_QUOTA', undefined, 0]);
    await devtools.send('Storage.overrideQuotaForOrigin', { origin });
    expect(await put()).toEqual(['none', ROWS, store === 'opfs' ? 1 : 0]);
    await page.close();
    await served.close();
  },
);
