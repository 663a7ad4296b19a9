// The history of one database in memory: commits, document versions, chunk versions, refs, and what is alive when.

import { AetherError } from '../base/errors.ts';
import type { Instant } from '../model/query.ts';
import type { CommitInfo } from '../model/report.ts';
import { Bitset } from './bitset.ts';
import { ChunkTable } from './chunks.ts';
import { isValidAt } from './valid.ts';
import { Lines } from './lines.ts';
import { Lives } from './lives.ts';
import type { CommitRecord, DocVersion, TimelineEntry } from './record.ts';
import { edited, MAIN, NO_REFS, type RefEdit, type Refs } from './refs.ts';
import { resolveRef } from './resolve.ts';

/** Views kept since they were last asked for, and commits between two that are always kept. */
const VIEWS_MAX = 32;
const FRAME_EVERY = 256;

/** What is alive at one commit. Never changed after it was made. */
export interface View {
  readonly seq: number;
  readonly docs: Bitset;
  readonly chunks: Bitset;
  /** Item versions, by collection. */
  readonly items: ReadonlyMap<number, Bitset>;
}

/** Where a handle stands: on a branch, where it can write, or on a commit. */
export type Checkout = { readonly branch: string } | { readonly seq: number };

const EMPTY: View = { seq: 0, docs: new Bitset(), chunks: new Bitset(), items: new Map() };

/** All that was committed and is kept. */
export class History {
  readonly chunks: ChunkTable;
  /** Commits and what they changed, by seq, rising. */
  readonly commits = new Map<number, CommitInfo>();
  readonly timeline = new Map<number, TimelineEntry>();
  /** Ids of the writes, by seq. */
  readonly batches = new Map<number, string>();
  /** By dno; holes where versions were forgotten. */
  readonly docs: DocVersion[] = [];
  readonly lines = new Lines();
  refs: Refs = NO_REFS;
  checkout: Checkout = { branch: MAIN };
  /** The last seq and the latest commit time that were ever used. */
  lastSeq = 0;
  lastTime = 0;
  #head: View = EMPTY;
  /** Every end of a valid time, once. */
  readonly #validEnds = new Set<number>();
  readonly #seqs = new Map<string, number>();
  readonly #versionsOf = new Map<string, DocVersion[]>();
  readonly #docOf: DocVersion[] = [];
  readonly #lives = new Lives(this.lines);
  readonly #docLives = new Lives(this.lines);
  readonly #views = new Map<number, View>();
  readonly #frames = new Map<number, View>();

  constructor(chunks = new ChunkTable()) {
    this.chunks = chunks;
  }

  /** Adds one commit. Its chunk rows are in {@link chunks} already; its branch moves by an edit of its own. */
  apply({ info, batch, entry, docs }: CommitRecord): void {
    const { seq, base, docsBorn, docsDied, chunksBorn, chunksDied } = entry;
    for (const doc of docs) this.#addDoc(doc);
    this.commits.set(seq, info);
    this.#seqs.set(info.id, seq);
    this.timeline.set(seq, entry);
    this.batches.set(seq, batch);
    this.lastSeq = Math.max(this.lastSeq, seq);
    this.lastTime = Math.max(this.lastTime, info.time);
    this.lines.add(seq, base);
    this.#docLives.note(seq, docsBorn, docsDied);
    this.#lives.note(seq, chunksBorn, chunksDied);
    // The line that grows: its next view costs one copy, and most commits build on the one before.
    if (base === this.#head.seq) this.#head = played(this.#head, [entry]);
    if (this.commits.size % FRAME_EVERY === 0) this.#frames.set(seq, this.view(seq));
  }

  /** Changes refs. */
  edit(edits: readonly RefEdit[]): void {
    for (const edit of edits) this.refs = edited(this.refs, edit);
  }

  #addDoc(doc: DocVersion): void {
    this.docs[doc.dno] = doc;
    const versions = this.#versionsOf.get(doc.id);
    if (versions) versions.push(doc);
    else this.#versionsOf.set(doc.id, [doc]);
    for (const part of doc.parts) if (typeof part === 'number') this.#docOf[part] = doc;
    if (doc.validFrom !== undefined) this.#validEnds.add(doc.validFrom);
    if (doc.validTo !== undefined) this.#validEnds.add(doc.validTo);
  }

  /** Does any document carry a valid time? */
  get hasValidTime(): boolean {
    return this.#validEnds.size > 0;
  }

