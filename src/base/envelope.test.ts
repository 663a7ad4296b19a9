// The envelope of stored pieces: written here, read here and by the guest; every flipped bit that matters is found.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../test/kit/engine.ts';
import { Random } from '../../test/kit/random.ts';
import { sectionsOf } from '../../test/kit/sections.ts';
import { createIndex, hasher } from '../index/shard.ts';
import { ByteWriter } from './bytes.ts';
import { FORMAT_VERSION, headerSum, KIND, readEnvelope, type Section, writeEnvelope } from './envelope.ts';

beforeAll(startEngine);
const { crc32c } = { crc32c: (bytes: Uint8Array) => hasher.crc32c(bytes) };

const section: fc.Arbitrary<Section> = fc.record({
  tag: fc.constantFrom('Abcd', 'Docs', 'Time', 'note'),
  body: fc.uint8Array({ maxLength: 60 }),
});
const KNOWN = ['Abcd', 'Docs', 'Time'];

/** The piece with another version in its header. */
function ofVersion(version: number, piece: Uint8Array): Uint8Array {
  const out = piece.slice();
  const view = new DataView(out.buffer);
  view.setUint16(4, version, true);
  const directory = 16 + 16 * view.getUint16(10, true);
  view.setUint32(directory, crc32c(out.subarray(0, directory)), true);
  return out;
}

const plain = (sections: readonly Section[]): [string, number[]][] => sections.map(({ tag, body }) => [tag, [...body]]);

