// Newer is better, when the caller or the words of the question say so: a bonus that halves with age.

import type { Recency } from '../model/query.ts';

const HALF_LIFE_MS = 90 * 86_400_000;
const WEIGHT = 0.5;
/** Words that ask for what is new, by themselves and in English. */
const CUE = /\b(latest|newest|most recent|recently|up[- ]to[- ]date)\b/i;
const GROUPS_MIN = 64;
/** Of a half-life. */
const STEPS = 64;

/** What a hit's score is multiplied by, at most 1; undefined when newness plays no part. */
export type Newness = ((vno: number) => number) | undefined;

/** `ageOf` gives milliseconds between a chunk version's birth and the commit searched. */
export function newnessOf(
  recency: Recency | 'auto' | 'off' | undefined,
  text: string,
  ageOf: (vno: number) => number,
): Newness {
  const asked = typeof recency === 'object';
  if (recency === 'off' || (!asked && !CUE.test(text))) return undefined;
  const { halfLifeMs = HALF_LIFE_MS, weight = WEIGHT } = asked ? recency : {};
  // In steps, so that what was written within one sitting is equally new.
  const halves = (vno: number): number => Math.floor((STEPS * ageOf(vno)) / halfLifeMs) / STEPS;
  return (vno) => (1 + weight * 2 ** -halves(vno)) / (1 + weight);
}

/**
 * The best `k` with newness counted. More are looked at until none outside can rise into them: no factor is above 1, so
 * nothing outside beats the last one's score without it.
 */
export function byNewness<T extends { readonly hit: { readonly vno: number }; readonly score: number }>(
  k: number,
  newness: Newness,
  best: (k: number) => readonly T[],
): readonly T[] {
  if (!newness) return best(k);
  for (let count = Math.max(GROUPS_MIN, 2 * k); ; count *= 4) {
    const found = best(count);
    // A stable sort: what ties keeps its order.
    const sorted = found
      .map((each) => ({ ...each, score: each.score * newness(each.hit.vno) }))
      .sort((a, b) => b.score - a.score);
    const kth = sorted[k - 1]?.score ?? Number.NEGATIVE_INFINITY;
    if (found.length < count || kth >= (found.at(-1)?.score ?? 0)) return sorted.slice(0, k);
  }
}
