// The story of opening: the newest good manifest, its segments, then the WAL through the same door as new commits.

import { hex } from '../base/bytes.ts';
import { headerSum, KIND, readEnvelope } from '../base/envelope.ts';
import { AetherError, asAether } from '../base/errors.ts';
import { FILE_HEAD_BYTES } from '../base/limits.ts';
import { isPacked, joined, unpack } from '../base/pack.ts';
import type { Index, Piece } from '../ports/index.ts';
import type { Reading, Stored } from '../ports/store.ts';
import type { VectorGuest } from '../ports/vectors.ts';
import { Collections } from '../version/collections.ts';
import { History } from '../version/history.ts';
import {
  INPUT_RULE,
  activeSpace,
  decodeHead,
  decodeManifest,
  type Manifest,
  type SegmentEntry,
} from '../version/manifest.ts';
import { Archives, decodeArchives } from '../version/archives.ts';
import { withItems } from '../version/items.ts';
import { decodeCommits, decodeDocs, decodeTimeline } from '../version/record.ts';
import { decodeRefs, MAIN, NO_REFS } from '../version/refs.ts';
import {
  applyFrame,
  attachSegment,
  EMPTY_WAL,
  extendWal,
  loadStems,
  loadStemsOfOld,
  readFrame,
  type State,
} from '../version/state.ts';
import { endOf, flush, publish } from './flush.ts';

/** What opening found. */
export interface Recovery {
  /** WAL frames that could not be read and what follows them: those commits are gone. */
  readonly droppedFrames: number;
  /** Segments that nothing names: left by a write that did not finish. */
  readonly orphans: readonly number[];
  /** The highest epoch of any manifest or frame, also of damaged ones. */
  readonly newestEpoch: number;
}

/** Everything of a state but what recovering fills in. */
export type Seed = Omit<
  State,
  'index' | 'history' | 'archives' | 'rows' | 'ends' | 'manifest' | 'generation' | 'wal' | 'walSegments' | 'collections'
> & { readonly vectorGuest: () => Promise<VectorGuest> };

/** Makes an index for a space; `vnos` ordinals were used. */
export type CreateIndex = (space: number, dims: number, vnos: number) => Index;

/** An empty state over `manifest`. */
export function emptyState(seed: Seed, manifest: Manifest, createIndex: CreateIndex): State {
  const { ordinal, dims } = activeSpace(manifest);
  return {
    ...seed,
    index: createIndex(ordinal, dims, manifest.nextVno),
    history: new History(),
    archives: new Archives(),
    rows: new Map(),
    ends: new Map(),
    generation: 0,
    manifest,
    wal: EMPTY_WAL,
    walSegments: [],
    collections: collectionsOf(seed, manifest),
  };
}

function collectionsOf({ vectorGuest }: Seed, manifest: Manifest): Collections {
  const collections = new Collections(vectorGuest);
  for (const entry of manifest.collections) collections.add(entry);
  return collections;
}

/** The first manifest of a new database. */
export function firstManifest(databaseId: Uint8Array, space: { id: string; dims: number }): Manifest {
  return {
    databaseId: hex(databaseId),
    epoch: 0,
    seq: 0,
    nextDno: 0,
    nextVno: 0,
    lastTime: 0,
    nextSegment: 1,
    spaces: [{ ordinal: 1, id: space.id, dims: space.dims, inputRule: INPUT_RULE }],
    space: 1,
    segments: [],
    collections: [],
  };
}

/** Writes the first manifest. */
export async function create(state: State): Promise<void> {
  await publish(state, { ...state.manifest, epoch: state.manifest.epoch + 1 });
}

/**
 * The newest manifest whose slot and own checksum are good; undefined when nothing was ever stored.
 *
 * @throws `AV_CORRUPT` when there is data but no manifest that can be trusted, `AV_FORMAT_NEWER`.
 */
export function findManifest(stored: Stored, crc: (bytes: Uint8Array) => number): Manifest | undefined {
  const manifest = newestManifest(stored, crc);
  if (manifest) return manifest;
  if (stored.heads.every((slot) => slot === undefined) && stored.frames.length === 0 && stored.segments.size === 0)
    return undefined;
  throw new AetherError(
    'AV_CORRUPT',
    'no manifest of this database can be read. Restore a copy, or destroy() it and fill it again.',
  );
}

