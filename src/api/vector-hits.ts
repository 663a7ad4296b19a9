// From the columns that cross from the worker to the hits that users see.

import type { Meta } from '../model/document.ts';
import type { CollectionDef, ItemHits, NearItems, Neighbours, VectorHit } from '../model/vectors.ts';

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

/** Items with those near them; without those of a lower score, and then without items that have none. */
export async function* toNeighbours(
  items: AsyncIterable<NearItems>,
  kind: Kind,
  minScore: number | undefined,
): AsyncGenerator<Neighbours> {
  for await (const { id, ids, scores } of items) {
    const all = ids.map((other, i) => ({ id: other, score: publicScore(scores[i] ?? 0, kind) }));
    const near = minScore === undefined ? all : all.filter(({ score }) => score >= minScore);
    if (minScore === undefined || near.length > 0) yield { id, near };
  }
}

/** See {@link VectorHit.score}. */
export function publicScore(score: number, { metric, dims }: Kind): number {
  if (metric === 'cosine') return Math.min(1, Math.max(0, (1 + score) / 2));
  if (metric === 'l2') return 1 / (1 + Math.sqrt(Math.max(0, -score)));
  return metric === 'hamming' ? 1 + score / dims : score;
}
