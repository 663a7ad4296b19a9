// One write to a collection in the making: the item versions and vectors that it would store, with nothing visible yet.

import { ByteWriter } from '../base/bytes.ts';
import { AetherError } from '../base/errors.ts';
import { NONE } from '../ports/index.ts';
import type { Collection } from '../version/collections.ts';
import type { NewItems } from '../version/items.ts';

/** One id of the write: the item version that the branch shows, and the one that it will. */
export interface Staged {
  readonly before: number;
  readonly after: number;
}

/** What the write would store. */
export class ItemDraft {
  readonly staged = new Map<string, Staged>();
  readonly inos: number[] = [];
  readonly cnos: number[] = [];
  readonly versions = new ByteWriter();
  readonly ids: string[] = [];
  readonly metas: string[] = [];
  readonly texts: string[] = [];
  readonly vectors: Float32Array[] = [];
  readonly firstCno: number;
  nextIno: number;
  nextCno: number;
  bytes = 0;

  constructor({ nextIno, nextCno }: Collection) {
    this.nextIno = nextIno;
    this.firstCno = this.nextCno = nextCno;
  }

  /** Ordinals born and dead, rising. */
  births(): { born: number[]; died: number[] } {
    const rising = (list: number[]): number[] => list.filter((ino) => ino !== NONE).sort((a, b) => a - b);
    const changed = [...this.staged.values()].filter(({ before, after }) => before !== after);
    return { born: rising(changed.map(({ after }) => after)), died: rising(changed.map(({ before }) => before)) };
  }

  stats(): { added: number; updated: number; deleted: number; unchanged: number } {
    const count = (fits: (staged: Staged) => boolean): number => [...this.staged.values()].filter(fits).length;
    return {
      added: count(({ before, after }) => before === NONE && after !== NONE),
      updated: count(({ before, after }) => before !== NONE && after !== NONE && before !== after),
      deleted: count(({ before, after }) => before !== NONE && after === NONE),
      unchanged: count(({ before, after }) => before === after && before !== NONE),
    };
  }

  rows(vectors: Float32Array): NewItems {
    const { inos, cnos, ids, metas, texts, firstCno } = this;
    return { inos, cnos, versions: this.versions.take(), ids, metas, texts, firstCno, vectors };
  }
}

/** Rows of `dims` values as one array. */
export function joinRows(rows: readonly Float32Array[], dims: number): Float32Array {
  if (rows.length === 1 && rows[0]) return rows[0];
  const out = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of rows) {
    out.set(each, at);
    at += each.length;
  }
  if (out.length % dims !== 0) throw new AetherError('AV_INTERNAL', `${out.length} values are no rows of ${dims}`);
  return out;
}

/** Bytes one after the other. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const out = new ByteWriter();
  for (const part of parts) out.bytes(part);
  return out.take();
}
