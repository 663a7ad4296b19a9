// What a search asks and what it answers.

import type { Meta, MetaValue } from './document.ts';

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

/** Conditions on one metadata value. A missing value fits none of them but `$ne`. */
export interface Condition {
  readonly $eq?: MetaValue;
  readonly $ne?: MetaValue;
  readonly $in?: readonly MetaValue[];
  readonly $gt?: string | number;
  readonly $gte?: string | number;
  readonly $lt?: string | number;
  readonly $lte?: string | number;
}

/** A Mongo-style filter on `meta`: every key must fit; dotted keys reach into objects; an array fits if an element does. */
export type Filter = {
  readonly $and?: readonly Filter[];
  readonly $or?: readonly Filter[];
} & { readonly [key: string]: MetaValue | Condition | readonly Filter[] | undefined };

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
  /** Weight of the lexical channel in `hybrid`, 0 to 1. Default: the embedder's own (0.6 for the embedded table). */
  readonly weight?: number | undefined;
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

/** Raw scores behind a hit. */
export interface Why {
  /** BM25 of the best chunk of the group; 0 without a term in common. */
  readonly bm25: number;
  /** Cosine of the best chunk of the group. */
  readonly cosine: number;
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
   * cosines as 0. `lexical`: bm25 / (bm25 + 10). `dense`: (1 + cosine) / 2.
   */
  readonly score: number;
  /** The chunk's text, a slice of the document. */
  readonly text: string;
  readonly meta: Meta;
  /** Heading path, the document's title first. */
  readonly path: readonly string[];
  /** Where the chunk stands in the document's text: half-open, UTF-16 code units. */
  readonly range: readonly [start: number, end: number];
  /** Matching words, as {@link range}: offsets into the document's text; subtract `range[0]` for ones into `text`. */
  readonly highlights: readonly (readonly [start: number, end: number])[];
  /** The embedding space that answered, or `lexical` when none did. */
  readonly space: string;
  readonly interval: Interval;
  readonly why?: Why | undefined;
}
