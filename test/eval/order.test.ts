// The eval itself: rankings do not depend on the order in which documents came, and two channels are no worse than one.
import { expect, test } from 'vitest';
import { command } from '../bench/command.ts';

test('order and fusion on the judged collection', { timeout: 240_000 }, () => {
  const rows = ['never-worse', 'order-independent'];
  const ran = command('eval/run.mjs', ['quality', '--short', '--rows', rows.join(',')]);
  expect(ran.status, ran.output).toBe(0);
  expect(ran.rows.map(({ row }) => row)).toEqual(rows);
  const [worse, order] = ran.rows;
  // Without the data both are skipped, with the reason; nothing else but a measured value will do.
  if (ran.rows.every(({ state, reason }) => state === 'skipped' && reason?.includes('AETHERV_DATA'))) return;
  expect([worse?.state, order?.state]).toEqual(['ok', 'ok']);
  expect(worse?.value).toBeGreaterThanOrEqual(-0.003);
  expect(order?.value).toBe(0);
});
