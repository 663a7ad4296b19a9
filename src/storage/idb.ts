// The store in IndexedDB: blob-backed segments, WAL frames, manifests with two alternating head slots.

import { type IDBPDatabase, type IDBPTransaction, openDB } from 'idb';
import { AetherError, asAether } from '../base/errors.ts';
import { FILE_BYTES, VECTOR_FRAME_BYTES } from '../base/limits.ts';
import type { Durability } from '../model/report.ts';
import { DATABASE_PREFIX } from '../protocol/names.ts';
import type { Publication, Store, Stored, StoredFrame } from '../ports/store.ts';
import { settle, storageError } from './failures.ts';
import { Disk } from './disk.ts';
import { Files, filesIn, joined } from './files.ts';
import { canSeal, type EpochKey, makeKey, seal, SEALED_BYTES_MAX, unsealAll } from './seal.ts';
import {
  abort,
  ALL,
  epochOf,
  type Frame,
  mustBytes,
  ON_DISK,
  place,
  quiet,
  readPieces,
  type Schema,
  segmentRange,
  type StoreName,
  toFrames,
} from './values.ts';
import { shake } from './shake.ts';
import { isNoise, noise, whiten } from './whiten.ts';

const SCHEMA_VERSION = 1;

type WriteTx = IDBPTransaction<Schema, StoreName[], 'readwrite'>;

/** Opens (and creates) the store of a database; `onDisk`: with large segments in the private file system, if that can be had. */
export async function openIdbStore(name: string, durability: Durability, onDisk: boolean): Promise<Store> {
  // Inside an async function: where IndexedDB is denied, the very call throws.
  const open = async (): Promise<IDBPDatabase<Schema>> =>
    openDB<Schema>(DATABASE_PREFIX + name, SCHEMA_VERSION, {
      upgrade(db) {
        for (const store of ALL) db.createObjectStore(store);
      },
      // A later version in another tab must not wait for us: it may upgrade, our next call fails with AV_STORAGE.
      blocking: (_old, next, event) => {
        if (next !== null) (event.target as IDBDatabase).close();
      },
    });
  const opened = open().catch((cause: unknown) => {
    throw storageError(cause);
  });
  // Side by side: each is a few trips to the browser.
  const disk = new Disk(name);
  const isThere = onDisk ? disk.isThere() : Promise.resolve(false);
  if (!onDisk) void disk.look();
  return new IdbStore(name, await settle(opened, `opening "${name}"`), durability, disk, await isThere);
}

class IdbStore implements Store {
  readonly #name: string;
  readonly #db: IDBPDatabase<Schema>;
  readonly #durability: Durability;
  /** Keys of the epochs seen, by epoch; those not yet stored go with their first frame. */
  readonly #keys = new Map<number, EpochKey>();
  readonly #files: Files;
  /** Some browsers keep no files in private windows. */
  #keepsFiles = true;
  readonly #usesDisk: boolean;

  constructor(name: string, db: IDBPDatabase<Schema>, durability: Durability, disk: Disk, usesDisk: boolean) {
    this.#name = name;
    this.#usesDisk = usesDisk;
    this.#db = db;
    this.#durability = durability;
    this.#files = new Files(disk, (id) => this.#read(['seg'], (tx) => filesIn(tx.objectStore('seg'), id)));
  }

  get kind(): 'indexeddb' | 'opfs' {
    return this.#usesDisk ? 'opfs' : 'indexeddb';
  }

