// The same vectors, texts and bytes through all three builds: equal bits (D8).

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { clauseBytes } from '../../src/index/query.ts';
import { stemmerIn } from '../../src/index/stems.ts';
import { NONE } from '../../src/ports/index.ts';
import { encodeChunks, type NewChunk } from '../../src/version/chunks.ts';
import { BUILDS, type Glue, loadBuild, pieceIn, projectFile, sharedFile, testStems } from '../kit/engine.ts';
import { Random, seedOf } from '../kit/random.ts';
import { sameIn } from '../kit/same.ts';
import { sectionsOf } from '../kit/sections.ts';

const builds = await Promise.all(BUILDS.map(async (name) => ({ name, glue: await loadBuild(name) })));
await testStems.load();
const seed = seedOf('parity of the builds');
const bits = (values: Float32Array | Float64Array): number[] => [...new Uint32Array(values.slice().buffer)];

const { same, failure } = sameIn(builds);

/** An index whose stemmers are loaded. */
const indexIn = (glue: Glue, dims: number): InstanceType<Glue['Index']> =>
  new glue.Index(
    1,
    dims,
    0,
    stemmerIn(() => glue.linear_memory() as WebAssembly.Memory),
  );

/** Consecutive texts as one buffer and their ends. */
function packed(texts: readonly string[]): [Uint8Array, Uint32Array] {
  let at = 0;
  const ends = texts.map((text) => (at += utf8(text).length));
  return [utf8(texts.join('')), Uint32Array.from(ends)];
}

