// The story of opening: the newest good manifest, its segments, then the WAL through the same door as new commits.

import { headerSum, KIND, readEnvelope } from '../base/envelope.ts';
import { AetherError, asAether } from '../base/errors.ts';
import { hex } from '../base/bytes.ts';
import type { Index, Piece } from '../ports/index.ts';
import type { Stored } from '../ports/store.ts';
import { History } from '../version/history.ts';
import {
  INPUT_RULE,
  activeSpace,
  decodeHead,
  decodeManifest,
  type Manifest,
  type SegmentEntry,
} from '../version/manifest.ts';
import { decodeCommits, decodeDocs, decodeTimeline } from '../version/record.ts';
import { applyFrame, attachSegment, EMPTY_WAL, extendWal, readFrame, type State } from '../version/state.ts';
import { flush, publish } from './flush.ts';

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
export type Seed = Omit<State, 'index' | 'history' | 'manifest' | 'wal' | 'walSegments'>;

/** An empty state over `manifest`. */
export function emptyState(seed: Seed, manifest: Manifest, createIndex: (space: number, dims: number) => Index): State {
  const { ordinal, dims } = activeSpace(manifest);
  return {
    ...seed,
    index: createIndex(ordinal, dims),
    history: new History(),
    manifest,
    wal: EMPTY_WAL,
    walSegments: [],
  };
}

/** The first manifest of a new database. */
export function firstManifest(databaseId: Uint8Array, space: { id: string; dims: number }): Manifest {
  return {
    databaseId: hex(databaseId),
    epoch: 0,
    seq: 0,
    nextDno: 0,
    nextSegment: 1,
    spaces: [{ ordinal: 1, id: space.id, dims: space.dims, inputRule: INPUT_RULE }],
    space: 1,
    segments: [],
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
  const heads = stored.heads.map((slot) => decodeHead(slot, crc)).filter((head) => head !== undefined);
  for (const { epoch, manifestCrc } of heads.sort((a, b) => b.epoch - a.epoch)) {
    const bytes = stored.manifests.get(epoch);
    if (bytes && crc(bytes) === manifestCrc) return decodeManifest(bytes, crc);
  }
  if (stored.heads.every((slot) => slot === undefined) && stored.frames.length === 0 && stored.segments.size === 0)
    return undefined;
  throw new AetherError(
    'AV_CORRUPT',
    'no manifest of this database can be read. Restore a copy, or destroy() it and fill it again.',
  );
}

/**
 * Fills a state from what is stored.
 *
 * @throws `AV_CORRUPT`, `AV_DATA_LOSS` when a segment is damaged or missing.
 */
export function recover(state: State, stored: Stored): Recovery {
  for (const entry of state.manifest.segments) {
    const wanted = entry.kind !== 'vector' || entry.space === state.manifest.space;
    if (!wanted) continue;
    const piece = pieceOf(stored, entry);
    named(entry, () =>
      entry.kind === 'history' ? recoverHistory(state, joined(piece)) : attachSegment(state, entry, piece),
    );
  }
  const frames = stored.frames.filter(({ epoch }) => epoch >= state.manifest.epoch);
  let read = 0;
  for (const { bytes, epoch } of frames) {
    const first = frames[read - 1]?.epoch !== epoch;
    if (first) state.wal = EMPTY_WAL;
    if (!replay(state, stored, bytes)) break;
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

/** Takes one stored frame in; false when it is damaged. */
export function replay(state: State, stored: Pick<Stored, 'segments'>, bytes: Uint8Array): boolean {
  try {
    const frame = readFrame(state, bytes);
    for (const entry of frame.segments) pieceOf(stored, entry);
    applyFrame(state, frame, (entry) => pieceOf(stored, entry));
  } catch (error) {
    if (asAether(error).code === 'AV_CORRUPT') return false;
    throw error;
  }
  state.wal = extendWal(state.wal, bytes, state.hasher);
  return true;
}

/** A segment's frames, as long and with the header that the manifest says; its sections are verified as it is read. */
function pieceOf(stored: Pick<Stored, 'segments'>, entry: SegmentEntry): Piece {
  const frames = stored.segments.get(entry.id) ?? [];
  const [first] = frames;
  const length = frames.reduce((sum, frame) => sum + frame.length, 0);
  if (!first || length < entry.bytes || headerSum(first) !== entry.sum)
    throw damaged(entry, first ? 'is damaged' : 'is missing');
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

function joined({ frames, length }: Piece): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const frame of frames) {
    whole.set(frame.subarray(0, length - at), at);
    at += Math.min(frame.length, length - at);
  }
  return whole;
}

function recoverHistory(state: State, bytes: Uint8Array): void {
  const sections = new Map(
    readEnvelope(bytes, KIND.history, ['Cmmt', 'Docs', 'Time'], state.hasher.crc32c).map(({ tag, body }) => [
      tag,
      body,
    ]),
  );
  const none = new Uint8Array(0);
  const docs = decodeDocs(sections.get('Docs') ?? none, (dno) => state.history.docs[dno]);
  const entries = decodeTimeline(sections.get('Time') ?? none);
  for (const [i, commit] of decodeCommits(sections.get('Cmmt') ?? none).entries()) {
    const entry = entries[i];
    if (!entry) throw new AetherError('AV_CORRUPT', `commit ${commit.info.seq} has no timeline entry`);
    state.history.apply({ ...commit, entry, docs: i === 0 ? docs : [] });
  }
}
