// The databases of this origin, seen from the page: their names, and their end.

import { AetherError } from '../base/errors.ts';
import { DATABASE_PREFIX, folderOf, writerLock } from '../protocol/names.ts';

/** Names of the databases. */
export async function listDatabases(): Promise<string[]> {
  if (typeof indexedDB === 'undefined') return [];
  // Where IndexedDB is denied there are no databases.
  const all = await (async () => indexedDB.databases())().catch(() => []);
  return all
    .flatMap(({ name }) => (name?.startsWith(DATABASE_PREFIX) ? [name.slice(DATABASE_PREFIX.length)] : []))
    .sort();
}

const busy = (name: string): AetherError =>
  new AetherError('AV_BUSY', `"${name}" is open, here or in another tab. Close it first.`);

/**
 * Deletes a database; `AV_BUSY` while somebody has it open. The writer's lock is taken first: a deletion that IndexedDB
 * has accepted cannot be taken back, it would wait for the other tab and strike later.
 */
export async function deleteDatabase(name: string): Promise<void> {
  if (typeof indexedDB === 'undefined') return;
  const locks = (navigator as Partial<Navigator>).locks;
  if (!locks) return remove(name);
  await locks.request(writerLock(name), { ifAvailable: true }, async (lock) => {
    if (!lock) throw busy(name);
    await remove(name);
  });
}

function remove(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(DATABASE_PREFIX + name);
    request.onsuccess = () => void removeFiles(name).then(resolve);
    request.onerror = () => {
      const { error } = request;
      reject(new AetherError('AV_STORAGE', `"${name}" could not be deleted: ${error?.message}`, { cause: error }));
    };
    request.onblocked = () => reject(busy(name));
  });
}

/** Its files, if it has any. */
async function removeFiles(name: string): Promise<void> {
  // Nobody has it open: what is left of it is of nobody.
  const root = await (async () => navigator.storage.getDirectory())().catch(() => undefined);
  await root?.removeEntry(folderOf(name), { recursive: true }).catch(() => undefined);
}
