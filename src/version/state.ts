// What every flow works on: the open database in memory and the ports to what lies outside.

import { AetherError } from '../base/errors.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { Hasher, Index, Piece, Stage, Stems } from '../ports/index.ts';
import type { Scorer } from '../ports/scorer.ts';
import type { Store } from '../ports/store.ts';
import type { GraphBuilder, VectorGuest } from '../ports/vectors.ts';
import { type Frame, type Previous, decodeFrame } from './frame.ts';
import type { History } from './history.ts';
import type { Archives } from './archives.ts';
import type { Collections } from './collections.ts';
import { attachTo, keepWithin } from './rows.ts';
import { activeSpace, type Manifest, type SegmentEntry, type Space } from './manifest.ts';

/** Format version since which text segments are analysed as they would be now. */
const ANALYSED_SINCE = 5;

/** The WAL since the manifest. */
export interface Wal {
  readonly frames: number;
  readonly bytes: number;
  /** CRC-32C of the last frame; 0 before the first. */
  readonly chain: number;
}

/** A WAL without frames. */
export const EMPTY_WAL: Wal = { frames: 0, bytes: 0, chain: 0 };

/** The WAL with one more frame; the store may have padded it, so its own length counts. */
export function extendWal(wal: Wal, frame: Uint8Array, hasher: Hasher): Wal {
  const length = new DataView(frame.buffer, frame.byteOffset).getUint32(12, true);
  return { frames: wal.frames + 1, bytes: wal.bytes + length, chain: hasher.crc32c(frame.subarray(0, length)) };
}

/** An open database. One write at a time changes it; reads see it between two changes. */
export interface State {
  readonly store: Store;
  readonly hasher: Hasher;
  readonly createStage: () => Stage;
  readonly stems: Stems;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Lets what waits have its turn. */
  readonly turn: () => Promise<void>;
  /** Called when memory no longer equals what is stored: the worker has to be replaced. */
  readonly onBroken: () => void;
  /** 16 random bytes. */
  readonly newId: () => Uint8Array;
  /** The model of the active space; undefined while it cannot be had. */
  embedder: Embedder | undefined;
  index: Index;
  history: History;
  /** Text that no branch head shows; opened when an old view is read. */
  archives: Archives;
  /** Chunk versions of each text segment, and where each history segment ends: what compaction chooses by. */
  readonly rows: Map<number, Uint32Array>;
  readonly ends: Map<number, { readonly seq: number; readonly dno: number }>;
  manifest: Manifest;
  /** How often segments were replaced: what was known of their rows' vectors holds no more. */
  generation: number;
  wal: Wal;
  /** Scores batches of queries where there is a GPU for it. */
  readonly scorer: Scorer;
  readonly vectorGuest: () => Promise<VectorGuest>;
  readonly collections: Collections;
  /** What collections may hold in memory, and from which size on the vectors of a segment need not be there. */
  memory: { readonly budgetBytes: number; readonly pagedFromBytes: number };
  /** Builds graphs beside this worker. */
  readonly builder: GraphBuilder;
  /** Segments that WAL frames made part of the database since the manifest. */
  walSegments: Frame['segments'];
}

/** The space that searches and writes use. */
export const spaceOf = (state: State): Space => activeSpace(state.manifest);

/** The first segment id that was never used. */
export function nextSegment(state: State): number {
  return Math.max(state.manifest.nextSegment, ...state.walSegments.map(({ id }) => id + 1));
}

/** See {@link Previous}: from a history. */
export const previousIn =
  (history: History): Previous =>
  (doc) => {
    const versions = history.versions(doc.id);
    const at = versions.indexOf(doc);
    const depth = at < 0 ? versions.length : at;
    const last = versions[depth - 1];
    return last && { doc: last, depth };
  };

/**
 * Takes a frame in: the one way by which commits become visible, after a write as after reopening.
 * `pieceOf` gives the segments that the frame names.
 */
export function applyFrame(state: State, frame: Frame, pieceOf: (entry: SegmentEntry) => Piece): void {
  const { collections } = state;
  for (const entry of frame.collections ?? []) collections.add(entry);
  for (const entry of frame.segments) attachSegment(state, entry, pieceOf(entry));
  for (const { tag, body } of frame.sections) {
    if (tag === 'Item') collections.ofSection(body).apply(body);
    else if (tag === 'Chnk') {
      state.index.applyChunks(body);
      state.history.chunks.add(body);
    } else if (tag === 'Vect') state.index.applyVectors(body);
    else state.index.applyMap(body);
  }
  if (frame.record) state.history.apply(frame.record);
  state.history.edit(frame.refs);
  state.walSegments = [...state.walSegments, ...frame.segments];
}

/**
 * Takes in what has just become durable. What fails here leaves memory behind the store, so the worker is given up: the
 * next one reads what is stored.
 *
 * @throws `AV_POISONED`.
 */
export function takeDurable(
  state: State,
  frame: Frame,
  bytes: Uint8Array,
  pieceOf: (entry: SegmentEntry) => Piece,
): void {
  orBroken(state, () => {
    state.wal = extendWal(state.wal, bytes, state.hasher);
    applyFrame(state, frame, pieceOf);
  });
}

/** Runs what must not fail; see {@link takeDurable}. */
export function orBroken(state: State, run: () => void): void {
  try {
    run();
  } catch (cause) {
    state.onBroken();
    const message =
      'what was written is stored, but the engine could not take it in. Call again: a new one is started from what is stored.';
    throw new AetherError('AV_POISONED', message, { cause });
  }
}

/**
 * Loads stemmers if these sections need them. Before a section is applied, so that the same texts rank the same in every
 * store.
 *
 * @throws `AV_MODEL_UNAVAILABLE`.
 */
export async function loadStems({ index, stems }: State, sections: Frame['sections']): Promise<void> {
  if (sections.some(({ tag, body }) => tag === 'Chnk' && index.wouldLackStems(body))) await stems.load();
}

/**
 * Loads stemmers before a text segment of an earlier format is attached, which is analysed anew then. Only if they can be
 * had: the engine refuses the segment if it does need them.
 */
export async function loadStemsOfOld({ stems }: State, { frames: [first] }: Piece): Promise<void> {
  if (first && (first[4] ?? 0) < ANALYSED_SINCE) await stems.load().catch(() => undefined);
}

/** Takes a sealed segment in; vectors of a space that is not the active one stay where they are. */
export function attachSegment(state: State, entry: SegmentEntry, piece: Piece): void {
  const { id, kind, space, collection } = entry;
  // A collection that is not open yet reads its segments when it is.
  const index = collection === undefined ? undefined : state.collections.all.get(collection)?.index;
  if (index) attachTo(state, index, entry, piece);
  else if (kind === 'text') state.rows.set(id, state.history.chunks.add(state.index.attachText(id, piece)));
  else if (kind === 'vector' && space === state.manifest.space) state.index.attachVectors(id, piece);
}

/** Decodes a stored frame against a state. */
export function readFrame(state: State, bytes: Uint8Array): Frame {
  return decodeFrame(bytes, state.wal.chain, (dno) => state.history.docs[dno], state.hasher.crc32c);
}

/** Another state takes its place. Reads under way go on, but it holds no more vectors than they take: the budget is the other's. */
export function retire(state: State): void {
  state.memory = { ...state.memory, budgetBytes: 0 };
  keepWithin(state);
}
