// Upkeep in turns: compaction until nothing is due, garbage collection, and what reads have to forget after it.

import type { CompactionReport, GcReport } from '../model/history.ts';
import { forgetViews } from '../retrieve/views.ts';
import type { Eagerness } from '../upkeep/choose.ts';
import { compact, storedRows } from '../upkeep/compact.ts';
import { forgetting, keptCommits } from '../upkeep/retention.ts';
import type { State } from '../version/state.ts';

const NOTHING: CompactionReport = { merged: 0, written: 0, archived: 0, bytesBefore: 0, bytesAfter: 0, ms: 0 };
/** Runs in a row: each leaves less to do, and the next write brings the next turn. */
const RUNS_MAX = 16;

/** Compacts until nothing is due or the time is up. `pinned` is asked before each run. */
export async function upkeep(
  state: State,
  eager: Eagerness,
  pinned: () => Promise<ReadonlySet<number>>,
  budgetMs = Number.POSITIVE_INFINITY,
): Promise<CompactionReport> {
  const started = state.now();
  let sum = { ...NOTHING, bytesBefore: bytesOf(state), bytesAfter: bytesOf(state) };
  for (let run = 0; run < RUNS_MAX && state.now() - started < budgetMs; run++) {
    const report = await compact(state, { eager, pinned: await pinned() });
    if (!report) break;
    afterwards(state);
    sum = {
      ...sum,
      merged: sum.merged + report.merged,
      written: sum.written + report.written,
      archived: sum.archived + report.archived,
      bytesAfter: report.bytesAfter,
    };
    // As many as before: another run would read and write the same.
    if (report.written >= report.merged) break;
  }
  return { ...sum, ms: state.now() - started };
}

/** What reads keep of segments that were replaced. */
export function afterwards(state: State): void {
  forgetViews(state);
}

/** Lets go of what the policy does not keep; a dry run counts it. */
export async function gc(state: State, dryRun: boolean, pinned: ReadonlySet<number>): Promise<GcReport> {
  const before = countsOf(state);
  const kept = keptCommits(state.history, state.now(), pinned);
  const unpinned = keptCommits(state.history, state.now(), new Set());
  const next = forgetting(state.history, kept, state.now());
  const after = { docs: next.docs.filter((doc) => doc !== undefined).length, rows: storedRows(next).count() };
  const bytes = bytesOf(state);
  if (!dryRun) await upkeep(state, 'now', async () => pinned);
  const share = before.rows === 0 ? 0 : 1 - after.rows / before.rows;
  return {
    dryRun,
    commits: before.commits - kept.size,
    documentVersions: before.docs - after.docs,
    chunkVersions: before.rows - after.rows,
    bytes,
    bytesFreed: dryRun ? Math.round(bytes * share) : Math.max(0, bytes - bytesOf(state)),
    pinned: kept.size - unpinned.size,
  };
}

function bytesOf({ wal, manifest, walSegments }: State): number {
  return wal.bytes + [...manifest.segments, ...walSegments].reduce((sum, segment) => sum + segment.bytes, 0);
}

function countsOf({ history }: State): { commits: number; docs: number; rows: number } {
  return {
    commits: history.commits.size,
    docs: history.docs.filter((doc) => doc !== undefined).length,
    rows: storedRows(history).count(),
  };
}