function newestManifest(
  stored: Pick<Stored, 'heads' | 'manifests'>,
  crc: (bytes: Uint8Array) => number,
): Manifest | undefined {
  const heads = stored.heads.map((slot) => decodeHead(slot, crc)).filter((head) => head !== undefined);
  for (const { epoch, manifestCrc } of heads.sort((a, b) => b.epoch - a.epoch)) {
    const bytes = stored.manifests.get(epoch);
    if (bytes && crc(bytes) === manifestCrc) return decodeManifest(bytes, crc);
  }
  return undefined;
}

/** History is small and takes longest to take in, so it comes first; the archive when it is needed. `onManifest` learns what there is to read. */
export function readingPlan(crc: (bytes: Uint8Array) => number, onManifest?: (manifest: Manifest) => void) {
  return (stored: Pick<Stored, 'heads' | 'manifests'>): Reading => {
    const manifest = newestManifest(stored, crc);
    if (manifest) onManifest?.(manifest);
    const segments = manifest?.segments ?? [];
    const idsOf = (kind: SegmentEntry['kind']): ReadonlySet<number> =>
      new Set(segments.filter((entry) => entry.kind === kind).map(({ id }) => id));
    const later = new Set([...idsOf('archive'), ...idsOf('items'), ...idsOf('item-vectors')]);
    return { first: idsOf('history'), later };
  };
}

/**
 * Fills a state from what is stored.
 *
 * @throws `AV_CORRUPT`, `AV_DATA_LOSS` when a segment is damaged or missing.
 */
export async function recover(state: State, stored: Stored): Promise<Recovery> {
  const { history, manifest } = state;
  const isHistory = ({ kind }: SegmentEntry): boolean => kind === 'history';
  // Collections are opened when they are used.
  const rest = manifest.segments.filter((entry) => !isHistory(entry) && entry.collection === undefined);
  for (const entry of [...manifest.segments.filter(isHistory), ...rest]) {
    const wanted = entry.kind !== 'archive' && (entry.kind !== 'vector' || entry.space === manifest.space);
    if (!wanted) continue;
    const piece = pieceOf(entry, await stored.segments.get(entry.id));
    const { kind, sum } = entry;
    const [first] = piece.frames;
    const packed = kind === 'history' && first && isPacked(first);
    if (kind === 'text') await loadStemsOfOld(state, piece);
    const plain = packed ? await unpack(piece, sum, state.hasher.crc32c) : undefined;
    named(entry, () => {
      if (kind === 'history') {
        recoverHistory(state, plain ?? joined(piece));
        state.ends.set(entry.id, endOf(state));
      } else attachSegment(state, entry, piece);
    });
  }
  history.docs.length = Math.max(history.docs.length, manifest.nextDno);
  history.chunks.reach(manifest.nextVno);
  history.lastSeq = Math.max(history.lastSeq, manifest.seq);
  history.lastTime = Math.max(history.lastTime, manifest.lastTime);
  const frames = stored.frames.filter(({ epoch }) => epoch >= state.manifest.epoch);
  const segments: Segments = { read: new Map(), failed: new Map() };
  for (const [id, pieces] of stored.segments)
    await pieces.then(
      (all) => segments.read.set(id, all),
      (error) => segments.failed.set(id, error),
    );
  let read = 0;
  for (const { bytes, epoch } of frames) {
    const first = frames[read - 1]?.epoch !== epoch;
    if (first) state.wal = EMPTY_WAL;
    if (!(await replay(state, segments, bytes))) break;
    read++;
  }
  const known = new Set([...state.manifest.segments, ...state.walSegments].map(({ id }) => id));
  const orphans = [...stored.segments.keys()].filter((id) => !known.has(id));
  const epochs = [...stored.manifests.keys(), ...stored.frames.map(({ epoch }) => epoch)];
  return { droppedFrames: frames.length - read, orphans, newestEpoch: Math.max(state.manifest.epoch, ...epochs) };
}

/**
 * What a writer does after recovering and before it writes: sweeps what unfinished writes left, and begins a new log
 * when the old one cannot be continued where it is, because it is damaged or lies under a later, damaged manifest.
 */
export async function repair(
  state: State,
  { droppedFrames, orphans, newestEpoch }: Recovery,
  onLoss: (message: string) => void,
): Promise<void> {
  await state.store.dropSegments(orphans);
  if (droppedFrames > 0) {
    onLoss(
      `${droppedFrames} damaged records at the end of the log were dropped; the database is as of commit ${state.history.head.seq}.`,
    );
  }
  if (droppedFrames > 0 || newestEpoch > state.manifest.epoch) {
    await flush(state, (manifest) => ({ ...manifest, epoch: newestEpoch + 1 }));
  }
}

