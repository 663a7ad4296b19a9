// Segments as files of the origin's private file system (OPFS): read in the same turn, straight to where the bytes belong.
//
// Measured in Chromium: a thousand places of a file take 3 ms, and 50 MB as long as the memory that they go to takes to come.

import { AetherError, asAether } from '../base/errors.ts';
import { folderOf } from '../protocol/names.ts';
import { storageError } from './failures.ts';

/** How often a file that is held is tried again, and after how long. */
const [TRIES, RETRY_MS] = [40, 250];

/** The files of one database. */
export class Disk {
  readonly #name: string;
  readonly #open = new Map<number, FileSystemSyncAccessHandle>();
  /** The same, and those on their way. */
  readonly #opening = new Map<number, Promise<FileSystemSyncAccessHandle>>();
  #found: FileSystemDirectoryHandle | undefined;
  #isClosed = false;

  constructor(name: string) {
    this.#name = folderOf(name);
  }

  /** Can files be had here? */
  async isThere(): Promise<boolean> {
    return this.#folder(true).then(
      () => 'createSyncAccessHandle' in FileSystemFileHandle.prototype,
      () => false,
    );
  }

  /** Looks for files of this database, so that they are opened sooner. */
  async look(): Promise<void> {
    await this.#folder(false).catch(() => undefined);
  }

  /** Were there any when it was looked? */
  get isLikely(): boolean {
    return this.#found !== undefined;
  }

  /** Looked up once, which is two trips to the browser: who deletes it has closed this first. */
  async #folder(create: boolean): Promise<FileSystemDirectoryHandle> {
    const look = async (): Promise<FileSystemDirectoryHandle> =>
      (await navigator.storage.getDirectory()).getDirectoryHandle(this.#name, { create });
    this.#found ??= await look();
    return this.#found;
  }

  /**
   * Writes a segment; it is on the disk when this resolves. After a failure {@link drop} takes back what there is of it.
   *
   * @throws `AV_QUOTA`, `AV_STORAGE`.
   */
  async write(id: number, bytes: Uint8Array): Promise<void> {
    this.forget(id);
    try {
      const file = await (await this.#folder(true)).getFileHandle(String(id), { create: true });
      const handle = await file.createSyncAccessHandle();
      try {
        // An unfinished write may have left a longer one.
        handle.truncate(0);
        const written = handle.write(bytes as Uint8Array<ArrayBuffer>, { at: 0 });
        if (written < bytes.length) throw new DOMException(`only ${written} bytes were written`, 'QuotaExceededError');
        handle.flush();
      } finally {
        handle.close();
      }
    } catch (cause) {
      throw storageError(cause);
    }
  }

  /**
   * Opens the file of a segment, for {@link readNow}.
   *
   * @throws `AV_CORRUPT` when it is not there, `AV_STORAGE`.
   */
  async open(id: number): Promise<void> {
    const opening = this.#opening.get(id) ?? this.#handle(id);
    this.#opening.set(id, opening);
    try {
      const handle = await opening;
      // Or it was let go of meanwhile.
      if (this.#opening.get(id) === opening && !this.#isClosed) this.#open.set(id, handle);
      else handle.close();
    } catch (error) {
      if (this.#opening.get(id) === opening) this.#opening.delete(id);
      throw error;
    }
  }

  #handle(id: number): Promise<FileSystemSyncAccessHandle> {
    return this.#file(id, (file) =>
      // Many tabs may read. A browser that knows no modes lets in the first one only.
      (file.createSyncAccessHandle as (options: object) => Promise<FileSystemSyncAccessHandle>)({ mode: 'read-only' }),
    );
  }

  /** Bytes of an open file, from `at` on, into `into`: how many there were; undefined when it is not open. */
  readNow(id: number, at: number, into: Uint8Array): number | undefined {
    const handle = this.#open.get(id);
    try {
      return handle?.read(into as Uint8Array<ArrayBuffer>, { at });
    } catch {
      // The browser may have closed it.
      this.forget(id);
      return undefined;
    }
  }

  /**
   * Bytes of a file, fewer where it ends.
   *
   * @throws as {@link open}.
   */
  async read(id: number, from: number, to: number): Promise<Uint8Array> {
    try {
      await this.open(id);
    } catch (cause) {
      if (!isHeld(asAether(cause).cause)) throw cause;
      const part = await this.#file(id, async (file) => (await file.getFile()).slice(from, to).arrayBuffer());
      return new Uint8Array(part);
    }
    const handle = this.#open.get(id);
    // Others let go of it while it was opened.
    if (!handle && !this.#isClosed) return this.read(id, from, to);
    const length = Math.min(to, handle?.getSize() ?? 0) - from;
    const bytes = new Uint8Array(Math.max(0, length));
    const count = this.readNow(id, from, bytes) ?? 0;
    return bytes.subarray(0, count);
  }

  async #file<T>(id: number, use: (file: FileSystemFileHandle) => Promise<T>): Promise<T> {
    try {
      return await use(await (await this.#folder(false)).getFileHandle(String(id)));
    } catch (cause) {
      if (!(cause instanceof DOMException) || cause.name !== 'NotFoundError') throw storageError(cause);
      const message = `the file of segment ${id} of this database is gone. Restore a copy of it.`;
      throw new AetherError('AV_CORRUPT', message, { detail: { segment: id }, cause });
    }
  }

  /** Ids of the files there are. */
  async list(): Promise<number[]> {
    const out: number[] = [];
    const folder = await this.#folder(false).catch(() => undefined);
    if (folder) for await (const name of folder.keys()) out.push(Number(name));
    return out;
  }

  /**
   * Deletes files. Another tab that reads one lets go of it when it hears that it was replaced, so it is tried again for a while; what is
   * left then is an orphan of the next opening.
   */
  async drop(ids: readonly number[]): Promise<void> {
    for (const id of ids) this.forget(id);
    const held = await this.#remove(ids);
    if (held.length > 0) void this.#removeLater(held);
  }

  async #removeLater(ids: readonly number[]): Promise<void> {
    let held = ids;
    for (let left = TRIES; left > 0 && held.length > 0 && !this.#isClosed; left--) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      held = await this.#remove(held);
    }
  }

  /** Deletes what nobody holds; the others come back. */
  async #remove(ids: readonly number[]): Promise<number[]> {
    const folder = await this.#folder(false).catch(() => undefined);
    const held: number[] = [];
    for (const id of ids) {
      const error: unknown = await folder?.removeEntry(String(id)).catch((cause: unknown) => cause);
      if (isHeld(error)) held.push(id);
    }
    return held;
  }

  /** Lets go of a file. */
  forget(id: number): void {
    this.#open.get(id)?.close();
    this.#open.delete(id);
    this.#opening.delete(id);
  }

  /** Lets go of all files. */
  forgetAll(): void {
    for (const id of [...this.#opening.keys()]) this.forget(id);
  }

  close(): void {
    this.#isClosed = true;
    this.forgetAll();
  }
}

/** Has somebody else opened the file? */
const isHeld = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'NoModificationAllowedError';
