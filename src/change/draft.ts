// One write in the making: what it would store and change, with nothing visible yet.

import type { Part, DocVersion } from '../version/record.ts';
import type { NewChunk } from '../version/chunks.ts';

/** What a document of the write became. */
export type DocFate = 'added' | 'updated' | 'unchanged' | 'deleted';

/** A document's share in the write. */
export interface StagedDoc {
  readonly fate: DocFate;
  /** The version after the write; undefined when it is deleted. */
  readonly version: DocVersion | undefined;
  /** The version alive before the write, if any. */
  readonly before: DocVersion | undefined;
}

/** Collects staged documents and new chunk rows; a later put of the same id replaces the earlier one. */
export class Draft {
  readonly docs = new Map<string, StagedDoc>();
  /** Document versions that were not stored before, by dno order. */
  readonly newDocs: DocVersion[] = [];
  /** Chunk rows not yet encoded. */
  pending: { readonly id: string; readonly row: NewChunk }[] = [];
  pendingBytes = 0;
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
  restage(id: string): void {
    if (this.docs.has(id)) this.pending = this.pending.filter((chunk) => chunk.id !== id);
  }

  takePending(): NewChunk[] {
    const rows = this.pending.map(({ row }) => row);
    this.pending = [];
    this.pendingBytes = 0;
    return rows;
  }

  /** How many documents met each fate. */
  count(fate: DocFate): number {
    let count = 0;
    for (const doc of this.docs.values()) if (doc.fate === fate) count++;
    return count;
  }

  /** Does the write change anything? */
  get changes(): boolean {
    for (const doc of this.docs.values()) if (doc.fate !== 'unchanged') return true;
    return false;
  }

  /** Ordinals born and dead, each list rising. */
  births(): { docsBorn: number[]; docsDied: number[]; chunksBorn: number[]; chunksDied: number[] } {
    const [docsBorn, docsDied, chunksBorn, chunksDied]: [number[], number[], number[], number[]] = [[], [], [], []];
    for (const { version, before, fate } of this.docs.values()) {
      if (fate === 'unchanged') continue;
      if (version) docsBorn.push(version.dno);
      if (before) docsDied.push(before.dno);
      const [now, then] = [new Set(vnosOf(version?.parts ?? [])), new Set(vnosOf(before?.parts ?? []))];
      for (const vno of now) if (!then.has(vno)) chunksBorn.push(vno);
      for (const vno of then) if (!now.has(vno)) chunksDied.push(vno);
    }
    for (const list of [docsBorn, docsDied, chunksBorn, chunksDied]) list.sort((a, b) => a - b);
    return { docsBorn, docsDied, chunksBorn, chunksDied };
  }
}

/** The chunk versions among a document's parts, in order. */
export function vnosOf(parts: readonly Part[]): number[] {
  return parts.filter((part) => typeof part === 'number');
}
