// One write in the making: what it would store and change, with nothing visible yet.

import { hex } from '../base/bytes.ts';
import { NONE } from '../ports/index.ts';
import type { NewChunk } from '../version/chunks.ts';
import type { ItemVersions } from '../version/commit.ts';
import type { ItemsDelta } from '../version/items.ts';
import { type DocVersion, vnosOf } from '../version/record.ts';

/** What a document of the write became. */
export type DocFate = 'added' | 'updated' | 'unchanged' | 'deleted';

/** A document's share in the write: its versions before and after, several when they hold at different valid times. */
export interface StagedDoc {
  readonly before: readonly DocVersion[];
  readonly after: readonly DocVersion[];
}

/** What a staged document became. */
export function fateOf({ before, after }: StagedDoc): DocFate {
  if (before.length === after.length && after.every((doc) => before.includes(doc))) return 'unchanged';
  if (after.length === 0) return 'deleted';
  return before.length === 0 ? 'added' : 'updated';
}

/** Collects staged documents and new chunk rows; what is staged later builds on what was staged before. */
export class Draft {
  readonly docs = new Map<string, StagedDoc>();
  /** Document versions that were not stored before, by dno order. */
  readonly newDocs: DocVersion[] = [];
  /** Words of their texts, by dno. */
  readonly words = new Map<number, number>();
  /** Chunk versions of deleted documents by version id: a new document with the same text continues them. */
  readonly departed = new Map<string, { readonly vno: number; readonly doc: DocVersion }>();
  /** Chunk rows not yet encoded. */
  pending: { readonly id: string; readonly row: NewChunk }[] = [];
  pendingBytes = 0;
  /** Item versions born and dead, with their version ids: of a merge or a restore. */
  items: readonly ItemsDelta[] = [];
  itemVersions: readonly ItemVersions[] = [];
  nextVno: number;
  nextDno: number;

  constructor(nextVno: number, nextDno: number) {
    this.nextVno = nextVno;
    this.nextDno = nextDno;
  }

  addChunk(id: string, row: NewChunk): void {
    this.pending.push({ id, row });
    this.pendingBytes += row.text.length + 100;
  }

  /** Takes back what an earlier put of the same document in this write staged, as far as it is not on its way yet. */
  dropPending(id: string): void {
    this.pending = this.pending.filter((chunk) => chunk.id !== id);
  }

  takePending(): NewChunk[] {
    const rows = this.pending.map(({ row }) =>
      row.parent === NONE ? { ...row, parent: this.departed.get(hex(row.versionId))?.vno ?? NONE } : row,
    );
    this.pending = [];
    this.pendingBytes = 0;
    return rows;
  }

  /** How many documents met each fate. */
  count(fate: DocFate): number {
    let count = 0;
    for (const doc of this.docs.values()) if (fateOf(doc) === fate) count++;
    return count;
  }

  /** Does the write change anything? */
  get changes(): boolean {
    if (this.items.length > 0) return true;
    for (const doc of this.docs.values()) if (fateOf(doc) !== 'unchanged') return true;
    return false;
  }

  /** Document versions to store: those that were not there and still count. */
  stored(): DocVersion[] {
    const used = new Set([...this.docs.values()].flatMap(({ after }) => after));
    return this.newDocs.filter((doc) => used.has(doc));
  }

  /** Chunks of the documents that were added or updated. */
  chunkCount(): number {
    let count = 0;
    for (const doc of this.docs.values()) {
      if (fateOf(doc) === 'unchanged') continue;
      for (const version of doc.after) if (!doc.before.includes(version)) count += vnosOf(version.parts).length;
    }
    return count;
  }

  /** Words of the new versions. */
  tokens(): number {
    return this.stored().reduce((sum, { dno }) => sum + (this.words.get(dno) ?? 0), 0);
  }

  /** The text of a staged chunk version that is not on its way yet. */
  pendingText(vno: number): string | undefined {
    return this.pending.find(({ row }) => row.vno === vno)?.row.text;
  }

  /** What the commit says of items; nothing when none changed. */
  itemChanges(): { items?: readonly ItemsDelta[] } {
    return this.items.length > 0 ? { items: this.items } : {};
  }

  /** Ordinals born and dead, each list rising. */
  births(): { docsBorn: number[]; docsDied: number[]; chunksBorn: number[]; chunksDied: number[] } {
    const [docsBorn, docsDied, chunksBorn, chunksDied]: [number[], number[], number[], number[]] = [[], [], [], []];
    const differ = <T>(now: readonly T[], then: readonly T[], born: T[], died: T[]): void => {
      const [after, before] = [new Set(now), new Set(then)];
      for (const each of after) if (!before.has(each)) born.push(each);
      for (const each of before) if (!after.has(each)) died.push(each);
    };
    const dnos = (docs: readonly DocVersion[]): number[] => docs.map(({ dno }) => dno);
    const vnos = (docs: readonly DocVersion[]): number[] => docs.flatMap(({ parts }) => vnosOf(parts));
    for (const { before, after } of this.docs.values()) {
      differ(dnos(after), dnos(before), docsBorn, docsDied);
      differ(vnos(after), vnos(before), chunksBorn, chunksDied);
    }
    for (const list of [docsBorn, docsDied, chunksBorn, chunksDied]) list.sort((a, b) => a - b);
    return { docsBorn, docsDied, chunksBorn, chunksDied };
  }
}
