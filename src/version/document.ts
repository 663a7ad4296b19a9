// A document version as one side of a comparison: its head and its pieces, as plain data.

import type { DocHead } from '../model/history.ts';

/** A chunk, or the literal text between chunks. */
export interface Piece {
  readonly text: string;
  /** Half-open UTF-16 offsets into the document's text. */
  readonly start: number;
  readonly end: number;
  /** Heading path; empty for literal text. */
  readonly path: readonly string[];
  /** Ordinal, id of the slot and id of the version of a chunk; undefined for literal text. */
  readonly vno?: number | undefined;
  readonly chunkId?: string | undefined;
  readonly version?: string | undefined;
}

/** A document version; its text is its pieces joined. */
export interface DocSide {
  readonly id: string;
  readonly head: DocHead;
  readonly pieces: readonly Piece[];
}

/** The document's text. */
export function textOfSide(side: DocSide): string {
  return side.pieces.map(({ text }) => text).join('');
}
