// Files that vectors lie in: they go when nothing needs them any more, and one that finds no room leaves nothing behind.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

it('files of vectors go with their collection', async () => {
  const mark = Float32Array.from({ length: 8 }, (_, i) => 0.123_456 + i / 1000);
  const needle = Buffer.from(mark.buffer);
  await site.page.evaluate(
    async ([rows, dims, mark]) => {
      const db = await kit.AetherV.open('dropped');
      const vectors = new Float32Array(rows * dims).map((_, i) => Math.sin(i));
      vectors.set(mark, 4000 * dims);
      await db.vectors('rows', { dims, metric: 'dot', index: 'flat' }).putColumns({
        ids: Array.from({ length: rows }, (_, i) => `v${i}`),
        vectors,
      });
      await db.compact();
      await db.close();
    },
    [ROWS, DIMS, [...mark]] as const,
  );
  await site.context.close();
  expect(isOnDisk(needle)).toBe(true);
  await site.launch();
  await site.page.evaluate(async (dims) => {
    const db = await kit.AetherV.open('dropped', { memoryBudgetBytes: 0 });
    await db.vectors('rows', { dims, metric: 'dot', index: 'flat' }).get('v4000');
    await db.vectors('rows', { dims, metric: 'dot', index: 'flat' }).drop();
    await db.close();
  }, DIMS);
  await site.context.close();
  await site.launch();
  await site.context.close();
  expect(isOnDisk(needle)).toBe(false);
  await site.launch();
});

it('vectors that do not fit the disk: AV_QUOTA, nothing changed, and they fit when there is room again', async () => {
  const served = await serveSite();
  const page = await site.context.newPage();
  await page.goto(served.url);
  const origin = new URL(served.url).origin;
  const devtools = await site.context.newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 4_000_000 });
  const put = async (): Promise<[string, number | undefined]> =>
    page.evaluate(
      async ([rows, dims]) => {
        const db = await kit.AetherV.open('full of vectors');
        const things = db.vectors('rows', { dims, metric: 'l2', index: 'flat' });
        const vectors = new Float32Array(rows * dims).map((_, i) => Math.sin(i));
        const { code } = await kit.failure(
          things.putColumns({ ids: Array.from({ length: rows }, (_, i) => String(i)), vectors }),
        );
        const count = (await things.info())?.count;
        await db.close();
        return [code, count] as [string, number | undefined];
      },
      [ROWS, DIMS] as const,
    );
  expect(await put()).toEqual(['AV_QUOTA', undefined]);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin });
  expect(await put()).toEqual(['none', ROWS]);
  await page.close();
  await served.close();
});
