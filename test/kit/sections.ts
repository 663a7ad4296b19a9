// Random rows with vectors as the sections that travel in WAL frames, for tests of the guest.

import { ByteWriter } from '../../src/base/bytes.ts';
import { NONE } from '../../src/ports/index.ts';
import { encodeChunks, type NewChunk } from '../../src/version/chunks.ts';
import type { Random } from './random.ts';

const ROWS_PER_SECTION = 120;

/** The three sections of some rows. */
export interface Rows {
  readonly chunks: Uint8Array;
  readonly vectors: Uint8Array;
  readonly map: Uint8Array;
}

/** `count` rows in space 1, one content each; a view of most of them and a mask within it. */
export function sectionsOf(
  random: Random,
  count: number,
  dims: number,
): { sections: Rows[]; view: Uint32Array; mask: Uint32Array } {
  const words = Math.ceil(count / 32);
  const view = Uint32Array.from({ length: words }, () => random.below(2 ** 32) | random.below(2 ** 32));
  const mask = view.map((word) => word & random.below(2 ** 32));
  const sections: Rows[] = [];
  for (let first = 0; first < count; first += ROWS_PER_SECTION) {
    const vnos = Array.from({ length: Math.min(ROWS_PER_SECTION, count - first) }, (_, i) => first + i);
    sections.push(rowsOf(random, vnos, dims));
  }
  const last = count % 32;
  const inside = last === 0 ? 0xffffffff : 2 ** last - 1;
  for (const set of [view, mask]) set[words - 1] = (set[words - 1] ?? 0) & inside;
  return { sections, view, mask };
}

function rowsOf(random: Random, vnos: readonly number[], dims: number): Rows {
  const chunks = vnos.map((vno): NewChunk => {
    const [doc, section] = [random.below(60), random.below(4)];
    const key = (kind: number, ...rest: number[]): Uint8Array =>
      Uint8Array.from({ length: 16 }, (_, i) => [kind, ...rest][i] ?? 0);
    return {
      vno,
      parent: NONE,
      path: ['Guide', `Part ${section}`],
      text: random.words(40),
      versionId: random.bytes(16),
      chunkId: random.bytes(16),
      docKey: key(1, doc),
      sectionKey: key(2, doc, section),
    };
  });
  const vectors = new ByteWriter().u32s([1, dims, vnos[0] ?? 0, vnos.length]);
  for (const _ of vnos) vectors.bytes(random.bytes(16));
  for (const _ of vnos) {
    const row = random.chance(5) ? new Float32Array(dims) : random.unit(dims);
    vectors.bytes(new Uint8Array(row.buffer));
  }
  const map = new ByteWriter().u32s([1, vnos.length]).u32s(vnos.flatMap((vno) => [vno, vno]));
  return { chunks: encodeChunks(chunks), vectors: vectors.take(), map: map.take() };
}
