// Writes chosen segments anew and swaps them in one manifest; nothing that a reader holds is changed under it.

import { AetherError } from '../base/errors.ts';
import { pack } from '../base/pack.ts';
import type { CompactionReport } from '../model/history.ts';
import { NONE } from '../ports/index.ts';
import type { VectorIndex } from '../ports/vectors.ts';
import { type Archive, printOf } from '../version/archives.ts';
import { Bitset } from '../version/bitset.ts';
import type { History } from '../version/history.ts';
import type { SegmentEntry } from '../version/manifest.ts';
import { openArchives } from '../version/opening.ts';
import { attachSegment, orBroken, type State } from '../version/state.ts';
import { Shelf } from '../version/shelf.ts';
import { endOf, follow, publish, sealHistory, settle } from './flush.ts';

/** Rows of one archive segment: opening one should not take long. */
export const ARCHIVE_ROWS_MAX = 8_192;

/** What to read, and what of it stays where. */
export interface Work {
  readonly texts: readonly number[];
  readonly archives: readonly number[];
  readonly vectors: readonly number[];
  /** The newest history segments, without a gap. */
  readonly histories: readonly number[];
  /** Other segments that go. */
  readonly dropped?: readonly number[] | undefined;
  /** What takes the place of those, of an open collection. */
  readonly items?:
    | { readonly collection: number; readonly index: VectorIndex; readonly pieces: readonly ItemPiece[] }
    | undefined;
  /** The history to store: the one there is, or one that forgets. */
  readonly history: History;
  /** Rows that stay in live segments, rows that stay at all, rows that keep their vectors. */
  readonly shown: Bitset;
  readonly stored: Bitset;
  readonly needed: Bitset;
}

/** A segment of a collection to be written; none for no bytes. */
export interface ItemPiece {
  readonly kind: 'items' | 'item-vectors';
  readonly bytes: Uint8Array;
  readonly archive: boolean;
}

/** A segment written, with its bytes while they are at hand. */
interface Fresh {
  readonly entry: SegmentEntry;
  readonly bytes: Uint8Array;
}

/**
 * Rewrites.
 *
 * @throws `AV_QUOTA`, `AV_STORAGE`, `AV_CORRUPT`; nothing is changed then, unless the message says that only the old
 *   bytes are left to be removed.
 */
export async function rewrite(state: State, work: Work): Promise<CompactionReport> {
  const started = state.now();
  const { manifest, index } = state;
  await openAll(state, work.archives);
  // At once: while something is awaited, a read may close an archive.
  const rows = rowsOf(state, work);
  const parts = Array.from({ length: Math.ceil(rows.old.length / ARCHIVE_ROWS_MAX) }, (_, i) =>
    rows.old.slice(i * ARCHIVE_ROWS_MAX, (i + 1) * ARCHIVE_ROWS_MAX),
  );
  const sealed = {
    live: rows.live.length > 0 ? index.sealRows(Uint32Array.from(rows.live)) : new Uint8Array(0),
    old: parts.map((part) => index.sealRows(Uint32Array.from(part))),
    vectors:
      work.vectors.length > 0
        ? index.resealVectors(Uint32Array.from(work.vectors), work.needed.words)
        : new Uint8Array(0),
    archives: parts.map((part) => archiveOf(state, 0, part)),
  };
  const shelf = new Shelf(state);
  const live: Fresh[] = [];
  const archives: Archive[] = [...state.archives.all.values()].filter(
    ({ segment }) => !work.archives.includes(segment),
  );
  try {
    const put = async (...[kind, bytes, of]: Parameters<Shelf['put']>): Promise<void> => {
      const entry = await shelf.put(kind, bytes, of);
      if (entry) live.push({ entry, bytes });
    };
    await put('text', sealed.live);
    for (const [i, bytes] of sealed.old.entries()) {
      const entry = await shelf.put('archive', await pack(bytes, state.hasher.crc32c));
      const archive = sealed.archives[i];
      if (entry && archive) archives.push({ ...archive, segment: entry.id });
    }
    await put('vector', sealed.vectors);
    for (const { kind, bytes, archive } of work.items?.pieces ?? [])
      await put(kind, bytes, { collection: work.items?.collection, archive });
    await shelf.put('history', await historyOf(state, work, archives));
    const gone = new Set([
      ...work.texts,
      ...work.archives,
      ...work.vectors,
      ...work.histories,
      ...(work.dropped ?? []),
    ]);
    const segments = [...manifest.segments.filter(({ id }) => !gone.has(id)), ...shelf.written].sort(inOrder);
    await publish(state, follow({ ...state, history: work.history }, segments, shelf.next));
    orBroken(state, () => adopt(state, work, live, archives));
    await letGo(state, [...gone]);
    return {
      merged: gone.size,
      written: shelf.written.length,
      archived: rows.old.length,
      bytesBefore: bytesOf(manifest.segments),
      bytesAfter: bytesOf(segments),
      ms: state.now() - started,
    };
  } catch (error) {
    // Once published they are the database.
    if (state.manifest === manifest) await shelf.discard();
    throw error;
  }
}

