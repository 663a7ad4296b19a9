// Chunk versions by ordinal: their ids and lengths as columns, and the Chnk section they travel in.

import { ByteReader, ByteWriter, hex } from '../base/bytes.ts';
import { joinPath } from '../base/path.ts';
import { NONE } from '../ports/index.ts';

const ID_BYTES = 16;

/** A chunk version about to be stored. */
export interface NewChunk {
  readonly vno: number;
  /** Chunk version it was edited from, or NONE. */
  readonly parent: number;
  readonly path: readonly string[];
  readonly text: string;
  readonly versionId: Uint8Array;
  readonly chunkId: Uint8Array;
  readonly docKey: Uint8Array;
  readonly sectionKey: Uint8Array;
}

/** The bytes of a Chnk section; layout in wasm/crates/segment/src/chunks.rs. */
export function encodeChunks(rows: readonly NewChunk[]): Uint8Array {
  const paths: string[] = [];
  const pathOf = rows.map((row) => {
    const joined = joinPath(row.path);
    if (paths.at(-1) !== joined) paths.push(joined);
    return paths.length - 1;
  });
  const [text, pathText] = [new ByteWriter(), new ByteWriter()];
  const ends = (writer: ByteWriter, strings: readonly string[]): number[] =>
    strings.map((s) => {
      writer.raw(s);
      return writer.length;
    });
  const textEnds = ends(
    text,
    rows.map((row) => row.text),
  );
  const pathEnds = ends(pathText, paths);
  const out = new ByteWriter();
  out.u32s([rows.length, paths.length, text.length, pathText.length]);
  out
    .u32s(rows.map((row) => row.vno))
    .u32s(rows.map((row) => row.parent))
    .u32s(pathOf);
  out
    .u32s(rows.map((row) => row.text.length))
    .u32s(textEnds)
    .u32s(rows.map(() => 0))
    .u32s(pathEnds);
  for (const column of ['versionId', 'chunkId', 'docKey', 'sectionKey'] as const)
    for (const row of rows) out.bytes(row[column]);
  return out.bytes(text.take()).bytes(pathText.take()).take();
}

/** Ids, lengths and parents of chunk versions, by vno; those in closed archives come when they are opened. */
export class ChunkTable {
  #ids = new Uint8Array(2 * ID_BYTES * 256);
  #lengths = new Uint32Array(256);
  #parents = new Uint32Array(256);
  #lookup: Map<string, number> | undefined;
  /** How many chunk versions; the next vno. */
  size = 0;

  /** Takes the rows of a Chnk section in; returns their ordinals. */
  add(section: Uint8Array): Uint32Array {
    const reader = new ByteReader(section, 'Chnk');
    const [rows, paths] = [reader.u32(), reader.u32()];
    reader.bytes(8);
    const column = (): ByteReader => new ByteReader(reader.bytes(4 * rows), 'Chnk');
    const [vnos, parents] = [column(), column()];
    reader.bytes(4 * rows);
    const lengths = column();
    reader.bytes(8 * rows + 4 * paths);
    const [versions, chunks] = [reader.bytes(ID_BYTES * rows), reader.bytes(ID_BYTES * rows)];
    const added = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) {
      const vno = vnos.u32();
      added[row] = vno;
      this.#reserve(vno);
      this.#lengths[vno] = lengths.u32();
      this.#parents[vno] = parents.u32();
      this.#ids.set(chunks.subarray(row * ID_BYTES, (row + 1) * ID_BYTES), vno * 2 * ID_BYTES);
      this.#ids.set(versions.subarray(row * ID_BYTES, (row + 1) * ID_BYTES), vno * 2 * ID_BYTES + ID_BYTES);
      this.#lookup?.set(this.#key(vno), vno);
    }
    return added;
  }

  /** Forgets rows from `size` on: the write that added them failed. */
  truncate(size: number): void {
    if (size < this.size) this.#lookup = undefined;
    this.size = size;
  }

  /** Makes room for ordinals below `size`: they were used, whether or not their rows are still there. */
  reach(size: number): void {
    if (size > this.size) this.#reserve(size - 1);
  }

  /** Forgets rows that are no longer stored. */
  forget(vnos: Iterable<number>): void {
    for (const vno of vnos) {
      this.#lookup?.delete(this.#key(vno));
      this.#ids.fill(0, vno * 2 * ID_BYTES, (vno + 1) * 2 * ID_BYTES);
      this.#parents[vno] = NONE;
    }
  }

  /** The row of a chunk version, if it is known here; rows of closed archives are not. */
  find(chunkId: Uint8Array, versionId: Uint8Array): number | undefined {
    if (!this.#lookup) {
      this.#lookup = new Map();
      for (let vno = 0; vno < this.size; vno++) this.#lookup.set(this.#key(vno), vno);
    }
    return this.#lookup.get(hex(chunkId) + hex(versionId));
  }

  /** Is the row known here? */
  has(vno: number): boolean {
    return vno < this.size && this.chunkId(vno).some((byte) => byte !== 0);
  }

  /** The chunk version that this one was edited, moved or copied from, or NONE. */
  parent(vno: number): number {
    return this.#parents[vno] ?? NONE;
  }

  chunkId(vno: number): Uint8Array {
    return this.#ids.subarray(vno * 2 * ID_BYTES, vno * 2 * ID_BYTES + ID_BYTES);
  }

  versionId(vno: number): Uint8Array {
    return this.#ids.subarray(vno * 2 * ID_BYTES + ID_BYTES, (vno + 1) * 2 * ID_BYTES);
  }

  /** Have two chunk versions one version id? */
  isSameVersion(vno: number, other: number): boolean {
    const [ids, last] = [this.#ids, 2 * ID_BYTES * (vno + 1)];
    const away = 2 * ID_BYTES * (other - vno);
    for (let at = last - ID_BYTES; at < last; at++) if (ids[at] !== ids[at + away]) return false;
    return true;
  }

  /** Length of the text in UTF-16 code units. */
  length(vno: number): number {
    return this.#lengths[vno] ?? 0;
  }

  #key(vno: number): string {
    return hex(this.#ids.subarray(vno * 2 * ID_BYTES, (vno + 1) * 2 * ID_BYTES));
  }

  #reserve(vno: number): void {
    this.size = Math.max(this.size, vno + 1);
    if (vno < this.#lengths.length) return;
    const room = Math.max(vno + 1, this.#lengths.length * 2);
    const grow = <T extends Uint8Array | Uint32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#ids = grow(this.#ids, new Uint8Array(room * 2 * ID_BYTES));
    this.#lengths = grow(this.#lengths, new Uint32Array(room));
    this.#parents = grow(this.#parents, new Uint32Array(room).fill(NONE));
  }
}
