// Measures both planes on this machine: what a call costs, and what each product of a row, a query and a dimension does. From these the planner
// knows from how many rows and queries on the GPU is quicker.

import { madeUp } from '../base/made-up.ts';
import type { GpuSpeed } from '../model/report.ts';
import type { ScoreJob } from '../ports/scorer.ts';
import { nearest, type Plane } from './nearest.ts';
import type { Speeds } from './scorer.ts';

const DIMS = 384;
const QUERIES = 64;
/** More and more rows, until they take so much longer than the first few that the clock can tell. */
const ROWS = [256, 2048, 16_384, 65_536];
const LONGER_MS = 5;
const ROUNDS = 3;

/** What measures the CPU: milliseconds of a scan. */
export interface CpuScan {
  scanMs(dims: number, rows: number, queries: number): number;
}

/** So many rows, so many milliseconds. */
export type Measured = readonly [rows: number, ms: number];

/** Takes some 100 ms. */
export async function calibrate(plane: Plane, cpu: CpuScan): Promise<Speeds> {
  const there = await measured(async (rows) => {
    const job = jobOf(rows);
    const times: number[] = [];
    for (let i = 0; i <= ROUNDS; i++) {
      const started = performance.now();
      await nearest(plane, job);
      times.push(performance.now() - started);
    }
    // The first one uploads the rows.
    return Math.min(...times.slice(1));
  });
  const here = await measured(async (rows) => cpu.scanMs(DIMS, rows, QUERIES));
  return { gpu: speedOf(there), cpu: speedOf(here) };
}

async function measured(ms: (rows: number) => Promise<number>): Promise<Measured[]> {
  const all: Measured[] = [];
  for (const rows of ROWS) {
    all.push([rows, await ms(rows)]);
    if ((all.at(-1)?.[1] ?? 0) - (all[0]?.[1] ?? 0) >= LONGER_MS) break;
  }
  return all;
}

/** A straight line through the first and the last. */
export function speedOf(all: readonly Measured[]): GpuSpeed {
  const [[few, fewMs] = [0, 0], [many, manyMs] = [1, 0]] = [all[0], all.at(-1)];
  const slope = Math.max(0, manyMs - fewMs) / Math.max(1, (many - few) * QUERIES * DIMS);
  return { callMs: Math.max(0, fewMs - slope * few * QUERIES * DIMS), productNs: slope * 1e6 };
}

function jobOf(rows: number): ScoreJob {
  const bytes = new Uint8Array(madeUp(rows * DIMS).buffer);
  const part = {
    key: `calibration ${rows}`,
    rows,
    mask: undefined,
    cnos: Uint32Array.from({ length: rows }, (_, i) => i),
    values: (from: number, to: number) => bytes.subarray(4 * DIMS * from, 4 * DIMS * to),
    halves: () => bytes,
    codes: () => bytes,
    scales: () => bytes,
  };
  return { dims: DIMS, metric: 'dot', k: 10, queries: madeUp(QUERIES * DIMS), gather: () => [part] };
}
