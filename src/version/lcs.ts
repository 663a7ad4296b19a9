// The longest common subsequence of two lists of strings, bounded in time for lists full of repeats.

const NONE = -1;
/** Pairs of equal items looked at; beyond it the most repeated items only match next to other matches. */
const PAIRS_MAX = 1 << 18;

/** A stretch a[aFrom, aTo) over against b[bFrom, bTo). */
export interface Stretch {
  readonly aFrom: number;
  readonly aTo: number;
  readonly bFrom: number;
  readonly bTo: number;
}

/** The stretches between matches, in order: what differs. `match` gives for each index of a the index in b, or -1. */
export function gapsOf(match: Int32Array, bCount: number): Stretch[] {
  const gaps: Stretch[] = [];
  let [aFrom, bFrom] = [0, 0];
  for (let aTo = 0; aTo <= match.length; aTo++) {
    const bTo = aTo === match.length ? bCount : (match[aTo] ?? NONE);
    if (bTo === NONE) continue;
    if (aTo > aFrom || bTo > bFrom) gaps.push({ aFrom, aTo, bFrom, bTo });
    [aFrom, bFrom] = [aTo + 1, bTo + 1];
  }
  return gaps;
}

/** Where each item stands in list[from, to), in order. */
function places(list: readonly string[], from: number, to: number): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (let at = from; at < to; at++) {
    const item = list[at] ?? '';
    const known = found.get(item);
    if (known === undefined) found.set(item, [at]);
    else known.push(at);
  }
  return found;
}

/** The items worth looking at with their places in b: rare ones first, until the pairs reach the bound. */
function candidates(a: readonly string[], b: readonly string[], s: Stretch): Map<string, number[]> {
  const inB = places(b, s.bFrom, s.bTo);
  const shared = [...places(a, s.aFrom, s.aTo)]
    .map(([item, at]) => ({ item, at: inB.get(item) ?? [], pairs: at.length * (inB.get(item)?.length ?? 0) }))
    .filter(({ pairs }) => pairs > 0)
    .sort((x, y) => x.pairs - y.pairs);
  const kept = new Map<string, number[]>();
  let sum = 0;
  for (const { item, at, pairs } of shared) {
    sum += pairs;
    if (sum > PAIRS_MAX) break;
    kept.set(item, at);
  }
  return kept;
}

/** Hunt and Szymanski 1977: the longest ascending run through the pairs of equal items. */
function matchStretch(a: readonly string[], b: readonly string[], s: Stretch, match: Int32Array): void {
  const inB = candidates(a, b, s);
  // Nodes of the runs found so far, as columns: the pair, and the node before it.
  const [nodeA, nodeB, before]: [number[], number[], number[]] = [[], [], []];
  const tails: number[] = [];
  for (let i = s.aFrom; i < s.aTo; i++) {
    const at = inB.get(a[i] ?? '') ?? [];
    for (let k = at.length - 1; k >= 0; k--) {
      const j = at[k] ?? 0;
      let [low, high] = [0, tails.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((nodeB[tails[middle] ?? 0] ?? 0) < j) low = middle + 1;
        else high = middle;
      }
      if (low < tails.length && nodeB[tails[low] ?? 0] === j) continue;
      before.push(low === 0 ? NONE : (tails[low - 1] ?? NONE));
      nodeA.push(i);
      tails[low] = nodeB.push(j) - 1;
    }
  }
  for (let node = tails.at(-1) ?? NONE; node !== NONE; node = before[node] ?? NONE)
    match[nodeA[node] ?? 0] = nodeB[node] ?? NONE;
}

/** Matches equal items at both ends of a stretch; what is left between them. */
function trim(a: readonly string[], b: readonly string[], s: Stretch, match: Int32Array): Stretch {
  let { aFrom, aTo, bFrom, bTo } = s;
  while (aFrom < aTo && bFrom < bTo && a[aFrom] === b[bFrom]) match[aFrom++] = bFrom++;
  while (aFrom < aTo && bFrom < bTo && a[aTo - 1] === b[bTo - 1]) match[--aTo] = --bTo;
  return { aFrom, aTo, bFrom, bTo };
}

/**
 * For each index of `a` the index of the equal item of `b` it is matched with, or -1; matches ascend on both sides. Equal
 * ends are matched first. O((n + pairs of equal items) log n); the longest one unless the pairs exceed 262,144.
 */
export function lcs(a: readonly string[], b: readonly string[]): Int32Array {
  const match = new Int32Array(a.length).fill(NONE);
  const whole = { aFrom: 0, aTo: a.length, bFrom: 0, bTo: b.length };
  matchStretch(a, b, trim(a, b, whole, match), match);
  for (const gap of gapsOf(match, b.length)) trim(a, b, gap, match);
  return match;
}
