// Writes chosen segments anew and swaps them in one manifest; nothing that a reader holds is changed under it.

import { pack } from '../base/pack.ts';
import type { CompactionReport } from '../model/history.ts';
import { NONE } from '../ports/index.ts';
import { type Archive, printOf } from '../version/archives.ts';
import { Bitset } from '../version/bitset.ts';
import type { History } from '../version/history.ts';
import type { SegmentEntry } from '../version/manifest.ts';
import { openArchives } from '../version/opening.ts';
import { attachSegment, orBroken, type State } from '../version/state.ts';
import { endOf, follow, publish, sealHistory, settle, Shelf } from './flush.ts';

/** Rows of one archive segment: opening one should not take long. */
const ARCHIVE_ROWS_MAX = 8_192;

/** What to read, and what of it stays where. */
export interface Work {
  readonly texts: readonly number[];
  readonly archives: readonly number[];
  readonly vectors: readonly number[];
  /** The newest history segments, without a gap. */
  readonly histories: readonly number[];
  /** The history to store: the one there is, or one that forgets. */
  readonly history: History;
  /** Rows that stay in live segments, rows that stay at all, rows that keep their vectors. */
  readonly shown: Bitset;
  readonly stored: Bitset;
  readonly needed: Bitset;
}

/** A segment written, with its bytes while they are at hand. */
interface Fresh {
  readonly entry: SegmentEntry;
  readonly bytes: Uint8Array;
}

/** Rewrites. @throws `AV_QUOTA`, `AV_STORAGE`, `AV_CORRUPT`; nothing is changed then. */
export async function rewrite(state: State, work: Work): Promise<CompactionReport> {
  const started = state.now();
  const { manifest, index } = state;
  await openArchives(state, work.archives);
  const rows = rowsOf(state, work);
  const shelf = new Shelf(state);
  const live: Fresh[] = [];
  const archives: Archive[] = [...state.archives.all.values()].filter(
    ({ segment }) => !work.archives.includes(segment),
  );
  try {
    const put = async (kind: 'text' | 'vector', bytes: Uint8Array): Promise<void> => {
      const entry = await shelf.put(kind, bytes);
      if (entry) live.push({ entry, bytes });
    };
    if (rows.live.length > 0) await put('text', index.sealRows(Uint32Array.from(rows.live)));
    for (let from = 0; from < rows.old.length; from += ARCHIVE_ROWS_MAX) {
      const part = rows.old.slice(from, from + ARCHIVE_ROWS_MAX);
      const entry = await shelf.put('archive', await pack(index.sealRows(Uint32Array.from(part)), state.hasher.crc32c));
      if (entry) archives.push(archiveOf(state, entry.id, part));
    }
    if (work.vectors.length > 0)
      await put('vector', index.resealVectors(Uint32Array.from(work.vectors), work.needed.words));
    await shelf.put('history', await historyOf(state, work, archives));
    const gone = new Set([...work.texts, ...work.archives, ...work.vectors, ...work.histories]);
    const segments = [...manifest.segments.filter(({ id }) => !gone.has(id)), ...shelf.written].sort(inOrder);
    await publish(state, follow({ manifest, history: work.history }, segments, shelf.next));
    orBroken(state, () => adopt(state, work, live, archives));
    // Neither manifest names what is deleted now.
    await settle(state);
    await state.store.dropSegments([...gone]);
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
  for (const id of work.texts) state.rows.delete(id);
  for (const id of work.archives) state.archives.open.delete(id);
  state.archives.all.clear();
  for (const archive of archives) state.archives.all.set(archive.segment, archive);
  for (const id of work.histories) state.ends.delete(id);
  const newest = state.manifest.segments.filter(({ kind }) => kind === 'history').at(-1);
  if (work.history !== history) {
    const gone = [...Array(history.chunks.size).keys()].filter(
      (vno) => history.chunks.has(vno) && !work.stored.has(vno),
    );
    history.chunks.forget(gone);
    state.history = work.history;
  }
  if (newest) state.ends.set(newest.id, endOf(state));
}
