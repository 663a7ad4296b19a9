// The history of one database in memory: commits, document versions, chunk versions, and what is alive when.

import { AetherError } from '../base/errors.ts';
import type { AsOf } from '../model/query.ts';
import type { CommitInfo } from '../model/report.ts';
import { Bitset } from './bitset.ts';
import { ChunkTable } from './chunks.ts';
import type { CommitRecord, DocVersion, TimelineEntry } from './record.ts';

const HEX_DIGITS_MIN = 6;

/** What is alive at one commit. Never changed after it was made. */
export interface View {
  readonly seq: number;
  readonly docs: Bitset;
  readonly chunks: Bitset;
}

const EMPTY: View = { seq: 0, docs: new Bitset(), chunks: new Bitset() };

/** All that was ever committed. */
export class History {
  readonly chunks = new ChunkTable();
  readonly commits: CommitInfo[] = [];
  readonly docs: DocVersion[] = [];
  readonly timeline: TimelineEntry[] = [];
  readonly batches = new Set<string>();
  /** Does any document carry a valid time? */
  hasValidTime = false;
  head: View = EMPTY;
  readonly #versionsOf = new Map<string, DocVersion[]>();
  readonly #docOf: DocVersion[] = [];
  // Seqs of birth and death in turn, by ordinal.
  readonly #lives: (readonly number[])[] = [];
  readonly #docLives: (readonly number[])[] = [];
  readonly #views = new Map<number, View>();

