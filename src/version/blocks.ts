// A document's text as blocks to merge: what has words, each with the markup and white space behind it.

import { pattern } from '../base/pattern.ts';
import type { DocSide, Piece } from './document.ts';
import { gapsOf, lcs } from './lcs.ts';

/** A chunk, or a line with words between chunks (a heading). */
export interface Block {
  readonly text: string;
  /** What separates it from the next block; undefined behind the last one. */
  readonly tail: string | undefined;
  /** Heading path; of a line between chunks that of the chunk behind it. */
  readonly path: readonly string[];
  readonly chunkId: string | undefined;
}

/** A text: `lead`, then every block with its tail, then `end`. */
export interface Blocks {
  readonly lead: string;
  readonly list: readonly Block[];
  readonly end: string;
}

const WORD = pattern(String.raw`[\p{L}\p{N}]`);

/** The spans of a literal's lines that hold words, without the white space around them. */
function wordyLines(text: string): [number, number][] {
  const spans: [number, number][] = [];
  let at = 0;
  for (const line of text.split(/(?<=\n)/)) {
    const from = at + line.length - line.trimStart().length;
    if (WORD().test(line)) spans.push([from, from + line.trim().length]);
    at += line.length;
  }
  return spans;
}

function spansOf(piece: Piece): [number, number][] {
  return piece.vno === undefined && piece.chunkId === undefined ? wordyLines(piece.text) : [[0, piece.text.length]];
}

/** The blocks of a document version; joined again they are its text. */
export function blocksOf(side: DocSide): Blocks {
  const drafts: { text: string; tail: string; path: readonly string[] | undefined; chunkId: string | undefined }[] = [];
  let lead = '';
  const between = (text: string): void => {
    const last = drafts.at(-1);
    if (last === undefined) lead += text;
    else last.tail += text;
  };
  for (const piece of side.pieces) {
    const isChunk = piece.vno !== undefined || piece.chunkId !== undefined;
    let at = 0;
    for (const [from, to] of spansOf(piece)) {
      between(piece.text.slice(at, from));
      const path = isChunk ? piece.path : undefined;
      drafts.push({ text: piece.text.slice(from, to), tail: '', path, chunkId: piece.chunkId });
      at = to;
    }
    between(piece.text.slice(at));
  }
  let path = drafts.findLast((draft) => draft.path !== undefined)?.path ?? [];
  const list: Block[] = [];
  for (let i = drafts.length - 1; i >= 0; i--) {
    const draft = drafts[i];
    if (draft === undefined) continue;
    path = draft.path ?? path;
    const { text, tail, chunkId } = draft;
    list.push({ text, tail: i === drafts.length - 1 ? undefined : tail, path, chunkId });
  }
  return { lead, list: list.reverse(), end: drafts.at(-1)?.tail ?? '' };
}

/**
 * For each block of `base` the block of `side` that it is or became, or -1; ascending. Equal texts first, between them
 * equal chunk ids, between those runs of equally many blocks one by one.
 */
export function pairBlocks(base: readonly Block[], side: readonly Block[]): Int32Array {
  const texts = (blocks: readonly Block[]): string[] => blocks.map(({ text }) => text);
  const pairs = lcs(texts(base), texts(side));
  const ids = (blocks: readonly Block[], from: number, to: number, other: string): string[] =>
    blocks.slice(from, to).map(({ chunkId }, i) => (chunkId === undefined ? `${other}${i}` : `=${chunkId}`));
  for (const gap of gapsOf(pairs, side.length)) {
    if (gap.aTo === gap.aFrom || gap.bTo === gap.bFrom) continue;
    const match = lcs(ids(base, gap.aFrom, gap.aTo, '<'), ids(side, gap.bFrom, gap.bTo, '>'));
    match.forEach((to, from) => {
      if (to >= 0) pairs[gap.aFrom + from] = gap.bFrom + to;
    });
  }
  for (const { aFrom, aTo, bFrom, bTo } of gapsOf(pairs, side.length)) {
    if (aTo - aFrom !== bTo - bFrom) continue;
    for (let i = 0; i < aTo - aFrom; i++) pairs[aFrom + i] = bFrom + i;
  }
  return pairs;
}