  async load(plan: Parameters<Store['load']>[0]): Promise<Stored> {
    this.#files.clear();
    const listing = this.#usesDisk ? this.#files.disk.list() : Promise.resolve([]);
    listing.catch(() => undefined);
    // Its end is not waited for: segments are taken in while the later ones are read.
    const tx = this.#transaction(ALL, 'readonly');
    const { keys, frames, ...rest } = await this.#typed(async () => {
      const [head, manifest, wal, seg, key] = [
        tx.objectStore('head'),
        tx.objectStore('manifest'),
        tx.objectStore('wal'),
        tx.objectStore('seg'),
        tx.objectStore('key'),
      ];
      const first = Promise.all([head.get('A'), head.get('B'), manifest.getAllKeys(), manifest.getAll()]);
      // Asked for at once: they come when the first have come.
      const rest = Promise.all([wal.getAllKeys(), wal.getAll(), seg.getAllKeys(), key.getAllKeys(), key.getAll()]);
      quiet(rest);
      const [a, b, epochs, values] = await first;
      const manifests = new Map(epochs.map((epoch, i) => [epoch, mustBytes(values[i], `manifest ${epoch}`)]));
      const reading = plan({ heads: [a, b], manifests });
      const [walKeys, walValues, segmentKeys, keyEpochs, keyValues] = await rest;
      const segments = readPieces(segmentKeys, reading, async (key) =>
        this.#files.head(key[0], await this.#typed(() => seg.get(key))),
      );
      // Nothing names these: they are orphans.
      for (const id of await listing) if (!segments.has(id)) segments.set(id, Promise.resolve([]));
      return {
        heads: [a, b],
        manifests,
        frames: toFrames(walKeys, walValues),
        segments,
        keys: new Map(keyEpochs.map((epoch, i) => [epoch, keyValues[i]])),
      };
    });
    return { ...rest, frames: await unsealAll(frames, keys, this.#keys) };
  }

  async readSegment(id: number): Promise<Uint8Array[]> {
    const pieces = await this.#read(['seg'], (tx) => tx.objectStore('seg').getAll(segmentRange(id)));
    return Promise.all(pieces.map((piece, i) => this.#files.frame(id, i, piece)));
  }

  async readRange(id: number, from: number, to: number): Promise<Uint8Array> {
    const own = await this.#files.read(id, from, to);
    if (own) return own;
    // Of a browser that keeps no files.
    const size = VECTOR_FRAME_BYTES;
    const first = Math.floor(from / size);
    const range = IDBKeyRange.bound([id, first], [id, Math.floor((to - 1) / size)]);
    const pieces = await this.#read(['seg'], (tx) => tx.objectStore('seg').getAll(range));
    const whole = joined(pieces.map((piece) => mustBytes(piece, `a frame of segment ${id}`)));
    return whole.subarray(from - first * size, to - first * size);
  }

  readsNow(id: number): Promise<boolean> {
    return this.#files.readsNow(id);
  }

  readNow(id: number, at: number, into: Uint8Array): number | undefined {
    return this.#files.disk.readNow(id, at, into);
  }

  async tail(epoch: number, from: number): Promise<StoredFrame[]> {
    const range = IDBKeyRange.bound([epoch, from], [epoch, Number.POSITIVE_INFINITY]);
    const { frames, key } = await this.#read(['wal', 'key'], async (tx) => {
      const wal = tx.objectStore('wal');
      const [keys, values, stored] = await Promise.all([
        wal.getAllKeys(range),
        wal.getAll(range),
        tx.objectStore('key').get(epoch),
      ]);
      return { frames: toFrames(keys, values), key: stored };
    });
    return unsealAll(frames, new Map([[epoch, key]]), this.#keys);
  }

  async append(epoch: number, n: number, frame: Uint8Array): Promise<void> {
    const inline = frame.length <= SEALED_BYTES_MAX && canSeal();
    const known = inline ? (this.#keys.get(epoch) ?? { ...(await makeKey()), fresh: true }) : undefined;
    const value = known ? await seal(frame, known.key, place(epoch, n)) : whiten(frame, noise());
    await this.#write(['head', 'wal', 'key'], async (tx) => {
      const slots = await Promise.all([tx.objectStore('head').get('A'), tx.objectStore('head').get('B')]);
      if (slots.some((slot) => epochOf(slot) > epoch)) {
        throw new AetherError('AV_BUSY', 'another tab has become the writer of this database. Open it again to read.');
      }
      if (known?.fresh) quiet(tx.objectStore('key').put?.(known.stored, epoch));
      quiet(tx.objectStore('wal').add?.(value, [epoch, n]));
    });
    if (known) this.#keys.set(epoch, { ...known, fresh: false });
  }

  async writeSegment(id: number, bytes: Uint8Array, frameBytes: number, asFile = false): Promise<void> {
    this.#files.forget([id]);
    if (asFile && this.#usesDisk) {
      await this.#files.disk.write(id, bytes);
      return this.#writeFrames(id, bytes, bytes.length, () => ON_DISK);
    }
    if (asFile && this.#keepsFiles) {
      try {
        return await this.#writeFrames(id, bytes, FILE_BYTES, (frame) => new Blob([frame]));
      } catch (error) {
        if (asAether(error).code === 'AV_QUOTA') throw error;
        this.#keepsFiles = false;
      }
    }
    const value = (frame: Uint8Array): Uint8Array =>
      isNoise(frame, frameBytes) ? frame.slice() : whiten(frame, noise());
    await this.#writeFrames(id, bytes, frameBytes, value);
  }

  async #writeFrames(
    id: number,
    bytes: Uint8Array,
    frameBytes: number,
    stored: (frame: Uint8Array<ArrayBuffer>) => Frame,
  ): Promise<void> {
    // A few frames a transaction: a huge one would hold up every other tab.
    const perTransaction = Math.max(1, Math.floor(8_388_608 / frameBytes));
    const count = Math.ceil(bytes.length / frameBytes);
    for (let first = 0; first < count; first += perTransaction) {
      await this.#write(['seg'], (tx) => {
        // An unfinished write may have left frames under this id.
        if (first === 0) quiet(tx.objectStore('seg').delete?.(segmentRange(id)));
        for (let i = first; i < Math.min(count, first + perTransaction); i++) {
          const frame = bytes.subarray(i * frameBytes, (i + 1) * frameBytes) as Uint8Array<ArrayBuffer>;
          quiet(tx.objectStore('seg').put?.(stored(frame), [id, i]));
        }
      });
    }
  }

  async publish(p: Publication): Promise<void> {
    await this.#write(ALL, (tx) => {
      quiet(tx.objectStore('manifest').put?.(p.manifest, p.epoch));
      quiet(tx.objectStore('head').put?.(p.head, p.slot));
      if (p.clearsWal) {
        // Not by range: browsers give the room of a cleared store back at once.
        quiet(tx.objectStore('wal').clear?.());
        quiet(tx.objectStore('key').clear?.());
      }
      quiet(tx.objectStore('manifest').delete?.(IDBKeyRange.upperBound(p.dropManifestsBefore, true)));
    });
    if (!p.clearsWal) return;
    this.#keys.clear();
    await shake(this.#name);
  }

  async dropSegments(ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#write(['seg'], (tx) => {
      for (const id of ids) quiet(tx.objectStore('seg').delete?.(segmentRange(id)));
    });
    // A file goes when nobody holds it.
    this.#files.forget(ids);
    await this.#files.disk.drop(ids);
  }

  close(): void {
    this.#files.disk.close();
    this.#db.close();
  }

  async #read<T>(
    stores: readonly StoreName[],
    read: (tx: IDBPTransaction<Schema, StoreName[]>) => Promise<T>,
  ): Promise<T> {
    const tx = this.#transaction(stores, 'readonly');
    return this.#typed(async () => (await Promise.all([read(tx), tx.done]))[0]);
  }

  /** A transaction whose end nobody has to hear of. */
  #transaction<Mode extends IDBTransactionMode>(
    stores: readonly StoreName[],
    mode: Mode,
  ): IDBPTransaction<Schema, StoreName[], Mode> {
    try {
      const tx = this.#db.transaction([...stores], mode, { durability: this.#durability });
      quiet(tx.done);
      return tx;
    } catch (cause) {
      throw storageError(cause);
    }
  }

  async #typed<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (cause) {
      throw cause instanceof AetherError ? cause : storageError(cause);
    }
  }

  /** One transaction. `put` awaits nothing but its own requests, what it throws aborts. Only the end counts: no room is told by that alone. */
  async #write(stores: readonly StoreName[], put: (tx: WriteTx) => void | Promise<void>): Promise<void> {
    const tx: WriteTx = this.#transaction(stores, 'readwrite');
    try {
      await put(tx);
      tx.commit();
    } catch (cause) {
      abort(tx);
      throw cause instanceof AetherError ? cause : storageError(tx.error ?? cause);
    }
    await tx.done.catch((cause: unknown) => {
      throw storageError(tx.error ?? cause);
    });
  }
}
