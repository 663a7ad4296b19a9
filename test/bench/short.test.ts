// The bench itself: a short run measures every row, and what must hold at any speed holds.
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { command } from './command.ts';

const bench = (args: readonly string[], env?: NodeJS.ProcessEnv) => command('bench/run.mjs', args, env);

const most: Readonly<Record<string, number>> = {
  'page-bundle-kb': 25,
  'edit-embedded-chunks': 3,
  'kill-lost': 0,
  'foreign-requests': 0,
};

test('a short run of the suite spine measures every row or says why not', { timeout: 240_000 }, () => {
  const { status, output, rows } = bench(['spine', '--short']);
  expect(status, output).toBe(0);
  expect(rows.filter((row) => row.suite === 'spine')).toHaveLength(10);
  for (const { row, state, value, reason } of rows) {
    expect(['ok', 'skipped'], row).toContain(state);
    if (state === 'skipped') expect(reason, row).toBeTruthy();
    else expect(value, row).toBeTypeOf('number');
    const limit = most[row];
    if (state === 'ok' && limit !== undefined) expect(value, row).toBeLessThanOrEqual(limit);
  }
});

/** Rows of the suite that a short run measures; the others need the peers, which it does not install. */
const alone: readonly (readonly [suite: string, all: number, own: readonly string[]])[] = [
  [
    'text',
    9,
    [
      ...['index-bytes-ratio', 'wasm-gzip-kb'],
      ...['search-100k-p50-ms', 'search-100k-p99-ms', 'prefix-100k-p50-ms', 'typo-100k-p50-ms'],
    ],
  ],
  [
    'vector',
    26,
    [
      'wasm-gzip-kb',
      ...['churn-recall-loss', 'unreachable', 'self-miss-percent', 'deleted-returned', 'stale-returned'],
      ...['scan-10k-ms', 'facade-overhead-us', 'open-100k-idb-ms', 'open-100k-opfs-ms', 'bytes-per-vector'],
    ],
  ],
  ['gpu-device', 5, []],
];

test.each(alone)(
  'a short run of the suite %s measures ours and says why not the rest',
  { timeout: 240_000 },
  (suite, all, own) => {
    const { status, output, rows } = bench([suite, '--short']);
    expect(status, output).toBe(0);
    expect(new Set(rows.map(({ row }) => row)).size).toBe(all);
    for (const { row, state, value, reason } of rows) {
      if (state === 'ok') expect(value, row).toBeTypeOf('number');
      else expect(reason, row).toMatch(/--short: peers|AETHERV_DATA/);
      const lacksData = reason?.includes('AETHERV_DATA') ?? false;
      expect(state, `${row}: ${reason}`).toBe(own.includes(row) && !lacksData ? 'ok' : 'skipped');
      if (state === 'ok' && /returned|unreachable/.test(row)) expect(value, row).toBe(0);
      if (row === 'wasm-gzip-kb') expect(value, row).toBeLessThanOrEqual(140);
    }
  },
);

test('rows without their data are skipped with the reason', { timeout: 60_000 }, () => {
  const { status, output, rows } = bench(['spine', '--rows', 'ingest-vite-docs-s'], { AETHERV_DATA: tmpdir() });
  expect(status, output).toBe(0);
  const reason = expect.stringContaining('AETHERV_DATA');
  expect(rows).toEqual([{ suite: 'spine', row: 'ingest-vite-docs-s', state: 'skipped', reason }]);
});

test('an unknown suite or row ends with one sentence', { timeout: 60_000 }, () => {
  for (const args of [['spline'], ['spine', '--rows', 'nothing']]) {
    const { status, output } = bench(args);
    expect(status).toBe(1);
    expect(output.trim().split('\n').at(-1)).toMatch(/^Name /);
  }
});
