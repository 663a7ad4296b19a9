// Which commits somebody still reads: a shared Web Lock per commit, so that it ends with the tab that holds it.

import { pinLock } from '../protocol/names.ts';

/** The pins of one database. */
export interface Pins {
  /** Pins a commit under a name of the caller's. */
  hold(pin: string, commit: string): Promise<void>;
  drop(pin: string): void;
  /** Ids of all commits that are pinned, in any tab. */
  all(): Promise<Set<string>>;
  close(): void;
}

/** Pins of a database by name; those of one without a name, or without Web Locks, are this worker's alone. */
export function openPins(name: string | undefined): Pins {
  const held = new Map<string, { readonly commit: string; readonly release: () => void }>();
  const locks = name === undefined ? undefined : (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
  const drop = (pin: string): void => {
    held.get(pin)?.release();
    held.delete(pin);
  };
  return {
    async hold(pin, commit) {
      drop(pin);
      if (!locks || name === undefined) return void held.set(pin, { commit, release: () => undefined });
      await new Promise<void>((granted, failed) => {
        const until = new Promise<void>((release) => held.set(pin, { commit, release }));
        locks
          .request(pinLock(name, commit), { mode: 'shared' }, () => {
            granted();
            return until;
          })
          .catch(failed);
      });
    },
    drop,
    async all() {
      const own = [...held.values()].map(({ commit }) => commit);
      if (!locks || name === undefined) return new Set(own);
      const prefix = pinLock(name, '');
      const { held: everywhere = [] } = await locks.query();
      const names = everywhere.map((lock) => lock.name ?? '').filter((lock) => lock.startsWith(prefix));
      return new Set([...own, ...names.map((lock) => lock.slice(prefix.length))]);
    },
    close() {
      for (const pin of [...held.keys()]) drop(pin);
    },
  };
}
