// Handles of files: one that can no longer be read is looked up again, once.

import { expect, it } from 'vitest';
import { Disk } from './disk.ts';
import { Files } from './files.ts';

const BYTES = Uint8Array.from({ length: 100 }, (_, i) => i);

/** A handle whose file can be taken away. */
class Handle extends Blob {
  isStale = false;

  override slice(from?: number, to?: number): Blob {
    if (!this.isStale) return super.slice(from, to);
    const part = new Blob([]);
    part.arrayBuffer = () => Promise.reject(new DOMException('it is not there', 'NotReadableError'));
    return part;
  }
}

/** A segment of two files, and every handle that was looked up. */
function segment(): { files: Files; handles: Handle[] } {
  const handles: Handle[] = [];
  const files = new Files(new Disk('test'), async () => {
    const found = [new Handle([BYTES.slice(0, 60)]), new Handle([BYTES.slice(60)])];
    handles.push(...found);
    return found;
  });
  return { files, handles };
}

/** Across both files. */
const read = (files: Files): Promise<Uint8Array | undefined> => files.read(7, 50, 70);

it('a handle that is older than its file is looked up once more', async () => {
  const { files, handles } = segment();
  expect(await read(files)).toEqual(BYTES.slice(50, 70));
  expect(await read(files)).toEqual(BYTES.slice(50, 70));
  expect(handles.length).toBe(2);
  for (const handle of handles) handle.isStale = true;
  const both = await Promise.all([read(files), read(files)]);
  expect(both).toEqual([BYTES.slice(50, 70), BYTES.slice(50, 70)]);
  const looked = handles.length;
  expect(await read(files)).toEqual(BYTES.slice(50, 70));
  expect(handles.length).toBe(looked);
});

it('a file that is lost: AV_CORRUPT, and the next read looks again', async () => {
  let finds = 0;
  let isLost = true;
  const files = new Files(new Disk('test'), async () => {
    finds++;
    const found = new Handle([BYTES]);
    found.isStale = isLost;
    return [found];
  });
  for (let i = 1; i <= 3; i++) {
    await expect(read(files)).rejects.toMatchObject({ code: 'AV_CORRUPT' });
    expect(finds).toBe(i);
  }
  isLost = false;
  expect(await read(files)).toEqual(BYTES.slice(50, 70));
});
