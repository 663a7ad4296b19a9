// The manifest and its two slots: read again as written, never believed when damaged.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../test/kit/engine.ts';
import { KIND, readEnvelope, writeEnvelope } from '../base/envelope.ts';
import { hasher } from '../index/shard.ts';
import type { Stored } from '../ports/store.ts';
import { findManifest } from '../upkeep/recover.ts';
import {
  activeSpace,
  decodeHead,
  decodeManifest,
  decodeSegments,
  encodeHead,
  encodeManifest,
  encodeSegments,
  type Manifest,
} from './manifest.ts';

beforeAll(startEngine);
const crc = (bytes: Uint8Array): number => hasher.crc32c(bytes);

const segment = fc.record({
  id: fc.nat(),
  kind: fc.constantFrom(
    'text' as const,
    'vector' as const,
    'history' as const,
    'archive' as const,
    'items' as const,
    'item-vectors' as const,
  ),
  space: fc.nat(9),
  bytes: fc.nat(),
  sum: fc.nat({ max: 0xffffffff }),
});
const manifest: fc.Arbitrary<Manifest> = fc.record({
  databaseId: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  epoch: fc.maxSafeNat(),
  seq: fc.nat(),
  nextDno: fc.nat(),
  nextVno: fc.nat(),
  lastTime: fc.double({ noNaN: true }),
  nextSegment: fc.nat(),
  spaces: fc.array(
    fc.record({ ordinal: fc.nat(9), id: fc.string({ unit: 'grapheme' }), dims: fc.nat(9000), inputRule: fc.nat(9) }),
    {
      maxLength: 3,
    },
  ),
  space: fc.nat(9),
  segments: fc.array(segment, { maxLength: 9 }),
  collections: fc.array(
    fc.record({
      def: fc.record({
        ordinal: fc.nat(9),
        name: fc.string({ unit: 'grapheme' }),
        dims: fc.nat(9000),
        metric: fc.constantFrom('cosine' as const, 'dot' as const, 'l2' as const, 'hamming' as const),
        index: fc.constantFrom('auto' as const, 'flat' as const, 'hnsw' as const),
        m: fc.nat(32),
        efConstruction: fc.nat(1000),
      }),
      nextIno: fc.nat(),
      nextCno: fc.nat(),
    }),
    { maxLength: 3 },
  ),
});

const plain = (epoch: number): Manifest => ({
  databaseId: '00'.repeat(16),
  epoch,
  seq: epoch,
  nextDno: 0,
  nextVno: 0,
  lastTime: 0,
  nextSegment: 1,
  spaces: [{ ordinal: 1, id: 'model', dims: 4, inputRule: 1 }],
  space: 1,
  segments: [],
  collections: [],
});

describe('a manifest', () => {
  it('comes out as it went in', () => {
    fc.assert(
      fc.property(manifest, (one) => {
        expect(decodeManifest(encodeManifest(one, crc), crc)).toEqual(one);
        expect(decodeSegments(encodeSegments(one.segments))).toEqual(one.segments);
      }),
    );
  });

  it('of the first format ends before the next chunk version and the latest time', () => {
    const one: Manifest = { ...plain(3), nextDno: 7, nextVno: 8, lastTime: 1e12 };
    const sections = readEnvelope(encodeManifest(one, crc), KIND.manifest, ['Mhdr', 'Spac', 'Segm'], crc);
    const old = sections.map(({ tag, body }) => ({ tag, body: tag === 'Mhdr' ? body.subarray(0, -9) : body }));
    expect(decodeManifest(writeEnvelope(KIND.manifest, old, crc), crc)).toEqual({ ...one, nextVno: 0, lastTime: 0 });
  });

  it('names the space that searches use, or is AV_CORRUPT', () => {
    expect(activeSpace(plain(1))).toEqual({ ordinal: 1, id: 'model', dims: 4, inputRule: 1 });
    expect(() => activeSpace({ ...plain(1), space: 2 })).toThrow(expect.objectContaining({ code: 'AV_CORRUPT' }));
  });

  it('with a segment of an unknown kind is AV_FORMAT_NEWER, without its header AV_CORRUPT', () => {
    const section = encodeSegments([{ id: 1, kind: 'text', space: 0, bytes: 1, sum: 0 }]);
    section[1] = 9;
    expect(() => decodeSegments(section)).toThrow(expect.objectContaining({ code: 'AV_FORMAT_NEWER' }));
    expect(() => decodeManifest(writeEnvelope(KIND.manifest, [], crc), crc)).toThrow(
      expect.objectContaining({ code: 'AV_CORRUPT' }),
    );
  });
});

describe('a slot', () => {
  it('keeps epochs beyond 32 bits and the checksum of its manifest', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat({ max: 0xffffffff }), (epoch, manifestCrc) => {
        expect(decodeHead(encodeHead({ epoch, manifestCrc }, crc), crc)).toEqual({ epoch, manifestCrc });
      }),
    );
  });

  it('with any bit flipped, too short or too long is none', () => {
    const good = encodeHead({ epoch: 7, manifestCrc: 99 }, crc);
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = good.slice();
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decodeHead(bad, crc)).toBeUndefined();
    }
    for (const bad of [undefined, good.subarray(1), new Uint8Array([...good, 0])])
      expect(decodeHead(bad, crc)).toBeUndefined();
  });
});

describe('the newest good manifest', () => {
  const bytes = (epoch: number): Uint8Array => encodeManifest(plain(epoch), crc);
  const head = (epoch: number): Uint8Array => encodeHead({ epoch, manifestCrc: crc(bytes(epoch)) }, crc);
  const stored = (heads: Stored['heads'], epochs: readonly number[], more: Partial<Stored> = {}): Stored => ({
    heads,
    manifests: new Map(epochs.map((epoch) => [epoch, bytes(epoch)])),
    frames: [],
    segments: new Map(),
    ...more,
  });
  const epochOf = (of: Stored): number | undefined => findManifest(of, crc)?.epoch;

  it('is that of the larger epoch, in either slot', () => {
    expect([epochOf(stored([head(4), head(3)], [3, 4])), epochOf(stored([head(4), head(5)], [4, 5]))]).toEqual([4, 5]);
  });

  it('is the other one when a slot or its manifest is damaged, missing, or of another slot', () => {
    expect(epochOf(stored([new Uint8Array(20), head(3)], [3, 4]))).toBe(3);
    expect(epochOf(stored([head(4), head(3)], [3]))).toBe(3);
    const swapped = stored([head(4), head(3)], [3]);
    expect(
      findManifest(
        {
          ...swapped,
          manifests: new Map([
            [3, bytes(3)],
            [4, bytes(5)],
          ]),
        },
        crc,
      )?.epoch,
    ).toBe(3);
  });

  it('is none for a new database, and AV_CORRUPT when there is data but nothing to trust', () => {
    expect(findManifest(stored([undefined, undefined], []), crc)).toBeUndefined();
    const lost: Stored[] = [
      stored([new Uint8Array(20), undefined], []),
      stored([head(1), undefined], []),
      stored([undefined, undefined], [], { frames: [{ epoch: 1, n: 0, bytes: new Uint8Array(1) }] }),
      stored([undefined, undefined], [], { segments: new Map([[1, Promise.resolve([])]]) }),
    ];
    for (const of of lost) expect(() => findManifest(of, crc)).toThrow(expect.objectContaining({ code: 'AV_CORRUPT' }));
  });
});
