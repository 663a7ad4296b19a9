// What the mind asks of the index: one database's WASM guest.

import type { CollapseBy } from '../model/query.ts';

/** No such ordinal. */
export const NONE = 0xffff_ffff;

/** Content hashing and checksums, done by the same guest. */
export interface Hasher {
  /** 16-byte hashes of consecutive messages; message i ends at `ends[i]`. */
  hashes(data: Uint8Array, ends: Uint32Array): Uint8Array;
  crc32c(bytes: Uint8Array): number;
}

/** A search over one view. */
export interface IndexQuery {
  readonly view: number;
  readonly mask?: number | undefined;
  readonly text: string;
  readonly vector?: Float32Array | undefined;
  readonly lexical: boolean;
  readonly dense: boolean;
  readonly weight: number;
  readonly k: number;
  readonly collapse: CollapseBy;
}

/** A group found: the row shown and the group's scores. */
export interface IndexHit {
  readonly vno: number;
  readonly score: number;
  readonly bm25: number;
  readonly cosine: number;
}

/** What an index answers: the groups found, and by which channels they are ranked. */
export interface IndexAnswer {
  readonly ranked: 'lexical' | 'dense' | 'both';
  readonly hits: IndexHit[];
}

/** Where sections of WAL frames go: the index, or a stage that builds segments beside it. */
export interface SectionSink {
  applyChunks(section: Uint8Array): void;
  applyVectors(section: Uint8Array): void;
  applyMap(section: Uint8Array): void;
}

/** Builds segments of a large write before its commit exists. */
export interface Stage extends SectionSink {
  /** Segment bytes of what came in since the last call; empty when nothing did. */
  takeText(): Uint8Array;
  takeVectors(): Uint8Array;
  free(): void;
}

/** A stored piece as the frames it was cut into, and its length; what is beyond it is padding. */
export interface Piece {
  readonly frames: readonly Uint8Array[];
  readonly length: number;
}

/** One database's index. All methods are synchronous; returned arrays are copies. */
export interface Index extends SectionSink {
  /** Takes a sealed text segment in; returns the head of its Chnk section: numbers and ids, no texts. */
  attachText(segment: Piece): Uint8Array;
  attachVectors(segment: Piece): void;
  sealText(): Uint8Array;
  sealVectors(): Uint8Array;
  clearMem(): void;
  memBytes(): number;
  /** Content numbers of 16-byte embedding keys, {@link NONE} where missing. */
  findContents(keys: Uint8Array): Uint32Array;
  contentCount(): number;
  contentOf(vno: number): number;
  text(vno: number): string;
  path(vno: number): string[];
  /** Matching words: UTF-16 offsets into the chunk's text, start and end in turn. */
  highlights(vno: number, query: string): Uint32Array;
  addView(words: Uint32Array): number;
  dropView(handle: number): void;
  search(query: IndexQuery): IndexAnswer;
  free(): void;
}
