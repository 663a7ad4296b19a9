// The archive: chunk versions that no branch head shows, in deflated text segments that are opened when they are read.

import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { Bitset } from './bitset.ts';

/** What is known of an archive segment without opening it. */
export interface Archive {
  /** Id of the segment. */
  readonly segment: number;
  readonly vnos: Bitset;
  /** One number a row, rising: so that a text that comes back is found without opening what does not hold it. */
  readonly prints: Uint32Array;
}

/** The archive segments of a database, and which of them are open. */
export class Archives {
  readonly all = new Map<number, Archive>();
  /** Segments whose rows are in the index, in the order in which they were last needed, with their bytes. */
  readonly open = new Map<number, number>();

  /** Segments not yet open that hold any of these chunk versions. */
  closedWith(vnos: Bitset): number[] {
    return this.#closed((archive) => archive.vnos.intersects(vnos));
  }

  /** Segments not yet open that may hold a chunk version; see {@link printOf}. */
  closedWithPrint(print: number): number[] {
    return this.#closed(({ prints }) => holds(prints, print));
  }

  #closed(wanted: (archive: Archive) => boolean): number[] {
    const out: number[] = [];
    for (const archive of this.all.values())
      if (!this.open.has(archive.segment) && wanted(archive)) out.push(archive.segment);
    return out;
  }
}

/** A chunk version as one number: equal for equal ones, seldom for others. */
export function printOf(chunkId: Uint8Array, versionId: Uint8Array): number {
  const at = (bytes: Uint8Array): number =>
    new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  return (at(chunkId) ^ at(versionId)) >>> 0;
}

function holds(prints: Uint32Array, print: number): boolean {
  let [low, high] = [0, prints.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((prints[middle] ?? 0) < print) low = middle + 1;
    else high = middle;
  }
  return prints[low] === print;
}

/** Bytes of an Arch section: segment id, chunk versions rising, then a u32 for each. */
export function encodeArchives(archives: readonly Archive[]): Uint8Array {
  const out = new ByteWriter();
  for (const { segment, vnos, prints } of archives) {
    out
      .varint(segment)
      .rising([...vnos])
      .u32s(prints);
  }
  return out.take();
}

export function decodeArchives(section: Uint8Array): Archive[] {
  const reader = new ByteReader(section, 'Arch');
  const out: Archive[] = [];
  while (reader.left > 0) {
    const segment = reader.varint();
    const list = reader.rising();
    const vnos = new Bitset();
    for (const vno of list) vnos.add(vno);
    out.push({ segment, vnos, prints: Uint32Array.from(list, () => reader.u32()) });
  }
  return out;
}
