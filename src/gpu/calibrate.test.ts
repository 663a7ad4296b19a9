// The line through what was measured: what a call costs, and what a product does.

import { describe, expect, it } from 'vitest';
import { speedOf } from './calibrate.ts';

const PRODUCTS = 64 * 384;

describe('a speed', () => {
  it('is a straight line through the first and the last measurement', () => {
    const ms = (rows: number): number => 2 + rows * PRODUCTS * 0.001e-6;
    const { callMs, productNs } = speedOf([256, 2048, 16_384].map((rows) => [rows, ms(rows)] as const));
    expect(callMs).toBeCloseTo(2, 6);
    expect(productNs).toBeCloseTo(0.001, 9);
  });

  it('is never below nothing, whatever the clock says', () => {
    expect(
      speedOf([
        [256, 3],
        [2048, 1],
      ]),
    ).toEqual({ callMs: 3, productNs: 0 });
    const { callMs, productNs } = speedOf([
      [256, 0],
      [2048, 7],
    ]);
    expect([callMs, productNs > 0]).toEqual([0, true]);
  });
});
