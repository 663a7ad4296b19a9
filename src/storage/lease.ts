// Who may write: an exclusive Web Lock per database name, held for life; the death of its holder releases it.

import { writerLock } from '../protocol/names.ts';

/** The outcome of asking for the lease. */
export interface Lease {
  readonly writer: boolean;
  /** Calls back once this tab becomes the writer (at once if it is). */
  onWriter(become: () => void): void;
  release(): void;
}

/**
 * Asks for the writer's lock of a database. Without Web Locks (pages that are not a secure context) every tab believes
 * to be the writer; the store then refuses the slower of two.
 */
export async function takeLease(name: string): Promise<Lease> {
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
  if (!locks) return { writer: true, onWriter: (become) => become(), release: () => undefined };
  const waiting = new AbortController();
  let release: () => void = () => undefined;
  let writer = false;
  let become: () => void = () => undefined;
  const lockName = writerLock(name);
  const hold = (): Promise<void> =>
    new Promise((resolve) => {
      release = resolve;
    });
  const first = await new Promise<boolean>((resolve, reject) => {
    locks
      .request(lockName, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : hold();
      })
      .catch(reject);
  });
  writer = first;
  if (!first) {
    locks
      .request(lockName, { signal: waiting.signal }, () => {
        writer = true;
        become();
        return hold();
      })
      .catch(() => undefined);
  }
  return {
    get writer() {
      return writer;
    },
    onWriter(callback) {
      if (writer) callback();
      else become = callback;
    },
    release() {
      waiting.abort();
      release();
    },
  };
}

/** The page asks for the same lock and gets it when this worker dies: the surest sign of death there is. */
export async function holdLifeLock(name: string): Promise<void> {
  const locks = (navigator as Partial<Navigator>).locks;
  if (!locks) return;
  await new Promise<void>((held, failed) => {
    locks
      .request(name, () => {
        held();
        return new Promise<void>(() => undefined);
      })
      .catch(failed);
  });
}
