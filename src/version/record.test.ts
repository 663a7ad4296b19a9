// Commits, timelines and document versions as bytes: what goes in comes out, also as differences with key frames.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../base/bytes.ts';
import {
  type DocVersion,
  decodeCommits,
  decodeDocs,
  decodeTimeline,
  encodeCommits,
  encodeDocs,
  encodeTimeline,
  type Part,
} from './record.ts';

const id = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const text = fc.string({ unit: 'grapheme' });
const rising = fc.uniqueArray(fc.nat(5000)).map((list) => list.sort((a, b) => a - b));
const time = fc.option(fc.double({ noNaN: true }), { nil: undefined });
const parts: fc.Arbitrary<Part[]> = fc.array(fc.oneof(fc.nat(1000), fc.string({ minLength: 1, unit: 'grapheme' })));
const CORRUPT: unknown = expect.objectContaining({ code: 'AV_CORRUPT' });

const commit = fc.record({
  info: fc.record({
    id,
    seq: fc.nat(),
    parents: fc.array(id, { maxLength: 2 }),
    message: text,
    author: text,
    time: fc.double({ noNaN: true }),
    stats: fc.record({
      added: fc.nat(),
      updated: fc.nat(),
      deleted: fc.nat(),
      chunks: fc.nat(),
      embedded: fc.nat(),
      reused: fc.nat(),
      tokensEmbedded: fc.nat(),
      tokensReused: fc.nat(),
    }),
  }),
  batch: id,
});

const version = fc.record({
  id: text,
  versionId: id,
  title: fc.option(text, { nil: undefined }),
  format: fc.constantFrom('text' as const, 'markdown' as const),
  meta: fc.dictionary(text, fc.oneof(text, fc.nat(), fc.boolean(), fc.constant(null), fc.array(fc.nat()))),
  validFrom: time,
  validTo: time,
  parts,
});

describe('commits and timelines', () => {
  it('come out as they went in', () => {
    const entry = fc.record({
      seq: fc.nat(),
      base: fc.nat(),
      docsBorn: rising,
      docsDied: rising,
      chunksBorn: rising,
      chunksDied: rising,
    });
    fc.assert(
      fc.property(fc.array(commit, { maxLength: 4 }), fc.array(entry, { maxLength: 4 }), (commits, entries) => {
        expect(decodeCommits('Cmt2', encodeCommits(commits))).toEqual(commits);
        expect(decodeTimeline(encodeTimeline(entries))).toEqual(entries);
      }),
    );
  });

  it('cut off are AV_CORRUPT', () => {
    fc.assert(
      fc.property(commit, fc.double({ min: 0.01, max: 0.999, noNaN: true }), (one, share) => {
        const bytes = encodeCommits([one]);
        expect(() => decodeCommits('Cmt2', bytes.subarray(0, Math.max(1, Math.floor(bytes.length * share))))).toThrow(
          CORRUPT as Error,
        );
      }),
    );
  });

  it('of the first format count no tokens and build on the commit before; a key frame builds on nothing', () => {
    const old = new ByteWriter().varint(7).bytes(new Uint8Array(16).fill(1)).bytes(new Uint8Array(16).fill(2)).f64(99);
    old.varint(1).bytes(new Uint8Array(16).fill(3)).string('m').string('a');
    for (const count of [1, 2, 3, 4, 5, 6]) old.varint(count);
    const counts = { added: 1, updated: 2, deleted: 3, chunks: 4, embedded: 5, reused: 6 };
    const stats = { ...counts, tokensEmbedded: 0, tokensReused: 0 };
    const [id, batch, parent] = ['01'.repeat(16), '02'.repeat(16), '03'.repeat(16)];
    const info = { id, seq: 7, parents: [parent], message: 'm', author: 'a', time: 99, stats };
    expect(decodeCommits('Cmmt', old.take())).toEqual([{ info, batch }]);

    const entries = new ByteWriter();
    for (const base of [0, 1, 4]) entries.varint(base).varint(7).rising([]).rising([]).rising([]).rising([]);
    expect(decodeTimeline(entries.take()).map(({ seq, base }) => [seq, base])).toEqual([
      [7, 6],
      [7, 0],
      [7, 3],
    ]);
  });
});