/** Once neither manifest names them, the segments read are deleted. */
async function letGo(state: State, gone: readonly number[]): Promise<void> {
  try {
    await settle(state);
    await state.store.dropSegments(gone);
  } catch (cause) {
    const message =
      'it is done, but the bytes of before could not be removed yet; they go when the database is opened next';
    throw new AetherError('AV_STORAGE', message, { cause });
  }
}

/** Opens archives until all are open at the same time. */
async function openAll(state: State, ids: readonly number[]): Promise<void> {
  const needed = new Bitset();
  for (const id of ids) for (const vno of state.archives.all.get(id)?.vnos ?? []) needed.add(vno);
  while (ids.some((id) => !state.archives.open.has(id))) await openArchives(state, ids, needed);
}

const bytesOf = (segments: readonly SegmentEntry[]): number => segments.reduce((sum, { bytes }) => sum + bytes, 0);
const inOrder = (a: SegmentEntry, b: SegmentEntry): number => a.id - b.id;

/** The rows read, in the order in which they are written. */
function rowsOf({ rows, archives, history: { chunks } }: State, work: Work): { live: number[]; old: number[] } {
  const all = [
    ...work.texts.flatMap((id) => [...(rows.get(id) ?? [])]),
    ...work.archives.flatMap((id) => [...(archives.all.get(id)?.vnos ?? [])]),
  ].filter((vno) => work.stored.has(vno));
  // Versions of one text side by side: deflate stores the second as a few copies of the first.
  const root = (vno: number): number => {
    let at = vno;
    for (let up = chunks.parent(at); up !== NONE && up < at && chunks.has(up); up = chunks.parent(at)) at = up;
    return at;
  };
  const old = [...new Set(all)].filter((vno) => !work.shown.has(vno)).map((vno) => ({ vno, root: root(vno) }));
  old.sort((a, b) => a.root - b.root || a.vno - b.vno);
  const live = [...new Set(all)].filter((vno) => work.shown.has(vno)).sort((a, b) => a - b);
  return { live, old: old.map(({ vno }) => vno) };
}

function archiveOf({ history: { chunks } }: State, segment: number, rows: readonly number[]): Archive {
  const vnos = new Bitset();
  for (const vno of rows) vnos.add(vno);
  return {
    segment,
    vnos,
    prints: Uint32Array.from(vnos, (vno) => printOf(chunks.chunkId(vno), chunks.versionId(vno))).sort(),
  };
}

/** The history segments read, as one, deflated; refs and archives as they will stand. */
async function historyOf(
  state: State,
  { histories, history }: Work,
  archives: readonly Archive[],
): Promise<Uint8Array> {
  const before = state.manifest.segments.filter(({ kind, id }) => kind === 'history' && !histories.includes(id)).at(-1);
  const { seq, dno } = (before && state.ends.get(before.id)) ?? { seq: 0, dno: 0 };
  const since = histories.length > 0 ? { seq, dno } : endOf(state);
  return pack(sealHistory(state, { history, archives, ...since }), state.hasher.crc32c);
}

/** Memory follows what was published. */
function adopt(state: State, work: Work, live: readonly Fresh[], archives: readonly Archive[]): void {
  const { index, history } = state;
  for (const { entry, bytes } of live) attachSegment(state, entry, { frames: [bytes], length: bytes.length });
  index.detach(Uint32Array.from([...work.texts, ...work.archives, ...work.vectors]));
  work.items?.index.detach(work.dropped ?? []);
  // What was left behind is not there any more, whoever asks: no commit bears it.
  const read = [
    ...work.texts.flatMap((id) => [...(state.rows.get(id) ?? [])]),
    ...work.archives.flatMap((id) => [...(state.archives.all.get(id)?.vnos ?? [])]),
  ];
  history.chunks.forget(read.filter((vno) => !work.stored.has(vno)));
  for (const id of work.texts) state.rows.delete(id);
  for (const id of work.archives) state.archives.open.delete(id);
  state.archives.all.clear();
  for (const archive of archives) state.archives.all.set(archive.segment, archive);
  for (const id of work.histories) state.ends.delete(id);
  const newest = state.manifest.segments.filter(({ kind }) => kind === 'history').at(-1);
  state.history = work.history;
  state.generation++;
  if (newest) state.ends.set(newest.id, endOf(state));
}
