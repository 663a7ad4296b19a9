// What the history verbs take and give: deltas, conflicts, blame, lineage, plans, retention and their receipts.

import type { DocFormat, Meta, ValidTime } from './document.ts';
import type { Interval } from './query.ts';

/** All edit classes, in the order in which they are named. */
export const EDIT_CLASSES = [
  'cosmetic',
  'link',
  'code',
  'number',
  'negation',
  'identifier',
  'prose-minor',
  'prose-major',
  'metadata',
] as const;

/**
 * What an edit did to a chunk, by rules over its words: `cosmetic` markup, spacing, punctuation or case only; `link`
 * link targets only; `code` inside code; `number` digits, dates, versions; `negation` not, never, must, may and the
 * like; `identifier` names of things in code; `prose-minor` at most a fifth of the words, `prose-major` more; `metadata`
 * title, format, meta or valid time of the document.
 */
export type EditClass = (typeof EDIT_CLASSES)[number];

/** What became of a chunk: `move` = same text in another place or document; `split` and `merge` name their `origins`. */
export type DeltaOp = 'add' | 'delete' | 'modify' | 'move' | 'split' | 'merge';

/** A document but for its text. */
export interface DocHead {
  readonly title?: string | undefined;
  readonly format: DocFormat;
  readonly meta: Meta;
  readonly valid?: ValidTime | undefined;
}

/** One side of a delta: where the piece stands in that side's document. */
export interface DeltaSide {
  /** Chunk version id; undefined for literal text between chunks (blank lines, markup). */
  readonly version?: string | undefined;
  /** Heading path. */
  readonly path: readonly string[];
  /** Half-open UTF-16 offsets into the document's text of that side. */
  readonly range: readonly [start: number, end: number];
  /** The text there; only in patches. */
  readonly text?: string | undefined;
}

/** A chunk version elsewhere. */
export interface Origin {
  /** Document. */
  readonly id: string;
  readonly chunkId: string;
  readonly version: string;
}

/**
 * One difference between two points in history. The deltas of a document, taken with their texts, rebuild the later text
 * from the earlier: see `applyPatch`.
 */
export interface Delta {
  readonly op: DeltaOp;
  /** Document. */
  readonly id: string;
  /** The chunk; undefined for literal text between chunks and for the document itself. */
  readonly chunkId?: string | undefined;
  /** Missing for what was added. */
  readonly from?: DeltaSide | undefined;
  /** Missing for what was deleted. */
  readonly to?: DeltaSide | undefined;
  /** Where a moved, split or merged chunk came from. */
  readonly origins?: readonly Origin[] | undefined;
  readonly classes: readonly EditClass[];
  /** Words added and removed. */
  readonly tokensChanged: number;
  /** 0..1: share of the larger side's words that changed. */
  readonly impact: number;
  /** Only on the delta that tells of the document itself (added, deleted, or its head changed). */
  readonly head?: { readonly from?: DocHead | undefined; readonly to?: DocHead | undefined } | undefined;
}

/** Options of `diff`. */
export interface DiffOptions {
  /** `'patch'` (default) carries the texts, `'stat'` does not. */
  readonly mode?: 'stat' | 'patch' | undefined;
  /** Only this document, or every document whose id begins so if it ends with `/`. */
  readonly path?: string | undefined;
  /** Only deltas with one of these classes. */
  readonly classes?: readonly EditClass[] | undefined;
}

