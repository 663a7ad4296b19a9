// Words and vectors in one submission, in real Chromium on its software adapter: the rows that a reference has, by either fusion.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GpuSite } from './site.ts';

const CASES = 30;
const seed = Number(process.env.AETHERV_SEED ?? Date.now() % 2 ** 31);
let site: GpuSite;
beforeAll(async () => {
  console.log(`hybrid jobs run with AETHERV_SEED=${seed}`);
  site = await GpuSite.start();
});
afterAll(() => site.stop());

it.each(['score', 'rank'])('a hybrid job fused by %s gives the best rows, over parts and masks', async (fusion) => {
  expect(await site.call('hybrid', 'cases', fusion, CASES, seed)).toEqual([]);
});

it('a hybrid job that no tier has room for is refused', async () => {
  expect(await site.call('hybrid', 'tooLarge')).toEqual({
    k: expect.stringMatching(/^RangeError: .*225 rows/),
    queries: expect.stringMatching(/^RangeError: .*65 queries/),
    rows: expect.stringMatching(/^RangeError: .*fit/),
  });
});