/** The vectors of chunk versions: row `vno` of all sections together. */
function vectorsOf(sections: readonly { vectors: Uint8Array }[], vnos: Uint32Array, dims: number): Float32Array {
  const rows = sections.flatMap(({ vectors }) => {
    const count = new DataView(vectors.buffer, vectors.byteOffset).getUint32(12, true);
    const values = new Float32Array(vectors.slice(16 + 16 * count).buffer);
    return Array.from({ length: count }, (_, row) => values.subarray(row * dims, (row + 1) * dims));
  });
  return Float32Array.from([...vnos].flatMap((vno) => [...(rows[vno] ?? [])]));
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

it('runs each build in a memory of its own', () => {
  expect(new Set(builds.map(({ glue }) => glue.linear_memory())).size).toBe(3);
});

describe('hashes and checksums', () => {
  it('are the published ones', () => {
    const crc = (bytes: Uint8Array): number => same((glue) => glue.crc32c(bytes) >>> 0);
    expect(crc(utf8('123456789'))).toBe(0xe3069283);
    expect(crc(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    const hash = (text: string): string =>
      same((glue) => hex(glue.hashes(utf8(text), Uint32Array.of(utf8(text).length))));
    expect(hash('')).toBe('af1349b9f5f9a1a6a0404dea36dcc949');
    expect(hash('abc')).toBe('6437b3ac38465133ffb63b75273a8db5');
  });

  it('are equal for random bytes of every length', () => {
    const random = new Random(seed);
    for (let length = 0; length < 300; length += 1 + random.below(7)) {
      const bytes = random.bytes(length);
      const cut = random.below(length + 1);
      same((glue) => [glue.crc32c(bytes), hex(glue.hashes(bytes, Uint32Array.of(cut, length)))]);
    }
  });
});

describe.each([3, 16, 100, 256, 384])('500 rows of %i dimensions', (dims) => {
  const random = new Random(seed + dims);
  const { sections, view, mask } = sectionsOf(random, 500, dims);
  const queries = Array.from({ length: 12 }, () => ({
    vector: random.unit(dims),
    clauses: clauseBytes([
      {
        occur: 'should',
        kind: random.pick(['words', 'words', 'phrase', 'prefix', 'fuzzy'] as const),
        text: random.words(4),
      },
    ]),
    channels: random.pick([
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const),
    collapse: random.below(3),
    weight: random.pick([0, 0.4, 0.6, 1]),
    k: 1 + random.below(40),
    masked: random.chance(50),
  }));

  function ask(index: InstanceType<Glue['Index']>): number[][] {
    const [viewHandle, maskHandle] = [index.add_view(view), index.add_view(mask)];
    return queries.map(({ vector, clauses, channels, collapse, weight, k, masked }) =>
      bits(
        index.search(
          viewHandle,
          masked ? maskHandle : NONE,
          clauses,
          vector,
          Float64Array.of(...channels, collapse, weight, k, 0, 0, 0, 1),
        ),
      ),
    );
  }

  it('have the same ranking and scores, in memory and in segments, and the same sealed bytes', () => {
    const answers = same((glue) => {
      const index = indexIn(glue, dims);
      for (const { chunks, vectors, map } of sections) {
        index.apply_chunks(chunks);
        index.apply_vectors(vectors);
        index.apply_map(map);
      }
      const before = ask(index);
      const [text, vectors] = [index.seal_text(), index.seal_vectors()];
      const heads = hex(index.attach_text(1, pieceIn(glue, text)));
      index.attach_vectors(2, pieceIn(glue, vectors));
      index.clear_mem();
      expect(ask(index)).toEqual(before);
      // Into other segments and back, every second vector recomputed: the same answers from the same bits.
      const all = Uint32Array.from({ length: 500 }, (_, vno) => vno);
      const [even, odd] = [0, 1].map((rest) => all.filter((vno) => vno % 2 === rest)) as [Uint32Array, Uint32Array];
      const archive = index.seal_rows(all.slice().reverse());
      const kept = index.seal_contents(even);
      index.detach(Uint32Array.of(1, 2));
      expect([...index.absent(new Uint32Array(16).fill(0xffffffff))]).toHaveLength(512);
      index.attach_text(3, pieceIn(glue, archive));
      index.attach_vectors(4, pieceIn(glue, kept));
      expect(index.unembedded(view)).toEqual(odd.filter((vno) => ((view[vno >> 5] ?? 0) >>> (vno & 31)) & 1));
      const rows = odd.map((vno) => vno - 1);
      // No clause, so three numbers a row and no offsets, then texts and paths.
      const shown = index.shown(index.add_view(view), rows, new Uint8Array(0)).subarray(12 * rows.length);
      expect(new TextDecoder().decode(shown)).toBe([...rows].map((vno) => index.text(vno) + index.path(vno)).join(''));
      index.revive(odd, vectorsOf(sections, odd, dims));
      expect(ask(index)).toEqual(before);
      index.free();
      return {
        before,
        heads,
        moved: [archive, kept].map((bytes) => hex(glue.hashes(bytes, Uint32Array.of(bytes.length)))),
        sealed: [hex(glue.hashes(text, Uint32Array.of(text.length))), hex(vectors.slice(0, 4000))],
      };
    });
    expect(answers.before.flat().length).toBeGreaterThan(100);
  });
});

describe('the embedded table', () => {
  const file = projectFile('src/embed/aether-static-256x2.bin');
  const table = existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined;
  const check = sharedFile('models/aether-static-256x2/check.json');

  it('gives 200 texts the same vectors in all builds', (context) => {
    if (!table) return context.skip('the packed table is not built: node src/embed/pack.mjs');
    const random = new Random(seed);
    const texts = [
      '',
      ' ',
      'the',
      '日本語',
      'naïve café',
      'x'.repeat(300),
      '\u0000',
      ...Array.from({ length: 193 }, () => random.words(60)),
    ];
    const vectors = same((glue) => bits(glue.StaticTable.open(table).embed(...packed(texts))));
    expect(vectors.length).toBe(200 * 256);
  });

  it('is within 2e-6 of the 50 check vectors of the model', (context) => {
    if (!table || !check)
      return context.skip('no shared data folder (AETHERV_DATA): models/aether-static-256x2/check.json');
    const wanted = JSON.parse(readFileSync(check, 'utf8')) as number[][];
    const lines = readFileSync(`${check}l`, 'utf8').trim().split('\n');
    const texts = lines.map((line) => (JSON.parse(line) as { t: string }).t);
    expect(texts.length).toBe(50);
    const got = same((glue) => [...glue.StaticTable.open(table).embed(...packed(texts))]);
    const off = wanted.flat().map((value, i) => Math.abs(value - (got[i] ?? Number.NaN)));
    expect(Math.max(...off)).toBeLessThanOrEqual(2e-6);
  });

  it('is refused with a damaged byte, a missing end or none at all', (context) => {
    if (!table) return context.skip('the packed table is not built: node src/embed/pack.mjs');
    const flipped = table.slice();
    flipped[1_000_000] = (flipped[1_000_000] ?? 0) ^ 1;
    for (const bytes of [flipped, table.subarray(0, table.length - 1), new Uint8Array(0)])
      expect(failure((glue) => glue.StaticTable.open(bytes))).toMatch(/^AV_CORRUPT: /);
  });
});

describe('errors of the guest', () => {
  it('cross as a code and a sentence', () => {
    const chunk: NewChunk = {
      vno: 0,
      parent: NONE,
      path: [],
      text: 'a',
      versionId: new Uint8Array(16),
      chunkId: new Uint8Array(16),
      docKey: new Uint8Array(16),
      sectionKey: new Uint8Array(16),
    };
    const index = (glue: Glue): InstanceType<Glue['Index']> => indexIn(glue, 2);
    expect(failure((glue) => index(glue).apply_chunks(new Uint8Array(3)))).toMatch(/^AV_CORRUPT: /);
    expect(failure((glue) => index(glue).apply_chunks(encodeChunks([chunk]).subarray(1)))).toMatch(/^AV_CORRUPT: /);
    expect(failure((glue) => index(glue).text(7))).toMatch(/^AV_INTERNAL: /);
    expect(failure((glue) => index(glue).attach_text(1, pieceIn(glue, utf8('AVDB'))))).toMatch(/^AV_CORRUPT: /);
    const search = (vector: number[]) => (glue: Glue) => {
      const guest = index(glue);
      const words = clauseBytes([{ occur: 'should', kind: 'words', text: 'a' }]);
      const settings = Float64Array.of(1, 1, 0, 0.5, 5);
      return guest.search(guest.add_view(Uint32Array.of(1)), NONE, words, Float32Array.from(vector), settings);
    };
    expect(failure(search([1]))).toMatch(/^AV_DIM_MISMATCH: /);
    expect(failure(search([1, Number.NaN]))).toMatch(/^AV_NON_FINITE: /);
  });
});
