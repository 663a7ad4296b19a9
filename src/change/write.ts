// The story of one write: stage every document, embed what is new, make one commit durable, then visible.

import { hex } from '../base/bytes.ts';
import { AetherError } from '../base/errors.ts';
import { MEMTABLE_BYTES_MAX, WAL_FRAMES_MAX } from '../base/limits.ts';
import type { Doc } from '../model/document.ts';
import type { Progress, WriteReport } from '../model/report.ts';
import { encodeChunks, type NewChunk } from '../version/chunks.ts';
import { makeCommit } from '../version/commit.ts';
import { encodeFrame, type Frame } from '../version/frame.ts';
import { previousIn, type State, takeDurable } from '../version/state.ts';
import { CHUNKER_VERSION } from './chunk.ts';
import { Draft, vnosOf } from './draft.ts';
import { countTokens, embeddingInput, Embeddings } from './embeddings.ts';
import { stageDelete, stagePut } from './ingest.ts';
import { Outbox } from './outbox.ts';

/** Chunk rows are encoded and embedded in batches of about this many characters. */
const PENDING_CHARS_MAX = 524_288;

/** Documents to put, ids to delete, in the order given; pulled batch by batch. */
export interface WriteSource {
  batches(): AsyncIterable<{ readonly put?: readonly Doc[]; readonly delete?: readonly string[] }>;
  /** How many documents there will be, where known. */
  readonly total?: number | undefined;
}

/** How to write. */
export interface WritePlan {
  readonly message: string;
  readonly author: string;
  /** Embed before the commit; false leaves it to the next backfill. */
  readonly dense: boolean;
  readonly durable: WriteReport['durable'];
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Moves the memtable into segments. */
  readonly flush: () => Promise<void>;
}

/**
 * Runs one write. Everything before `store.append` can be thrown away; everything after it is redone by reopening.
 *
 * @throws what the source, the embedder or the store throw, `AV_ABORTED`; nothing is changed then.
 */
export async function write(state: State, source: WriteSource, plan: WritePlan): Promise<WriteReport> {
  const started = state.now();
  const draft = new Draft(state.history.chunks.size, state.history.docs.length);
  const outbox = new Outbox(state);
  const embeddings = new Embeddings(state);
  try {
    await stageAll(state, draft, outbox, embeddings, source, plan);
    if (!draft.changes) return { ...unchanged(state, draft), durable: plan.durable, ms: state.now() - started };
    if (outbox.segments.length > 0) await outbox.spill();
    const report = await commit(state, draft, outbox, embeddings, plan);
    return { ...report, durable: plan.durable, ms: state.now() - started };
  } catch (error) {
    await outbox.discard();
    throw plan.signal.aborted
      ? new AetherError('AV_ABORTED', 'the write was aborted; nothing was changed', { cause: error })
      : error;
  } finally {
    outbox.free();
  }
}

async function stageAll(
  state: State,
  draft: Draft,
  outbox: Outbox,
  embeddings: Embeddings,
  source: WriteSource,
  plan: WritePlan,
): Promise<void> {
  let done = 0;
  const drain = async (): Promise<void> => {
    const rows = draft.takePending();
    if (rows.length === 0) return;
    outbox.add([{ tag: 'Chnk', body: encodeChunks(rows) }, ...(await embedRows(embeddings, rows, plan))]);
    if (!outbox.full) return;
    if (state.index.memBytes() > 0) await plan.flush();
    await outbox.spill();
  };
  for await (const batch of source.batches()) {
    for (const doc of batch.put ?? []) {
      plan.signal.throwIfAborted();
      stagePut(state, draft, doc);
      if (draft.docs.get(doc.id)?.fate !== 'unchanged') embeddings.tally.tokens += countTokens(doc.text);
      if (draft.pendingBytes > PENDING_CHARS_MAX) await drain();
      done++;
    }
    for (const id of batch.delete ?? []) stageDelete(state, draft, id);
    plan.onProgress({ phase: 'prepare', done, total: source.total });
  }
  await drain();
  plan.signal.throwIfAborted();
}

