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

/** The stemmers of other languages than English. */
export interface Stems {
  /**
   * Loads them, once.
   *
   * @throws `AV_MODEL_UNAVAILABLE`; a later call tries again.
   */
  load(): Promise<void>;
}

/** Bits of the fields of a chunk: first heading, other headings, text, fenced code. */
export const FIELD = { title: 1, headings: 2, body: 4, code: 8, all: 15 } as const;

/** What a query asks for in words. `kind` holds for every word of `text`. */
export interface IndexClause {
  /** `must`: every hit holds each word; `not`: no hit holds any. Both narrow the dense channel too. */
  readonly occur: 'should' | 'must' | 'not';
  /** `phrase`: the words in one field in their order; `prefix`: words that begin so; `fuzzy`: words spelt about so. */
  readonly kind: 'words' | 'phrase' | 'prefix' | 'fuzzy';
  readonly text: string;
  /** Bits of {@link FIELD}. Default all. */
  readonly fields?: number | undefined;
  /** Its scores are multiplied by this, 0 or more. Default 1. */
  readonly boost?: number | undefined;
  /** Of a phrase: places that words may be out of theirs, 0 to 255. Default 0. */
  readonly slop?: number | undefined;
  /** Of a fuzzy clause: `auto` (default) is 0 up to 3 letters, 1 up to 7, else 2. The first letter is always right. */
  readonly edits?: 0 | 1 | 2 | 'auto' | undefined;
}

/** Parameters of BM25F; arrays hold title, headings, body, code. Defaults: `TUNING` in `wasm/crates/text/src/tuning.rs`. */
export interface IndexTuning {
  readonly boosts?: PerField | undefined;
  readonly k1?: number | undefined;
  readonly b?: PerField | undefined;
}

type OrDefault = number | undefined;
type PerField = readonly [OrDefault, OrDefault, OrDefault, OrDefault];

/** Rows of an attached vector segment, as another processor needs them. */
export interface VectorRows {
  /** The segment's id. */
  readonly id: number;
  readonly rows: number;
  /** How many of them view and mask admit, and which: bit i row i, 32 a word. */
  readonly count: number;
  readonly mask: Uint32Array;
  /** Little-endian f32 of rows `from` to `to`, row-major: a view of memory that is good until something else is called. */
  values(from: number, to: number): Uint8Array;
}

/** Rows that another processor found to be near the vector of a query: the index starts from them, and proves that no other is among its hits. */
export interface Proposed {
  /** Places among the rows of all parts, one part after the other; see {@link Index.vectorRows}. */
  readonly rows: Uint32Array;
  /** Their cosines, each off by at most `error`. */
  readonly cosines: Float32Array;
  readonly error: number;
  /** What the cosine of any other admitted row is at most. */
  readonly rest: number;
}

/** What is shown of a chunk. */
export interface Shown {
  readonly text: string;
  readonly path: string[];
  /** Matching words: half-open UTF-16 offsets into the text. */
  readonly matches: (readonly [start: number, end: number])[];
}

/** A search over one view. */
export interface IndexQuery {
  readonly view: number;
  readonly mask?: number | undefined;
  readonly clauses: readonly IndexClause[];
  readonly vector?: Float32Array | undefined;
  /** Rank by the words. If not, they still say what must and must not be there. */
  readonly lexical: boolean;
  readonly dense: boolean;
  readonly weight: number;
  readonly k: number;
  readonly collapse: CollapseBy;
  readonly tuning?: IndexTuning | undefined;
  /** Reciprocal rank fusion in place of fusion by score. */
  readonly byRank?: boolean | undefined;
  /** Ask again with the vector moved towards the best groups. */
  readonly feedback?: boolean | undefined;
  /** 0 (default) to 1: how much unlike the hits before it a hit should be. Above 0 the order of hits is not by score. */
  readonly diversity?: number | undefined;
  /** Fill the ranks of hits; every group is then scored in both channels. */
  readonly explain?: boolean | undefined;
  /** Not with `feedback`. Of no use with `byRank` or `explain`. */
  readonly proposed?: Proposed | undefined;
}

/** A group found: the row shown and the group's scores. */
export interface IndexHit {
  readonly vno: number;
  readonly score: number;
  /** Lexical score of both levels, in units of `chunk`; 0 without a word in common. */
  readonly bm25: number;
  readonly cosine: number;
  /** BM25F of the best chunk, and of the best section, of the group. */
  readonly chunk: number;
  readonly section: number;
  /** Place of the group in each channel, 1 the best; 0: not in it, or not asked for. */
  readonly lexicalRank: number;
  readonly cosineRank: number;
}

/** A word of a text that is no stop word: its place there in UTF-16 code units, and what a view knows of it. */
export interface IndexWord {
  readonly start: number;
  readonly end: number;
  /** A chunk of the view holds it. */
  readonly held: boolean;
  /** It ends the text, and a word of the view begins with it. */
  readonly begun: boolean;
}

/** What a mistyped or unfinished word may have been meant to be. */
export interface IndexCorrection {
  readonly word: string;
  readonly edits: number;
  /** Chunks of the view that hold it. */
  readonly rows: number;
}

/** What an index answers: the groups found, and by which channels they are ranked. */
export interface IndexAnswer {
  readonly ranked: 'lexical' | 'dense' | 'both';
  /** What became of proposals: the hits come from them; or not, as another row might be among the hits, or as a cosine was wrong. */
  readonly became: 'unused' | 'proved' | 'scanned' | 'wrong';
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
  /** Ids of attached text segments whose postings had to be made anew: an older format or another analyser wrote them. */
  analysedAnew(): Uint32Array;
  attachVectors(id: number, segment: Piece): void;
  /**
   * Drops the segments with these ids from memory. Rows that another segment or the memtable holds too are found there,
   * the others become absent; contents likewise.
   */
  detach(ids: Uint32Array): void;
  /** Does it hold rows whose stemmers are not loaded? Then it must not be searched. */
  lacksStems(): boolean;
  /** Would it lack stemmers for the rows of a Chnk section? Then it must not be applied. */
  wouldLackStems(section: Uint8Array): boolean;
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
  /** What is shown of chunks: texts, paths, and words that clauses match in a view. */
  shown(view: number, vnos: readonly number[], clauses: readonly IndexClause[]): Shown[];
  /** Corrections of the first word of a text, best first: fewest edits, then most chunks; the word itself with 0 edits. */
  corrections(view: number, word: string, most: number): IndexCorrection[];
  /** Words that begin with the last word of a text: those of most chunks first. */
  completions(view: number, text: string, most: number): IndexCorrection[];
  /** Words of a text but stop words; `begun` of the last one is only told of an `unfinished` text. */
  words(view: number, text: string, unfinished: boolean): IndexWord[];
  /**
   * Chunk versions of a view and mask, as a bitset, that clauses match: they hold any word that should or must be there,
   * every one that must and none that must not. When no clause has a word to look for: all but those.
   */
  matches(view: number, mask: number | undefined, clauses: readonly IndexClause[]): Uint32Array;
  addView(words: Uint32Array): number;
  dropView(handle: number): void;
  /** The attached vector segments, with what view and mask admit of them. */
  vectorRows(view: number, mask: number | undefined): VectorRows[];
  search(query: IndexQuery): IndexAnswer;
  free(): void;
}
