// The nearest items to each item of a collection: a page of items is one batch of queries. What lists duplicates, and the graph of neighbours.

import type { AsOf } from '../model/query.ts';
import type { CollectionDef, NearItems, NeighboursAsk } from '../model/vectors.ts';
import { NONE } from '../ports/index.ts';
import type { State } from '../version/state.ts';
import { answerBatch } from './batch.ts';
import { rowsOf, sightOf } from './sight.ts';

const NO_FILTER = new Uint8Array(0);

/** A page of items in the order in which they were put, each with those near it but for itself. */
export async function neighbourPage(
  state: State,
  { name, dims }: Pick<CollectionDef, 'name' | 'dims'>,
  from: number,
  most: number,
  { k, ef, exact }: NeighboursAsk,
  asOf: AsOf | undefined,
): Promise<{ items: NearItems[]; next: number | undefined }> {
  const sight = await sightOf(state, name, asOf);
  const inos = sight?.index.list(sight.view, from, most) ?? new Uint32Array(0);
  const last = inos.at(-1);
  if (!sight || last === undefined) return { items: [], next: undefined };
  const rows = (await rowsOf(state, sight, () => sight.index.describe(inos, true)))?.value;
  if (!rows) return { items: [], next: undefined };
  const queries = new Float32Array(inos.length * dims);
  for (const [i, { vector }] of rows.entries()) if (vector) queries.set(vector, i * dims);
  // The item itself is one of those found, or as near as the last of them.
  const wide = k + 1;
  const ask = { filter: NO_FILTER, queries, k: wide, ef: Math.max(ef, wide), exact };
  const { found } = await answerBatch(state, sight, ask);
  const nearOf = (i: number) =>
    Array.from({ length: wide }, (_, j) => i * wide + j)
      .filter((at) => found.inos[at] !== NONE && found.inos[at] !== inos[i])
      .slice(0, k);
  const places = Array.from(inos, (_, i) => nearOf(i));
  const ids = sight.index.ids(Uint32Array.from(places.flat(), (at) => found.inos[at] ?? NONE));
  let taken = 0;
  const items = rows.map(({ id }, i) => {
    const own = places[i] ?? [];
    taken += own.length;
    return { id, ids: ids.slice(taken - own.length, taken), scores: own.map((at) => found.scores[at] ?? 0) };
  });
  return { items, next: inos.length < most ? undefined : last + 1 };
}
