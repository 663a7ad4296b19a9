// Reads of a collection: the view, the filter as the guest takes it, the guest's answer, then what the hits are.

import { AetherError } from '../base/errors.ts';
import type { Meta } from '../model/document.ts';
import type { Filter } from '../model/filter.ts';
import type { AsOf } from '../model/query.ts';
import type {
  BatchHits,
  CollectionDef,
  CollectionInfo,
  ItemHits,
  ItemPayload,
  ItemsAsk,
  StoredItem,
} from '../model/vectors.ts';
import { NONE } from '../ports/index.ts';
import type { ItemRow } from '../ports/vectors.ts';
import { isOf } from '../version/collections.ts';
import type { State } from '../version/state.ts';
import { checkedQueries } from '../version/vectors.ts';
import { answerBatch, nothing } from './batch.ts';
import { chosen, chosenOfEach, widened } from './diverse.ts';
import { encodeFilter } from './filter.ts';
import { measureRecall } from './recall.ts';
import { rowsOf, sightOf } from './sight.ts';
import { type Turn, Turns } from './turns.ts';

const NO_FILTER = new Uint8Array(0);

/**
 * The nearest items to one vector.
 *
 * @throws `AV_DIM_MISMATCH`, `AV_NON_FINITE`, `AV_INVALID`, `AV_FILTER`, `AV_LIMIT`, `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`.
 */
export async function searchItems(
  state: State,
  def: Pick<CollectionDef, 'name' | 'dims' | 'metric'>,
  vector: Float32Array,
  ask: ItemsAsk,
): Promise<ItemHits> {
  if (vector.length !== def.dims) throw wrongLength(vector.length, def.dims);
  const queries = checkedQueries(vector, def.dims, def.metric);
  const filter = bytesOf(ask.filter);
  const sight = await sightOf(state, def.name, ask.asOf);
  if (!sight) return { ids: [], scores: [] };
  const { index } = sight;
  const { exact = false } = ask;
  const found = await rowsOf(state, sight, () => {
    const all = index.search({ view: sight.view, filter, queries, ...widened(ask), exact });
    const why = ask.explain ? index.report() : undefined;
    const found = index.lacks() ? all : chosen(index, all, ask);
    return { ...found, why, rows: index.lacks() ? [] : index.describe(found.inos, ask.includeVector ?? false) };
  });
  if (!found) return { ids: [], scores: [] };
  const { rows, scores, why } = found.value;
  // Columns cross faster than objects, and most hits have no text.
  return {
    ids: rows.map(({ id }) => id),
    scores: [...scores],
    ...(rows.some(({ meta }) => meta !== '') ? { metas: rows.map(({ meta }) => meta) } : {}),
    ...(rows.some(({ text }) => text !== '') ? { texts: rows.map(({ text }) => text) } : {}),
    ...(ask.includeVector ? { vectors: rows.map(({ vector = new Float32Array(0) }) => vector) } : {}),
    ...(why ? { why: { ...why, bytesRead: found.bytes } } : {}),
  };
}

/** The nearest items to each of several vectors: ids and scores alone. With `mmr` others have their turn in between. */
export async function searchItemsBatch(
  state: State,
  def: Pick<CollectionDef, 'name' | 'dims' | 'metric'>,
  vectors: Float32Array,
  ask: ItemsAsk,
  turn: Turn = async () => undefined,
): Promise<BatchHits> {
  const queries = checkedQueries(vectors, def.dims, def.metric);
  const filter = bytesOf(ask.filter);
  const turns = ask.mmr ? new Turns(state, def.name, ask.asOf, turn) : undefined;
  const sight = await (turns ? turns.sight() : sightOf(state, def.name, ask.asOf));
  const count = queries.length / def.dims;
  const { k, exact = false } = ask;
  const answer = sight && (await answerBatch(state, sight, { filter, queries, ...widened(ask), exact }));
  const near = answer?.found ?? nothing(count * k);
  const found = answer && turns ? await chosenOfEach(turns, near, ask, def.dims) : near;
  const why = answer?.why;
  // After turns it may be another guest.
  const now = turns ? await turns.sight() : sight;
  const all = now?.index.ids(found.inos.filter((ino) => ino !== NONE)) ?? [];
  let at = 0;
  const ids = Array.from({ length: count }, (_, i) => {
    const own = found.inos.subarray(i * k, (i + 1) * k);
    const hits = own.indexOf(NONE) < 0 ? k : own.indexOf(NONE);
    at += hits;
    return all.slice(at - hits, at);
  });
  const scores = found.scores.map((score, i) => (found.inos[i] === NONE ? Number.NaN : score));
  return { ids, scores, ...(ask.explain && why ? { why } : {}) };
}

