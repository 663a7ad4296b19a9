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

/** One database's index. All methods are synchronous; returned arrays are copies. Bitsets hold 32 chunk versions a word. */
export interface Index extends SectionSink {
  /** Takes a sealed text segment in, stored as `id`; returns the head of its Chnk section: numbers and ids, no texts. */
  attachText(id: number, segment: Piece): Uint8Array;
  attachVectors(id: number, segment: Piece): void;
  /**
   * Drops the segments with these ids from memory. Rows that another segment or the memtable holds too are found there,
   * the others become absent; contents likewise.
   */
  detach(ids: Uint32Array): void;
  sealText(): Uint8Array;
  sealVectors(): Uint8Array;
  /** A text segment of exactly these chunk versions, in this order; empty when there are none. All must be present. */
  sealRows(vnos: Uint32Array): Uint8Array;
  /** A vector segment of every content of these chunk versions, and their part of the map; empty when there are none. */
  sealContents(vnos: Uint32Array): Uint8Array;
  /**
   * One vector segment in place of those with these ids: their contents that chunk versions of a bitset are embedded as,
   * and their part of the map of these; empty when there are none.
   */
  resealVectors(ids: Uint32Array, needed: Uint32Array): Uint8Array;
  /** How many contents a vector segment holds, and how many of them chunk versions of a bitset are embedded as. */
  contentUse(id: number, needed: Uint32Array): Uint32Array;
  clearMem(): void;
  memBytes(): number;
  /** Content numbers of 16-byte embedding keys, {@link NONE} where missing. */
  findContents(keys: Uint8Array): Uint32Array;
  /** The number of the next new content: above every one ever seen, also of contents that were detached. */
  contentCount(): number;
  /** How many distinct contents are in memory. */
  contentsHeld(): number;
  /** Content of a chunk version, {@link NONE} when none is in memory; a transient vector is no content. */
  contentOf(vno: number): number;
  /** Chunk versions of a bitset that are present and have no vector, stored or transient. */
  unembedded(words: Uint32Array): Uint32Array;
  /** Chunk versions of a bitset that no attached segment and no memtable holds; a search does not find them. */
  absent(words: Uint32Array): Uint32Array;
  /** Gives present chunk versions vectors (row-major) for searches alone; a stored vector goes before a transient one. */
  revive(vnos: Uint32Array, vectors: Float32Array): void;
  revivedCount(): number;
  /** Drops all transient vectors. */
  forgetRevived(): void;
  text(vno: number): string;
  path(vno: number): string[];
  texts(vnos: Uint32Array): string[];
  paths(vnos: Uint32Array): string[][];
  /** Matching words: UTF-16 offsets into the chunk's text, start and end in turn. */
  highlights(vno: number, query: string): Uint32Array;
  addView(words: Uint32Array): number;
  dropView(handle: number): void;
  search(query: IndexQuery): IndexAnswer;
  free(): void;
}
