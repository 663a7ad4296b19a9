// The story of one write to a collection: check, compare with what is there, number what is new, one commit.

import { ByteWriter, hex } from '../base/bytes.ts';
import { AetherError } from '../base/errors.ts';
import { GRAPH_ROWS_MIN, STAGE_BYTES_MAX } from '../base/limits.ts';
import type { Meta } from '../model/document.ts';
import type { WriteReport } from '../model/report.ts';
import type { CollectionDef, ItemBatch } from '../model/vectors.ts';
import { NONE, type Piece } from '../ports/index.ts';
import type { VectorIndex } from '../ports/vectors.ts';
import { Collection, openCollection } from '../version/collections.ts';
import { makeCommit } from '../version/commit.ts';
import { encodeFrame, type Frame } from '../version/frame.ts';
import { encodeItems } from '../version/items.ts';
import { withRows } from '../version/rows.ts';
import { Shelf } from '../version/shelf.ts';
import { previousIn, type State, takeDurable } from '../version/state.ts';
import { checkedVectors } from '../version/vectors.ts';
import { CHUNKER_VERSION } from './chunk.ts';
import { headEdit } from './commit.ts';
import { canonicalJson } from './ingest.ts';
import { ItemDraft, joinBytes, joinRows } from './item-draft.ts';
import { spill } from './item-segments.ts';
import { mustStandOnBranch, type WritePlan } from './write.ts';

const ID_BYTES = 16;
const NO_FIELDS = { chunks: 0, embedded: 0, reused: 0, tokensEmbedded: 0, tokensReused: 0 };

/** What a write to a collection does: ids that go, then items that come, batch by batch. */
export interface ItemSource {
  readonly def: Omit<CollectionDef, 'ordinal'>;
  readonly delete: readonly string[];
  batches(): AsyncIterable<ItemBatch>;
  readonly total?: number | undefined;
}

/** A write at work. */
interface Desk {
  readonly state: State;
  readonly plan: WritePlan;
  readonly collection: Collection;
  readonly index: VectorIndex;
  readonly draft: ItemDraft;
}

/**
 * Writes to a collection, and makes it if there is none of its name.
 *
 * @throws what the source and the store throw, `AV_DIM_MISMATCH`, `AV_NON_FINITE`, `AV_INVALID`, `AV_ABORTED`, `AV_DETACHED`; nothing is
 *   changed then.
 */
export async function writeItems(state: State, plan: WritePlan, source: ItemSource): Promise<WriteReport> {
  const started = state.now();
  mustStandOnBranch(state, plan);
  const known = collectionOf(state, source.def);
  const collection = known ?? newCollection(state, source.def);
  const index = await openCollection(state, collection);
  const desk = { state, plan, collection, index, draft: new ItemDraft(collection) };
  try {
    await stage(desk, source);
    plan.signal.throwIfAborted();
    const stats = desk.draft.stats();
    const head = state.history.headCommit;
    const changes = stats.added + stats.updated + stats.deleted > 0;
    const place = changes ? await commit(desk, stats) : { commit: head?.id ?? '', seq: head?.seq ?? 0 };
    return { ...place, ...stats, ...NO_FIELDS, skipped: 0, durable: plan.durable, ms: state.now() - started };
  } catch (error) {
    throw plan.signal.aborted
      ? new AetherError('AV_ABORTED', 'the write was aborted; nothing was changed', { cause: error })
      : error;
  } finally {
    if (!state.collections.all.has(collection.def.ordinal)) index.free();
  }
}

/**
 * The collection of a name, if there is one.
 *
 * @throws `AV_DIM_MISMATCH`, `AV_INVALID` when it is of another kind than `wanted` says.
 */
export function collectionOf(
  { collections }: State,
  wanted: Pick<CollectionDef, 'name' | 'dims' | 'metric'>,
): Collection | undefined {
  const known = collections.named(wanted.name);
  if (!known) return undefined;
  const { dims, metric } = known.def;
  if (dims !== wanted.dims)
    throw new AetherError(
      'AV_DIM_MISMATCH',
      `collection "${wanted.name}" holds vectors of ${dims} dimensions, not ${wanted.dims}. Give dims: ${dims}, or another name.`,
    );
  if (metric !== wanted.metric)
    throw new AetherError(
      'AV_INVALID',
      `collection "${wanted.name}" compares by ${metric}, not ${wanted.metric}. Give metric: '${metric}', or another name.`,
    );
  return known;
}