  /** The last end of a valid time at or before a moment: from there on the same documents hold. */
  validSince(at: number): number {
    let since = Number.NEGATIVE_INFINITY;
    for (const end of this.#validEnds) if (end <= at && end > since) since = end;
    return since;
  }

  /** Seq of the commit where the handle stands; 0 before the first. */
  get headSeq(): number {
    return 'seq' in this.checkout ? this.checkout.seq : (this.refs.branches.get(this.checkout.branch) ?? 0);
  }

  /** What is alive where the handle stands. */
  get head(): View {
    if (this.#head.seq !== this.headSeq) this.#head = this.view(this.headSeq);
    return this.#head;
  }

  /** The seq of a commit by its whole id. */
  seqOf(id: string): number | undefined {
    return this.#seqs.get(id);
  }

  /** What a commit comes of, as far as it is kept: what it builds on, and what it merged. */
  parents(seq: number): number[] {
    const named = this.commits.get(seq)?.parents.map((id) => this.#seqs.get(id)) ?? [];
    const all = [this.timeline.get(seq)?.base, ...named];
    return [...new Set(all)].filter((parent) => parent !== undefined && parent > 0) as number[];
  }

  /** The commit where the handle stands. */
  get headCommit(): CommitInfo | undefined {
    return this.commits.get(this.headSeq);
  }

  /** Every version a document ever had, oldest first. */
  versions(id: string): readonly DocVersion[] {
    return this.#versionsOf.get(id) ?? [];
  }

  /** Ids of all documents there ever were. */
  documentIds(): IterableIterator<string> {
    return this.#versionsOf.keys();
  }

  /** The versions of a document that are alive in a view, oldest first: several when they hold at different valid times. */
  alive(id: string, view: View): DocVersion[] {
    return this.versions(id).filter((doc) => view.docs.has(doc.dno));
  }

  /** The version of a document that is alive in a view and holds at `valid`; without a time, or when none holds, the newest. */
  live(id: string, view: View, valid?: number): DocVersion | undefined {
    if (!this.hasValidTime || valid === undefined) return this.versions(id).findLast((doc) => view.docs.has(doc.dno));
    const alive = this.alive(id, view);
    return alive.find((doc) => isValidAt(doc, valid)) ?? alive.at(-1);
  }

  /** The document version that holds a chunk version in a view. */
  holder(vno: number, view: View, valid?: number): DocVersion | undefined {
    const doc = this.#docOf[vno];
    if (!doc) return undefined;
    const alive = this.hasValidTime ? this.alive(doc.id, view) : [];
    const holders = alive.length > 1 ? alive.filter(({ parts }) => parts.includes(vno)) : [];
    return holders.find((each) => isValidAt(each, valid ?? 0)) ?? holders.at(-1) ?? this.live(doc.id, view);
  }

  /** A document version that holds a chunk version, of whatever time. */
  documentOf(vno: number): DocVersion | undefined {
    return this.#docOf[vno];
  }

  /** When the life of a chunk version that a view sees began, and when it ended if it did: commit times. */
  life(vno: number, view: View): readonly [number, number?] {
    const died = this.#lives.died(vno, view.seq, this.headSeq);
    const born = this.timeOf(this.#lives.born(vno, view.seq));
    return died === undefined ? [born] : [born, this.timeOf(died)];
  }

  /** The seq at which a chunk version that a view sees was born. */
  chunkBornAt(vno: number, view: View): number {
    return this.#lives.born(vno, view.seq);
  }

  /** Every seq at which a chunk version was born, on any branch. */
  chunkBirths(vno: number): number[] {
    return this.#lives.births(vno);
  }

  /** The seq at which a document version that a view sees was committed. */
  bornAt(dno: number, view: View): number {
    return this.#docLives.born(dno, view.seq);
  }

  /** Every seq at which a document version was born, on any branch. */
  births(dno: number): number[] {
    return this.#docLives.births(dno);
  }

  /** The time of a commit. */
  timeOf(seq: number): number {
    return this.commits.get(seq)?.time ?? 0;
  }

  /** The seq of an instant; undefined is where the handle stands. */
  resolve(instant: Instant | undefined): number {
    return instant === undefined ? this.headSeq : resolveRef(this, instant);
  }

  /** What is alive at a seq: a view seen lately, or the timeline replayed from the nearest such on the way to it. */
  view(seq: number): View {
    const known = this.#known(seq);
    if (known) return known;
    const entries: TimelineEntry[] = [];
    let at = seq;
    while (at > 0 && !this.#known(at)) {
      const entry = this.timeline.get(at);
      if (!entry) throw new AetherError('AV_INTERNAL', `commit ${at} is not there`);
      entries.push(entry);
      at = entry.base;
    }
    const from = this.#known(at) ?? EMPTY;
    const view = { ...played(from, entries.reverse()), seq };
    this.#views.set(seq, view);
    const oldest = this.#views.keys().next().value;
    if (this.#views.size > VIEWS_MAX && oldest !== undefined) this.#views.delete(oldest);
    return view;
  }

  #known(seq: number): View | undefined {
    return seq === 0 ? EMPTY : seq === this.#head.seq ? this.#head : (this.#views.get(seq) ?? this.#frames.get(seq));
  }
}

/** A view after further commits. What no commit touched is shared with the view before. */
function played(from: View, entries: readonly TimelineEntry[]): View {
  const [docs, chunks, items] = [from.docs.copy(), from.chunks.copy(), new Map(from.items)];
  const own = new Set<number>();
  for (const entry of entries) {
    for (const dno of entry.docsDied) docs.delete(dno);
    for (const vno of entry.chunksDied) chunks.delete(vno);
    docs.addRising(entry.docsBorn);
    chunks.addRising(entry.chunksBorn);
    for (const { collection, born, died } of entry.items ?? []) {
      const set = items.get(collection) ?? new Bitset();
      const mine = own.has(collection) ? set : set.copy();
      for (const ino of died) mine.delete(ino);
      mine.addRising(born);
      items.set(collection, mine);
      own.add(collection);
    }
  }
  return { seq: entries.at(-1)?.seq ?? from.seq, docs, chunks, items };
}
