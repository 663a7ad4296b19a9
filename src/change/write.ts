// The story of one write: stage every document, embed what is new, make one commit durable, then visible.

import { AetherError } from '../base/errors.ts';
import { MEMTABLE_BYTES_MAX, WAL_BYTES_SHARE, WAL_BYTES_MIN, WAL_FRAMES_MAX } from '../base/limits.ts';
import type { Doc } from '../model/document.ts';
import type { Progress, WriteReport } from '../model/report.ts';
import type { Bitset } from '../version/bitset.ts';
import { chunksOf } from '../version/compare.ts';
import { openArchives, reading } from '../version/opening.ts';
import { encodeChunks, type NewChunk } from '../version/chunks.ts';
import type { Frame } from '../version/frame.ts';
import { embeddingInput } from '../version/input.ts';
import { loadStems, type State } from '../version/state.ts';
import type { Span } from '../version/valid.ts';
import { commit } from './commit.ts';
import { Draft } from './draft.ts';
import { Embeddings } from './embeddings.ts';
import { stageDelete, stagePut } from './ingest.ts';
import { Outbox } from './outbox.ts';

/** Chunk rows are encoded and embedded in batches of about this many characters. */
const PENDING_CHARS_MAX = 524_288;

/** Ids to delete and documents to put, in this order; documents are pulled batch by batch. */
export interface WriteSource {
  readonly delete?: readonly string[] | undefined;
  /** Only what holds then is deleted. Default: all of it. */
  readonly deleteWithin?: Span | undefined;
  batches(): AsyncIterable<readonly Doc[]>;
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
  /** Id of the commit that the branch must still be at: `AV_CONFLICT` when it moved. */
  readonly base?: string | undefined;
  /** The branch that it was planned for. */
  readonly branch?: string | undefined;
  /** Id of the commit that is merged: a second parent, and a commit even when nothing changes. */
  readonly merged?: string | undefined;
}

/** What staging works with. */
export interface Desk {
  readonly state: State;
  readonly plan: WritePlan;
  readonly draft: Draft;
  readonly outbox: Outbox;
  readonly embeddings: Embeddings;
}

/**
 * Runs one write. Everything before `store.append` can be thrown away; everything after it is redone by reopening.
 *
 * @throws what the source, the embedder or the store throw, `AV_ABORTED`, `AV_DETACHED`, `AV_CONFLICT`; nothing is changed then.
 */
export async function write(state: State, plan: WritePlan, stage: (desk: Desk) => Promise<void>): Promise<WriteReport> {
  const started = state.now();
  mustStandOnBranch(state, plan);
  const draft = new Draft(state.history.chunks.size, state.history.docs.length);
  const desk = { state, plan, draft, outbox: new Outbox(state), embeddings: new Embeddings(state) };
  const { outbox } = desk;
  try {
    await stage(desk);
    await drain(desk);
    plan.signal.throwIfAborted();
    if (!draft.changes && plan.merged === undefined)
      return { ...unchanged(state, draft), durable: plan.durable, ms: state.now() - started };
    if (outbox.segments.length > 0) await outbox.spill();
    const report = await commit(desk);
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

/** Throws `AV_DETACHED`, or `AV_CONFLICT` for a plan made for another place. */
export function mustStandOnBranch({ history }: State, { base, branch }: Pick<WritePlan, 'base' | 'branch'>): void {
  if (!('branch' in history.checkout)) {
    const at = history.headCommit?.id ?? 'the beginning';
    const message = `this handle stands on commit ${at}, not on a branch. Make one with branch(name), then checkout(name).`;
    throw new AetherError('AV_DETACHED', message);
  }
  if (branch !== undefined && branch !== history.checkout.branch)
    throw new AetherError(
      'AV_CONFLICT',
      `the plan was made on "${branch}", and this handle stands on "${history.checkout.branch}". Stage it again.`,
    );
  const head = history.headCommit?.id ?? '';
  if (base !== undefined && base !== head)
    throw new AetherError(
      'AV_CONFLICT',
      `the plan was made for commit ${base || '(none)'}, and "${history.checkout.branch}" is at ${head} now. Stage it again.`,
    );
}

/** Stages deletes, then puts, as the source gives them. */
export async function stageSource(desk: Desk, source: WriteSource): Promise<void> {
  const { plan, draft } = desk;
  await stageDeletes(desk, source);
  let done = 0;
  for await (const docs of source.batches()) {
    for (const doc of docs) {
      plan.signal.throwIfAborted();
      await stageDoc(desk, doc);
      if (draft.pendingBytes > PENDING_CHARS_MAX) await drain(desk);
      done++;
    }
    plan.onProgress({ phase: 'prepare', done, total: source.total });
  }
}

/** Stages what the source deletes; what is left of it at other valid times is made of its texts. */
export async function stageDeletes(
  { state, draft }: Pick<Desk, 'state' | 'draft'>,
  source: WriteSource,
): Promise<void> {
  for (const id of source.delete ?? []) {
    const rows = (): Bitset => chunksOf(state.history.alive(id, state.history.head));
    await reading(state, rows, () => stageDelete(state, draft, id, source.deleteWithin));
  }
}

/** Stages one document. */
export async function stageDoc({ state, draft }: Pick<Desk, 'state' | 'draft'>, doc: Doc): Promise<void> {
  for (let closed = stagePut(state, draft, doc); closed.length > 0; closed = stagePut(state, draft, doc))
    await openArchives(state, closed);
}

/** Encodes and embeds what is staged so far; what is too much for one frame goes to segments. */
async function drain({ state, plan, draft, outbox, embeddings }: Desk): Promise<void> {
  const rows = draft.takePending();
  if (rows.length === 0) return;
  const sections: Frame['sections'] = [{ tag: 'Chnk', body: encodeChunks(rows) }];
  await loadStems(state, sections);
  outbox.add([...sections, ...(await embedRows(embeddings, rows, plan))]);
  if (!outbox.full) return;
  if (state.index.memBytes() > 0) await plan.flush();
  await outbox.spill();
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

function unchanged({ history }: State, draft: Draft): Omit<WriteReport, 'durable' | 'ms'> {
  const head = history.headCommit;
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

/**
 * Should the memtable be flushed now? A log that is large beside what it changes would be most of a small database.
 */
export function flushIsDue({ index, wal, manifest, collections }: State): boolean {
  const stored = manifest.segments.reduce((sum, { bytes }) => sum + bytes, 0);
  const items = collections.memBytes();
  const walMax = Math.max(WAL_BYTES_MIN, stored * WAL_BYTES_SHARE);
  return index.memBytes() + items > MEMTABLE_BYTES_MAX || wal.frames >= WAL_FRAMES_MAX || wal.bytes > walMax;
}
