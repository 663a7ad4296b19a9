// Moves what the WAL holds into segments and swaps manifests: one transaction, then the WAL starts anew.

import { KIND, type Section, writeEnvelope } from '../base/envelope.ts';
import { type Archive, encodeArchives } from '../version/archives.ts';
import type { VectorIndex } from '../ports/vectors.ts';
import { type Collection, openCollection } from '../version/collections.ts';
import type { History } from '../version/history.ts';
import { encodeHead, encodeManifest, type Manifest, type SegmentEntry, type SegmentKind } from '../version/manifest.ts';
import { encodeItemTimeline } from '../version/items.ts';
import { type DocVersion, encodeCommits, encodeDocs, encodeTimeline, type TimelineEntry } from '../version/record.ts';
import { encodeRefs, snapshot } from '../version/refs.ts';
import { Shelf } from '../version/shelf.ts';
import { attachSegment, EMPTY_WAL, orBroken, previousIn, type State } from '../version/state.ts';

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
  const items = await openTouched(state);
  const [text, vectors] = [index.sealText(), index.sealVectors()];
  const sealed = items.map(({ collection, index }) => ({
    collection: collection.def.ordinal,
    items: index.sealItems(),
    vectors: index.sealVectors(),
  }));
  const pieces = new Map<number, Uint8Array>();
  const shelf = new Shelf(state);
  try {
    const put = async (kind: SegmentKind, bytes: Uint8Array, collection?: number): Promise<void> => {
      const entry = await shelf.put(kind, bytes, collection === undefined ? {} : { collection });
      if (entry) pieces.set(entry.id, bytes);
    };
    await put('text', text);
    await put('vector', vectors);
    for (const { collection, items, vectors } of sealed) {
      await put('items', items, collection);
      await put('item-vectors', vectors, collection);
    }
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
      const bytes = pieces.get(entry.id);
      if (bytes) attachSegment(state, entry, { frames: [bytes], length: bytes.length });
      if (entry.kind === 'history') state.ends.set(entry.id, endOf(state));
    }
    index.clearMem();
    for (const { collection, index } of items) {
      index.clearMem();
      collection.sections = [];
    }
  });
  // What fails here is only room not given back yet; the next flush does.
  await settle(state).catch(() => undefined);
}

/** The collections with something in memory that no segment holds. */
async function openTouched(state: State): Promise<{ collection: Collection; index: VectorIndex }[]> {
  const touched = [...state.collections.all.values()].filter(({ sections }) => sections.length > 0);
  return Promise.all(
    touched.map(async (collection) => ({ collection, index: await openCollection(state, collection) })),
  );
}

/** The manifest after this one, over these segments: it holds all there is in memory. */
export function follow(
  { manifest, history, collections }: Pick<State, 'manifest' | 'history' | 'collections'>,
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
    collections: collections.entries(),
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

/** Only where there are collections: databases without stay readable by earlier versions. */
function itemTimeline(entries: readonly TimelineEntry[]): Section[] {
  const body = encodeItemTimeline(entries);
  return body.length > 0 ? [{ tag: 'Itim', body }] : [];
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
    ...itemTimeline(entries),
    { tag: 'Refs', body: encodeRefs(snapshot(history.refs)) },
    { tag: 'Arch', body: encodeArchives([...archives]) },
  ];
  return writeEnvelope(KIND.history, sections, hasher.crc32c);
}
