// Values as they lie in IndexedDB: padded, checked for their type, and named by their keys.

import type { DBSchema } from 'idb';
import { AetherError } from '../base/errors.ts';
import type { Reading, StoredFrame } from '../ports/store.ts';
import { unwhiten } from './whiten.ts';

/** Stands for the bytes of a segment that is a file; written once that is flushed, deleted before it. */
export const ON_DISK = 'file';
/** A frame of a segment. */
export type Frame = Uint8Array | Blob | typeof ON_DISK;

/** Object stores and their keys; all explicit, no indexes. Values are bytes: see wasm/FORMAT.md. */
export interface Schema extends DBSchema {
  head: { key: 'A' | 'B'; value: Uint8Array };
  manifest: { key: number; value: Uint8Array };
  wal: { key: [epoch: number, n: number]; value: Uint8Array };
  seg: { key: [id: number, frame: number]; value: Frame };
  /** What seals the small WAL frames of an epoch; see seal.ts. */
  key: { key: number; value: Uint8Array };
}

export type StoreName = 'head' | 'manifest' | 'wal' | 'seg' | 'key';
export const ALL: readonly StoreName[] = ['head', 'manifest', 'wal', 'seg', 'key'];

/** Takes a transaction back, unless it has ended by itself. */
export function abort(tx: { abort(): void }): void {
  try {
    tx.abort();
  } catch {
    // It is over already; its own error counts.
  }
}

/** The epoch in a head slot: u32 low and high after the magic; 0 when there is none. See wasm/FORMAT.md. */
export function epochOf(slot: unknown): number {
  if (!(slot instanceof Uint8Array) || slot.length < 12) return 0;
  const view = new DataView(slot.buffer, slot.byteOffset);
  return view.getUint32(8, true) * 2 ** 32 + view.getUint32(4, true);
}

/** A request's own failure is told by its transaction. */
export function quiet(request: Promise<unknown> | undefined): void {
  request?.catch(() => undefined);
}

export const place = (epoch: number, n: number): string => `wal ${epoch}/${n}`;

export function toFrames(keys: readonly [number, number][], values: readonly unknown[]): StoredFrame[] {
  return keys.map(([epoch, n], i) => ({ epoch, n, bytes: mustBytes(values[i], `WAL frame ${epoch}/${n}`) }));
}

export const segmentRange = (id: number): IDBKeyRange => IDBKeyRange.bound([id, 0], [id, Number.POSITIVE_INFINITY]);

/** A damaged database file can hand back another type than was stored. */
export function mustBytes(value: unknown, what: string): Uint8Array {
  if (value instanceof Uint8Array) return unwhiten(value);
  throw new AetherError('AV_CORRUPT', `${what} is not there or no longer bytes`);
}

/**
 * Frames of all segments by id, but none of those to be read later. One by one: faster than all at once for large values, and
 * those that are there are taken in while the others are on their way.
 */
export function readPieces(
  keys: readonly [id: number, frame: number][],
  { first, later }: Reading,
  read: (key: [id: number, frame: number]) => Promise<unknown>,
): Map<number, Promise<Uint8Array[]>> {
  const frames = new Map<number, Promise<Uint8Array>[]>(keys.map(([id]) => [id, []]));
  const now = keys.filter(([id]) => !later.has(id));
  for (const [id, frame] of [...now.filter(([id]) => first.has(id)), ...now.filter(([id]) => !first.has(id))]) {
    const bytes = (value: unknown): Uint8Array => mustBytes(value, `frame ${frame} of segment ${id}`);
    frames.get(id)?.push(read([id, frame]).then(bytes));
  }
  const segments = new Map([...frames].map(([id, pieces]) => [id, Promise.all(pieces)]));
  // Who wants a segment hears of its failure; nobody may want it.
  segments.forEach(quiet);
  return segments;
}