  /** Adds one commit at the head. Its chunk rows are in {@link chunks} already. */
  apply(record: CommitRecord): void {
    for (const doc of record.docs) this.#addDoc(doc);
    this.commits.push(record.info);
    this.batches.add(record.batch);
    this.timeline.push(record.entry);
    this.head = advance(this.head, record.entry);
    const { seq, docsBorn, docsDied, chunksBorn, chunksDied } = record.entry;
    for (const dno of docsDied) turn(this.#docLives, dno, seq);
    for (const vno of chunksDied) turn(this.#lives, vno, seq);
    // What is born for the first time shares one list: lists are replaced, never changed.
    const first = [seq];
    for (const dno of docsBorn) turn(this.#docLives, dno, seq, first);
    for (const vno of chunksBorn) turn(this.#lives, vno, seq, first);
  }

  #addDoc(doc: DocVersion): void {
    this.docs[doc.dno] = doc;
    const versions = this.#versionsOf.get(doc.id);
    if (versions) versions.push(doc);
    else this.#versionsOf.set(doc.id, [doc]);
    for (const part of doc.parts) if (typeof part === 'number') this.#docOf[part] = doc;
    this.hasValidTime ||= doc.validFrom !== undefined || doc.validTo !== undefined;
  }

  /** Every version a document ever had, oldest first. */
  versions(id: string): readonly DocVersion[] {
    return this.#versionsOf.get(id) ?? [];
  }

  /** The version of a document that is alive in a view. */
  live(id: string, view: View): DocVersion | undefined {
    return this.versions(id).findLast((doc) => view.docs.has(doc.dno));
  }

  /** The document version that holds a chunk version in a view. */
  holder(vno: number, view: View): DocVersion | undefined {
    const doc = this.#docOf[vno];
    return doc && this.live(doc.id, view);
  }

  /** When the life of a chunk version that a view sees began, and when it ended if it did: commit times. */
  life(vno: number, view: View): readonly [number, number?] {
    const [born, died] = turnOf(this.#lives[vno], view.seq);
    return died === undefined ? [this.timeOf(born)] : [this.timeOf(born), this.timeOf(died)];
  }

  /** The seq at which a document version that a view sees was committed. */
  bornAt(dno: number, view: View): number {
    return turnOf(this.#docLives[dno], view.seq)[0];
  }

  /** The time of a commit. */
  timeOf(seq: number): number {
    return this.commits[seq - 1]?.time ?? 0;
  }

  /** The seq of a ref or a time; undefined `asOf` is the head. */
  resolve(asOf: AsOf | undefined): number {
    if (asOf === undefined) return this.head.seq;
    if (asOf instanceof Date || typeof asOf === 'number') return this.#atTime(Number(asOf));
    const [, name, back] = /^(HEAD|main)(?:~(\d+))?$/.exec(asOf) ?? [];
    if (name !== undefined) {
      const seq = this.head.seq - Number(back ?? 0);
      if (seq >= 1 || (seq === 0 && this.head.seq === 0)) return seq;
      throw new AetherError(
        'AV_REF_UNKNOWN',
        `${asOf} lies before the first commit: there are ${this.commits.length}.`,
      );
    }
    if (!/^[0-9a-f]{6,32}$/.test(asOf)) {
      throw new AetherError(
        'AV_REF_UNKNOWN',
        `"${asOf}" is no ref. Use a commit id (at least ${HEX_DIGITS_MIN} digits), HEAD, HEAD~n, main, or a Date.`,
      );
    }
    const fits = this.commits.filter((commit) => commit.id.startsWith(asOf));
    if (fits.length > 1)
      throw new AetherError(
        'AV_REF_AMBIGUOUS',
        `${asOf} fits ${fits.length} commits: ${fits
          .slice(0, 3)
          .map((c) => c.id)
          .join(', ')}. Give more digits.`,
      );
    if (!fits[0]) throw new AetherError('AV_REF_UNKNOWN', `no commit ${asOf}. log() lists those there are.`);
    return fits[0].seq;
  }

  #atTime(time: number): number {
    if (Number.isNaN(time)) throw new AetherError('AV_REF_UNKNOWN', 'asOf is not a valid date');
    let [low, high] = [0, this.commits.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.commits[middle]?.time ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    const first = this.commits[0];
    if (low === 0 && first)
      throw new AetherError(
        'AV_REF_UNKNOWN',
        `no commit at or before ${dateOf(time)}; the first is of ${dateOf(first.time)}.`,
      );
    return low;
  }

  /** What is alive at a seq: the head's view, one seen lately, or the timeline replayed from the nearest such below. */
  view(seq: number): View {
    if (seq === this.head.seq) return this.head;
    const known = this.#views.get(seq);
    if (known) return known;
    let view = EMPTY;
    for (const near of this.#views.values()) if (near.seq < seq && near.seq > view.seq) view = near;
    const [docs, chunks] = [view.docs.copy(), view.chunks.copy()];
    for (const entry of this.timeline.slice(view.seq, seq)) play(entry, docs, chunks);
    view = { seq, docs, chunks };
    this.#views.set(seq, view);
    const oldest = this.#views.keys().next().value;
    if (this.#views.size > 32 && oldest !== undefined) this.#views.delete(oldest);
    return view;
  }
}

/** Notes a birth or a death. */
function turn(lives: (readonly number[])[], ordinal: number, seq: number, first: readonly number[] = [seq]): void {
  const turns = lives[ordinal];
  lives[ordinal] = turns ? [...turns, seq] : first;
}

/** The birth at or before `seq` and the death that ended it, if any. */
function turnOf(turns: readonly number[] = [], seq: number): [born: number, died: number | undefined] {
  let at = 0;
  while ((turns[at + 2] ?? Number.POSITIVE_INFINITY) <= seq) at += 2;
  return [turns[at] ?? 0, turns[at + 1]];
}

/** A time for people; far ones are no dates. */
function dateOf(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}

function advance(view: View, entry: TimelineEntry): View {
  const next = { seq: entry.seq, docs: view.docs.copy(), chunks: view.chunks.copy() };
  play(entry, next.docs, next.chunks);
  return next;
}

function play(entry: TimelineEntry, docs: Bitset, chunks: Bitset): void {
  for (const dno of entry.docsDied) docs.delete(dno);
  for (const vno of entry.chunksDied) chunks.delete(vno);
  for (const dno of entry.docsBorn) docs.add(dno);
  for (const vno of entry.chunksBorn) chunks.add(vno);
}