/** Takes in the frames that another tab has written since; false when that is not all there is to know. */
export async function readTail(state: State): Promise<boolean> {
  const frames = await state.store.tail(state.manifest.epoch, state.wal.frames);
  for (const { bytes } of frames)
    if (!(await replay(state, { read: new Map(), failed: new Map() }, bytes))) return false;
  return true;
}

/** What was read of the segments, by id. What could not be read may be a remnant that nobody names. */
interface Segments {
  readonly read: Map<number, readonly Uint8Array[]>;
  readonly failed: Map<number, unknown>;
}

/** Takes one stored frame in; false when it is damaged. Throws when a segment that it names could not be read: that may pass. */
async function replay(state: State, { read, failed }: Segments, bytes: Uint8Array): Promise<boolean> {
  let failure: unknown;
  try {
    const frame = readFrame(state, bytes);
    const unread = frame.segments.find(({ id }) => failed.has(id));
    if (unread) failure = failed.get(unread.id);
    else {
      for (const entry of frame.segments) await loadStemsOfOld(state, pieceOf(entry, read.get(entry.id)));
      await loadStems(state, frame.sections);
      applyFrame(state, frame, (entry) => pieceOf(entry, read.get(entry.id)));
    }
  } catch (error) {
    if (asAether(error).code === 'AV_CORRUPT') return false;
    throw error;
  }
  if (failure !== undefined) throw failure;
  state.wal = extendWal(state.wal, bytes, state.hasher);
  return true;
}

/**
 * A segment's frames, as long and with the header that the manifest says; its sections are verified as it is read. Those of collections may
 * lie in files, of which only the head is here: how long they are shows when the collection is opened.
 */
function pieceOf(entry: SegmentEntry, frames: readonly Uint8Array[] = []): Piece {
  const [first] = frames;
  const length = frames.reduce((sum, frame) => sum + frame.length, 0);
  const isFile = entry.collection !== undefined && length <= FILE_HEAD_BYTES * frames.length;
  const isLong = length >= entry.bytes || isFile || entry.kind === 'item-vectors';
  if (!first || !isLong || headerSum(first) !== entry.sum) throw damaged(entry, first ? 'is damaged' : 'is missing');
  return { frames, length: entry.bytes };
}

function damaged({ id, kind }: SegmentEntry, what: string, cause?: unknown): AetherError {
  const message = `segment ${id} (${kind}) of this database ${what}. Restore a copy, or destroy() it and fill it again.`;
  return new AetherError('AV_CORRUPT', message, { detail: { segment: id }, cause });
}

/** Says which segment it was. */
function named(entry: SegmentEntry, attach: () => void): void {
  try {
    attach();
  } catch (cause) {
    throw asAether(cause).code === 'AV_CORRUPT' ? damaged(entry, 'is damaged', cause) : cause;
  }
}

/** Takes a piece of history in; the refs and archives of the last piece are those that count. */
function recoverHistory(state: State, bytes: Uint8Array): void {
  const { history, archives } = state;
  const known = ['Cmmt', 'Cmt2', 'Docs', 'Time', 'Itim', 'Refs', 'Arch'];
  const sections = new Map(
    readEnvelope(bytes, KIND.history, known, state.hasher.crc32c).map(({ tag, body }) => [tag, body]),
  );
  const section = (tag: string): Uint8Array => sections.get(tag) ?? new Uint8Array(0);
  const docs = decodeDocs(section('Docs'), (dno) => history.docs[dno]);
  const entries = withItems(decodeTimeline(section('Time')), section('Itim'));
  const old = decodeCommits('Cmmt', section('Cmmt'));
  for (const [i, commit] of [...old, ...decodeCommits('Cmt2', section('Cmt2'))].entries()) {
    const entry = entries[i];
    if (!entry) throw new AetherError('AV_CORRUPT', `commit ${commit.info.seq} has no timeline entry`);
    history.apply({ ...commit, entry, docs: i === 0 ? docs : [] });
  }
  const last = old.at(-1);
  if (last) history.edit([{ kind: 'head', name: MAIN, seq: last.info.seq }]);
  if (!sections.has('Refs')) return;
  history.refs = NO_REFS;
  history.edit(decodeRefs(section('Refs')));
  archives.all.clear();
  for (const archive of decodeArchives(section('Arch'))) archives.all.set(archive.segment, archive);
}
