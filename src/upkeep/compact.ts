// The story of one compaction: choose, seal again, publish, then let go of what was read.
//
// Rows that some branch head shows stay in live segments; rows that only history shows go to the archive, next to their
// earlier versions, where deflate finds them alike; rows that no kept commit shows are left behind.

import type { CompactionReport } from '../model/history.ts';
import { Bitset } from '../version/bitset.ts';
import type { History } from '../version/history.ts';
import type { State } from '../version/state.ts';
import { choose, type Eagerness, growingTail, type Weighed } from './choose.ts';
import { flush } from './flush.ts';
import { forgetting, keptCommits } from './retention.ts';
import { ARCHIVE_ROWS_MAX, rewrite, type Work } from './rewrite.ts';

/** Commits that the policy lets go before it is worth rewriting the history: a share of those there are. */
const FORGOTTEN_SHARE = 0.25;

/** What a run looks at. */
export interface CompactOptions {
  readonly eager: Eagerness;
  /** Seqs that somebody reads. */
  readonly pinned: ReadonlySet<number>;
}

/**
 * Runs one compaction; undefined when there is nothing worth doing. The WAL is flushed first.
 *
 * @throws `AV_QUOTA`, `AV_STORAGE`, `AV_CORRUPT`; the database goes on as before then.
 */
export async function compact(state: State, { eager, pinned }: CompactOptions): Promise<CompactionReport | undefined> {
  await flush(state);
  const { history } = state;
  const kept = keptCommits(history, state.now(), pinned);
  const dropped = history.commits.size - kept.size;
  const forgets = dropped > 0 && (eager === 'now' || dropped >= kept.size * FORGOTTEN_SHARE);
  const next = forgets ? forgetting(history, kept, state.now()) : undefined;
  const work = plan(state, next, eager, pinned);
  const reads = work.texts.length + work.archives.length + work.vectors.length + work.histories.length;
  return reads === 0 && !next ? undefined : rewrite(state, work);
}

/** Rows that a branch head, or where this handle stands, shows. */
export function shownRows(history: History, pinned: ReadonlySet<number> = new Set()): Bitset {
  const rows = new Bitset();
  const { branches } = history.refs;
  for (const seq of new Set([...branches.values(), history.headSeq, ...pinned]))
    if (seq === 0 || history.commits.has(seq)) rows.addAll(history.view(seq).chunks);
  return rows;
}

/** Rows that any commit shows. */
export function storedRows(history: History): Bitset {
  const rows = new Bitset();
  for (const { chunksBorn } of history.timeline.values()) for (const vno of chunksBorn) rows.add(vno);
  return rows;
}

function plan(state: State, next: History | undefined, eager: Eagerness, pinned: ReadonlySet<number>): Work {
  const history = next ?? state.history;
  const [shown, stored] = [shownRows(history, pinned), storedRows(history)];
  const { manifest, rows, archives } = state;
  const outdated = new Set(state.index.analysedAnew());
  const weigh = (id: number, bytes: number, rows: Iterable<number>, isWrong: (vno: number) => boolean): Weighed => {
    const { count, wrong } = counted(rows, isWrong);
    return { id, bytes, rows: count, wrong, outdated: outdated.has(id) };
  };
  const of = (kind: string) => manifest.segments.filter((segment) => segment.kind === kind);
  const texts = of('text').map(({ id, bytes }) => weigh(id, bytes, rows.get(id) ?? [], (vno) => !shown.has(vno)));
  const archived = of('archive').map(({ id, bytes }) =>
    weigh(id, bytes, archives.all.get(id)?.vnos ?? [], (vno) => shown.has(vno) || !stored.has(vno)),
  );
  // Vectors of a deterministic model are computed again when an old view is searched.
  const needed = state.embedder?.deterministic ? shown : stored;
  const vectors = of('vector')
    .filter(({ space }) => space === manifest.space)
    .map(({ id, bytes }) => {
      const [all = 0, used = 0] = state.index.contentUse(id, needed.words);
      return { id, bytes, rows: all, wrong: all - used };
    });
  const textIds = choose(texts, eager);
  // What leaves the live segments becomes an archive, which other small archives are merged with; a full one stays.
  const archiveIds = choose(
    archived.filter(({ wrong, outdated, rows }) => wrong > 0 || outdated || rows < ARCHIVE_ROWS_MAX / 2),
    eager,
  );
  return {
    texts: worthIt(textIds, texts),
    archives: worthIt(archiveIds, archived),
    vectors: worthIt(choose(vectors, eager), vectors),
    histories: historiesOf(state, next, eager),
    history,
    shown,
    stored,
    needed,
  };
}

function counted(rows: Iterable<number>, isWrong: (vno: number) => boolean): { count: number; wrong: number } {
  let [count, wrong] = [0, 0];
  for (const vno of rows) {
    count++;
    if (isWrong(vno)) wrong++;
  }
  return { count, wrong };
}

/** One segment without a wrong row would come out as it went in, unless it is outdated. */
function worthIt(ids: number[], segments: readonly Weighed[]): number[] {
  const only = ids.length === 1 ? segments.find(({ id }) => id === ids[0]) : undefined;
  return only?.wrong === 0 && !only.outdated ? [] : ids;
}

function historiesOf(state: State, next: History | undefined, eager: Eagerness): number[] {
  const all = state.manifest.segments.filter(({ kind }) => kind === 'history');
  if (next) return all.map(({ id }) => id);
  const tail = eager === 'now' ? all : growingTail(all);
  return tail.length > 1 ? tail.map(({ id }) => id) : [];
}
