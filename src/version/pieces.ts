// Which pieces of two versions of a document stay where they are: the heaviest common subsequence of chunks and literals.

import type { Piece } from './document.ts';

/** Table cells beyond which a stretch is cut at its unique pieces first. */
const TABLE_MAX = 1 << 20;
/** Keeping a chunk in place counts for more than keeping the blank lines around it. */
const CHUNK_WEIGHT = 32;

/** Pieces between two that stay: old[from, fromEnd) gave way to now[to, toEnd). */
export interface PieceGap {
  readonly from: number;
  readonly fromEnd: number;
  readonly to: number;
  readonly toEnd: number;
}

/** Pieces with equal keys have equal text: chunks by their version (text and heading path), literals by their text. */
function keyOf({ version, text }: Piece): string {
  return version === undefined ? `=${text}` : `#${version}`;
}

class Aligner {
  readonly #old: readonly Piece[];
  readonly #now: readonly Piece[];
  readonly #oldKeys: Int32Array;
  readonly #nowKeys: Int32Array;
  readonly found: PieceGap[] = [];
  #from = 0;
  #to = 0;

  constructor(old: readonly Piece[], now: readonly Piece[]) {
    [this.#old, this.#now] = [old, now];
    const numbers = new Map<string, number>();
    const number = (piece: Piece): number => {
      const key = keyOf(piece);
      const known = numbers.get(key) ?? numbers.size;
      numbers.set(key, known);
      return known;
    };
    [this.#oldKeys, this.#nowKeys] = [Int32Array.from(old, number), Int32Array.from(now, number)];
  }

  /** Says, in order, that old[from] stays as now[to]. */
  keep(from: number, to: number): void {
    if (from > this.#from || to > this.#to)
      this.found.push({ from: this.#from, fromEnd: from, to: this.#to, toEnd: to });
    [this.#from, this.#to] = [from + 1, to + 1];
  }

  align({ from, fromEnd, to, toEnd }: PieceGap): void {
    let [a, aEnd, b, bEnd] = [from, fromEnd, to, toEnd];
    while (a < aEnd && b < bEnd && this.#oldKeys[a] === this.#nowKeys[b]) this.keep(a++, b++);
    while (aEnd > a && bEnd > b && this.#oldKeys[aEnd - 1] === this.#nowKeys[bEnd - 1])
      [aEnd, bEnd] = [aEnd - 1, bEnd - 1];
    if (aEnd > a && bEnd > b) this.#middle({ from: a, fromEnd: aEnd, to: b, toEnd: bEnd });
    for (; aEnd < fromEnd; [aEnd, bEnd] = [aEnd + 1, bEnd + 1]) this.keep(aEnd, bEnd);
  }

  #middle(gap: PieceGap): void {
    if ((gap.fromEnd - gap.from) * (gap.toEnd - gap.to) <= TABLE_MAX) this.#table(gap);
    else this.#around(gap, this.#anchors(gap));
  }

  /** Keeps the anchors and aligns what lies between them; without an anchor nothing stays. */
  #around(gap: PieceGap, anchors: readonly [number, number][]): void {
    if (anchors.length === 0) return;
    let { from, to } = gap;
    for (const [oldAt, nowAt] of anchors) {
      this.align({ from, fromEnd: oldAt, to, toEnd: nowAt });
      this.keep(oldAt, nowAt);
      [from, to] = [oldAt + 1, nowAt + 1];
    }
    this.align({ from, fromEnd: gap.fromEnd, to, toEnd: gap.toEnd });
  }

  #weight(oldAt: number, nowAt: number): number {
    if (this.#oldKeys[oldAt] !== this.#nowKeys[nowAt]) return 0;
    const [old, now] = [this.#old[oldAt], this.#now[nowAt]];
    if (old?.version === undefined) return 1;
    return old.chunkId === now?.chunkId ? CHUNK_WEIGHT + 1 : CHUNK_WEIGHT;
  }

  /** The heaviest common subsequence, by the table of the weights of what follows each pair of places. */
  #table({ from, fromEnd, to, toEnd }: PieceGap): void {
    const width = toEnd - to + 1;
    const best = new Int32Array((fromEnd - from + 1) * width);
    const at = (i: number, j: number): number => best[(i - from) * width + j - to] ?? 0;
    for (let i = fromEnd - 1; i >= from; i--)
      for (let j = toEnd - 1; j >= to; j--) {
        const weight = this.#weight(i, j);
        const skip = Math.max(at(i + 1, j), at(i, j + 1));
        best[(i - from) * width + j - to] = weight === 0 ? skip : Math.max(skip, at(i + 1, j + 1) + weight);
      }
    for (let [i, j] = [from, to]; i < fromEnd && j < toEnd; ) {
      const weight = this.#weight(i, j);
      if (weight > 0 && at(i, j) === at(i + 1, j + 1) + weight) this.keep(i++, j++);
      else if (at(i, j) === at(i + 1, j)) i++;
      else j++;
    }
  }

  /** Pairs of pieces that are unique on both sides, as many as keep their order. */
  #anchors({ from, fromEnd, to, toEnd }: PieceGap): [number, number][] {
    const unique = (keys: Int32Array, start: number, end: number): Map<number, number> => {
      const places = new Map<number, number>();
      for (let at = start; at < end; at++) places.set(keys[at] ?? 0, places.has(keys[at] ?? 0) ? -1 : at);
      return places;
    };
    const oldPlaces = unique(this.#oldKeys, from, fromEnd);
    const shared: [number, number][] = [];
    for (const [key, nowAt] of unique(this.#nowKeys, to, toEnd)) {
      const oldAt = oldPlaces.get(key) ?? -1;
      if (oldAt >= 0 && nowAt >= 0) shared.push([oldAt, nowAt]);
    }
    return ascending(shared.sort((a, b) => a[1] - b[1]));
  }
}

/** The longest subsequence whose first numbers ascend. */
function ascending(pairs: readonly [number, number][]): [number, number][] {
  const tails: number[] = [];
  const before: number[] = [];
  for (const [place, [value]] of pairs.entries()) {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tails[middle] ?? 0]?.[0] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    before.push(tails[low - 1] ?? -1);
    tails[low] = place;
  }
  const picked: [number, number][] = [];
  for (let at = tails.at(-1) ?? -1; at >= 0; at = before[at] ?? -1) {
    const pair = pairs[at];
    if (pair !== undefined) picked.push(pair);
  }
  return picked.reverse();
}

/**
 * The gaps between the pieces that stay, in order. Equal pieces at both ends stay; between them stays a common subsequence of most
 * weight, found by table, or in long stretches around the pieces that are unique on both sides (patience diff, after B. Cohen).
 */
export function gapsOf(old: readonly Piece[], now: readonly Piece[]): PieceGap[] {
  const aligner = new Aligner(old, now);
  aligner.align({ from: 0, fromEnd: old.length, to: 0, toEnd: now.length });
  aligner.keep(old.length, now.length);
  return aligner.found;
}
