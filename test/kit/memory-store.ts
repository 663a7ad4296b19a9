// A store that keeps everything in maps which outlive it, and fails when told: the disk of the flow tests.

import { BLOB_BYTES_MIN } from '../../src/base/limits.ts';
import { AetherError } from '../../src/base/errors.ts';
import type { Publication, Store, Stored, StoredFrame } from '../../src/ports/store.ts';

const TRANSACTION_BYTES_MAX = 8_388_608;

/** What lies on the disk. Stores come and go over it. */
export class Disk {
  heads = new Map<'A' | 'B', Uint8Array>();
  manifests = new Map<number, Uint8Array>();
  wal: StoredFrame[] = [];
  segments = new Map<number, Map<number, Uint8Array>>();
  /** Ids of segments that cannot be read for now. */
  readonly unreadable = new Set<number>();
  /** Can ranges of segments be read in the same turn, as of files? */
  readsNow = false;
  /** Bytes of every WAL frame ever appended. */
  appended = 0;

  /** A copy, so that a test can go on from here several times. */
  copy(): Disk {
    const disk = new Disk();
    disk.heads = new Map(this.heads);
    disk.manifests = new Map(this.manifests);
    disk.wal = [...this.wal];
    disk.segments = new Map([...this.segments].map(([id, frames]) => [id, new Map(frames)]));
    disk.readsNow = this.readsNow;
    disk.appended = this.appended;
    return disk;
  }
}

/** How the n-th write ends, counted from 1. */
export interface Fault {
  readonly at: number;
  /**
   * `refuse`: this transaction is rolled back, later ones work (quota). `before`: the process dies before it is stored.
   * `after`: it is stored, and the process dies before it hears so.
   */
  readonly how: 'refuse' | 'before' | 'after';
}

/** The store of one process. */
export class MemoryStore implements Store {
  readonly kind = 'indexeddb';
  readonly disk: Disk;
  /** Writes so far: one per transaction. */
  writes = 0;
  fault: Fault | undefined;
  /** Bytes read in the same turn. */
  readInTurn = 0;
  /** Segments of which a range was read. */
  readonly #opened = new Set<number>();
  /** So many reads of ranges fail from now on. */
  failReads = 0;
  /** What reads of ranges wait for. */
  hold: Promise<unknown> | undefined;
  #dead = false;

  constructor(disk: Disk, fault?: Fault) {
    this.disk = disk;
    this.fault = fault;
  }

  async readSegment(id: number): Promise<Uint8Array[]> {
    this.#mustLive();
    const frames = [...(this.disk.segments.get(id) ?? [])].sort(([a], [b]) => a - b);
    return frames.map(([, bytes]) => bytes.slice());
  }

  async readRange(id: number, from: number, to: number): Promise<Uint8Array> {
    // Not before the next turn, as in a browser.
    await new Promise((resolve) => setImmediate(resolve));
    await this.hold;
    if (this.failReads-- > 0) throw new AetherError('AV_STORAGE', 'IndexedDB failed: the test says so');
    this.#mustLive();
    this.#opened.add(id);
    return this.#whole(id).subarray(from, to);
  }

  async readsNow(id: number): Promise<boolean> {
    await new Promise((resolve) => setImmediate(resolve));
    await this.hold;
    this.#opened.add(id);
    return this.disk.readsNow;
  }

