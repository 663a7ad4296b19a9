// Names that page and worker, and all tabs, must agree on.

/** IndexedDB databases of ours begin with this. */
export const DATABASE_PREFIX = 'aetherv:';
/** The folder of a database's files in the private file system. */
export const folderOf = (name: string): string => encodeURIComponent(DATABASE_PREFIX + name);

/** One with this prefix is made and deleted to make the browser tidy up; see src/storage/shake.ts. */
export const SCRATCH_PREFIX = 'aetherv-scratch:';

/** The Web Lock that the writer of a database holds. */
export const writerLock = (name: string): string => `aetherv:writer:${name}`;

/** The BroadcastChannel of a database; its number is the version of the messages. */
export const tabChannel = (name: string): string => `aetherv:1:${name}`;

/** The Web Lock of those that read a commit. */
export const pinLock = (name: string, commit: string): string => `aetherv:pin:${name}:${commit}`;
