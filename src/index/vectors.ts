// The guest of vector collections: a module of its own, fetched when a collection is first used. Its errors become ours.

import { AetherError } from '../base/errors.ts';
import type { WasmBuild } from '../model/report.ts';
import type { CollectionDef, Metric, VectorWhy } from '../model/vectors.ts';
import { NONE, type Piece } from '../ports/index.ts';
import type { ByteRange, ItemRow, Room, VectorGuest, VectorIndex } from '../ports/vectors.ts';
import * as wasm from '../../wasm/pkg/vectors/simd128/vectors.js';
import { candidateCalls, measureScan } from './candidates.ts';
import { clusterCalls, createClusters } from './clusters.ts';
import { fill, guarded } from './guest.ts';
import { chooseBuild, fetchModule } from './load.ts';

const METRICS: readonly Metric[] = ['cosine', 'dot', 'l2', 'hamming'];
const ID_BYTES = 16;
/** What is in memory alone has no segment id. */
const MEMTABLE = NONE;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

let loading: Promise<void> | undefined;
let buffer: ArrayBuffer | undefined;

/**
 * Loads the module, once.
 *
 * @throws `AV_INTERNAL` when it cannot be fetched; a later call tries again.
 */
export async function loadVectors(urls: Readonly<Record<WasmBuild, string>> | undefined): Promise<VectorGuest> {
  loading ??= fetchGuest(urls).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  await loading;
  return { create: createVectorIndex, clusters: createVectorClusters, scanMs: measureScan };
}

async function fetchGuest(urls: Readonly<Record<WasmBuild, string>> | undefined): Promise<void> {
  const what = 'the engine of vector collections';
  if (!urls) throw new AetherError('AV_INTERNAL', `${what} cannot be found. Set assets.vectorsUrl.`);
  useVectors(await fetchModule(urls[chooseBuild().build], what, 'AV_INTERNAL', 'assets.vectorsUrl'));
}

/** Takes the compiled module. */
export function useVectors(module: WebAssembly.Module): void {
  wasm.initSync({ module });
  buffer = undefined;
}

const { call, onTrap } = guarded('the engine of vector collections');
export { onTrap as onVectorsTrap };

/** The guest's memory. What it was before it grew has no bytes; to ask for it takes as long as to read a page. */
const memory = (): ArrayBuffer => {
  if (!buffer?.byteLength) buffer = (wasm.linear_memory() as WebAssembly.Memory).buffer as ArrayBuffer;
  return buffer;
};
const copyIn = (from: Piece): wasm.Piece => fill(new wasm.Piece(from.length), memory, from);

/** A job that builds or merges vector segments. */
export function createCompactor(
  { dims, metric, m, efConstruction }: CollectionDef,
  graphFrom: number,
): {
  add(segment: Piece, live: Uint32Array, kept: Uint32Array): void;
  addRows(vectors: Float32Array, first: number): void;
  grow(limit: number): number;
  liveSegment(): Uint8Array;
  archiveSegment(): Uint8Array;
} {
  const guest = call(() => new wasm.Compactor(dims, METRICS.indexOf(metric), m, efConstruction, graphFrom));
  return {
    add: (segment, live, kept) => call(() => guest.add(copyIn(segment), live, kept)),
    addRows: (vectors, first) => call(() => guest.add_rows(vectors, first)),
    grow: (limit) => call(() => guest.grow(limit)),
    liveSegment: () => call(() => guest.live_segment()),
    archiveSegment: () => call(() => guest.archive_segment()),
  };
}

/** Clusters that are not begun. */
export const createVectorClusters: VectorGuest['clusters'] = (def, count, seed) =>
  createClusters(def, count, seed, call);

