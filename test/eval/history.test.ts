// The history suite itself: a short run measures every row or says why not, and what must hold on any prefix of a stream holds.
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { command } from '../bench/command.ts';

const history = (args: readonly string[], env?: NodeJS.ProcessEnv) =>
  command('eval/run.mjs', ['history', ...args], env);

const exactly: Readonly<Record<string, number>> = {
  'restore-equal': 100,
  'asof-equal': 100,
  'wrong-version-hits': 0,
  'version-accuracy': 100,
  'merge-wrong': 0,
  'merge-extra-embeds': 0,
  'erase-needles': 0,
};
const atLeast: Readonly<Record<string, number>> = { 'temporal-section1': 0.97 };
const atMost: Readonly<Record<string, number>> = { 'commit-overhead-kb': 64 };
/** They need the real model, or more questions than the first commits have. */
const mayBeSkipped = ['asof-equal-minilm', 'changes-hit5'];

test('a short run of the suite history', { timeout: 240_000 }, () => {
  const { status, output, rows } = history(['--short']);
  console.info(output.slice(output.lastIndexOf('\nrow ')));
  expect(status, output).toBe(0);
  expect(new Set(rows.map(({ row }) => row)).size).toBe(17);
  // Without the data the rows on histories are skipped, with the reason.
  const hasData = !rows.some(({ reason }) => reason?.includes('AETHERV_DATA'));
  for (const { row, state, value, reason } of rows) {
    if (state === 'skipped') expect(reason, row).toBeTruthy();
    if (hasData && !mayBeSkipped.includes(row)) expect(state, `${row}: ${reason}`).toBe('ok');
    if (state !== 'ok') continue;
    expect(value, row).toBeTypeOf('number');
    if (row in exactly) expect(value, row).toBe(exactly[row]);
    if (row in atLeast) expect(value, row).toBeGreaterThanOrEqual(Number(atLeast[row]));
    if (row in atMost) expect(value, row).toBeLessThanOrEqual(Number(atMost[row]));
  }
});

test('histories without their data are skipped with the reason, each for itself', { timeout: 60_000 }, () => {
  const { status, output, rows } = history(['--rows', 'restore-equal'], { AETHERV_DATA: tmpdir() });
  expect(status, output).toBe(0);
  const skipped = { suite: 'history', row: 'restore-equal', state: 'skipped' };
  const reason = expect.stringContaining('AETHERV_DATA');
  expect(rows).toEqual([
    { ...skipped, data: 'vite-docs', reason },
    { ...skipped, data: 'rust-book', reason },
  ]);
});
