// Which commit brought each sentence of a document: walks back as long as the sentence is there.

import { pattern } from '../base/pattern.ts';
import type { DocSide, Piece } from './document.ts';
import { lcs } from './lcs.ts';
import { sentencesOf } from './sentences.ts';

/** A sentence and the commit that introduced it. */
export interface Blamed<C> {
  /** Half-open UTF-16 offsets into the document's text. */
  readonly start: number;
  readonly end: number;
  /** The chunk, or the literal text, that the sentence is in. */
  readonly piece: Piece;
  readonly by: C;
}

/** A document as it was before a commit, and the commit that had brought it. */
export interface BlameParent<C> {
  readonly commit: C;
  readonly side: DocSide;
}

const NONE = -1;
const WORD = pattern(String.raw`[\p{L}\p{N}]`);

interface Sentence {
  readonly start: number;
  readonly end: number;
  readonly piece: Piece;
  readonly text: string;
}

/** What is known of a commit on the way: its sentences and, once asked for, where they were before. */
interface Known<C> {
  readonly side: DocSide;
  readonly texts: readonly string[];
  before: readonly Before<C>[] | undefined;
}

interface Before<C> {
  readonly commit: C;
  /** For each sentence that of the parent, or -1. */
  readonly match: Int32Array;
}

function sentences(side: DocSide): Sentence[] {
  const found: Sentence[] = [];
  for (const piece of side.pieces) {
    const literal = piece.vno === undefined && piece.chunkId === undefined;
    if (literal && !WORD().test(piece.text)) continue;
    for (const { start, end } of sentencesOf(piece.text)) {
      const text = piece.text.slice(start, end);
      if (!literal || WORD().test(text))
        found.push({ start: piece.start + start, end: piece.start + end, piece, text });
    }
  }
  return found;
}

/** The common subsequence first; then what is left, by equal text in order: sentences that moved. */
function matchSentences(child: readonly string[], parent: readonly string[]): Int32Array {
  const match = lcs(child, parent);
  const taken = new Set(match);
  const left = new Map<string, number[]>();
  for (let at = parent.length - 1; at >= 0; at--) {
    if (taken.has(at)) continue;
    const text = parent[at] ?? '';
    const places = left.get(text);
    if (places === undefined) left.set(text, [at]);
    else places.push(at);
  }
  child.forEach((text, at) => {
    if (match[at] === NONE) match[at] = left.get(text)?.pop() ?? NONE;
  });
  return match;
}

/**
 * For each sentence of `side` the commit that introduced it: a sentence that a parent has too, at its place or moved, is the
 * parent's (the first parent's if several have it), each of the parent's sentences once; the rest are `at`'s.
 *
 * @param at the commit that brought `side`; commits are told apart as the keys of a Map.
 * @param parentsOf the document as it was before a commit, one for each parent that had it, each with the commit that had
 * brought that version. Asked once for every commit that some sentence reaches; never leads back to a later commit.
 */
export function blame<C>(
  side: DocSide,
  at: C,
  parentsOf: (at: C, side: DocSide) => readonly BlameParent<C>[],
): Blamed<C>[] {
  const targets = sentences(side);
  const by = new Array<C>(targets.length).fill(at);
  const known = new Map<C, Known<C>>([[at, { side, texts: targets.map(({ text }) => text), before: undefined }]]);
  /** For each commit to look at: pairs of a sentence there and the one it stands for in `targets`. */
  const waiting = new Map<C, [number, number][]>([[at, targets.map((_, i) => [i, i])]]);
  const before = (commit: C, of: Known<C>): readonly Before<C>[] => {
    of.before ??= parentsOf(commit, of.side).map((parent) => {
      const old = known.get(parent.commit);
      const texts = old?.texts ?? sentences(parent.side).map(({ text }) => text);
      if (old === undefined) known.set(parent.commit, { side: parent.side, texts, before: undefined });
      return { commit: parent.commit, match: matchSentences(of.texts, texts) };
    });
    return of.before;
  };
  // A Map goes on to the keys that are added while it is walked; a commit met again goes to its end.
  for (const [commit, pairs] of waiting) {
    waiting.delete(commit);
    const here = known.get(commit);
    if (here === undefined || pairs.length === 0) continue;
    const parents = before(commit, here);
    for (const [sentence, target] of pairs) {
      by[target] = commit;
      const parent = parents.find(({ match }) => (match[sentence] ?? NONE) !== NONE);
      if (parent === undefined) continue;
      const pair: [number, number] = [parent.match[sentence] ?? NONE, target];
      const others = waiting.get(parent.commit);
      if (others === undefined) waiting.set(parent.commit, [pair]);
      else others.push(pair);
    }
  }
  return targets.map(({ start, end, piece }, i) => ({ start, end, piece, by: by[i] ?? at }));
}