/** An empty collection. */
export function createVectorIndex(def: CollectionDef): VectorIndex {
  const { dims } = def;
  // What is flushed is small and stays flat: a graph would hold up the writer. Compaction builds it.
  const guest = call(() => new wasm.Collection(dims, METRICS.indexOf(def.metric), def.m, def.efConstruction, NONE));
  return {
    apply: (section) => call(() => guest.apply(section)),
    attachItems: (id, segment) =>
      call(() => guest.attach_items(id, 'frames' in segment ? copyIn(segment) : (segment as GuestRoom).piece)),
    attachVectors: (id, segment) => call(() => guest.attach_vectors(id, copyIn(segment))),
    room: createRoom,
    attachPaged(id, rooms, here, file) {
      const [head, codes, links] = [rooms.head, rooms.codes, rooms.links].map((room) => (room as GuestRoom).piece);
      const read = (from: number, address: number, length: number): boolean =>
        file?.(from, new Uint8Array(memory(), address, length)) ?? false;
      if (head && codes && links) call(() => guest.attach_paged(id, head, codes, links, here, file && { read }));
    },
    coming: (most) => rangesOf(call(() => guest.coming(most)))[0],
    fillIn({ segment, from, to }, read) {
      const address = call(() => guest.room(segment, from, to));
      const isRead = address !== 0 && read(new Uint8Array(memory(), address, to - from));
      if (isRead) call(() => guest.arrived(segment, from, to));
      return isRead;
    },
    check: (most) => call(() => guest.check(most)),
    lacks: () => guest.lacks(),
    takeRead: () => guest.take_read(),
    lacking: () => rangesOf(call(() => guest.lacking())),
    absent: (most) => rangesOf(call(() => guest.absent(most)))[0],
    supply: ({ segment, from }, bytes) => call(() => guest.supply(segment, from, bytes)),
    trim: (most) => call(() => guest.trim(most)),
    detach: (ids) => call(() => guest.detach(Uint32Array.from(ids))),
    sealItems: () => call(() => guest.seal_items()),
    sealVectors: () => call(() => guest.seal_vectors()),
    clearMem: () => call(() => guest.clear_mem()),
    resealItems: (ids, keep) => call(() => guest.reseal_items(Uint32Array.from(ids), keep)),
    itemsKept: (id, keep) => call(() => guest.items_kept(id, keep)),
    rowsUsed: (id, items) => call(() => guest.rows_used(id, items)),
    find: (ids, view) => {
      const { bytes, ends } = packed(ids);
      return call(() => guest.find(bytes, ends, view));
    },
    versions: (inos) => {
      const out = new Uint8Array(inos.length * ID_BYTES);
      each(inos, (some, places) => {
        const ids = call(() => guest.versions(some));
        for (const [i, place] of places.entries())
          out.set(ids.subarray(i * ID_BYTES, (i + 1) * ID_BYTES), place * ID_BYTES);
      });
      return out;
    },
    cnos: (inos) => {
      const out = new Uint32Array(inos.length).fill(NONE);
      each(inos, (some, places) => {
        const cnos = call(() => guest.cnos(some));
        for (const [i, place] of places.entries()) out[place] = cnos[i] ?? NONE;
      });
      return out;
    },
    sameVectors: (inos, vectors) =>
      Array.from(inos, (ino, i) => {
        const own = vectors.subarray(i * dims, (i + 1) * dims);
        return ino !== NONE && call(() => guest.same_vector(ino, own));
      }),
    describe: (inos, withVectors) =>
      rowsOf(
        inos,
        dims,
        withVectors,
        call(() => guest.describe(inos, withVectors, true)),
      ),
    ids: (inos) =>
      idsOf(
        inos.length,
        call(() => guest.describe(inos, false, false)),
      ),
    list: (view, from, most, filter = new Uint8Array(0)) => call(() => guest.list(view, filter, from, most)),
    addView: (words) => call(() => guest.add_view(words)) >>> 0,
    dropView: (handle) => call(() => guest.drop_view(handle)),
    count: (view, filter) => call(() => guest.count(view, filter)) >>> 0,
    search({ view, filter, queries, k, ef, exact }) {
      const address = guest.query_at();
      new Float32Array(memory(), address, dims).set(queries);
      const count = call(() => guest.search(view, filter, k, ef, exact));
      const [inos, scores] = [guest.inos_at(count), guest.scores_at(count)];
      return {
        inos: new Uint32Array(memory(), inos, count).slice(),
        scores: new Float32Array(memory(), scores, count).slice(),
      };
    },
    searchBatch({ view, filter, queries, k, ef, exact }) {
      const words = call(() => guest.search_batch(view, filter, queries, k, ef, exact));
      const half = words.length / 2;
      return { inos: words.slice(0, half), scores: new Float32Array(words.slice(half).buffer) };
    },
    ...candidateCalls(guest, def, call, memory),
    ...clusterCalls(guest, call),
    report: () => reportOf(guest.report()),
    info() {
      const [items = 0, contents = 0, bytes = 0, all = 0, here = 0, paged = 0, ...rest] = call(() => guest.info());
      const parts = Array.from({ length: rest.length / 5 }, (_, i) => {
        const [id = 0, kind, rows = 0, graph] = rest.slice(i * 5, (i + 1) * 5);
        return {
          id: id === MEMTABLE ? 0 : id,
          kind: kind ? ('vectors' as const) : ('items' as const),
          rows,
          graph: graph === 1,
        };
      });
      return { items, contents, bytes, vectors: { all, here, paged }, parts };
    },
    free: () => guest.free(),
  };
}

