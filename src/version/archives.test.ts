// What is known of archives without opening them: their section, and which may hold what.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Archives, type Archive, decodeArchives, encodeArchives, printOf } from './archives.ts';
import { Bitset } from './bitset.ts';

function setOf(ordinals: Iterable<number>): Bitset {
  const set = new Bitset();
  for (const ordinal of ordinals) set.add(ordinal);
  return set;
}

const archive = fc
  .record({
    segment: fc.nat(),
    rows: fc.uniqueArray(fc.tuple(fc.nat(3000), fc.nat({ max: 0xffffffff })), {
      selector: ([vno]) => vno,
      maxLength: 40,
    }),
  })
  .map(
    ({ segment, rows }): Archive => ({
      segment,
      vnos: setOf(rows.map(([vno]) => vno)),
      prints: Uint32Array.from(rows, ([, print]) => print).sort(),
    }),
  );
const plain = ({ segment, vnos, prints }: Archive): unknown => ({ segment, vnos: [...vnos], prints: [...prints] });

describe('archives', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(fc.array(archive, { maxLength: 5 }), (list) => {
        expect(decodeArchives(encodeArchives(list)).map(plain)).toEqual(list.map(plain));
      }),
    );
  });

  it('cut off are AV_CORRUPT', () => {
    const bytes = encodeArchives([{ segment: 300, vnos: setOf([5, 900]), prints: Uint32Array.of(7, 8) }]);
    for (let length = 1; length < bytes.length; length++)
      expect(() => decodeArchives(bytes.subarray(0, length)), `${length} bytes`).toThrow(
        expect.objectContaining({ code: 'AV_CORRUPT' }),
      );
  });

  it('that are closed are found by the rows they hold and by prints', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(archive, { selector: ({ segment }) => segment, maxLength: 5 }),
        fc.array(fc.nat(3000), { maxLength: 4 }),
        fc.nat({ max: 0xffffffff }),
        (list, wanted, other) => {
          const archives = new Archives();
          for (const one of list) archives.all.set(one.segment, one);
          const [opened] = list;
          if (opened) archives.open.set(opened.segment, 1);
          const closed = list.slice(1);
          const holding = closed.filter(({ vnos }) => wanted.some((vno) => vnos.has(vno)));
          expect(archives.closedWith(setOf(wanted))).toEqual(holding.map(({ segment }) => segment));
          for (const print of [other, ...list.flatMap(({ prints }) => [...prints])]) {
            const having = closed.filter(({ prints }) => prints.includes(print));
            expect(archives.closedWithPrint(print)).toEqual(having.map(({ segment }) => segment));
          }
        },
      ),
    );
  });
});

describe('a print', () => {
  it('is one u32 of both ids, wherever their bytes lie', () => {
    const ids = Uint8Array.from({ length: 33 }, (_, i) => 250 - i);
    const [chunkId, versionId] = [ids.subarray(1, 17), ids.subarray(17, 33)];
    const print = printOf(chunkId, versionId);
    expect(print).toBe(printOf(chunkId.slice(), versionId.slice()));
    expect([Number.isInteger(print), print >= 0, print <= 0xffffffff]).toEqual([true, true, true]);
    const other = versionId.slice();
    other[3] = 255;
    expect(printOf(chunkId, other)).not.toBe(print);
    expect(printOf(Uint8Array.of(0, 0, 0, 255), new Uint8Array(4))).toBe(0xff000000);
  });
});
