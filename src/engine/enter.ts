// The store of a database and the right to write to it: what opening needs before anything is read.

import { AetherError } from '../base/errors.ts';
import type { Warning } from '../model/report.ts';
import type { Store } from '../ports/store.ts';
import type { OpenRequest } from '../protocol/engine.ts';
import { openIdbStore } from '../storage/idb.ts';
import { type Lease, takeLease } from '../storage/lease.ts';
import { createMemoryStore } from '../storage/memory.ts';

/** Opens the store and asks for the right to write, both at once. A store in memory is nobody else's. */
export async function enter(
  request: OpenRequest,
  warn: (warning: Warning) => void,
): Promise<{ store: Store; why: string; lease: Lease }> {
  const asking = request.name === undefined ? Promise.resolve(ownLease) : takeLease(request.name);
  const [opened, asked] = await Promise.allSettled([openStore(request, warn), asking]);
  if (opened.status === 'rejected') {
    if (asked.status === 'fulfilled') asked.value.release();
    throw opened.reason;
  }
  const { store, why } = opened.value;
  if (asked.status === 'rejected') {
    store.close();
    throw asked.reason;
  }
  if (store.kind !== 'memory') return { store, why, lease: asked.value };
  asked.value.release();
  return { store, why, lease: ownLease };
}

const ownLease: Lease = { writer: true, onWriter: (become) => become(), release: () => undefined };

async function openStore(
  request: OpenRequest,
  warn: (warning: Warning) => void,
): Promise<{ store: Store; why: string }> {
  if (request.name === undefined) return { store: createMemoryStore(), why: 'the database has no name' };
  try {
    const store = await openIdbStore(request.name, request.durability, request.onDisk);
    if (request.onDisk && store.kind !== 'opfs')
      warn({
        code: 'AV_STORAGE',
        message: `this browser keeps no files for "${request.name}": all of it lies in IndexedDB.`,
      });
    return { store, why: 'the database has a name' };
  } catch (error) {
    if (typeof indexedDB !== 'undefined' && !isDenied(error)) throw error;
    const why = 'this page has no IndexedDB';
    warn({
      code: 'AV_STORAGE',
      message: `${why}: "${request.name}" is kept in memory and is gone with the page.`,
    });
    return { store: createMemoryStore(), why };
  }
}

/** Sandboxed frames and some private modes have the name but not the thing. */
function isDenied(error: unknown): boolean {
  const cause = error instanceof AetherError ? error.cause : undefined;
  return cause instanceof Error && ['SecurityError', 'InvalidStateError'].includes(cause.name);
}
