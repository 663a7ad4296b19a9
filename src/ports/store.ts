// What the engine asks of durable storage. Implementations: IndexedDB, with large segments in the private file system if wanted, and memory.

/** Where the newest manifest stands and which database it belongs to; lives in two alternating slots. */
export interface Head {
  readonly epoch: number;
  readonly manifestCrc: number;
}

/** Everything a database needs to open, of one moment. */
export interface Stored {
  /** Both slots as stored; either may be missing or damaged. */
  readonly heads: readonly (Uint8Array | undefined)[];
  /** Manifests by epoch. */
  readonly manifests: ReadonlyMap<number, Uint8Array>;
  /** WAL frames in key order: [epoch, n]. */
  readonly frames: readonly StoredFrame[];
  /**
   * Frames of every segment, in order, by segment id; none for those that are read later, as all are that can be read in parts. They come
   * one after another.
   */
  readonly segments: ReadonlyMap<number, Promise<readonly Uint8Array[]>>;
}

/** Which segments are read before the others, and which only when they are needed. */
export interface Reading {
  readonly first: ReadonlySet<number>;
  readonly later: ReadonlySet<number>;
}

/** A WAL frame and its key. */
export interface StoredFrame {
  readonly epoch: number;
  readonly n: number;
  readonly bytes: Uint8Array;
}

/** A new manifest takes over: one transaction. */
export interface Publication {
  readonly slot: 'A' | 'B';
  readonly head: Uint8Array;
  readonly epoch: number;
  readonly manifest: Uint8Array;
  /** Is all that the WAL holds in segments that both this manifest and the one before name? Then it is cleared. */
  readonly clearsWal: boolean;
  /** Manifests before this epoch are no longer needed. */
  readonly dropManifestsBefore: number;
}

/**
 * Durable storage of one database. Every method that writes is one transaction: it resolves when the transaction is
 * complete and rejects with `AV_QUOTA` or `AV_STORAGE` when it was rolled back, leaving what was there before.
 */
export interface Store {
  readonly kind: 'indexeddb' | 'opfs' | 'memory';
  /** Reads all there is but the segments of {@link Reading.later}: a consistent snapshot. */
  load(plan: (stored: Pick<Stored, 'heads' | 'manifests'>) => Reading): Promise<Stored>;
  /** Frames of a segment; empty when it is not there. */
  readSegment(id: number): Promise<Uint8Array[]>;
  /** Bytes `from` to before `to` of a segment of vectors; fewer where it ends. */
  readRange(id: number, from: number, to: number): Promise<Uint8Array>;
  /** Can {@link readNow} read of a segment? From now on it can, if so. */
  readsNow(id: number): Promise<boolean>;
  /** As {@link readRange} in this turn, into `into`: how many bytes there were. Undefined where that cannot be. */
  readNow(id: number, from: number, into: Uint8Array): number | undefined;
  /** WAL frames of `epoch` with number `from` and above. */
  tail(epoch: number, from: number): Promise<StoredFrame[]>;
  /** Adds one WAL frame: the durability point of a commit. `AV_BUSY` when a manifest of a later epoch is there. */
  append(epoch: number, n: number, frame: Uint8Array): Promise<void>;
  /** Writes a segment that nothing refers to yet, in frames of `frameBytes`; `asFile`: in files instead, where the store keeps any. */
  writeSegment(id: number, bytes: Uint8Array, frameBytes: number, asFile?: boolean): Promise<void>;
  /** Swaps manifests. */
  publish(publication: Publication): Promise<void>;
  /** Deletes segments that were written and never published. */
  dropSegments(ids: readonly number[]): Promise<void>;
  close(): void;
}