  readNow(id: number, from: number, into: Uint8Array): number | undefined {
    if (!this.disk.readsNow || !this.#opened.has(id)) return undefined;
    const bytes = this.#whole(id).subarray(from, from + into.length);
    into.set(bytes);
    this.readInTurn += bytes.length;
    return bytes.length;
  }

  #whole(id: number): Uint8Array {
    const frames = [...(this.disk.segments.get(id) ?? [])].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
    const whole = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const frame of frames) {
      whole.set(frame, at);
      at += frame.length;
    }
    return whole;
  }

  async load(plan: Parameters<Store['load']>[0]): Promise<Stored> {
    this.#mustLive();
    const { heads, manifests, wal, segments } = this.disk;
    const frames = wal.toSorted((a, b) => a.epoch - b.epoch || a.n - b.n);
    const inOrder = (frames: Map<number, Uint8Array>): Uint8Array[] =>
      [...frames].sort(([a], [b]) => a - b).map(([, bytes]) => bytes.slice());
    const head = {
      heads: [heads.get('A')?.slice(), heads.get('B')?.slice()],
      manifests: new Map([...manifests].map(([epoch, bytes]) => [epoch, bytes.slice()])),
    };
    const { later } = plan(head);
    const read = async (id: number, frames: Map<number, Uint8Array>): Promise<Uint8Array[]> => {
      if (later.has(id)) return [];
      if (this.disk.unreadable.has(id)) throw new AetherError('AV_CORRUPT', 'a file cannot be read, says the test');
      return inOrder(frames);
    };
    const pieces = [...segments].sort(([a], [b]) => a - b).map(([id, frames]) => [id, read(id, frames)] as const);
    // As in the real store: who wants a segment hears of its failure.
    for (const [, piece] of pieces) piece.catch(() => undefined);
    return {
      ...head,
      frames: frames.map((frame) => ({ ...frame, bytes: frame.bytes.slice() })),
      segments: new Map(pieces),
    };
  }

  async tail(epoch: number, from: number): Promise<StoredFrame[]> {
    const { frames } = await this.load(() => ({ first: new Set(), later: new Set() }));
    return frames.filter((frame) => frame.epoch === epoch && frame.n >= from);
  }

  append(epoch: number, n: number, frame: Uint8Array): Promise<void> {
    return this.#write(() => {
      const { disk } = this;
      if (disk.wal.some((other) => other.epoch === epoch && other.n === n))
        throw new AetherError('AV_STORAGE', `IndexedDB failed: ConstraintError: WAL frame ${epoch}/${n} is there`);
      disk.appended += frame.length;
      disk.wal = [...disk.wal, { epoch, n, bytes: padded(frame) }];
    });
  }

  async writeSegment(id: number, bytes: Uint8Array, frameBytes: number): Promise<void> {
    const perTransaction = Math.max(1, Math.floor(TRANSACTION_BYTES_MAX / frameBytes));
    const count = Math.ceil(bytes.length / frameBytes);
    for (let first = 0; first < count; first += perTransaction) {
      await this.#write(() => {
        const frames = this.disk.segments.get(id) ?? new Map<number, Uint8Array>();
        this.disk.segments.set(id, frames);
        for (let i = first; i < Math.min(count, first + perTransaction); i++)
          frames.set(i, padded(bytes.slice(i * frameBytes, (i + 1) * frameBytes)));
      });
    }
  }

  publish(p: Publication): Promise<void> {
    return this.#write(() => {
      const { disk } = this;
      disk.manifests.set(p.epoch, p.manifest.slice());
      disk.heads.set(p.slot, p.head.slice());
      if (p.clearsWal) disk.wal = [];
      for (const epoch of [...disk.manifests.keys()]) if (epoch < p.dropManifestsBefore) disk.manifests.delete(epoch);
    });
  }

  async dropSegments(ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#write(() => {
      for (const id of ids) this.disk.segments.delete(id);
    });
  }

  close(): void {
    this.#dead = true;
  }

  #mustLive(): void {
    if (this.#dead) throw new AetherError('AV_STORAGE', 'IndexedDB failed: the process is dead');
  }

  /** One transaction: all of it or nothing; nothing is stored before the next turn. */
  async #write(apply: () => void): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#mustLive();
    const how = ++this.writes === this.fault?.at ? this.fault.how : undefined;
    if (how === 'before') this.close();
    if (how === 'before' || how === 'refuse') throw new AetherError('AV_QUOTA', 'no room, says the test');
    apply();
    if (how === 'after') this.close();
    this.#mustLive();
  }
}

/** Values are stored at least this long, as the real store does. */
function padded(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.max(bytes.length, BLOB_BYTES_MIN));
  out.set(bytes);
  return out;
}
