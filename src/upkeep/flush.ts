// Moves what the WAL holds into segments and swaps manifests: one transaction, then the WAL starts anew.

import { headerSum, KIND, writeEnvelope } from '../base/envelope.ts';
import { TEXT_FRAME_BYTES, VECTOR_FRAME_BYTES } from '../base/limits.ts';
import { type Archive, encodeArchives } from '../version/archives.ts';
import type { History } from '../version/history.ts';
import { encodeHead, encodeManifest, type Manifest, type SegmentEntry, type SegmentKind } from '../version/manifest.ts';
import { type DocVersion, encodeCommits, encodeDocs, encodeTimeline } from '../version/record.ts';
import { encodeRefs, snapshot } from '../version/refs.ts';
import { attachSegment, EMPTY_WAL, nextSegment, orBroken, previousIn, type State } from '../version/state.ts';

/**
 * Seals the memtable. Changes nothing when there is nothing to seal.
 *
 * @throws `AV_QUOTA`, `AV_STORAGE`; the database goes on as before then.
 */
export async function flush(
  state: State,
  edit: (manifest: Manifest) => Manifest = (manifest) => manifest,
): Promise<void> {
  const { index, manifest } = state;
  if (state.wal.frames === 0 && index.memBytes() === 0 && edit(manifest) === manifest) return;
  const [text, vectors] = [index.sealText(), index.sealVectors()];
  const shelf = new Shelf(state);
  try {
    await shelf.put('text', text);
    await shelf.put('vector', vectors);
    const { history, archives } = state;
    const since = { seq: manifest.seq, dno: manifest.nextDno };
    await shelf.put('history', sealHistory(state, { history, archives: archives.all.values(), ...since }));
    const segments = [...manifest.segments, ...state.walSegments, ...shelf.written];
    await publish(state, edit(follow(state, segments, shelf.next)));
  } catch (error) {
    await shelf.discard();
    throw error;
  }
  orBroken(state, () => {
    for (const entry of shelf.written) {
      const bytes = entry.kind === 'text' ? text : vectors;
      attachSegment(state, entry, { frames: [bytes], length: bytes.length });
      if (entry.kind === 'history') state.ends.set(entry.id, endOf(state));
    }
    index.clearMem();
  });
  // What fails here is only room not given back yet; the next flush does.
  await settle(state).catch(() => undefined);
}

/** Segments on their way into a manifest; unreferenced until it is published. */
export class Shelf {
  readonly written: SegmentEntry[] = [];
  next: number;
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
    this.next = nextSegment(state);
  }

  /** Writes a segment; nothing for no bytes. */
  async put(kind: SegmentKind, bytes: Uint8Array): Promise<SegmentEntry | undefined> {
    if (bytes.length === 0) return undefined;
    const { manifest, store } = this.#state;
    const space = kind === 'vector' ? manifest.space : 0;
    const entry = { id: this.next++, kind, space, bytes: bytes.length, sum: headerSum(bytes) };
    this.written.push(entry);
    await store.writeSegment(entry.id, bytes, kind === 'vector' ? VECTOR_FRAME_BYTES : TEXT_FRAME_BYTES);
    return entry;
  }

  /** Takes everything back. */
  async discard(): Promise<void> {
    await this.#state.store.dropSegments(this.written.map(({ id }) => id)).catch(() => undefined);
  }
}

/** The manifest after this one, over these segments: it holds all there is in memory. */
export function follow(
  { manifest, history }: Pick<State, 'manifest' | 'history'>,
  segments: readonly SegmentEntry[],
  next: number,
): Manifest {
  return {
    ...manifest,
    epoch: manifest.epoch + 1,
    seq: history.lastSeq,
    nextDno: history.docs.length,
    nextVno: history.chunks.size,
    lastTime: history.lastTime,
    nextSegment: next,
    segments,
  };
}

/**
 * Makes a manifest the current one. The one before stays, in case this one turns out damaged, and so does the WAL that
 * it needs; {@link settle} lets go of both.
 */
export async function publish(state: State, manifest: Manifest): Promise<void> {
  await store(state, manifest, false);
  state.manifest = manifest;
  state.wal = EMPTY_WAL;
  state.walSegments = [];
}

/** Publishes the manifest once more, so that the one before names the same segments: nothing needs the WAL any more. */
export async function settle(state: State): Promise<void> {
  const manifest = { ...state.manifest, epoch: state.manifest.epoch + 1 };
  await store(state, manifest, true);
  state.manifest = manifest;
}

async function store(state: State, manifest: Manifest, clearsWal: boolean): Promise<void> {
  const { crc32c } = state.hasher;
  const bytes = encodeManifest(manifest, crc32c);
  await state.store.publish({
    slot: manifest.epoch % 2 === 0 ? 'A' : 'B',
    head: encodeHead({ epoch: manifest.epoch, manifestCrc: crc32c(bytes) }, crc32c),
    epoch: manifest.epoch,
    manifest: bytes,
    clearsWal,
    dropManifestsBefore: manifest.epoch - 1,
  });
}

/** Where what is in memory ends: the last commit and the document versions there were. */
export function endOf({ history }: State): { seq: number; dno: number } {
  return { seq: history.lastSeq, dno: history.docs.length };
}

/** Commits after `seq`, document versions from `dno` on, and all refs and archives as they stand, as one piece. */
export function sealHistory(
  { hasher }: State,
  { history, archives, seq, dno }: { history: History; archives: Iterable<Archive>; seq: number; dno: number },
): Uint8Array {
  const commits = [...history.commits.values()].filter((info) => info.seq > seq);
  const docs = history.docs.slice(dno).filter((doc: DocVersion | undefined) => doc !== undefined);
  const entries = commits.map((info) => history.timeline.get(info.seq)).filter((entry) => entry !== undefined);
  const batched = commits.map((info) => ({ info, batch: history.batches.get(info.seq) ?? info.id }));
  const sections = [
    { tag: 'Cmt2', body: encodeCommits(batched) },
    { tag: 'Docs', body: encodeDocs(docs, previousIn(history)) },
    { tag: 'Time', body: encodeTimeline(entries) },
    { tag: 'Refs', body: encodeRefs(snapshot(history.refs)) },
    { tag: 'Arch', body: encodeArchives([...archives]) },
  ];
  return writeEnvelope(KIND.history, sections, hasher.crc32c);
}
