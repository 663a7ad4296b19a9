// Little-endian bytes: whatever is written is read again, and nothing is read that was not written.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter, hex, unhex, utf8 } from './bytes.ts';

type Value =
  | { kind: 'u32' | 'varint' | 'f64'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'bytes'; value: Uint8Array }
  | { kind: 'rising'; value: number[] };

const wellFormed = fc.string({ unit: 'grapheme' });
const value: fc.Arbitrary<Value> = fc.oneof(
  fc.record({ kind: fc.constant('u32' as const), value: fc.nat({ max: 0xffffffff }) }),
  fc.record({ kind: fc.constant('varint' as const), value: fc.maxSafeNat() }),
  fc.record({ kind: fc.constant('f64' as const), value: fc.double() }),
  fc.record({ kind: fc.constant('string' as const), value: wellFormed }),
  fc.record({ kind: fc.constant('bytes' as const), value: fc.uint8Array() }),
  fc.record({
    kind: fc.constant('rising' as const),
    value: fc.uniqueArray(fc.nat()).map((list) => list.sort((a, b) => a - b)),
  }),
);

function write(values: readonly Value[]): Uint8Array {
  const out = new ByteWriter();
  for (const item of values) {
    if (item.kind === 'string') out.string(item.value);
    else if (item.kind === 'bytes') out.varint(item.value.length).bytes(item.value);
    else if (item.kind === 'rising') out.rising(item.value);
    else out[item.kind](item.value);
  }
  return out.take();
}

function read(values: readonly Value[], bytes: Uint8Array): Value[] {
  const reader = new ByteReader(bytes, 'Test');
  const back = values.map(({ kind }): Value => {
    if (kind === 'u32') return { kind, value: reader.u32() };
    if (kind === 'varint') return { kind, value: reader.varint() };
    if (kind === 'f64') return { kind, value: reader.f64() };
    if (kind === 'string') return { kind, value: reader.string() };
    if (kind === 'bytes') return { kind, value: reader.bytes(reader.count()).slice() };
    return { kind, value: reader.rising() };
  });
  expect(reader.left).toBe(0);
  return back;
}

describe('what was written', () => {
  it('is read again, in any order and number', () => {
    fc.assert(
      fc.property(fc.array(value), (values) => {
        expect(read(values, write(values))).toEqual(values);
      }),
    );
  });

  it('is AV_CORRUPT when it was cut off anywhere', () => {
    const cut = (values: Value[], share: number): void => {
      const bytes = write(values);
      const short = bytes.subarray(0, Math.floor(share * bytes.length));
      expect(() => read(values, short)).toThrow(expect.objectContaining({ code: 'AV_CORRUPT' }));
    };
    fc.assert(fc.property(fc.array(value, { minLength: 1 }), fc.double({ min: 0, max: 0.999, noNaN: true }), cut));
  });

  it('may be anything: random bytes are values or AV_CORRUPT, never another failure', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(value), (bytes, values) => {
        try {
          read(values, bytes);
        } catch (error) {
          if ((error as Error).name !== 'AssertionError') expect(error).toMatchObject({ code: 'AV_CORRUPT' });
        }
      }),
    );
  });
});

describe('a number', () => {
  it('as varint takes seven bits a byte, up to 2^53', () => {
    const bytes = (value: number): number[] => [...new ByteWriter().varint(value).take()];
    expect([bytes(0), bytes(127), bytes(128), bytes(300)]).toEqual([[0], [127], [128, 1], [172, 2]]);
    expect(new ByteReader(new ByteWriter().varint(2 ** 53).take(), 'n').varint()).toBe(2 ** 53);
  });

  it('that never ends is refused', () => {
    expect(() => new ByteReader(new Uint8Array(12).fill(255), 'n').varint()).toThrow('too long');
  });

  it('of items larger than what is left is refused before anything is made', () => {
    const claim = new ByteWriter().varint(2 ** 40).take();
    expect(() => new ByteReader(claim, 'n').rising()).toThrow(expect.objectContaining({ code: 'AV_CORRUPT' }));
    expect(() => new ByteReader(claim, 'n').string()).toThrow(expect.objectContaining({ code: 'AV_CORRUPT' }));
  });
});

describe('text', () => {
  it('that is not UTF-8 is AV_CORRUPT; a byte order mark stays', () => {
    const bad = new ByteWriter().varint(2).bytes(Uint8Array.of(0xc3, 0x28)).take();
    expect(() => new ByteReader(bad, 'Docs').string()).toThrow('AV_CORRUPT: Docs holds text that is not UTF-8');
    expect(new ByteReader(new ByteWriter().string('\ufeffa').take(), 't').string()).toBe('\ufeffa');
  });

  it('written raw gives its length in bytes, also across the edge of the buffer', () => {
    fc.assert(
      fc.property(wellFormed, fc.nat(300), (text, before) => {
        const out = new ByteWriter().bytes(new Uint8Array(before));
        expect(out.raw(text)).toBe(utf8(text).length);
        expect(out.take().subarray(before)).toEqual(utf8(text));
      }),
    );
  });
});

it('hexadecimal digits and bytes are each other', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(unhex(hex(bytes))).toEqual(bytes);
    }),
  );
  expect(hex(Uint8Array.of(0, 15, 255))).toBe('000fff');
});

it('a reader over a part of a buffer reads that part only', () => {
  const reader = new ByteReader(Uint8Array.of(9, 9, 1, 0, 0, 0, 9).subarray(2, 6), 'part');
  expect([reader.u32(), reader.left]).toEqual([1, 0]);
  expect(() => reader.u32()).toThrow('part ends 4 bytes early');
});
