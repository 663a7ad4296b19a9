// What a search asks and what it answers.

import type { Meta } from './document.ts';
import type { Filter } from './filter.ts';

/**
 * A branch, a tag, a commit id (whole, or at least 6 digits of it), or `HEAD`, where this handle stands; `~n` after any
 * of them goes n commits back along first parents, of those that are kept.
 */
export type Ref = string;

/** A commit: a ref, or the last commit at or before a time (Date, or milliseconds since 1970) on the way to `HEAD`. */
export type Instant = Ref | Date | number;

/**
 * A point on both time axes: `system` is what was committed by then (default `HEAD`), `valid` what held at that time by
 * the documents' own account (default now for search; not looked at by the other verbs).
 */
export interface TimePoint {
  readonly system?: Instant | undefined;
  readonly valid?: Date | number | undefined;
}

/** A point in history. */
export type AsOf = Instant | TimePoint;

/** Parts of a document that words stand in: its title, the headings above a chunk, text outside code, fenced code. */
export type Field = 'title' | 'headings' | 'body' | 'code';

/**
 * Something that a query looks for. A string is `{ text: string }`. Of `text`, `phrase` and `prefix` exactly one:
 *
 * - `text`: words, and phrases in double quotes, as in a plain query. All of them, in `must`; none of them, in `not`.
 * - `phrase`: these words in one field in this order.
 * - `prefix`: each of its words begins a word.
 *
 * Stop words (the, of, ...) are not looked for, but in a `prefix`. A clause of nothing else asks for nothing.
 */
export type Clause =
  | string
  | {
      readonly text?: string | undefined;
      readonly phrase?: string | undefined;
      readonly prefix?: string | undefined;
      /** Of a phrase: places that words may be out of theirs, 0 to 255. Default 0. */
      readonly slop?: number | undefined;
      /**
       * Of a text: letters that may be wrong, missing or too many in each word, its first letter never. `'auto'`: 0 up to 3
       * letters, 1 up to 7, then 2. Default 0.
       */
      readonly typos?: 'auto' | 0 | 1 | 2 | undefined;
      /** Where to look. Default everywhere. */
      readonly fields?: readonly Field[] | undefined;
      /** Its score is multiplied by this, 0 to 1,000. Default 1. */
      readonly boost?: number | undefined;
    };

/**
 * A query with more to say than words; at most 256 clauses. Without anything it finds nothing. Words of `text`, `must` and
 * `should` score. The dense channel ranks by `vector`, else by `text`, and not at all without either; `must` and `not` narrow
 * both channels.
 */
export interface Query {
  /** As a plain query: words, and in double quotes phrases that every hit must hold. */
  readonly text?: string | undefined;
  /** Of the active space, in place of the text's own. */
  readonly vector?: Float32Array | undefined;
  /** What every hit holds, in the chunk that is shown: not one word in this chunk and the other in that. */
  readonly must?: Clause | readonly Clause[] | undefined;
  /** What counts where it is. */
  readonly should?: Clause | readonly Clause[] | undefined;
  /** What no hit holds, in the chunk that is shown. */
  readonly not?: Clause | readonly Clause[] | undefined;
}

/** By which metadata hits are sorted: a key, dotted to reach into objects; `asc` (default) is smallest first. */
export interface SortKey {
  readonly by: string;
  readonly order?: 'asc' | 'desc' | undefined;
}

/** `hybrid` = both channels fused by score. */
export type SearchMode = 'hybrid' | 'lexical' | 'dense';

/** What is one hit: a section (heading path), a document, or every chunk. */
export type CollapseBy = 'section' | 'document' | 'none';

