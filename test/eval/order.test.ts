// The eval itself: rankings do not depend on the order in which documents came, two channels are no worse than one, and the
// worst queries are explained.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { command } from '../bench/command.ts';

test('order and fusion on the judged collection, and its worst queries', { timeout: 240_000 }, () => {
  const rows = ['never-worse', 'order-independent'];
  const folder = mkdtempSync(join(tmpdir(), 'aetherv-report-'));
  const report = join(folder, 'worst.json');
  try {
    const args = ['quality', '--short', '--rows', rows.join(','), '--report', report];
    const ran = command('eval/run.mjs', args);
    expect(ran.status, ran.output).toBe(0);
    expect(ran.rows.map(({ row }) => row)).toEqual(rows);
    const [worse, order] = ran.rows;
    // Without the data both are skipped, with the reason; nothing else but a measured value will do.
    if (ran.rows.every(({ state, reason }) => state === 'skipped' && reason?.includes('AETHERV_DATA'))) return;
    expect([worse?.state, order?.state]).toEqual(['ok', 'ok']);
    expect(worse?.value).toBeGreaterThanOrEqual(-0.003);
    expect(order?.value).toBe(0);
    expectWorst(JSON.parse(readFileSync(report, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

interface Report {
  readonly collection: string;
  readonly worst: readonly {
    readonly ndcg10: number;
    readonly hits: readonly { readonly why: { readonly bm25: number; readonly weight: number } }[];
    readonly missed: readonly { readonly grade: number; readonly hybrid?: number }[];
  }[];
}

function expectWorst([report, ...others]: readonly Report[]): void {
  expect([report?.collection, report?.worst.length, others]).toEqual(['cranfield', 10, []]);
  const values = report?.worst.map(({ ndcg10 }) => ndcg10) ?? [];
  expect(values).toEqual([...values].sort((a, b) => a - b));
  for (const { hits, missed } of report?.worst ?? []) {
    expect(hits.map(({ why }) => typeof why.bm25)).toEqual(hits.map(() => 'number'));
    expect(missed.length).toBeGreaterThan(0);
    for (const { grade, hybrid = Infinity } of missed) expect([grade > 0, hybrid > 10]).toEqual([true, true]);
  }
}
