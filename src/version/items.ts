// Items of vector collections: their definitions, the rows they travel in, and which item versions a commit bore and ended.

import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { AetherError } from '../base/errors.ts';
import type { CollectionDef, IndexKind, Metric } from '../model/vectors.ts';

const METRICS: readonly Metric[] = ['cosine', 'dot', 'l2', 'hamming'];
const INDEX_KINDS: readonly IndexKind[] = ['auto', 'flat', 'hnsw'];

/** A collection with the ordinals that its next item version and its next vector get. */
export interface CollectionEntry {
  readonly def: CollectionDef;
  readonly nextIno: number;
  readonly nextCno: number;
}

/** Item versions of one collection that a commit bore and ended; each list rises. */
export interface ItemsDelta {
  readonly collection: number;
  readonly born: readonly number[];
  readonly died: readonly number[];
}

/** Bytes of a Coll section. */
export function encodeCollections(entries: readonly CollectionEntry[]): Uint8Array {
  const out = new ByteWriter();
  for (const { def, nextIno, nextCno } of entries) {
    out.varint(def.ordinal).string(def.name).varint(def.dims).varint(METRICS.indexOf(def.metric));
    out.varint(INDEX_KINDS.indexOf(def.index)).varint(def.m).varint(def.efConstruction);
    out.varint(nextIno).varint(nextCno);
  }
  return out.take();
}

/** The collections of a Coll section. */
export function decodeCollections(section: Uint8Array): CollectionEntry[] {
  const reader = new ByteReader(section, 'Coll');
  const out: CollectionEntry[] = [];
  while (reader.left > 0) {
    const [ordinal, name, dims] = [reader.varint(), reader.string(), reader.varint()];
    const [metric, index] = [METRICS[reader.varint()], INDEX_KINDS[reader.varint()]];
    if (metric === undefined || index === undefined)
      throw new AetherError(
        'AV_FORMAT_NEWER',
        `collection "${name}" has a metric or an index this version does not know. Update the library.`,
      );
    const def = { ordinal, name, dims, metric, index, m: reader.varint(), efConstruction: reader.varint() };
    out.push({ def, nextIno: reader.varint(), nextCno: reader.varint() });
  }
  return out;
}

/** Bytes of an Itim section: the commits that changed items. */
export function encodeItemTimeline(
  entries: readonly { readonly seq: number; readonly items?: readonly ItemsDelta[] | undefined }[],
): Uint8Array {
  const out = new ByteWriter();
  for (const { seq, items = [] } of entries) {
    if (items.length === 0) continue;
    out.varint(seq).varint(items.length);
    for (const { collection, born, died } of items) out.varint(collection).rising(born).rising(died);
  }
  return out.take();
}

/** Entries with what an Itim section says of them. */
export function withItems<E extends { readonly seq: number }>(
  entries: readonly E[],
  section: Uint8Array,
): (E & { readonly items?: readonly ItemsDelta[] })[] {
  const items = decodeItemTimeline(section);
  return entries.map((entry) => {
    const own = items.get(entry.seq);
    return own ? { ...entry, items: own } : entry;
  });
}

/** What an Itim section says, by seq. */
function decodeItemTimeline(section: Uint8Array): Map<number, ItemsDelta[]> {
  const reader = new ByteReader(section, 'Itim');
  const out = new Map<number, ItemsDelta[]>();
  while (reader.left > 0) {
    const seq = reader.varint();
    const deltas = Array.from({ length: reader.count() }, () => ({
      collection: reader.varint(),
      born: reader.rising(),
      died: reader.rising(),
    }));
    out.set(seq, deltas);
  }
  return out;
}

/** Item versions about to be stored, as columns. */
export interface NewItems {
  readonly inos: readonly number[];
  /** Content of each: new ones count up from {@link firstCno} in the order of the rows. */
  readonly cnos: readonly number[];
  /** 16 bytes each. */
  readonly versions: Uint8Array;
  readonly ids: readonly string[];
  /** Metadata as JSON; empty is `{}`. */
  readonly metas: readonly string[];
  /** Empty: none. */
  readonly texts: readonly string[];
  readonly firstCno: number;
  /** Vectors of the new contents, row-major. */
  readonly vectors: Float32Array;
}

/** Bytes of an Item section; layout in wasm/FORMAT.md. */
export function encodeItems({ ordinal, dims }: CollectionDef, rows: NewItems): Uint8Array {
  const { inos, cnos, versions, ids, metas, texts, firstCno, vectors } = rows;
  const strings = [ids, metas, texts].map((list) => {
    const out = new ByteWriter();
    const ends = list.map((text) => {
      out.raw(text);
      return out.length;
    });
    return { ends, bytes: out.take() };
  });
  const out = new ByteWriter().u32s([ordinal, inos.length, dims, vectors.length / Math.max(1, dims), firstCno]);
  out.u32s(inos).u32s(cnos).bytes(versions);
  for (const { ends } of strings) out.u32s(ends);
  out.bytes(new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength));
  for (const { bytes } of strings) out.bytes(bytes);
  return out.take();
}

/** Whose an Item section is, and which ordinals come after it. */
export function headOfItems(section: Uint8Array): { collection: number; nextIno: number; nextCno: number } {
  const reader = new ByteReader(section, 'Item');
  const [collection, rows, , vectors, firstCno] = [
    reader.u32(),
    reader.u32(),
    reader.u32(),
    reader.u32(),
    reader.u32(),
  ];
  let nextIno = 0;
  for (let row = 0; row < rows; row++) nextIno = Math.max(nextIno, reader.u32() + 1);
  return { collection, nextIno, nextCno: vectors > 0 ? firstCno + vectors : 0 };
}
