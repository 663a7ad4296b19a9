// The store in IndexedDB: blob-backed segments, WAL frames, manifests with two alternating head slots.

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb';
import { AetherError, asAether } from '../base/errors.ts';
import type { Durability } from '../model/report.ts';
import { DATABASE_PREFIX } from '../protocol/names.ts';
import type { Publication, Store, Stored, StoredFrame } from '../ports/store.ts';

const SCHEMA_VERSION = 1;
const OPEN_MS_MAX = 10_000;

/** Object stores and their keys; all explicit, no indexes. Values are bytes: see wasm/FORMAT.md. */
interface Schema extends DBSchema {
  head: { key: 'A' | 'B'; value: Uint8Array };
  manifest: { key: number; value: Uint8Array };
  wal: { key: [epoch: number, n: number]; value: Uint8Array };
  seg: { key: [id: number, frame: number]; value: Uint8Array };
}

type StoreName = 'head' | 'manifest' | 'wal' | 'seg';
const ALL: readonly StoreName[] = ['head', 'manifest', 'wal', 'seg'];
type WriteTx = IDBPTransaction<Schema, StoreName[], 'readwrite'>;

/** Rejects when a promise does not settle in time: a blocked open or upgrade would hang for ever. */
async function settle<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new AetherError(
            'AV_STORAGE',
            `${what} did not finish in ${OPEN_MS_MAX / 1000} s. Close other tabs of this site and try again.`,
          ),
        ),
      OPEN_MS_MAX,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function storageError(cause: unknown): AetherError {
  const name = cause instanceof Error ? cause.name : '';
  if (name === 'QuotaExceededError')
    return new AetherError(
      'AV_QUOTA',
      'the browser has no more room for this site. Delete data or free disk space; nothing of this write was stored.',
      { cause },
    );
  return new AetherError(
    'AV_STORAGE',
    `IndexedDB failed: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`,
    { cause },
  );
}

/** Opens (and creates) the store of a database. */
export async function openIdbStore(name: string, durability: Durability): Promise<Store> {
  const open = openDB<Schema>(DATABASE_PREFIX + name, SCHEMA_VERSION, {
    upgrade(db) {
      for (const store of ALL) db.createObjectStore(store);
    },
    // A later version in another tab must not wait for us: it may upgrade, our next call fails with AV_STORAGE.
    blocking: (_old, next, event) => {
      if (next !== null) (event.target as IDBDatabase).close();
    },
  });
  return new IdbStore(
    await settle(
      open.catch((cause: unknown) => {
        throw storageError(cause);
      }),
      `opening "${name}"`,
    ),
    durability,
  );
}

class IdbStore implements Store {
  readonly kind = 'indexeddb';
  readonly #db: IDBPDatabase<Schema>;
  readonly #durability: Durability;

  constructor(db: IDBPDatabase<Schema>, durability: Durability) {
    this.#db = db;
    this.#durability = durability;
  }

