// Hits of a collection that are unlike each other: a few times as many are found as are wanted, and the guest chooses among them.

import { DIVERSE_POOL_EACH, DIVERSE_POOL_MIN } from '../base/limits.ts';
import type { ItemsAsk } from '../model/vectors.ts';
import { NONE } from '../ports/index.ts';
import type { ItemsFound, VectorIndex } from '../ports/vectors.ts';
import { nothing } from './batch.ts';
import type { Turns } from './turns.ts';

/** Products of two values between two turns. */
const TURN_PRODUCTS = 2e7;

/** What is asked of an index: more where the hits shall be unlike each other. */
export function widened({ k, ef, mmr }: ItemsAsk): { readonly k: number; readonly ef: number } {
  const pool = mmr ? Math.max(DIVERSE_POOL_MIN, DIVERSE_POOL_EACH * k) : k;
  return { k: pool, ef: Math.max(ef, pool) };
}

/** The hits of one query that are wanted; none while vectors are lacking. */
export function chosen(index: VectorIndex, found: ItemsFound, { k, mmr }: ItemsAsk): ItemsFound {
  if (!mmr) return found;
  const places = index.diverse(found, mmr, k);
  const at = (list: Uint32Array | Float32Array) => Array.from(places, (place) => list[place] ?? NONE);
  return { inos: Uint32Array.from(at(found.inos)), scores: Float32Array.from(at(found.scores)) };
}

/** Likewise of the queries of a batch, some of them a turn. */
export async function chosenOfEach(turns: Turns, found: ItemsFound, ask: ItemsAsk, dims: number): Promise<ItemsFound> {
  const { k } = ask;
  const pool = widened(ask).k;
  const queries = found.inos.length / pool;
  const out = nothing(queries * k);
  const together = Math.max(1, Math.floor(TURN_PRODUCTS / (k * pool * dims)));
  for (let from = 0; from < queries; from += together) {
    const some = Array.from({ length: Math.min(together, queries - from) }, (_, i) => {
      const [first, last] = [(from + i) * pool, (from + i + 1) * pool];
      const end = found.inos.subarray(first, last).indexOf(NONE);
      const hits = end < 0 ? last : first + end;
      return { inos: found.inos.subarray(first, hits), scores: found.scores.subarray(first, hits) };
    });
    const each = await turns.read(({ index }) => some.map((own) => chosen(index, own, ask)));
    for (const [i, own] of each.entries()) {
      out.inos.set(own.inos, (from + i) * k);
      out.scores.set(own.scores, (from + i) * k);
    }
  }
  return out;
}
