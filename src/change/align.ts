// Pairs the chunks of two versions of a document: which old chunk each new one continues.

import { wordBag } from './chunk/words.ts';

/** Leftover chunks less alike than this are a deletion and an insertion, not an edit. */
export const SIMILAR_MIN = 0.3;
const ALL_PAIRS_MAX = 1024;
const WINDOW = 8;
const SIMILARITY_WORDS = 400;

const NONE = -1;

/** For each new index the old one, and the reverse; `anchored` marks pairs that keep the order of both sides. */
class Pairing {
  readonly toOld: Int32Array;
  readonly toNew: Int32Array;
  readonly anchored: Uint8Array;

  constructor(oldCount: number, newCount: number) {
    this.toOld = new Int32Array(newCount).fill(NONE);
    this.toNew = new Int32Array(oldCount).fill(NONE);
    this.anchored = new Uint8Array(newCount);
  }

  pair(oldIndex: number, newIndex: number): void {
    this.toOld[newIndex] = oldIndex;
    this.toNew[oldIndex] = newIndex;
  }

  anchor(oldIndex: number, newIndex: number): void {
    this.pair(oldIndex, newIndex);
    this.anchored[newIndex] = 1;
  }
}

/** The stretch old[oldFrom, oldTo) and new[newFrom, newTo) between two neighbouring anchors. */
interface Gap {
  readonly oldFrom: number;
  readonly oldTo: number;
  readonly newFrom: number;
  readonly newTo: number;
}

/** Positions of the longest ascending subsequence of `values`, in order. */
function longestAscending(values: readonly number[]): number[] {
  const tails: number[] = [];
  const before = new Int32Array(values.length).fill(NONE);
  values.forEach((value, at) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[tails[middle] ?? 0] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    before[at] = low === 0 ? NONE : (tails[low - 1] ?? NONE);
    tails[low] = at;
  });
  const picked: number[] = [];
  for (let at = tails.at(-1) ?? NONE; at !== NONE; at = before[at] ?? NONE) picked.push(at);
  return picked.reverse();
}

/** Where each id stands when it stands exactly once in ids[from, to). */
function uniquePlaces(ids: readonly string[], from: number, to: number): Map<string, number> {
  const places = new Map<string, number>();
  for (let at = from; at < to; at++) {
    const id = ids[at] ?? '';
    places.set(id, places.has(id) ? NONE : at);
  }
  for (const [id, at] of places) if (at === NONE) places.delete(id);
  return places;
}

/** Anchors: common prefix and suffix, inside them the longest run of unique ids in equal order, and equal neighbours of all those. */
function anchor(oldIds: readonly string[], newIds: readonly string[], pairing: Pairing): void {
  let from = 0;
  let oldTo = oldIds.length;
  let newTo = newIds.length;
  for (; from < oldTo && from < newTo && oldIds[from] === newIds[from]; from++) pairing.anchor(from, from);
  for (; oldTo > from && newTo > from && oldIds[oldTo - 1] === newIds[newTo - 1]; ) pairing.anchor(--oldTo, --newTo);
  const oldPlaces = uniquePlaces(oldIds, from, oldTo);
  const shared = [...uniquePlaces(newIds, from, newTo)]
    .map(([id, newAt]) => ({ newAt, oldAt: oldPlaces.get(id) ?? NONE }))
    .filter(({ oldAt }) => oldAt !== NONE)
    .sort((a, b) => a.newAt - b.newAt);
  for (const at of longestAscending(shared.map(({ oldAt }) => oldAt))) {
    const both = shared[at];
    if (both !== undefined) pairing.anchor(both.oldAt, both.newAt);
  }
  for (const gap of gaps(pairing)) widen(oldIds, newIds, gap, pairing);
}

/** Anchors equal chunks at both ends of a gap: repeated ids, which the longest run leaves out. */
function widen(oldIds: readonly string[], newIds: readonly string[], gap: Gap, pairing: Pairing): void {
  let { oldFrom, newFrom, oldTo, newTo } = gap;
  while (oldFrom < oldTo && newFrom < newTo && oldIds[oldFrom] === newIds[newFrom])
    pairing.anchor(oldFrom++, newFrom++);
  while (oldTo > oldFrom && newTo > newFrom && oldIds[oldTo - 1] === newIds[newTo - 1])
    pairing.anchor(--oldTo, --newTo);
}

/** The gaps between anchors, in order. */
function gaps(pairing: Pairing): Gap[] {
  const found: Gap[] = [];
  let oldFrom = 0;
  let newFrom = 0;
  const close = (oldTo: number, newTo: number): void => {
    if (oldTo > oldFrom && newTo > newFrom) found.push({ oldFrom, oldTo, newFrom, newTo });
    oldFrom = oldTo + 1;
    newFrom = newTo + 1;
  };
  pairing.anchored.forEach((anchored, newAt) => {
    if (anchored === 1) close(pairing.toOld[newAt] ?? 0, newAt);
  });
  close(pairing.toNew.length, pairing.toOld.length);
  return found;
}