/** Options of a search. */
export interface SearchOptions {
  /** How many hits, 1 to 10,000. Default 10. */
  readonly k?: number | undefined;
  /** Default `hybrid`; a query that is a vector is always `dense`. */
  readonly mode?: SearchMode | undefined;
  /** Default `section`. */
  readonly collapse?: CollapseBy | undefined;
  /** Only documents whose metadata fits; k hits come back whenever k live ones fit. */
  readonly filter?: Filter | undefined;
  /** Search what was there at that commit or time. Default: now. */
  readonly asOf?: AsOf | undefined;
  /**
   * Favours what is new: a score is multiplied by `1 + weight x 2^(-age / halfLife)` over `1 + weight`; age counts from the
   * birth of the chunk version to the commit searched. `'auto'` (default) does so, with 90 days and 0.5, only when the
   * words ask for it (latest, newest, most recent, recently). `'off'`: never.
   */
  readonly recency?: Recency | 'auto' | 'off' | undefined;
  /**
   * Weight of the lexical channel in `hybrid`, 0 to 1. Default: the embedder's own (0.6 for the embedded table), and more the
   * less of the query the embedder understands (`Embedder.trust`); 0.9 when the query is one identifier (camelCase,
   * snake_case, a path, a version, a flag) or quoted whole.
   */
  readonly weight?: number | undefined;
  /** Weight of a word in each field, 0 to 1,000. Default: title and headings 2.5, body and code 1. */
  readonly boosts?: Partial<Readonly<Record<Field, number>>> | undefined;
  /** The word that the text ends with may be the beginning of a word: search as you type. Default false. */
  readonly prefix?: boolean | undefined;
  /**
   * Mistyped words of the text. `'auto'` (default): those of four letters or more, without digits, that no chunk of the view holds stand for
   * words spelt about so, one letter off up to seven letters, two above; the first letter counts as right. `'always'`: so
   * does every word, beside itself. `'off'`: none. Never within quotes. At most 32 words of a query are expanded so, or as
   * beginnings; the others are taken as they are.
   */
  readonly typos?: 'auto' | 'always' | 'off' | undefined;
  /** How the channels of `hybrid` become one. `'score'` (default), or `'rank'`: reciprocal rank fusion, without a weight. */
  readonly fusion?: 'score' | 'rank' | undefined;
  /** Search once more with the vector moved towards the best hits (pseudo-relevance feedback). Default false. */
  readonly feedback?: boolean | undefined;
  /**
   * How much unlike the hits before it a hit should be, 0 (default: not at all) to 1 (maximal marginal relevance). Above 0 the
   * order of the hits is not that of their scores, newness plays no part, and `k` is at most 200.
   */
  readonly mmr?: number | undefined;
  /**
   * Orders the `n` best hits (1 to 10,000, default 20) by `OpenOptions.reranker`, which reads query and text together; equal
   * scores stay as they were, and so do hits behind the n. `score` stays that of the search. Not with `sort` or `mmr`.
   * Default false.
   */
  readonly rerank?: boolean | { readonly n?: number | undefined } | undefined;
  /**
   * Sorts by metadata in place of score: all hits that hold a word of the query, or, when it has none, all that the filter
   * admits. Up to 8 keys. Booleans come before numbers before strings (by UTF-16); anything else counts as missing, and
   * what is missing comes last in either order. Then by score, or without words by document id and position.
   */
  readonly sort?: SortKey | readonly SortKey[] | undefined;
  /** Adds `why` to every hit. Default false. */
  readonly explain?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Fails with `AV_TIMEOUT` after so many milliseconds. Default 30,000. */
  readonly deadlineMs?: number | undefined;
}

/** How much newer is better. */
export interface Recency {
  /** Milliseconds after which the bonus is half. Default 90 days. */
  readonly halfLifeMs?: number | undefined;
  /** 0 to 10. Default 0.5. */
  readonly weight?: number | undefined;
}

/** When a version was current: in system time (ours, milliseconds) and in valid time (the user's). */
export interface Interval {
  readonly system: readonly [from: number, to?: number | undefined];
  readonly valid: readonly [from?: number | undefined, to?: number | undefined];
}

