// The databases of this origin, seen from the page: their names, and their end.

import { AetherError } from '../base/errors.ts';

const PREFIX = 'aetherv:';

/** Names of the databases. */
export async function listDatabases(): Promise<string[]> {
  if (typeof indexedDB === 'undefined') return [];
  const all = await indexedDB.databases();
  return all.flatMap(({ name }) => (name?.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : [])).sort();
}

/** Deletes a database; `AV_BUSY` while somebody has it open. */
export function deleteDatabase(name: string): Promise<void> {
  if (typeof indexedDB === 'undefined') return Promise.resolve();
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(PREFIX + name);
    request.onsuccess = () => resolve();
    request.onerror = () =>
      reject(
        new AetherError('AV_STORAGE', `"${name}" could not be deleted: ${request.error?.message}`, {
          cause: request.error,
        }),
      );
    request.onblocked = () =>
      reject(new AetherError('AV_BUSY', `"${name}" is open, here or in another tab. Close it first.`));
  });
}