/** A collection that becomes one of the database with its first commit. */
function newCollection({ collections }: State, def: ItemSource['def']): Collection {
  const ordinal = Math.max(0, ...collections.all.keys()) + 1;
  return new Collection({ def: { ...def, ordinal }, nextIno: 0, nextCno: 0 });
}

async function stage(desk: Desk, source: ItemSource): Promise<void> {
  const { plan, draft } = desk;
  const ids = [...new Set(source.delete)];
  for (const [i, before] of present(desk, ids).entries()) draft.staged.set(ids[i] ?? '', { before, after: NONE });
  let done = 0;
  for await (const batch of source.batches()) {
    plan.signal.throwIfAborted();
    await stageBatch(desk, batch.moved ? await completed(desk, batch, batch.moved) : batch);
    done += batch.ids.length;
    plan.onProgress({ phase: 'prepare', done, total: source.total });
  }
}

/** The item versions that the branch shows of these ids. */
function present({ state, collection, index }: Desk, ids: readonly string[]): Uint32Array {
  return index.find(ids, collection.handle(index, state.history.head));
}

/** The items of an update with what it leaves as it is. */
async function completed(desk: Desk, batch: ItemBatch, moved: readonly boolean[]): Promise<ItemBatch> {
  const { state, collection, index, draft } = desk;
  const { ids, metas = [], texts = [] } = batch;
  const inos = present(desk, ids);
  const named = new Set<string>();
  for (const [i, id] of ids.entries()) {
    const item = `item "${id.slice(0, 60)}" of collection "${collection.def.name}"`;
    if (inos[i] === NONE) throw new AetherError('AV_NOT_FOUND', `there is no ${item} to update. Put it whole.`);
    if (named.has(id) || draft.staged.has(id))
      throw new AetherError('AV_INVALID', `one update names ${item} twice. Make it one change.`);
    named.add(id);
  }
  const found = await withRows(state, collection, index, () => index.describe(inos, true));
  const rows = found?.value ?? [];
  const vectors = batch.vectors.slice();
  for (const [i, { vector }] of rows.entries()) if (vector && !moved[i]) vectors.set(vector, i * collection.def.dims);
  const metaOf = (json = ''): Meta | undefined => (json === '' ? undefined : (JSON.parse(json) as Meta));
  return {
    ids,
    vectors,
    metas: ids.map((_, i) => metas[i] ?? metaOf(rows[i]?.meta)),
    texts: ids.map((_, i) => texts[i] ?? rows[i]?.text),
  };
}

async function stageBatch(desk: Desk, batch: ItemBatch): Promise<void> {
  const { state, collection, index, draft } = desk;
  const { dims, metric, name } = collection.def;
  const vectors = checkedVectors(batch, dims, metric);
  const metas = batch.ids.map((_, i) => (batch.metas?.[i] === undefined ? '' : canonicalJson(batch.metas[i] ?? {})));
  const texts = batch.ids.map((_, i) => batch.texts?.[i] ?? '');
  const row = (i: number): Float32Array => vectors.subarray(i * dims, (i + 1) * dims);
  const out = new ByteWriter();
  const ends = batch.ids.map((id, i) => {
    const values = row(i);
    out
      .string('item')
      .string(name)
      .string(id)
      .string(metas[i] ?? '')
      .string(texts[i] ?? '');
    return out.bytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)).length;
  });
  const versions = state.hasher.hashes(out.take(), Uint32Array.from(ends));
  const before = present(desk, batch.ids);
  const [was, contents] = [index.versions(before), index.cnos(before)];
  // Of a collection that is dropped meanwhile nothing is the same.
  const same = (await withRows(state, collection, index, () => index.sameVectors(before, vectors)))?.value ?? [];
  const fresh: number[] = [];
  for (const [i, id] of batch.ids.entries()) {
    const version = versions.subarray(i * ID_BYTES, (i + 1) * ID_BYTES);
    const ino = before[i] ?? NONE;
    if (ino !== NONE && hex(version) === hex(was.subarray(i * ID_BYTES, (i + 1) * ID_BYTES))) {
      draft.staged.set(id, { before: ino, after: ino });
      continue;
    }
    const after = draft.nextIno++;
    // A payload that changed leaves the vector, and so the index, as it is.
    const keeps = ino !== NONE && same[i] === true;
    if (!keeps) fresh.push(i);
    draft.inos.push(after);
    draft.cnos.push(keeps ? (contents[i] ?? NONE) : draft.nextCno++);
    draft.versions.bytes(version);
    draft.ids.push(id);
    draft.metas.push(metas[i] ?? '');
    draft.texts.push(texts[i] ?? '');
    draft.staged.set(id, { before: ino, after });
    draft.bytes += 40 + 2 * id.length + (metas[i]?.length ?? 0) + (texts[i]?.length ?? 0);
  }
  if (fresh.length === 0) return;
  const rows = fresh.length === batch.ids.length ? vectors : joinRows(fresh.map(row), dims);
  draft.vectors.push(rows);
  draft.bytes += rows.byteLength;
}

