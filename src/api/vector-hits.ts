// From the columns that cross from the worker to the hits that users see.

import type { Meta } from '../model/document.ts';
import type { CollectionDef, ItemHits, VectorHit } from '../model/vectors.ts';

type Kind = Pick<CollectionDef, 'metric' | 'dims'>;

/** The hits. */
export function toHits({ ids, scores, metas, texts, vectors, why }: ItemHits, kind: Kind): VectorHit[] {
  return ids.map((id, i) => {
    const [score = 0, meta, text, vector] = [scores[i], metas?.[i], texts?.[i], vectors?.[i]];
    return {
      id,
      score: publicScore(score, kind),
      raw: kind.metric === 'l2' ? Math.sqrt(Math.max(0, -score)) : kind.metric === 'hamming' ? -score : score,
      meta: meta ? (JSON.parse(meta) as Meta) : {},
      ...(text ? { text } : {}),
      ...(vector ? { vector } : {}),
      ...(why ? { why } : {}),
    };
  });
}

/** See {@link VectorHit.score}. */
export function publicScore(score: number, { metric, dims }: Kind): number {
  if (metric === 'cosine') return Math.min(1, Math.max(0, (1 + score) / 2));
  if (metric === 'l2') return 1 / (1 + Math.sqrt(Math.max(0, -score)));
  return metric === 'hamming' ? 1 + score / dims : score;
}
