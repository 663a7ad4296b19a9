// Makes one commit of what was staged: its id, its frame, durable in one transaction, then visible.

import { hex } from '../base/bytes.ts';
import { AetherError } from '../base/errors.ts';
import type { WriteReport } from '../model/report.ts';
import { Bitset } from '../version/bitset.ts';
import { makeCommit } from '../version/commit.ts';
import { encodeFrame, type Frame } from '../version/frame.ts';
import { reading } from '../version/opening.ts';
import type { CommitRecord, TimelineEntry } from '../version/record.ts';
import type { RefEdit } from '../version/refs.ts';
import { previousIn, type State, takeDurable } from '../version/state.ts';
import { CHUNKER_VERSION } from './chunk.ts';
import type { Outbox } from './outbox.ts';
import type { Desk } from './write.ts';

/** Commits. The rows of `outbox` are drained into it. */
export async function commit(desk: Desk): Promise<Omit<WriteReport, 'durable' | 'ms'>> {
  const { state, draft, outbox, embeddings, plan } = desk;
  const { history, hasher, store } = state;
  const { tally } = embeddings;
  const ids = withNewRows(state, outbox);
  try {
    const record = await reading(
      state,
      () => touched(desk),
      () => recordOf(desk),
    );
    const frame: Frame = {
      record,
      refs: [headEdit(state, record.info.seq)],
      sections: outbox.sections,
      segments: outbox.segments,
    };
    const bytes = encodeFrame(logged(state, frame), state.wal.chain, previousIn(history), hasher.crc32c);
    plan.signal.throwIfAborted();
    plan.onProgress({ phase: 'write', done: bytes.length });
    await store.append(state.manifest.epoch, state.wal.frames, bytes);
    outbox.committed();
    takeDurable(state, frame, bytes, ({ id }) => outbox.pieces.get(id) ?? { frames: [], length: 0 });
    const { id: commit, seq, stats } = record.info;
    return { commit, seq, ...stats, unchanged: draft.count('unchanged'), skipped: tally.skipped };
  } catch (error) {
    if (!outbox.isCommitted) ids.forget();
    throw error;
  }
}

/** What of a frame goes into the log: vectors that the text gives again, bit for bit, do not. */
export function logged({ embedder }: State, frame: Frame): Frame {
  return embedder?.deterministic ? { ...frame, sections: frame.sections.filter(({ tag }) => tag === 'Chnk') } : frame;
}

/** The branch that this handle stands on moves to a commit. */
export function headEdit({ history }: State, seq: number): RefEdit {
  if (!('branch' in history.checkout)) throw new AetherError('AV_INTERNAL', 'a commit while on no branch');
  return { kind: 'head', name: history.checkout.branch, seq };
}

/** What is born and dies: a commit's id is made of their ids, which closed archives keep to themselves. */
function touched({ draft }: Desk): Bitset {
  const { chunksBorn, chunksDied } = draft.births();
  const rows = new Bitset();
  for (const vno of [...chunksBorn, ...chunksDied]) rows.add(vno);
  return rows;
}

function recordOf({ state, draft, embeddings, plan }: Desk): CommitRecord {
  const { history, hasher } = state;
  const { tally } = embeddings;
  const docs = draft.stored();
  const fresh = new Map(docs.map((doc) => [doc.dno, doc]));
  const entry: TimelineEntry = {
    seq: history.lastSeq + 1,
    base: history.headSeq,
    ...draft.births(),
    ...draft.itemChanges(),
  };
  const chunks = draft.chunkCount();
  const stats = {
    added: draft.count('added'),
    updated: draft.count('updated'),
    deleted: draft.count('deleted'),
    chunks,
    embedded: tally.embedded,
    reused: Math.max(0, chunks - tally.embedded - tally.skipped),
    tokensEmbedded: tally.tokensEmbedded,
    tokensReused: Math.max(0, draft.tokens() - tally.tokensEmbedded),
  };
  const parts = {
    parents: [history.headCommit?.id, plan.merged].filter((id) => id !== undefined),
    message: plan.message,
    author: plan.author,
    time: Math.max(state.now(), history.lastTime + 1),
    stats,
    entry,
    docOf: (dno: number) => history.docs[dno] ?? fresh.get(dno),
    chunks: history.chunks,
    chunkerVersion: CHUNKER_VERSION,
    items: draft.itemVersions,
  };
  return { info: makeCommit(parts, hasher), batch: hex(state.newId()), entry, docs };
}

/** Makes the ids of the new rows known, so that the commit's id can be computed; `forget` takes them back. */
function withNewRows(state: State, outbox: Outbox): { forget: () => void } {
  const { chunks } = state.history;
  const size = chunks.size;
  for (const { tag, body } of outbox.sections) if (tag === 'Chnk') chunks.add(body);
  for (const section of outbox.spilledRows) chunks.add(section);
  return { forget: () => chunks.truncate(size) };
}