/** A change that answers a question; see `changes`. */
export interface ChangeHit extends Delta {
  /** 0..1, higher is better. */
  readonly score: number;
  /** The text before and after; missing where there was none. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

/** Two branches disagree. */
export interface Conflict {
  /** Document, or item of `collection`. */
  readonly id: string;
  /** Name of the collection, for an item: of its versions one has to be chosen. */
  readonly collection?: string | undefined;
  /**
   * `text`: both rewrote the same block; `delete`: one changed what the other deleted; `add`: both added the id with
   * different content; `field`: both changed the title, the format, the valid time or the same key of `meta`.
   */
  readonly kind: 'text' | 'delete' | 'add' | 'field';
  /** Heading path of a `text` conflict. */
  readonly path?: readonly string[] | undefined;
  /** `title`, `format`, `valid` or `meta.KEY`. */
  readonly field?: string | undefined;
  /** The three sides: texts of the block, of the whole document, the field, or an item's `{ meta, text }`, as JSON; undefined where there is none. */
  readonly base?: string | undefined;
  readonly ours?: string | undefined;
  readonly theirs?: string | undefined;
}

/** A sentence and the commit that brought it. */
export interface BlameLine {
  readonly text: string;
  /** Half-open UTF-16 offsets into the document's text. */
  readonly range: readonly [start: number, end: number];
  readonly chunkId: string;
  readonly version: string;
  /** Commit id, its place on the time axis, and what it said. */
  readonly commit: string;
  readonly seq: number;
  readonly time: number;
  readonly author: string;
  readonly message: string;
}

/** One version of a chunk, as `history` lists them. */
export interface ChunkVersion {
  /** Document. */
  readonly id: string;
  readonly chunkId: string;
  readonly version: string;
  /** The version it was edited from. */
  readonly parentVersion?: string | undefined;
  readonly path: readonly string[];
  readonly text: string;
  /** Half-open UTF-16 offsets into the document version that first held it. */
  readonly range: readonly [start: number, end: number];
  readonly interval: Interval;
  /** The commit that brought it. */
  readonly commit: string;
  readonly seq: number;
}

/** A chunk version in a lineage graph, down to where its bytes stand. */
export interface LineageNode {
  /** `chunkId:version`. */
  readonly key: string;
  readonly chunkId: string;
  readonly version: string;
  /** Document, and the document version (a hash) that first held it. */
  readonly id: string;
  readonly documentVersion: string;
  /** Half-open UTF-16 offsets, and UTF-8 byte offsets, into that document version's text. */
  readonly range: readonly [start: number, end: number];
  readonly bytes: readonly [start: number, end: number];
  readonly commit: string;
  readonly seq: number;
}

/** How one chunk version came of another. */
export type LineageKind = 'edit' | 'split' | 'merge' | 'move' | 'copy';

/** Keys of the nodes, older to newer. */
export interface LineageEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: LineageKind;
}

export interface LineageGraph {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
}

/**
 * How much history is kept: a commit stays that one of the rules keeps; branch heads and tags always do. An empty
 * policy keeps everything.
 */
export interface RetentionPolicy {
  /** The newest so many commits of every branch. */
  readonly keepLast?: number | undefined;
  /** Milliseconds, or a span such as `'30d'`, `'12h'`, `'1y'`. */
  readonly keepWithin?: number | string | undefined;
}

/** What `gc` freed, or would free. */
export interface GcReport {
  readonly dryRun: boolean;
  readonly commits: number;
  readonly documentVersions: number;
  readonly chunkVersions: number;
  /** Stored bytes before, and how many fewer there are (an estimate in a dry run). */
  readonly bytes: number;
  readonly bytesFreed: number;
  /** Commits kept beyond the policy because a view still reads them. */
  readonly pinned: number;
}

/** What `erase` removed. */
export interface ErasureReport {
  readonly id: string;
  readonly documentVersions: number;
  readonly chunkVersions: number;
  /** Vectors that no other document shares. */
  readonly vectors: number;
  /** Commits that held it. */
  readonly commits: number;
  /** Segments written anew without it, and log frames dropped. */
  readonly segments: number;
  readonly frames: number;
  readonly reason: string;
  readonly time: number;
}

/** What `compact` did. */
export interface CompactionReport {
  /** Segments read and written. */
  readonly merged: number;
  readonly written: number;
  /** Chunk versions that went to the archive. */
  readonly archived: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly ms: number;
}

/** What a write would do: nothing is written yet. Commit it with `commit(message, { plan })`. */
export interface Plan {
  /** The head it was made for; committing it after the head moved is `AV_CONFLICT`. */
  readonly base: string | undefined;
  readonly branch: string;
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly deleted: number;
  readonly chunks: number;
  /** Distinct embedding inputs that the commit would embed, and chunks whose vector is there. */
  readonly embed: number;
  readonly reuse: number;
  readonly tokensEmbed: number;
  readonly tokensReuse: number;
  readonly deltas: readonly Delta[];
}

/** A branch or a tag. */
export interface RefInfo {
  readonly name: string;
  readonly kind: 'branch' | 'tag';
  /** Commit id; undefined for a branch without commits. */
  readonly commit: string | undefined;
  readonly seq: number;
  /** Is it what this handle writes to? */
  readonly current: boolean;
}

/** One move of a branch. */
export interface ReflogEntry {
  readonly branch: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly time: number;
  readonly why: string;
}

/** What a merge answers: a commit, or the conflicts that kept it from being made. */
export interface MergeResult<Commit> {
  readonly commit?: Commit | undefined;
  readonly conflicts: readonly Conflict[];
}