/** An item as it is, or was; undefined when it is not there. */
export async function getItem(
  state: State,
  name: string,
  id: string,
  asOf: AsOf | undefined,
): Promise<StoredItem | undefined> {
  const sight = await sightOf(state, name, asOf);
  if (!sight) return undefined;
  const found = await rowsOf(state, sight, () => {
    const [ino = NONE] = sight.index.find([id], sight.view);
    return ino === NONE ? [] : sight.index.describe(Uint32Array.of(ino), true);
  });
  return found?.value[0] && toItem(found.value[0]);
}

/** A page of the items there are, in the order in which their versions were put. */
export async function listItems(
  state: State,
  name: string,
  from: number,
  most: number,
  asOf: AsOf | undefined,
): Promise<{ items: StoredItem[]; next: number | undefined }> {
  const sight = await sightOf(state, name, asOf);
  const found =
    sight && (await rowsOf(state, sight, () => sight.index.describe(sight.index.list(sight.view, from, most), true)));
  const rows = found?.value ?? [];
  const last = rows.at(-1)?.ino;
  const next = last === undefined || rows.length < most ? undefined : last + 1;
  return { items: rows.map(toItem), next };
}

/** How many items there are that fit. */
export async function countItems(
  state: State,
  name: string,
  filter: Filter | undefined,
  asOf: AsOf | undefined,
): Promise<number> {
  const bytes = bytesOf(filter);
  const sight = await sightOf(state, name, asOf);
  return sight?.index.count(sight.view, bytes) ?? 0;
}

/**
 * What a collection is made of; undefined when there is none of that name.
 *
 * @param sampled how many items' vectors are searched for to measure the recall; none for 0.
 */
export async function collectionInfo(state: State, name: string, sampled = 0): Promise<CollectionInfo | undefined> {
  const sight = await sightOf(state, name, undefined);
  if (!sight) return undefined;
  const { collection, index, view } = sight;
  const { dims, metric, index: kind } = collection.def;
  const { items, contents, bytes, parts, vectors } = index.info();
  const stored = [...state.manifest.segments, ...state.walSegments].filter(isOf(collection));
  const hasGraph = parts.some(({ graph }) => graph);
  const total = index.count(view, NO_FILTER);
  const recall = sampled > 0 ? await measureRecall(state, sight, sampled) : undefined;
  return {
    name,
    dims,
    metric,
    index: kind,
    used: hasGraph ? 'hnsw' : 'flat',
    why: hasGraph ? 'segments with a graph are walked, the others scanned' : 'no segment has a graph: all are scanned',
    count: total,
    versions: items,
    vectors: contents,
    memoryBytes: bytes,
    vectorBytes: vectors.all,
    residentVectorBytes: vectors.here,
    storedBytes: stored.reduce((sum, segment) => sum + segment.bytes, 0),
    segments: stored.length,
    ...(recall ? { recall } : {}),
  };
}

const bytesOf = (filter: Filter | undefined): Uint8Array => (filter === undefined ? NO_FILTER : encodeFilter(filter));

function wrongLength(values: number, dims: number): AetherError {
  return new AetherError('AV_DIM_MISMATCH', `the query has ${values} values; the collection has ${dims} dimensions`);
}

const metaOf = ({ meta }: ItemRow): Meta => (meta === '' ? {} : (JSON.parse(meta) as Meta));

/** What an item has beside its id and its vector. */
export const payloadOf = (row: ItemRow): ItemPayload => ({
  meta: metaOf(row),
  ...(row.text === '' ? {} : { text: row.text }),
});

function toItem(row: ItemRow): StoredItem {
  const { id, vector = new Float32Array(0) } = row;
  return { id, vector, ...payloadOf(row) };
}