/** Writes versions of one document one frame each, and reads them back. */
function through(versions: readonly DocVersion[], each = 1): { read: DocVersion[]; bytes: number } {
  const read: DocVersion[] = [];
  let bytes = 0;
  for (let from = 0; from < versions.length; from += each) {
    const group = versions.slice(from, from + each);
    const section = encodeDocs(group, (doc) => {
      const depth = versions.indexOf(doc);
      const last = versions[depth - 1];
      return last && { doc: last, depth };
    });
    bytes += section.length;
    read.push(...decodeDocs(section, (dno) => read.find((doc) => doc.dno === dno)));
  }
  return { read, bytes };
}

describe('document versions', () => {
  it('come out as they went in, whatever came before them', () => {
    fc.assert(
      fc.property(fc.array(version, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (list, each) => {
        const versions = list.map((doc, dno): DocVersion => ({ ...doc, dno }));
        expect(through(versions, each).read).toEqual(versions);
      }),
      { numRuns: 60 },
    );
  });

  it('cost about their difference, and are whole every 16th time', () => {
    const base: Part[] = Array.from({ length: 2000 }, (_, i) => 3 * i);
    const versions = Array.from(
      { length: 33 },
      (_, i): DocVersion => ({
        dno: i,
        id: 'a.md',
        versionId: '00'.repeat(16),
        title: undefined,
        format: 'markdown',
        meta: {},
        validFrom: undefined,
        validTo: undefined,
        parts: base.toSpliced(i, 1, 9_000 + i),
      }),
    );
    const whole = encodeDocs(versions.slice(0, 1), () => undefined).length;
    const { read, bytes } = through(versions);
    expect(read).toEqual(versions);
    expect(bytes).toBeLessThan(3.5 * whole + 33 * 100);
    // The 17th can be read without any before it.
    const alone = encodeDocs(versions.slice(16, 17), () => ({ doc: versions[15] as DocVersion, depth: 16 }));
    expect(decodeDocs(alone, () => undefined)).toEqual(versions.slice(16, 17));
  });

  it('that build on one that is not there, or keep more than there was, are AV_CORRUPT', () => {
    const doc = (dno: number, list: Part[]): DocVersion => ({
      dno,
      id: 'a',
      versionId: '11'.repeat(16),
      title: 'T',
      format: 'text',
      meta: { a: 1 },
      validFrom: 5,
      validTo: undefined,
      parts: list,
    });
    const section = encodeDocs([doc(1, [1, 2, 4])], () => ({ doc: doc(0, [1, 2, 3]), depth: 1 }));
    expect(decodeDocs(section, () => doc(0, [1, 2, 3]))).toEqual([doc(1, [1, 2, 4])]);
    expect(() => decodeDocs(section, () => undefined)).toThrow(CORRUPT as Error);
    expect(() => decodeDocs(section, () => doc(0, [1]))).toThrow(CORRUPT as Error);
  });

  it('whose metadata is no JSON are AV_CORRUPT', () => {
    const bad = new ByteWriter()
      .varint(0)
      .bytes(new Uint8Array(16))
      .string('a')
      .string('')
      .varint(0)
      .string('{')
      .take();
    expect(() => decodeDocs(bad, () => undefined)).toThrow(CORRUPT as Error);
  });

  it('keep a metadata key named __proto__', () => {
    const meta = JSON.parse('{"__proto__":{"a":1},"constructor":2}');
    const [back] = decodeDocs(
      encodeDocs(
        [
          {
            dno: 0,
            id: 'a',
            versionId: '22'.repeat(16),
            title: undefined,
            format: 'text',
            meta,
            validFrom: undefined,
            validTo: undefined,
            parts: [],
          },
        ],
        () => undefined,
      ),
      () => undefined,
    );
    expect(Object.keys(back?.meta ?? {})).toEqual(['__proto__', 'constructor']);
  });
});