/** Pairs equal ids left over in a stretch: each old one once, in order. */
function pairEqual(oldIds: readonly string[], newIds: readonly string[], gap: Gap, pairing: Pairing): void {
  const free = new Map<string, number[]>();
  for (let at = gap.oldTo - 1; at >= gap.oldFrom; at--) {
    if (pairing.toNew[at] !== NONE) continue;
    const id = oldIds[at] ?? '';
    const places = free.get(id);
    if (places === undefined) free.set(id, [at]);
    else places.push(at);
  }
  for (let at = gap.newFrom; at < gap.newTo; at++) {
    const oldAt = pairing.toOld[at] === NONE ? free.get(newIds[at] ?? '')?.pop() : undefined;
    if (oldAt !== undefined) pairing.pair(oldAt, at);
  }
}

function leftOver(taken: Int32Array, from: number, to: number): number[] {
  const left: number[] = [];
  for (let at = from; at < to; at++) if (taken[at] === NONE) left.push(at);
  return left;
}

/** Pairs what is left in a gap, the most alike first; in a long gap only what stands near, counted from either end. */
function pairSimilar(gap: Gap, pairing: Pairing, similar: (oldIndex: number, newIndex: number) => number): void {
  const olds = leftOver(pairing.toNew, gap.oldFrom, gap.oldTo);
  const news = leftOver(pairing.toOld, gap.newFrom, gap.newTo);
  const shift = olds.length - news.length;
  const all = olds.length * news.length <= ALL_PAIRS_MAX;
  const candidates: { oldAt: number; newAt: number; score: number; apart: number }[] = [];
  const consider = (oldPlace: number, newPlace: number): void => {
    const [oldAt, newAt] = [olds[oldPlace] ?? 0, news[newPlace] ?? 0];
    const apart = Math.min(Math.abs(oldPlace - newPlace), Math.abs(oldPlace - newPlace - shift));
    const score = similar(oldAt, newAt);
    if (score >= SIMILAR_MIN) candidates.push({ oldAt, newAt, score, apart });
  };
  for (let newPlace = 0; newPlace < news.length; newPlace++) {
    if (all) {
      for (let oldPlace = 0; oldPlace < olds.length; oldPlace++) consider(oldPlace, newPlace);
      continue;
    }
    const [low, high] = [newPlace + Math.min(0, shift), newPlace + Math.max(0, shift)];
    for (let oldPlace = Math.max(0, low - WINDOW); oldPlace <= Math.min(olds.length - 1, high + WINDOW); oldPlace++) {
      if (oldPlace === low + WINDOW + 1 && high - WINDOW > oldPlace) oldPlace = high - WINDOW;
      consider(oldPlace, newPlace);
    }
  }
  candidates.sort((a, b) => b.score - a.score || a.apart - b.apart || a.newAt - b.newAt || a.oldAt - b.oldAt);
  for (const { oldAt, newAt } of candidates) {
    if (pairing.toNew[oldAt] === NONE && pairing.toOld[newAt] === NONE) pairing.pair(oldAt, newAt);
  }
}

/**
 * For each new chunk the index of the old chunk that it continues, or -1. Equal ids first (in place, then moved), then what is left
 * between the same unmoved neighbours, when `similar` (0..1, asked about such pairs only) says that they are alike. No old chunk is
 * continued twice.
 */
export function align(
  oldIds: readonly string[],
  newIds: readonly string[],
  similar: (oldIndex: number, newIndex: number) => number,
): Int32Array {
  const pairing = new Pairing(oldIds.length, newIds.length);
  anchor(oldIds, newIds, pairing);
  const between = gaps(pairing);
  for (const gap of between) pairEqual(oldIds, newIds, gap, pairing);
  const everything: Gap = { oldFrom: 0, oldTo: oldIds.length, newFrom: 0, newTo: newIds.length };
  pairEqual(oldIds, newIds, everything, pairing);
  for (const gap of between) pairSimilar(gap, pairing, similar);
  return pairing.toOld;
}

/** The words of a chunk as a multiset of hashes: made once per chunk, compared often. */
export type Bag = Uint32Array;

/** The bag of a text's first 400 words. */
export function bagOf(text: string): Bag {
  return wordBag(text, SIMILARITY_WORDS);
}

/** Dice coefficient of two bags, 0..1; two empty bags are equal. */
export function bagSimilarity(a: Bag, b: Bag): number {
  if (a.length + b.length === 0) return 1;
  let common = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [x, y] = [a[i] ?? 0, b[j] ?? 0];
    if (x === y) common++;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return (2 * common) / (a.length + b.length);
}

/** How alike two texts are: Dice coefficient over their words, case and punctuation aside; texts without words only when equal. */
export function similarity(a: string, b: string): number {
  if (a === b) return 1;
  const [bagA, bagB] = [bagOf(a), bagOf(b)];
  return bagA.length + bagB.length === 0 ? 0 : bagSimilarity(bagA, bagB);
}
