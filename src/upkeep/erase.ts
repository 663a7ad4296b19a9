// Erases a document: every version of it leaves every segment, the history and the log, in one manifest.
//
// Ids are hashes and commits keep theirs, so that refs to them still stand; what the hashes were of is gone.

import { AetherError } from '../base/errors.ts';
import type { ErasureReport } from '../model/history.ts';
import type { Bitset } from '../version/bitset.ts';
import { chunksOf } from '../version/compare.ts';
import type { TimelineEntry } from '../version/record.ts';
import type { State } from '../version/state.ts';
import { shownRows, storedRows } from './compact.ts';
import { flush } from './flush.ts';
import { rebuilt } from './retention.ts';
import { rewrite } from './rewrite.ts';

/**
 * Removes a document from every commit and every stored byte; other documents and all commit ids stay.
 *
 * @throws `AV_NOT_FOUND` for an id no version ever had; `AV_QUOTA`, `AV_STORAGE`: nothing is changed then.
 */
export async function erase(state: State, id: string, reason: string): Promise<ErasureReport> {
  if (state.history.versions(id).length === 0)
    throw new AetherError(
      'AV_NOT_FOUND',
      `no version of a document "${id.slice(0, 60)}" is stored. list() and at(ref).list() show what is.`,
    );
  const { frames } = state.wal;
  await flush(state);
  const { history, manifest, rows, archives, index } = state;
  const versions = history.versions(id);
  const [dnos, vnos] = [new Set(versions.map(({ dno }) => dno)), chunksOf(versions)];
  const entries = [...history.timeline.values()].map((entry) => without(entry, dnos, vnos));
  const next = rebuilt(history, entries, history.refs.moves, ({ dno }) => !dnos.has(dno));
  const touched = entries.filter((entry) => changed(history.timeline.get(entry.seq), entry));
  const [shown, stored] = [shownRows(next), storedRows(next)];
  const holding = (list: Iterable<number>): boolean => [...list].some((vno) => vnos.has(vno));
  const contents = index.contentsHeld();
  index.forgetRevived();
  const report = await rewrite(state, {
    texts: ofKind(manifest.segments, 'text').filter((segment) => holding(rows.get(segment) ?? [])),
    archives: ofKind(manifest.segments, 'archive').filter((segment) => holding(archives.all.get(segment)?.vnos ?? [])),
    vectors: ofKind(manifest.segments, 'vector'),
    histories: ofKind(manifest.segments, 'history'),
    history: next,
    shown,
    stored,
    needed: stored,
  });
  return {
    id,
    documentVersions: versions.length,
    chunkVersions: vnos.count(),
    vectors: contents - index.contentsHeld(),
    commits: touched.length,
    segments: report.merged,
    frames,
    reason,
    time: state.now(),
  };
}

function ofKind(segments: State['manifest']['segments'], kind: string): number[] {
  return segments.filter((segment) => segment.kind === kind).map(({ id }) => id);
}

function without(entry: TimelineEntry, dnos: ReadonlySet<number>, vnos: Bitset): TimelineEntry {
  const docs = (list: readonly number[]): number[] => list.filter((dno) => !dnos.has(dno));
  const chunks = (list: readonly number[]): number[] => list.filter((vno) => !vnos.has(vno));
  return {
    ...entry,
    docsBorn: docs(entry.docsBorn),
    docsDied: docs(entry.docsDied),
    chunksBorn: chunks(entry.chunksBorn),
    chunksDied: chunks(entry.chunksDied),
  };
}

const changed = (a: TimelineEntry | undefined, b: TimelineEntry): boolean =>
  (['docsBorn', 'docsDied', 'chunksBorn', 'chunksDied'] as const).some((list) => a?.[list].length !== b[list].length);