/** Durable in one transaction, then visible. What is large goes to segments first. */
async function commit(desk: Desk, stats: ReturnType<ItemDraft['stats']>): Promise<{ commit: string; seq: number }> {
  const { state, plan, collection, index, draft } = desk;
  const { history, hasher, store } = state;
  const { def } = collection;
  const { born, died } = draft.births();
  const seq = history.lastSeq + 1;
  const entry = {
    seq,
    base: history.headSeq,
    docsBorn: [],
    docsDied: [],
    chunksBorn: [],
    chunksDied: [],
    items: [{ collection: def.ordinal, born, died }],
  };
  const versions = draft.versions.take();
  const [first] = draft.inos;
  const ofBorn = born.map((ino) =>
    versions.subarray((ino - (first ?? 0)) * ID_BYTES, (ino - (first ?? 0) + 1) * ID_BYTES),
  );
  const { added, updated, deleted } = stats;
  const info = makeCommit(
    {
      parents: [history.headCommit?.id].filter((id) => id !== undefined),
      message: plan.message,
      author: plan.author,
      time: Math.max(state.now(), history.lastTime + 1),
      stats: { added, updated, deleted, ...NO_FIELDS },
      entry,
      docOf: () => undefined,
      chunks: history.chunks,
      chunkerVersion: CHUNKER_VERSION,
      items: [{ collection: def.name, born: joinBytes(ofBorn), died: index.versions(Uint32Array.from(died)) }],
    },
    hasher,
  );
  const shelf = new Shelf(state);
  const pieces = new Map<number, Piece>();
  let isCommitted = false;
  try {
    // Of few dimensions, but worth a graph at once.
    const isLarge = draft.bytes > STAGE_BYTES_MAX || draft.nextCno - draft.firstCno >= GRAPH_ROWS_MIN;
    if (isLarge) await spill(desk, shelf, pieces);
    const inFrame = !isLarge && draft.inos.length > 0;
    const moves = isLarge || !state.collections.all.has(def.ordinal);
    const frame: Frame = {
      record: { info, batch: hex(state.newId()), entry, docs: [] },
      refs: [headEdit(state, seq)],
      sections: inFrame ? [{ tag: 'Item', body: encodeItems(def, draft.rows(joinRows(draft.vectors, def.dims))) }] : [],
      segments: shelf.written,
      collections: moves ? [{ def, nextIno: draft.nextIno, nextCno: draft.nextCno }] : undefined,
    };
    const bytes = encodeFrame(frame, state.wal.chain, previousIn(history), hasher.crc32c);
    plan.signal.throwIfAborted();
    plan.onProgress({ phase: 'write', done: bytes.length });
    await store.append(state.manifest.epoch, state.wal.frames, bytes);
    isCommitted = true;
    if (!state.collections.all.has(def.ordinal)) state.collections.all.set(def.ordinal, collection);
    takeDurable(state, frame, bytes, ({ id }) => pieces.get(id) ?? { frames: [], length: 0 });
    return { commit: info.id, seq };
  } catch (error) {
    if (!isCommitted) await shelf.discard();
    throw error;
  }
}
