// Decides which vector segments of a collection become one: a pure function of their sizes and of how much is dead.
//
// A search walks every graph, so few are better than many; but a graph is dear to build, so one that is much larger than what came after it
// is left alone. By itself no run rewrites more than a quarter of the vectors, unless a third of a segment is dead.

import type { Eagerness } from './choose.ts';

/** A vector segment as the choice sees it. */
export interface WeighedGraph {
  readonly id: number;
  readonly rows: number;
  /** Rows that a branch head shows, and rows that any commit does. */
  readonly live: number;
  readonly kept: number;
  /** Only history shows its rows, so it has no graph. */
  readonly archive: boolean;
  readonly graph: boolean;
}

/** What a collection asks of its segments. */
export interface GraphRules {
  /** A segment of so many live rows and more has a graph. */
  readonly graphFrom: number;
  /** And none has more than so many. */
  readonly rowsMax: number;
}

const DEAD_SHARE = 0.2;
const DEAD_SHARE_LARGE = 1 / 3;
const ROWS_SHARE = 0.25;
/** Runs of so few rows are cheap whatever share of the collection they are. */
const ROWS_ALWAYS = 16_384;
/** Archives are scanned one after the other. */
const ARCHIVES_MAX = 4;

/** Groups of segments to be made one of each, by id, oldest first; none when there is nothing to gain. */
export function chooseGraphs(all: readonly WeighedGraph[], eager: Eagerness, rules: GraphRules): number[][] {
  const [live, archives] = [all.filter(({ archive }) => !archive), all.filter(({ archive }) => archive)];
  const groups = eager === 'now' ? everything(live, rules) : aFew(live, rules);
  return [...groups, archivesOf(archives, eager)]
    .filter((group) => group.length > 0)
    .map((group) => group.map(({ id }) => id));
}

/** Runs that fit one segment; a segment that is as it should be stays. */
function everything(segments: readonly WeighedGraph[], rules: GraphRules): WeighedGraph[][] {
  const groups: WeighedGraph[][] = [];
  let rows = 0;
  for (const segment of segments) {
    const last = groups.at(-1);
    if (last && rows + segment.live <= rules.rowsMax) {
      last.push(segment);
      rows += segment.live;
    } else {
      groups.push([segment]);
      rows = segment.live;
    }
  }
  return groups.filter(
    (group) => group.length > 1 || group.some((only) => only.live < only.rows || lacksGraph(only, rules)),
  );
}

const lacksGraph = ({ graph, live }: WeighedGraph, { graphFrom }: GraphRules): boolean => !graph && live >= graphFrom;

/** The newest segments that are not clearly smaller together than the one before, and one that is dead for a large part. */
function aFew(segments: readonly WeighedGraph[], rules: GraphRules): WeighedGraph[][] {
  const total = segments.reduce((sum, { live }) => sum + live, 0);
  const most = Math.max(ROWS_ALWAYS, total * ROWS_SHARE);
  const isDead = ({ rows, live }: WeighedGraph): boolean =>
    rows - live > rows * (rows > most ? DEAD_SHARE_LARGE : DEAD_SHARE) && rows - live >= 64;
  const dead = segments.find(isDead);
  let [from, sum] = [segments.length, 0];
  for (let at = segments.length - 1; at >= 0; at--) {
    const { live } = segments[at] ?? { live: 0 };
    const isTooLarge = sum + live > Math.min(most, rules.rowsMax);
    if (isTooLarge || (at < segments.length - 1 && live > 2 * sum)) break;
    sum += live;
    from = at;
  }
  const tail = segments.slice(from);
  const due =
    tail.length > 2 || (tail.length > 0 && tail.length < 3 && tail.some((only) => lacksGraph(only, rules))) ? tail : [];
  return dead && !due.includes(dead) ? [[dead], due] : [due];
}

/** Archives with too much that is forgotten or alive again, or too many of them. */
function archivesOf(archives: readonly WeighedGraph[], eager: Eagerness): readonly WeighedGraph[] {
  const wrong = ({ rows, kept, live }: WeighedGraph): number => rows - kept + live;
  const some = archives.some((each) => (eager === 'now' ? wrong(each) > 0 : wrong(each) > each.rows * DEAD_SHARE));
  return some || archives.length > (eager === 'now' ? 1 : ARCHIVES_MAX) ? archives : [];
}
