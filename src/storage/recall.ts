// What was measured on this machine once, kept in a database of its own beside those of the users: losing it costs measuring again.

import { openDB } from 'idb';

const NAME = 'aetherv-measured';
const STORE = 'figures';

/** What is kept under a key, or else made and kept. Storage that fails is as if nothing were kept. */
export async function recalled<T>(key: string, make: () => Promise<T>): Promise<T> {
  const db = await openDB(NAME, 1, { upgrade: (fresh) => void fresh.createObjectStore(STORE) }).catch(() => undefined);
  try {
    const kept = (await db?.get(STORE, key).catch(() => undefined)) as T | undefined;
    if (kept !== undefined) return kept;
    const made = await make();
    await db?.put(STORE, made, key).catch(() => undefined);
    return made;
  } finally {
    db?.close();
  }
}
