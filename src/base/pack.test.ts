// Deflated pieces: what was packed comes out, and no damaged piece does.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../test/kit/engine.ts';
import { Random } from '../../test/kit/random.ts';
import { hasher } from '../index/shard.ts';
import { headerSum, KIND, writeEnvelope } from './envelope.ts';
import { isPacked, joined, pack, unpack } from './pack.ts';

beforeAll(startEngine);
const crc = (bytes: Uint8Array): number => hasher.crc32c(bytes);
const whole = (bytes: Uint8Array) => ({ frames: [bytes], length: bytes.length });
const corrupt = { code: 'AV_CORRUPT' };
const text = new TextEncoder().encode(new Random(3).words(300).repeat(40));

/** A piece in frames of some size, the last one padded. */
function framed(bytes: Uint8Array, frameBytes: number): { frames: Uint8Array[]; length: number } {
  const frames: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += frameBytes) frames.push(bytes.slice(from, from + frameBytes));
  const last = frames.pop() ?? new Uint8Array(0);
  return { frames: [...frames, Uint8Array.of(...last, 0, 0, 7)], length: bytes.length };
}

describe('a packed piece', () => {
  it('gives back what was packed, whatever its frames', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 80, max: 600 }), async (plain, size) => {
        const packed = await pack(plain, crc);
        const sum = headerSum(packed);
        expect(await unpack(whole(packed), sum, crc)).toEqual(Uint8Array.from(plain));
        expect(joined(framed(packed, size))).toEqual(packed);
        expect(await unpack(framed(packed, size), sum, crc)).toEqual(Uint8Array.from(plain));
      }),
      { numRuns: 40 },
    );
  });

  it('is far smaller than text that repeats itself, and known by its head', async () => {
    const packed = await pack(text, crc);
    expect(packed.length).toBeLessThan(text.length / 10);
    expect(await unpack(whole(packed), headerSum(packed), crc)).toEqual(text);
    expect([isPacked(packed), isPacked(packed.subarray(0, 16))]).toEqual([true, true]);
    const other = writeEnvelope(KIND.history, [{ tag: 'Defl', body: text }], crc);
    expect([isPacked(other), isPacked(new Uint8Array(0)), isPacked(new Uint8Array(8))]).toEqual([false, false, false]);
  });

  it('with a flipped bit is AV_CORRUPT, or the same', async () => {
    const plain = text.subarray(0, 60);
    const packed = await pack(plain, crc);
    const sum = headerSum(packed);
    let refused = 0;
    for (let bit = 0; bit < packed.length * 8; bit++) {
      const bad = packed.slice();
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const out = await unpack(whole(bad), sum, crc).catch((error: unknown) => error);
      if (out instanceof Error) {
        expect(out, `bit ${bit}`).toMatchObject(corrupt);
        refused++;
        // A bit between two sections belongs to nothing.
      } else expect(out, `bit ${bit}`).toEqual(plain);
    }
    expect(refused).toBeGreaterThan(packed.length * 6);
  });

  it('that is missing, another one, cut off or not what it says is AV_CORRUPT', async () => {
    const [packed, other] = [await pack(text, crc), await pack(text.subarray(1), crc)];
    const sum = headerSum(packed);
    await expect(unpack({ frames: [], length: packed.length }, sum, crc)).rejects.toMatchObject(corrupt);
    await expect(unpack(whole(other), sum, crc)).rejects.toMatchObject(corrupt);
    for (const length of [0, 10, 40, packed.length - 1])
      await expect(unpack(whole(packed.subarray(0, length)), sum, crc), `${length}`).rejects.toMatchObject(corrupt);
    const bodies = [
      Uint8Array.of(),
      Uint8Array.of(4, 0, 0, 0),
      Uint8Array.of(4, 0, 0, 0, 255, 255),
      Uint8Array.of(1, 0, 0, 0, 3, 0),
    ];
    for (const body of bodies) {
      const bad = writeEnvelope(KIND.packed, [{ tag: 'Defl', body }], crc);
      await expect(unpack(whole(bad), headerSum(bad), crc), `${body}`).rejects.toMatchObject(corrupt);
    }
    const wrongKind = writeEnvelope(KIND.history, [{ tag: 'Defl', body: new Uint8Array(8) }], crc);
    await expect(unpack(whole(wrongKind), headerSum(wrongKind), crc)).rejects.toMatchObject(corrupt);
  });
});
