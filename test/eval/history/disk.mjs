// Bytes on disk, taken from outside: what the browser keeps of IndexedDB in a profile folder.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below a folder with its size; what vanishes meanwhile is left out. */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const facts = entry.isFile() ? statSync(path, { throwIfNoEntry: false }) : undefined;
    return facts ? [{ path, bytes: facts.size }] : [];
  });
}

/** Bytes of all files below the folders named IndexedDB; those of LevelDB are apart from values that are files of their own. */
function storedParts(profile) {
  const inside = filesBelow(profile).filter(({ path }) => /[/\\]IndexedDB[/\\]/.test(path));
  const sum = (files) => files.reduce((total, { bytes }) => total + bytes, 0);
  const leveldb = sum(inside.filter(({ path }) => path.includes('.leveldb')));
  return { bytes: sum(inside), leveldb };
}

const stored = (profile) => storedParts(profile).bytes;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Waits until the bytes have been the same for `quietMs`. */
async function settled(profile, quietMs) {
  const deadline = performance.now() + 60_000;
  let [bytes, since] = [stored(profile), performance.now()];
  while (performance.now() - since < quietMs && performance.now() < deadline) {
    await pause(200);
    const now = stored(profile);
    if (now !== bytes) [bytes, since] = [now, performance.now()];
  }
  return bytes;
}

/**
 * Closes a database and its browser and resolves to what is left, as `{ bytes, leveldb }`. The browser is given the time in which it
 * removes files that nobody refers to any more (it does so some seconds after the last connection closed).
 */
export async function bytesAtRest(tab, handle, short) {
  await tab.call('eval/history', 'close', handle);
  await settled(tab.profile, short ? 1500 : 4000);
  await tab.close();
  await settled(tab.profile, 600);
  const left = storedParts(tab.profile);
  if (left.bytes === 0) throw new Error('no bytes of IndexedDB are in the profile folder');
  return left;
}

/**
 * The same of a database that others are measured by. The log of what was put may stay beside the segments until the next time that
 * segments are written, which would make it larger than what it holds: one small document more, and it is compacted again.
 */
export async function yardstickAtRest(tab, handle, short) {
  const verb = (...given) => tab.call('eval/history', 'verb', handle, ...given);
  await verb('compact');
  await verb('put', [{ id: 'one more', text: 'one more' }]);
  await verb('compact');
  return bytesAtRest(tab, handle, short);
}
