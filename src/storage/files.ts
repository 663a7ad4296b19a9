// Segments that are kept as files, any part of which is read without the rest: frames that are Blobs, or one file on the disk.
//
// Measured in Chromium: fifteen places of a segment take 5 ms from files, 75 ms from values of 4 MiB; 50 MB in a row 40 ms, not 110.
// By `stream()` it would be faster still, but in two of some two dozen new processes a stream never ended.

import { AetherError } from '../base/errors.ts';
import { FILE_HEAD_BYTES } from '../base/limits.ts';
import { joined as joinedPiece } from '../base/pack.ts';
import type { Disk } from './disk.ts';
import { type Frame, mustBytes, ON_DISK, segmentRange } from './values.ts';

type Found = readonly Blob[] | typeof ON_DISK | undefined;

/** The files that a segment is kept as; undefined when it is kept as bytes, or not there. */
export async function filesIn(
  seg: { get(key: [number, number]): Promise<Frame | undefined>; getAll(range: IDBKeyRange): Promise<Frame[]> },
  id: number,
): Promise<Found> {
  const isFile = (piece: unknown): piece is Blob => piece instanceof Blob;
  const first = await seg.get([id, 0]);
  if (first === ON_DISK) return first;
  return isFile(first) ? (await seg.getAll(segmentRange(id))).filter(isFile) : undefined;
}

/** Files of the segments that were read in parts, as long as they are the stored ones. */
export class Files {
  readonly disk: Disk;
  readonly #find: (id: number) => Promise<Found>;
  readonly #known = new Map<number, Promise<Found>>();

  constructor(disk: Disk, find: (id: number) => Promise<Found>) {
    this.disk = disk;
    this.#find = find;
  }

  /** Bytes of a segment; undefined when it is not kept as files. A handle may be older than its file: it is looked up once more. */
  async read(id: number, from: number, to: number): Promise<Uint8Array | undefined> {
    const isKnown = this.#known.has(id);
    try {
      const found = this.#known.get(id) ?? this.#find(id);
      this.#known.set(id, found);
      const files = await found;
      if (files === ON_DISK) return await this.disk.read(id, from, to);
      return files && (await readFiles(files, from, to));
    } catch (error) {
      this.#known.delete(id);
      if (!isKnown) throw error;
      return this.read(id, from, to);
    }
  }

  /** Is it a file on the disk, and can be read in any turn from now on? */
  async readsNow(id: number): Promise<boolean> {
    const found = this.#known.get(id) ?? this.#find(id);
    this.#known.set(id, found);
    // Side by side with what says whether it is one.
    if (this.disk.isLikely) void this.disk.open(id).catch(() => undefined);
    // Who reads of it hears of what fails, and looks once more.
    const isThere = (await found.catch(() => undefined)) === ON_DISK;
    if (isThere) await this.disk.open(id).catch(() => undefined);
    // A file that nothing stands for, as a write left it that did not finish, is not read.
    else this.disk.forget(id);
    return isThere && this.disk.readNow(id, 0, new Uint8Array(0)) !== undefined;
  }

  /** Bytes of a frame as it is stored: all of them. */
  async frame(id: number, n: number, value: unknown): Promise<Uint8Array> {
    if (value === ON_DISK) return this.disk.read(id, 0, Number.POSITIVE_INFINITY);
    return value instanceof Blob ? readFile(value) : mustBytes(value, `frame ${n} of segment ${id}`);
  }

  /** A value, of a file its head, which tells what it is: the rest is read in parts, by who needs it. */
  async head(id: number, value: unknown): Promise<unknown> {
    if (value === ON_DISK) return this.disk.read(id, 0, FILE_HEAD_BYTES);
    return value instanceof Blob ? readFile(value.slice(0, FILE_HEAD_BYTES)) : value;
  }

  forget(ids: readonly number[]): void {
    for (const id of ids) this.#known.delete(id);
  }

  /** Others may have written and deleted. */
  clear(): void {
    this.#known.clear();
    this.disk.forgetAll();
  }
}

/** The files of a segment, one after the other, from one byte to before another; fewer where they end. */
async function readFiles(files: readonly Blob[], from: number, to: number): Promise<Uint8Array> {
  const parts: Promise<Uint8Array>[] = [];
  let start = 0;
  for (const file of files) {
    const [first, end] = [Math.max(from, start), Math.min(to, start + file.size)];
    if (first < end) parts.push(readFile(file.slice(first - start, end - start)));
    start += file.size;
  }
  const [only, ...others] = await Promise.all(parts);
  return others.length === 0 && only ? only : joined(only ? [only, ...others] : []);
}

/** @throws `AV_CORRUPT` when the browser has lost the file. */
async function readFile(file: Blob): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : String(cause);
    throw new AetherError('AV_CORRUPT', `a file of this database cannot be read (${name}). Restore a copy of it.`, {
      cause,
    });
  }
}

/** Bytes one after the other. */
export const joined = (frames: readonly Uint8Array[]): Uint8Array =>
  joinedPiece({ frames, length: frames.reduce((sum, { length }) => sum + length, 0) });