describe('a piece', () => {
  it('gives back its sections in order, with any padding behind it', () => {
    fc.assert(
      fc.property(fc.array(section, { maxLength: 6 }), fc.nat(40), (sections, padding) => {
        const piece = writeEnvelope(KIND.history, sections, crc32c);
        const padded = new Uint8Array(piece.length + padding);
        padded.set(piece);
        expect(plain(readEnvelope(padded, KIND.history, KNOWN, crc32c))).toEqual(plain(sections));
      }),
    );
  });

  it('has its sections at multiples of 16 and its length in the header', () => {
    const piece = writeEnvelope(
      KIND.wal,
      [
        { tag: 'Abcd', body: new Uint8Array(3) },
        { tag: 'Docs', body: new Uint8Array(5) },
      ],
      crc32c,
    );
    const view = new DataView(piece.buffer);
    expect([view.getUint32(20, true) % 16, view.getUint32(36, true) % 16, view.getUint32(12, true)]).toEqual([
      0,
      0,
      piece.length,
    ]);
  });

  it('with a flipped bit is AV_CORRUPT, a later version, or the same', () => {
    const sections = [
      { tag: 'Abcd', body: Uint8Array.of(1, 2, 3) },
      { tag: 'note', body: new Uint8Array(20).fill(4) },
    ];
    const piece = writeEnvelope(KIND.wal, sections, crc32c);
    let refused = 0;
    for (let bit = 0; bit < piece.length * 8; bit++) {
      const bad = piece.slice();
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      try {
        expect(plain(readEnvelope(bad, KIND.wal, KNOWN, crc32c))).toEqual(plain(sections));
      } catch (error) {
        expect(['AV_CORRUPT', 'AV_FORMAT_NEWER']).toContain((error as { code?: string }).code);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(piece.length * 5);
  });

  it('cut off anywhere is AV_CORRUPT', () => {
    const piece = writeEnvelope(KIND.wal, [{ tag: 'Abcd', body: new Uint8Array(9) }], crc32c);
    for (let length = 0; length < piece.length; length++)
      expect(() => readEnvelope(piece.subarray(0, length), KIND.wal, KNOWN, crc32c)).toThrow(
        expect.objectContaining({ code: 'AV_CORRUPT' }),
      );
  });

  it('of another kind is AV_CORRUPT; of a later version or with an unknown required section AV_FORMAT_NEWER', () => {
    const read = (piece: Uint8Array, known: string[]) => () => readEnvelope(piece, KIND.wal, known, crc32c);
    const body = new Uint8Array(1);
    const code = (code: string): unknown => expect.objectContaining({ code });
    expect(read(writeEnvelope(KIND.text, [], crc32c), [])).toThrow(code('AV_CORRUPT'));
    expect(read(writeEnvelope(KIND.wal, [{ tag: 'Newe', body }], crc32c), [])).toThrow(code('AV_FORMAT_NEWER'));
    expect(read(writeEnvelope(KIND.wal, [{ tag: 'newe', body }], crc32c), [])).not.toThrow();
    expect(read(ofVersion(FORMAT_VERSION + 1, writeEnvelope(KIND.wal, [], crc32c)), [])).toThrow(
      code('AV_FORMAT_NEWER'),
    );
  });

  it('is of the seventh version, and those before it are read as well', () => {
    const sections = [{ tag: 'Abcd', body: Uint8Array.of(1, 2, 3) }];
    const piece = writeEnvelope(KIND.wal, sections, crc32c);
    expect([FORMAT_VERSION, new DataView(piece.buffer).getUint16(4, true)]).toEqual([7, 7]);
    expect(ofVersion(1, piece)).not.toEqual(piece);
    expect(plain(readEnvelope(ofVersion(1, piece), KIND.wal, KNOWN, crc32c))).toEqual(plain(sections));
  });

  it('has a header sum that differs when any section differs', () => {
    const sum = (body: Uint8Array): number => headerSum(writeEnvelope(KIND.wal, [{ tag: 'Abcd', body }], crc32c));
    expect(sum(Uint8Array.of(1))).not.toBe(sum(Uint8Array.of(2)));
    expect([headerSum(new Uint8Array(0)), headerSum(new Uint8Array(3)), headerSum(new Uint8Array(17))]).toEqual([
      0, 0, 0,
    ]);
  });
});

describe('the guest', () => {
  /** A sealed text segment of the guest, as sections. */
  function sealed(): { bytes: Uint8Array; sections: Section[] } {
    const index = createIndex(1, 4);
    for (const { chunks } of sectionsOf(new Random(3), 40, 4).sections) index.applyChunks(chunks);
    const bytes = index.sealText();
    return { bytes, sections: readEnvelope(bytes, KIND.text, ['Chnk', 'Lang', 'Flen', 'Term', 'List'], crc32c) };
  }

  it('writes pieces that are read here, and the same sections written here are the same bytes', () => {
    const { bytes, sections } = sealed();
    expect(sections.map(({ tag }) => tag)).toEqual(['Chnk', 'Lang', 'Flen', 'Term', 'List']);
    expect(writeEnvelope(KIND.text, sections, crc32c)).toEqual(bytes);
  });

  it('reads what is written here, skips an optional section and refuses what is refused here', () => {
    const { sections } = sealed();
    const attach = (piece: Uint8Array) => () =>
      createIndex(1, 4).attachText(1, { frames: [piece], length: piece.length });
    const note = { tag: 'note', body: new ByteWriter().string('later').take() };
    expect(attach(writeEnvelope(KIND.text, [note, ...sections], crc32c))).not.toThrow();
    const code = (code: string): unknown => expect.objectContaining({ code });
    expect(attach(writeEnvelope(KIND.text, [{ ...note, tag: 'Note' }, ...sections], crc32c))).toThrow(
      code('AV_FORMAT_NEWER'),
    );
    expect(attach(ofVersion(1, writeEnvelope(KIND.text, sections, crc32c)))).not.toThrow();
    expect(attach(ofVersion(FORMAT_VERSION + 1, writeEnvelope(KIND.text, sections, crc32c)))).toThrow(
      code('AV_FORMAT_NEWER'),
    );
    expect(attach(writeEnvelope(KIND.vector, sections, crc32c))).toThrow(code('AV_CORRUPT'));
    expect(attach(writeEnvelope(KIND.text, sections.slice(1), crc32c))).toThrow(code('AV_CORRUPT'));
    expect(attach(writeEnvelope(KIND.text, sections.slice(0, 3), crc32c))).toThrow(code('AV_CORRUPT'));
  });

  it('takes a piece in frames of any size, with padding behind the last', () => {
    const { bytes } = sealed();
    const whole = createIndex(1, 4).attachText(1, { frames: [bytes], length: bytes.length });
    for (const size of [1, 777, 4096]) {
      const frames = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.slice(i * size, (i + 1) * size),
      );
      frames.push(new Uint8Array(100));
      expect(createIndex(1, 4).attachText(1, { frames, length: bytes.length })).toEqual(whole);
    }
  });
});
