// Rows in the GPU's memory, in real Chromium: split over buffers, added to as parts grow, given up when there is no room; and the GPU that `auto`
// takes for a real one.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GpuSite } from './site.ts';

const SEED = 21;
let site: GpuSite;
beforeAll(async () => {
  site = await GpuSite.start();
});
afterAll(() => site.stop());

describe('rows in the memory of the GPU', () => {
  it('may lie in many buffers and many parts, and are uploaded once', async () => {
    expect(await site.call('arena', 'split', SEED)).toEqual({ wrong: [undefined, undefined], buffers: 17, again: 0 });
  });

  it('are added to as a part grows; one that begins anew under the same name is uploaded anew', async () => {
    expect(await site.call('arena', 'growing', SEED)).toEqual({
      wrong: Array.from({ length: 5 }, () => undefined),
      uploaded: [100, 1, 3000, 0, 50],
      rows: 50,
    });
  });

  it('give way to others when there is no room, those unused the longest first and never those of the job', async () => {
    expect(await site.call('arena', 'evicting', SEED)).toEqual({
      wrong: Array.from({ length: 8 }, () => undefined),
      uploads: ['a', 'b', '', 'c', '', 'b', '', 'c'],
      bytes: 2 * 1024 * 48,
    });
  });
});

it('`auto` measures an adapter that it takes for a real one, once for all databases, and goes by what it measured', async () => {
  interface Seen {
    speeds: { gpu: { callMs: number; productNs: number }; cpu: { productNs: number } };
    why: { path: string; why: string };
    submits: number;
  }
  const [first, second] = await site.call<[Seen, Seen]>('faults', 'measured', SEED);
  expect(first.speeds.gpu.productNs).toBeGreaterThan(0);
  expect(first.speeds.cpu.productNs).toBeGreaterThan(0);
  // Software is slower than the engine, whatever it calls itself.
  for (const { why } of [first, second])
    expect(why).toMatchObject({ path: 'cpu', why: expect.stringMatching(/ms on the GPU against .* as measured/) });
  expect(second.speeds).toEqual(first.speeds);
  expect(first.submits).toBeGreaterThan(0);
  expect(second.submits).toBe(0);
});
