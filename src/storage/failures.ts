// What IndexedDB fails with, as errors of ours; and what never settles, as one.

import { AetherError } from '../base/errors.ts';

const OPEN_MS_MAX = 10_000;

/** Rejects when a promise does not settle in time: a blocked open or upgrade would hang for ever. */
export async function settle<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new AetherError(
            'AV_STORAGE',
            `${what} did not finish in ${OPEN_MS_MAX / 1000} s. Close other tabs of this site and try again.`,
          ),
        ),
      OPEN_MS_MAX,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A failure of the browser's storage as one of ours. */
export function storageError(cause: unknown): AetherError {
  const name = cause instanceof Error ? cause.name : '';
  if (name === 'QuotaExceededError')
    return new AetherError(
      'AV_QUOTA',
      'the browser has no more room for this site. Delete data or free disk space; nothing of this write was stored.',
      { cause },
    );
  if (name === 'VersionError') {
    const what = 'the database was written by a later version of the library. Update it.';
    return new AetherError('AV_FORMAT_NEWER', what, { cause });
  }
  return new AetherError(
    'AV_STORAGE',
    `IndexedDB failed: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`,
    { cause },
  );
}
