// Decides what a compaction rewrites: a pure function of how large the segments are and how much of them is dead.
//
// Three rules. A segment with too many rows that belong elsewhere (dead at every branch head, or stored no longer) is
// rewritten. So is one that every opening has to analyse anew. And sizes grow from the newest segment to the oldest: the newest ones that together outweigh the one before
// are merged, so that there are only ever a few, and a byte is rewritten a logarithmic number of times.

/** A stored segment as the choice sees it. */
export interface Weighed {
  readonly id: number;
  readonly bytes: number;
  readonly rows: number;
  /** Rows that should not be in it. */
  readonly wrong: number;
  /** Every opening analyses it anew, until it is written again. */
  readonly outdated?: boolean;
}

/** How eagerly: `now` moves every wrong row and leaves one segment of a kind. */
export type Eagerness = 'idle' | 'now';

const WRONG_SHARE = 0.2;
const WRONG_ROWS_MIN = 64;
/** Segments below this are merged with their neighbours whatever came before them. */
const SMALL_BYTES = 262_144;
/** One run reads at most so much, unless asked for all. */
const READ_BYTES_MAX = 16_777_216;

/** Ids of the segments of one kind to rewrite, oldest first; none when there is nothing to gain. */
export function choose(segments: readonly Weighed[], eager: Eagerness): number[] {
  const chosen = new Set(segments.filter((segment) => isDue(segment, eager)).map(({ id }) => id));
  // A segment that one run could hardly read with another is full: what came after it grows anew.
  const full = segments.findLastIndex(({ bytes }) => bytes > READ_BYTES_MAX / 2);
  const tail = eager === 'now' ? segments : growingTail(segments.slice(full + 1));
  if (tail.length > 1) for (const { id } of tail) chosen.add(id);
  const out: number[] = [];
  let bytes = 0;
  for (const segment of segments) {
    if (!chosen.has(segment.id)) continue;
    bytes += segment.bytes;
    if (eager === 'idle' && out.length > 0 && bytes > READ_BYTES_MAX) break;
    out.push(segment.id);
  }
  return out;
}

function isDue({ rows, wrong, outdated }: Weighed, eager: Eagerness): boolean {
  if (outdated) return true;
  if (wrong === 0) return false;
  return eager === 'now' || wrong === rows || (wrong >= WRONG_ROWS_MIN && wrong >= rows * WRONG_SHARE);
}

/** The newest segments that are not clearly smaller, all together, than the one before them. */
export function growingTail<T extends { readonly bytes: number }>(segments: readonly T[]): T[] {
  let [from, sum] = [segments.length, 0];
  while (from > 0) {
    const { bytes } = segments[from - 1] ?? { bytes: 0 };
    const isFirst = from === segments.length;
    if (!isFirst && bytes > 2 * sum && bytes > SMALL_BYTES) break;
    sum += bytes;
    from--;
  }
  // Two of a kind may stand side by side: merging every flush into the one before would rewrite it each time.
  return segments.length - from > 2 || sum < SMALL_BYTES ? segments.slice(from) : [];
}