/** What the planner made of a query, beyond plain words. */
export type PlanRule =
  /** Quoted whole: lexical in effect. */
  | 'quoted'
  /** One identifier: lexical in effect, its parts side by side count as a phrase. */
  | 'identifier'
  /** The last word was completed. */
  | 'prefix'
  /** Words were taken as mistyped. */
  | 'typos';

/** What is behind a hit. */
export interface Why {
  /** Lexical score of the best chunk of the group: half its own BM25F, half its section's; 0 without a word in common. */
  readonly bm25: number;
  /** Cosine of the best chunk of the group. */
  readonly cosine: number;
  /** BM25F of the best chunk, and of the best section, of the group. */
  readonly chunk: number;
  readonly section: number;
  /** Place of the group in each channel, 1 the best; 0: not in it. */
  readonly lexicalRank: number;
  readonly cosineRank: number;
  /** Weight of the lexical channel that was used. */
  readonly weight: number;
  readonly rules: readonly PlanRule[];
  /** Score by the reranker, where it read the hit. */
  readonly rerank?: number | undefined;
}

/** One hit. */
export interface Hit {
  /** The document's id. */
  readonly id: string;
  /** The chunk's id, the same across its edits. */
  readonly chunkId: string;
  /** The chunk version's id: a hash of its heading path and text. */
  readonly version: string;
  /**
   * 0..1, higher is better. `hybrid`: weight x bm25 / best bm25 + (1 - weight) x cosine / best cosine, negative
   * cosines as 0; with `fusion: 'rank'`, 61 / 2 x (1 / (60 + lexical rank) + 1 / (60 + cosine rank)). `lexical`: bm25 / (bm25 + 10). `dense`: (1 + cosine) / 2.
   */
  readonly score: number;
  /** The chunk's text, a slice of the document. */
  readonly text: string;
  readonly meta: Meta;
  /** Heading path, the document's title first. */
  readonly path: readonly string[];
  /** Where the chunk stands in the document's text: half-open, UTF-16 code units. */
  readonly range: readonly [start: number, end: number];
  /**
   * The part of the chunk with most of the words that matched, as {@link range}: at most 240 code units, from word to word;
   * the whole chunk if it is no longer.
   */
  readonly snippet: readonly [start: number, end: number];
  /** Matching words, as {@link range}: offsets into the document's text; subtract `range[0]` for ones into `text`. */
  readonly highlights: readonly (readonly [start: number, end: number])[];
  /** The embedding space that answered, or `lexical` when none did. */
  readonly space: string;
  readonly interval: Interval;
  readonly why?: Why | undefined;
}

/** What `changes` takes beside the query. */
export interface ChangesOptions
  extends Pick<SearchOptions, 'k' | 'weight' | 'boosts' | 'prefix' | 'typos' | 'fusion' | 'feedback'> {
  readonly from: Instant;
  /** Default: where the handle stands. */
  readonly to?: Instant | undefined;
}

/** What `facets` takes beside the query. */
export interface FacetOptions
  extends Pick<SearchOptions, 'filter' | 'asOf' | 'prefix' | 'typos' | 'signal' | 'deadlineMs'> {
  /** Keys of the metadata, dotted to reach into objects; at most 32. */
  readonly by: string | readonly string[];
  /** How many values of each key, 1 to 10,000. Default 100. */
  readonly limit?: number | undefined;
}

/** A value of a metadata key, and how many documents have it. */
export interface FacetValue {
  readonly value: string | number | boolean | null;
  readonly count: number;
}

/** What `suggest` takes beside the text. */
export interface SuggestOptions {
  /** How many, 1 to 100. Default 5. */
  readonly k?: number | undefined;
  readonly asOf?: AsOf | undefined;
}

/** What a text may have been meant to be. */
export interface Suggestion {
  readonly text: string;
  /** Mistyped words were corrected, or the last word completed. */
  readonly kind: 'correction' | 'completion';
  /** Where it differs: half-open, UTF-16 code units of `text`. */
  readonly changed: readonly (readonly [start: number, end: number])[];
}