interface GuestRoom extends Room {
  readonly piece: wasm.Piece;
}

function createRoom(length: number): GuestRoom {
  const piece = call(() => new wasm.Piece(length));
  const part = (from: number, bytes: number) => new Uint8Array(memory(), piece.address() + from, bytes);
  return {
    piece,
    put: (from, bytes) => part(from, bytes.length).set(bytes),
    fill: (from, to, read) => read(part(from, to - from)),
  };
}

/** See `lacking` of the binding. */
function rangesOf(words: Uint32Array): ByteRange[] {
  return Array.from({ length: words.length / 3 }, (_, i) => {
    const [segment = 0, from = 0, to = 0] = words.subarray(3 * i, 3 * i + 3);
    return { segment, from, to };
  });
}

/** Those that are any, with their places. */
function each(inos: Uint32Array, run: (some: Uint32Array, places: readonly number[]) => void): void {
  const places = [...inos.keys()].filter((i) => inos[i] !== NONE);
  if (places.length > 0)
    run(
      Uint32Array.from(places, (i) => inos[i] ?? NONE),
      places,
    );
}

/** Strings as UTF-8, one after the other, with where each ends. */
function packed(strings: readonly string[]): { bytes: Uint8Array; ends: Uint32Array } {
  const all = new Uint8Array(strings.reduce((sum, { length }) => sum + 3 * length, 0));
  let at = 0;
  const ends = Uint32Array.from(strings, (text) => {
    at += encoder.encodeInto(text, all.subarray(at)).written;
    return at;
  });
  return { bytes: all.subarray(0, at), ends };
}

/** See `describe` of the binding. */
function rowsOf(inos: Uint32Array, dims: number, withVectors: boolean, bytes: Uint8Array): ItemRow[] {
  const n = inos.length;
  const vectors = 4 + 12 * n;
  let at = vectors + (withVectors ? 4 * n * dims : 0);
  const columns = [0, 1, 2].map((column) => {
    const texts = textsOf(bytes, 4 + 4 * column * n, n, at);
    at += texts.bytes;
    return texts.row;
  });
  return Array.from(inos, (ino, row) => ({
    ino,
    id: columns[0]?.(row) ?? '',
    meta: columns[1]?.(row) ?? '',
    text: columns[2]?.(row) ?? '',
    vector: withVectors ? values(bytes, vectors + 4 * row * dims, dims) : undefined,
  }));
}

/** A column of texts, decoded as one, which is cut where every sign is a byte: a call for each would take longer than the search. */
function textsOf(
  bytes: Uint8Array,
  endsAt: number,
  n: number,
  start: number,
): { readonly bytes: number; row(row: number): string } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = (row: number): number => (row < 0 ? 0 : view.getUint32(endsAt + 4 * row, true));
  const length = end(n - 1);
  const whole = length === 0 ? '' : decoder.decode(bytes.subarray(start, start + length));
  const isPlain = whole.length === length;
  const row = (row: number): string => {
    const [from, to] = [end(row - 1), end(row)];
    return isPlain ? whole.slice(from, to) : decoder.decode(bytes.subarray(start + from, start + to));
  };
  return { bytes: length, row };
}

/** The ids of a description without vectors. */
function idsOf(n: number, bytes: Uint8Array): string[] {
  const { row } = textsOf(bytes, 4, n, 4 + 12 * n);
  return Array.from({ length: n }, (_, i) => row(i));
}

/** A copy: the bytes may lie at any address. */
function values(bytes: Uint8Array, at: number, dims: number): Float32Array {
  return new Float32Array(bytes.slice(at, at + 4 * dims).buffer);
}

/** See `report` of the binding. */
function reportOf(words: Uint32Array): Omit<VectorWhy, 'bytesRead'> {
  const [exact, how = 0, compared = 0, followed = 0, reranked = 0, segments = 0, matches = 0] = words;
  const strategy = how & 4 ? 'masked graph' : how & 2 ? 'graph' : how & 1 ? 'scan' : 'none';
  return { exact: exact === 1, strategy, matches, compared, followed, reranked, segments };
}
