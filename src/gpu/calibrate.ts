// Measures both planes on this machine: what a call costs, and what each product of a row, a query and a dimension does. From these the planner
// knows from how many rows and queries on the GPU is quicker.

import type { GpuSpeed } from '../model/report.ts';
import type { ScoreJob } from '../ports/scorer.ts';
import { nearest, type Plane } from './nearest.ts';
import type { Speeds } from './scorer.ts';

const DIMS = 384;
const QUERIES = 64;
/** Few rows, of which a call is most of the cost, and many. */
const ROWS = [256, 16_384] as const;
const ROUNDS = 3;

/** What measures the CPU: milliseconds of a scan. */
export interface CpuScan {
  scanMs(dims: number, rows: number, queries: number): number;
}

/** Some 50 ms in all. */
export async function calibrate(plane: Plane, cpu: CpuScan): Promise<Speeds> {
  const gpu: number[] = [];
  for (const rows of ROWS) {
    const job = madeUp(rows);
    const times: number[] = [];
    for (let i = 0; i <= ROUNDS; i++) {
      const started = performance.now();
      await nearest(plane, job);
      times.push(performance.now() - started);
    }
    // The first one uploads the rows.
    gpu.push(Math.min(...times.slice(1)));
  }
  return {
    gpu: speedOf(gpu, QUERIES),
    cpu: speedOf(
      ROWS.map((rows) => cpu.scanMs(DIMS, rows, 1)),
      1,
    ),
  };
}

/** A straight line through both measurements. */
export function speedOf([few = 0, many = 0]: readonly number[], queries: number): GpuSpeed {
  const products = (rows: number): number => rows * queries * DIMS;
  const slope = Math.max(0, many - few) / (products(ROWS[1]) - products(ROWS[0]));
  return { callMs: Math.max(0, few - slope * products(ROWS[0])), productNs: slope * 1e6 };
}

function madeUp(rows: number): ScoreJob {
  const values = Float32Array.from({ length: rows * DIMS }, (_, i) => Math.sin(i * 0.37));
  const cnos = Uint32Array.from({ length: rows }, (_, i) => i);
  const bytes = new Uint8Array(values.buffer);
  const part = {
    key: `calibration ${rows}`,
    rows,
    mask: undefined,
    cnos,
    values: (from: number, to: number) => bytes.subarray(4 * DIMS * from, 4 * DIMS * to),
  };
  return { dims: DIMS, metric: 'dot', k: 10, queries: values.slice(0, QUERIES * DIMS), gather: () => [part] };
}
