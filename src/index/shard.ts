// The only importer of the WASM binding: implements ports/index over it and makes its errors ours.

import { type Hasher, type Index, NONE, type Piece, type Stage } from '../ports/index.ts';
import { splitPath } from '../base/path.ts';
import { ask, clauseBytes, readCorrections, readShown, readWords, vectorRows } from './query.ts';
import * as wasm from '../../wasm/pkg/simd128/aetherv.js';
import { fill, guarded } from './guest.ts';
import { stemmerIn } from './stems.ts';

const stemmer = stemmerIn(() => wasm.linear_memory() as WebAssembly.Memory);
const { call, onTrap } = guarded('the engine');
export { onTrap };

const memory = (): ArrayBuffer => (wasm.linear_memory() as WebAssembly.Memory).buffer as ArrayBuffer;
const copyIn = (from: Piece): wasm.Piece => fill(new wasm.Piece(from.length), memory, from);
const bytesAt = (address: number, bytes: number): Uint8Array => new Uint8Array(memory(), address, bytes);

/** Chunks that are shown at once: their texts take memory of the guest, which never shrinks. */
const SHOWN_AT_ONCE = 64;

const slices = (vnos: Uint32Array, most: number): Uint32Array[] =>
  Array.from({ length: Math.ceil(vnos.length / most) }, (_, i) => vnos.subarray(i * most, (i + 1) * most));

/** Hashing and checksums of the guest. */
export const hasher: Hasher = {
  hashes: (data, ends) => call(() => wasm.hashes(data, ends)),
  crc32c: (bytes) => call(() => wasm.crc32c(bytes)) >>> 0,
};

/** An empty stage. */
export function createStage(): Stage {
  const guest = new wasm.Stage(stemmer);
  return {
    applyChunks: (section) => call(() => guest.apply_chunks(section)),
    applyVectors: (section) => call(() => guest.apply_vectors(section)),
    applyMap: (section) => call(() => guest.apply_map(section)),
    takeText: () => call(() => guest.take_text()),
    takeVectors: () => call(() => guest.take_vectors()),
    free: () => guest.free(),
  };
}

/** An empty index for embedding space `space` of `dims` dimensions; `vnos` ordinals exist, one far above is damage. */
export function createIndex(space: number, dims: number, vnos = 0): Index {
  const guest = new wasm.Index(space, dims, vnos, stemmer);
  return {
    applyChunks: (section) => call(() => guest.apply_chunks(section)),
    applyVectors: (section) => call(() => guest.apply_vectors(section)),
    applyMap: (section) => call(() => guest.apply_map(section)),
    attachText: (id, segment) => call(() => guest.attach_text(id, copyIn(segment))),
    analysedAnew: () => call(() => guest.analysed_anew()),
    attachVectors: (id, segment) => call(() => guest.attach_vectors(id, copyIn(segment))),
    detach: (ids) => call(() => guest.detach(ids)),
    lacksStems: () => guest.lacks_stems(),
    wouldLackStems: (section) => call(() => guest.would_lack_stems(section)),
    sealText: () => call(() => guest.seal_text()),
    sealVectors: () => call(() => guest.seal_vectors()),
    sealRows: (vnos) => call(() => guest.seal_rows(vnos)),
    sealContents: (vnos) => call(() => guest.seal_contents(vnos)),
    resealVectors: (ids, needed) => call(() => guest.reseal_vectors(ids, needed)),
    contentUse: (id, needed) => call(() => guest.content_use(id, needed)),
    clearMem: () => call(() => guest.clear_mem()),
    memBytes: () => guest.mem_bytes() >>> 0,
    findContents: (keys) => call(() => guest.find_contents(keys)),
    contentCount: () => guest.content_count() >>> 0,
    contentsHeld: () => guest.contents_held() >>> 0,
    contentOf: (vno) => guest.content_of(vno) >>> 0,
    unembedded: (words) => call(() => guest.unembedded(words)),
    absent: (words) => call(() => guest.absent(words)),
    revive: (vnos, vectors) => call(() => guest.revive(vnos, vectors)),
    revivedCount: () => guest.revived_count() >>> 0,
    forgetRevived: () => call(() => guest.forget_revived()),
    text: (vno) => call(() => guest.text(vno)),
    path: (vno) => splitPath(call(() => guest.path(vno))),
    shown: (view, vnos, clauses) =>
      slices(Uint32Array.from(vnos), SHOWN_AT_ONCE).flatMap((some) =>
        readShown(
          some.length,
          call(() => guest.shown(view, some, clauseBytes(clauses))),
        ),
      ),
    corrections: (view, word, most) => readCorrections(call(() => guest.corrections(view, word, most))),
    completions: (view, text, most) => readCorrections(call(() => guest.completions(view, text, most))),
    words: (view, text, unfinished) => readWords(call(() => guest.words(view, text, unfinished))),
    matches: (view, mask, clauses) => call(() => guest.matches(view, mask ?? NONE, clauseBytes(clauses))),
    addView: (words) => call(() => guest.add_view(words)) >>> 0,
    dropView: (handle) => call(() => guest.drop_view(handle)),
    vectorRows: (view, mask) => call(() => vectorRows(guest, view, mask, dims, bytesAt)),
    search: (query) => call(() => ask(guest, query)),
    free: () => guest.free(),
  };
}

/** The static token table inside the guest. */
export interface StaticTable {
  readonly dims: number;
  /** How far the vector of a query is to be believed, 0 to 1. */
  trust(query: string): number;
  /** Vectors of the texts, row-major. */
  embed(texts: readonly string[]): Float32Array;
}

const encoder = new TextEncoder();

/** Opens the packed table. */
export function openTable(bytes: Uint8Array): StaticTable {
  const guest = call(() => wasm.StaticTable.open(bytes));
  let buffer = new Uint8Array(1 << 16);
  return {
    dims: guest.dims(),
    trust: (query) => call(() => guest.trust(query)),
    embed(texts) {
      const ends = new Uint32Array(texts.length);
      let at = 0;
      for (const [i, text] of texts.entries()) {
        if (at + text.length * 3 > buffer.length) {
          const larger = new Uint8Array((at + text.length * 3) * 2);
          larger.set(buffer.subarray(0, at));
          buffer = larger;
        }
        at += encoder.encodeInto(text, buffer.subarray(at)).written;
        ends[i] = at;
      }
      return call(() => guest.embed(buffer.subarray(0, at), ends));
    },
  };
}