  async load(): Promise<Stored> {
    return this.#read(ALL, async (tx) => {
      const [headStore, manifestStore, walStore, segStore] = [
        tx.objectStore('head'),
        tx.objectStore('manifest'),
        tx.objectStore('wal'),
        tx.objectStore('seg'),
      ];
      const [a, b, epochs, manifests, walKeys, frames, segKeys, pieces] = await Promise.all([
        headStore.get('A'),
        headStore.get('B'),
        manifestStore.getAllKeys(),
        manifestStore.getAll(),
        walStore.getAllKeys(),
        walStore.getAll(),
        segStore.getAllKeys(),
        segStore.getAll(),
      ]);
      const segments = new Map<number, Uint8Array[]>();
      for (const [i, [id]] of segKeys.entries()) {
        const list = segments.get(id) ?? [];
        list.push(mustBytes(pieces[i], `frame ${i} of segment ${id}`));
        segments.set(id, list);
      }
      return {
        heads: [a, b],
        manifests: new Map(epochs.map((epoch, i) => [epoch, mustBytes(manifests[i], `manifest ${epoch}`)])),
        frames: walKeys.map(([epoch, n], i) => ({ epoch, n, bytes: mustBytes(frames[i], `WAL frame ${epoch}/${n}`) })),
        segments,
      };
    });
  }

  async tail(epoch: number, from: number): Promise<StoredFrame[]> {
    const range = IDBKeyRange.bound([epoch, from], [epoch, Number.POSITIVE_INFINITY]);
    return this.#read(['wal'], async (tx) => {
      const store = tx.objectStore('wal');
      const [keys, frames] = await Promise.all([store.getAllKeys(range), store.getAll(range)]);
      return keys.map(([, n], i) => ({ epoch, n, bytes: mustBytes(frames[i], `WAL frame ${epoch}/${n}`) }));
    });
  }

  async append(epoch: number, n: number, frame: Uint8Array): Promise<void> {
    await this.#write(['wal'], (tx) => void tx.objectStore('wal').add?.(frame, [epoch, n]));
  }

  async writeSegment(id: number, bytes: Uint8Array, frameBytes: number): Promise<void> {
    // A few frames a transaction: a huge one would hold up every other tab.
    const perTransaction = Math.max(1, Math.floor(8_388_608 / frameBytes));
    const count = Math.ceil(bytes.length / frameBytes);
    for (let first = 0; first < count; first += perTransaction) {
      await this.#write(['seg'], (tx) => {
        for (let i = first; i < Math.min(count, first + perTransaction); i++) {
          void tx.objectStore('seg').put?.(bytes.slice(i * frameBytes, (i + 1) * frameBytes), [id, i]);
        }
      });
    }
  }

  async publish(p: Publication): Promise<void> {
    await this.#write(['head', 'manifest', 'wal', 'seg'], (tx) => {
      void tx.objectStore('manifest').put?.(p.manifest, p.epoch);
      void tx.objectStore('head').put?.(p.head, p.slot);
      void tx.objectStore('wal').delete?.(IDBKeyRange.upperBound([p.dropWalTo, Number.POSITIVE_INFINITY]));
      void tx.objectStore('manifest').delete?.(IDBKeyRange.upperBound(p.dropManifestsBefore, true));
      for (const id of p.dropSegments) void tx.objectStore('seg').delete?.(segmentRange(id));
    });
  }

  async dropSegments(ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#write(['seg'], (tx) => {
      for (const id of ids) void tx.objectStore('seg').delete?.(segmentRange(id));
    });
  }

  close(): void {
    this.#db.close();
  }

  async #read<T>(
    stores: readonly StoreName[],
    read: (tx: IDBPTransaction<Schema, StoreName[]>) => Promise<T>,
  ): Promise<T> {
    try {
      const tx = this.#db.transaction([...stores]);
      const [value] = await Promise.all([read(tx), tx.done]);
      return value;
    } catch (cause) {
      throw cause instanceof AetherError ? cause : storageError(cause);
    }
  }

  /**
   * One transaction. `put` issues requests and returns; nothing else is awaited inside. Only the transaction's own end
   * counts: quota errors come as its abort, with no request failing (reliability F11).
   */
  async #write(stores: readonly StoreName[], put: (tx: WriteTx) => void): Promise<void> {
    let tx: WriteTx;
    try {
      tx = this.#db.transaction([...stores], 'readwrite', { durability: this.#durability });
    } catch (cause) {
      throw storageError(cause);
    }
    const done = tx.done;
    done.catch(() => undefined);
    try {
      put(tx);
      tx.commit();
    } catch (cause) {
      throw asAether(storageError(cause));
    }
    await done.catch((cause: unknown) => {
      throw storageError(tx.error ?? cause);
    });
  }
}

const segmentRange = (id: number): IDBKeyRange => IDBKeyRange.bound([id, 0], [id, Number.POSITIVE_INFINITY]);

/** A damaged database file can hand back another type than was stored (reliability F7). */
function mustBytes(value: unknown, what: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new AetherError('AV_CORRUPT', `${what} is not there or no longer bytes`);
}
