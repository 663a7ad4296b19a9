// Files that are let go of while they are opened: no handle stays behind, and who reads gets the bytes.

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Disk } from './disk.ts';
import { Files } from './files.ts';

const BYTES = Uint8Array.from({ length: 100 }, (_, i) => i);

/** Handles that are open, and what lets the next ones be opened. */
let held = 0;
let gate: Gate;
interface Gate {
  promise: Promise<void>;
  open: () => void;
}
const gated = (): Gate => {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
};

const handle = () => {
  let isOpen = true;
  held++;
  return {
    getSize: () => BYTES.length,
    read: (into: Uint8Array, { at }: { at: number }) => {
      if (!isOpen) throw new DOMException('it is closed', 'InvalidStateError');
      into.set(BYTES.subarray(at, at + into.length));
      return into.length;
    },
    close: () => {
      if (isOpen) held--;
      isOpen = false;
    },
  };
};

beforeEach(() => {
  held = 0;
  gate = gated();
  const file = { createSyncAccessHandle: async () => gate.promise.then(handle) };
  const folder = { getFileHandle: async () => file };
  vi.stubGlobal('navigator', {
    storage: { getDirectory: async () => ({ getDirectoryHandle: async () => folder }) },
  });
});
afterEach(() => vi.unstubAllGlobals());

it('is read all the same', async () => {
  const disk = new Disk('test');
  const reading = disk.read(7, 10, 20);
  await new Promise((resolve) => setTimeout(resolve));
  disk.forget(7);
  gate.open();
  expect(await reading).toEqual(BYTES.slice(10, 20));
  expect(held).toBe(1);
  disk.close();
  expect(held).toBe(0);
});

it('one that nothing stands for is not held, nor read', async () => {
  const disk = new Disk('test');
  await disk.look();
  const files = new Files(disk, async () => [new Blob([BYTES])]);
  gate.open();
  expect(await files.readsNow(7)).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect([held, disk.readNow(7, 0, new Uint8Array(5))]).toEqual([0, undefined]);
});

it('what is asked for twice is opened once', async () => {
  const disk = new Disk('test');
  gate.open();
  await Promise.all([disk.open(7), disk.open(7)]);
  expect([held, disk.readNow(7, 0, new Uint8Array(5))]).toEqual([1, 5]);
});
