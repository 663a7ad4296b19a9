// Reads of a collection: the view, the filter as the guest takes it, the guest's answer, then what the hits are.

import { AetherError } from '../base/errors.ts';
import type { Meta } from '../model/document.ts';
import type { Filter } from '../model/filter.ts';
import type { AsOf } from '../model/query.ts';
import type { BatchHits, CollectionDef, CollectionInfo, ItemHits, ItemsAsk, StoredItem } from '../model/vectors.ts';
import { NONE } from '../ports/index.ts';
import type { ItemRow } from '../ports/vectors.ts';
import { isOf } from '../version/collections.ts';
import type { State } from '../version/state.ts';
import { checkedQueries } from '../version/vectors.ts';
import { answerBatch } from './batch.ts';
import { encodeFilter } from './filter.ts';
import { measureRecall } from './recall.ts';
import { sightOf } from './sight.ts';

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
  const { index, view } = sight;
  const { k, ef, exact = false } = ask;
  const { inos, scores } = index.search({ view, filter, queries, k, ef, exact });
  const why = ask.explain ? index.report() : undefined;
  const rows = index.describe(inos, ask.includeVector ?? false);
  // Columns cross faster than objects, and most hits have no text.
  return {
    ids: rows.map(({ id }) => id),
    scores: [...scores],
    ...(rows.some(({ meta }) => meta !== '') ? { metas: rows.map(({ meta }) => meta) } : {}),
    ...(rows.some(({ text }) => text !== '') ? { texts: rows.map(({ text }) => text) } : {}),
    ...(ask.includeVector ? { vectors: rows.map(({ vector = new Float32Array(0) }) => vector) } : {}),
    ...(why ? { why } : {}),
  };
}

/** The nearest items to each of several vectors: ids and scores alone. */
export async function searchItemsBatch(
  state: State,
  def: Pick<CollectionDef, 'name' | 'dims' | 'metric'>,
  vectors: Float32Array,
  ask: ItemsAsk,
): Promise<BatchHits> {
  const queries = checkedQueries(vectors, def.dims, def.metric);
  const filter = bytesOf(ask.filter);
  const sight = await sightOf(state, def.name, ask.asOf);
  const count = queries.length / def.dims;
  const { k, ef, exact = false } = ask;
  const { found, why } = sight
    ? await answerBatch(state, sight, { filter, queries, k, ef, exact })
    : { found: { inos: new Uint32Array(count * k).fill(NONE), scores: new Float32Array(count * k) }, why: undefined };
  const all = sight?.index.ids(found.inos.filter((ino) => ino !== NONE)) ?? [];
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
  const [ino = NONE] = sight?.index.find([id], sight.view) ?? [];
  const [row] = ino === NONE || !sight ? [] : sight.index.describe(Uint32Array.of(ino), true);
  return row && toItem(row);
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
  const inos = sight?.index.list(sight.view, from, most) ?? new Uint32Array(0);
  const last = inos.at(-1);
  const next = last === undefined || inos.length < most ? undefined : last + 1;
  return { items: sight?.index.describe(inos, true).map(toItem) ?? [], next };
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
  const { items, contents, bytes, parts } = index.info();
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

function toItem(row: ItemRow): StoredItem {
  const { id, text, vector = new Float32Array(0) } = row;
  return { id, vector, meta: metaOf(row), ...(text === '' ? {} : { text }) };
}
