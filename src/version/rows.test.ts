// A large segment of vectors is taken in whole, wherever what was read before its head ends.

import { describe, expect, it } from 'vitest';
import { crc32c } from '../base/crc.ts';
import { KIND, type Section, sectionSpan, writeEnvelope } from '../base/envelope.ts';
import type { CollectionDef } from '../model/vectors.ts';
import type { Store } from '../ports/store.ts';
import type { Room, VectorIndex } from '../ports/vectors.ts';
import { beginToRead } from './rows.ts';

const DEF = { metric: 'cosine', m: 16 } as CollectionDef;

const section = (tag: string, length: number): Section => ({
  tag,
  body: Uint8Array.from({ length }, (_, i) => (i * 31 + tag.charCodeAt(0)) & 255),
});
const bytes = writeEnvelope(
  KIND.itemVectors,
  [section('sums', 100), section('Code', 5000), section('lnks', 3000), section('Rows', 20_000)],
  crc32c,
);
const span = (tag: string) => sectionSpan(bytes, tag) ?? { from: 0, to: 0 };

/** Takes the segment in; what came of its head, codes and links, whether all of it, and how far it was read. */
async function taken(dims: number, onDisk: boolean) {
  let last = 0;
  const store: Pick<Store, 'kind' | 'readsNow' | 'readNow' | 'readRange'> = {
    kind: 'indexeddb',
    readsNow: async () => onDisk,
    readNow: (_id, from, into) => {
      into.set(bytes.subarray(from, from + into.length));
      return into.length;
    },
    readRange: async (_id, from, to) => {
      last = Math.max(last, Math.min(to, bytes.length));
      return bytes.slice(from, to);
    },
  };
  const rooms: Uint8Array[] = [];
  let isHere: boolean | undefined;
  const index = {
    room: (length: number): Room => {
      const own = new Uint8Array(length);
      rooms.push(own);
      return {
        put: (from, part) => own.set(part, from),
        fill: (from, to, read) => read(own.subarray(from, to)),
      };
    },
    attachPaged: (_id: number, _rooms: unknown, here: boolean) => {
      isHere = here;
    },
  } as unknown as VectorIndex;
  const entry = { id: 1, kind: 'item-vectors', collection: 1, space: 0, bytes: bytes.length, sum: 0 } as const;
  const memory = { budgetBytes: 0, pagedFromBytes: 0 };
  const take = await beginToRead({ store: store as Store, memory }, entry, { ...DEF, dims });
  await take(index);
  return { rooms, isHere, last };
}

describe('a segment in files', () => {
  const [codes, links] = [span('Code'), span('lnks')];
  const parts = [bytes.slice(0, codes.from), bytes.slice(codes.from, codes.to), bytes.slice(links.from, links.to)];

  it.each([
    ['before its codes end', 1e6],
    ['within its vectors', 100],
    ['with it', 1],
  ])('read until %s: its head, codes and links come whole', async (_, dims) => {
    const { rooms, isHere } = await taken(dims, false);
    expect(rooms).toEqual(parts);
    expect(isHere).toBe(true);
  });

  it('is not read to its end', async () => {
    expect((await taken(1e6, false)).last).toBe(links.to);
    expect((await taken(100, false)).last).toBeLessThan(bytes.length);
  });

  it('that can be read in any turn comes with its head alone', async () => {
    const { rooms, isHere, last } = await taken(100, true);
    expect([rooms[0], isHere, last]).toEqual([parts[0], false, 512]);
  });
});
