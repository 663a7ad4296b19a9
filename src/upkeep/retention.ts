// What may be forgotten: which commits a policy keeps, and the history that holds just those.

import { differing, itemsBetween, mergeBase } from '../version/compare.ts';
import { History, type View } from '../version/history.ts';
import type { DocVersion, TimelineEntry } from '../version/record.ts';
import type { Refs, Retention } from '../version/refs.ts';

/** Seqs of the commits that stay: heads, tags, pins, what the policy keeps, and where branches lately moved from. */
export function keptCommits(history: History, now: number, pinned: ReadonlySet<number>): Set<number> {
  const { branches, tags, moves, retention } = history.refs;
  const { keepLast, keepWithinMs } = retention;
  if (keepLast === undefined && keepWithinMs === undefined) return new Set(history.commits.keys());
  const roots = [...branches.values(), ...tags.values(), history.headSeq, ...pinned];
  const kept = new Set([...roots, ...keptMoves(moves, retention, now).flatMap(({ from, to }) => [from, to])]);
  for (const head of branches.values()) {
    let left = keepLast ?? 1;
    for (const seq of history.lines.walk(head)) {
      if (left-- <= 0) break;
      kept.add(seq);
    }
  }
  for (const base of mergeBases(history)) kept.add(base);
  const horizon = now - (keepWithinMs ?? 0);
  if (keepWithinMs !== undefined) for (const [seq, { time }] of history.commits) if (time >= horizon) kept.add(seq);
  for (const seq of kept) if (!history.commits.has(seq)) kept.delete(seq);
  return kept;
}

/** Where branches part: without these they could not be merged. */
function mergeBases(history: History): number[] {
  const heads = [...new Set(history.refs.branches.values())];
  const pairs = heads.flatMap((a, i) => heads.slice(i + 1).map((b) => ({ a, b, base: mergeBase(history, a, b) })));
  return pairs.flatMap(({ a, b, base }) =>
    base ? [base, ...linksTo(history, a, base), ...linksTo(history, b, base)] : [],
  );
}

/** The merges by which a head comes of a commit that is not on its own way, with what they merged. */
function linksTo(history: History, head: number, base: number): number[] {
  if (history.lines.has(head, base)) return [];
  for (const seq of history.lines.walk(head))
    for (const merged of history.parents(seq).slice(1)) {
      if (history.lines.has(merged, base)) return [seq, merged];
      const further = merged > base ? linksTo(history, merged, base) : [];
      if (further.length > 0) return [seq, merged, ...further];
    }
  return [];
}

function keptMoves(moves: Refs['moves'], { keepLast, keepWithinMs }: Retention, now: number): Refs['moves'] {
  const last = keepLast === undefined ? [] : moves.slice(-keepLast);
  const within = keepWithinMs === undefined ? [] : moves.filter(({ time }) => time >= now - keepWithinMs);
  return moves.filter((move) => last.includes(move) || within.includes(move));
}

/**
 * The history with the kept commits alone. Each is the same as before; one whose base is gone builds on the nearest that
 * is kept, or is a key frame. `docs` of no kept commit are gone; ordinals and times are never used again.
 */
export function forgetting(history: History, kept: ReadonlySet<number>, now: number): History {
  const entries = [...history.timeline.values()]
    .filter(({ seq }) => kept.has(seq))
    .map((entry) => rebased(history, entry, kept));
  return rebuilt(history, entries, keptMoves(history.refs.moves, history.refs.retention, now), () => true);
}

/** The history over other entries, with the document versions that they name and that `stays` keeps. */
export function rebuilt(
  history: History,
  entries: readonly TimelineEntry[],
  moves: Refs['moves'],
  stays: (doc: DocVersion) => boolean,
): History {
  const next = new History(history.chunks);
  const named = new Set(entries.flatMap(({ docsBorn }) => docsBorn));
  const docs = history.docs.filter(
    (doc: DocVersion | undefined) => doc !== undefined && named.has(doc.dno) && stays(doc),
  );
  for (const [i, entry] of entries.entries()) {
    const info = history.commits.get(entry.seq);
    if (info) next.apply({ info, batch: history.batches.get(entry.seq) ?? info.id, entry, docs: i === 0 ? docs : [] });
  }
  next.docs.length = history.docs.length;
  next.lastSeq = history.lastSeq;
  next.lastTime = history.lastTime;
  next.refs = { ...history.refs, moves };
  next.checkout = history.checkout;
  return next;
}

function rebased(history: History, entry: TimelineEntry, kept: ReadonlySet<number>): TimelineEntry {
  if (entry.base === 0 || kept.has(entry.base)) return entry;
  let base = entry.base;
  while (base > 0 && !kept.has(base)) base = history.timeline.get(base)?.base ?? 0;
  return { seq: entry.seq, base, ...between(history.view(base), history.view(entry.seq)) };
}

/** What was born and died from one view to another. */
function between(from: View, to: View): Omit<TimelineEntry, 'seq' | 'base'> {
  const [docs, chunks] = [[...differing(from.docs, to.docs)], [...differing(from.chunks, to.chunks)]];
  return {
    docsBorn: docs.filter((dno) => to.docs.has(dno)),
    docsDied: docs.filter((dno) => from.docs.has(dno)),
    chunksBorn: chunks.filter((vno) => to.chunks.has(vno)),
    chunksDied: chunks.filter((vno) => from.chunks.has(vno)),
    items: itemsBetween(from.items, to.items),
  };
}