async function embedRows(
  embeddings: Embeddings,
  rows: readonly NewChunk[],
  plan: WritePlan,
): Promise<Frame['sections']> {
  if (!plan.dense) {
    embeddings.tally.skipped += rows.length;
    return [];
  }
  const inputs = rows.map(({ vno, path, text }) => ({ vno, text: embeddingInput(path, text) }));
  return embeddings.sections(inputs, plan.signal, () =>
    plan.onProgress({ phase: 'embed', done: embeddings.tally.embedded }),
  );
}

async function commit(
  state: State,
  draft: Draft,
  outbox: Outbox,
  embeddings: Embeddings,
  plan: WritePlan,
): Promise<Omit<WriteReport, 'durable' | 'ms'>> {
  const { history, hasher, store } = state;
  const { tally } = embeddings;
  const staged = [...draft.docs.values()].filter(({ fate }) => fate === 'added' || fate === 'updated');
  const chunks = staged.reduce((sum, { version }) => sum + vnosOf(version?.parts ?? []).length, 0);
  const counts = { added: draft.count('added'), updated: draft.count('updated'), deleted: draft.count('deleted') };
  const stats = {
    ...counts,
    chunks,
    embedded: tally.embedded,
    reused: Math.max(0, chunks - tally.embedded - tally.skipped),
  };
  const used = new Set([...draft.docs.values()].map(({ version }) => version));
  const docs = draft.newDocs.filter((doc) => used.has(doc));
  const entry = { seq: history.commits.length + 1, ...draft.births() };
  const idsOf = withNewRows(state, outbox);
  try {
    const fresh = new Map(docs.map((doc) => [doc.dno, doc]));
    const docOf = (dno: number) => history.docs[dno] ?? fresh.get(dno);
    const parent = history.commits.at(-1);
    const parts = {
      parent,
      message: plan.message,
      author: plan.author,
      now: state.now(),
      stats,
      entry,
      docOf,
      chunks: history.chunks,
      chunkerVersion: CHUNKER_VERSION,
    };
    const info = makeCommit(parts, hasher);
    const frame: Frame = {
      record: { info, batch: hex(state.newId()), entry, docs },
      sections: outbox.sections,
      segments: outbox.segments,
    };
    const bytes = encodeFrame(frame, state.wal.chain, previousIn(history), hasher.crc32c);
    plan.signal.throwIfAborted();
    plan.onProgress({ phase: 'write', done: bytes.length });
    await store.append(state.manifest.epoch, state.wal.frames, bytes);
    outbox.committed();
    takeDurable(state, frame, bytes, ({ id }) => outbox.pieces.get(id) ?? { frames: [], length: 0 });
    const tokens = {
      tokensEmbedded: tally.tokensEmbedded,
      tokensReused: Math.max(0, tally.tokens - tally.tokensEmbedded),
    };
    return {
      commit: info.id,
      seq: info.seq,
      ...stats,
      unchanged: draft.count('unchanged'),
      skipped: tally.skipped,
      ...tokens,
    };
  } catch (error) {
    if (!outbox.isCommitted) idsOf.forget();
    throw error;
  }
}

/** Makes the ids of the new rows known, so that the commit's id can be computed; `forget` takes them back. */
function withNewRows(state: State, outbox: Outbox): { forget: () => void } {
  const { chunks } = state.history;
  const size = chunks.size;
  for (const { tag, body } of outbox.sections) if (tag === 'Chnk') chunks.add(body);
  for (const section of outbox.spilledRows) chunks.add(section);
  return { forget: () => chunks.truncate(size) };
}

function unchanged(state: State, draft: Draft): Omit<WriteReport, 'durable' | 'ms'> {
  const head = state.history.commits.at(-1);
  const zero = {
    added: 0,
    updated: 0,
    deleted: 0,
    chunks: 0,
    embedded: 0,
    reused: 0,
    skipped: 0,
    tokensEmbedded: 0,
    tokensReused: 0,
  };
  return { commit: head?.id ?? '', seq: head?.seq ?? 0, ...zero, unchanged: draft.count('unchanged') };
}

/** Should the memtable be flushed now? */
export function flushIsDue(state: State): boolean {
  return state.index.memBytes() > MEMTABLE_BYTES_MAX || state.wal.frames >= WAL_FRAMES_MAX;
}
