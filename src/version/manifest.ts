// The manifest: which segments a database is made of, up to which seq they reach, which embedding spaces it has.

import { ByteReader, ByteWriter, hex, unhex } from '../base/bytes.ts';
import { type Crc, KIND, readEnvelope, writeEnvelope } from '../base/envelope.ts';
import { AetherError } from '../base/errors.ts';
import type { Head } from '../ports/store.ts';
import { type CollectionEntry, decodeCollections, encodeCollections } from './items.ts';

/** Kinds of stored pieces that a manifest lists. */
export type SegmentKind = 'text' | 'vector' | 'history' | 'archive' | 'items' | 'item-vectors';
const KINDS: readonly SegmentKind[] = ['text', 'vector', 'history', 'archive', 'items', 'item-vectors'];

/** A stored piece. */
export interface SegmentEntry {
  readonly id: number;
  readonly kind: SegmentKind;
  /** Of items and their vectors; 0, or not given, for documents. */
  readonly collection?: number | undefined;
  /** Embedding space of a vector segment. */
  readonly space: number;
  readonly bytes: number;
  /** The checksum in the piece's header: a piece of another segment does not fit, and its own covers all of it. */
  readonly sum: number;
}

/** An embedding space: vectors of one recipe, comparable with each other only. */
export interface Space {
  readonly ordinal: number;
  /** The embedder's id. */
  readonly id: string;
  readonly dims: number;
  /** How an embedding input is made of a chunk: 1 = heading path joined by " > ", ". ", text. Another rule is another space. */
  readonly inputRule: number;
}

/** The rule of this version. */
export const INPUT_RULE = 1;

/** The state that segments hold. A value: edits make a new one. */
export interface Manifest {
  readonly databaseId: string;
  readonly epoch: number;
  /** Last commit in the segments; later ones are in the WAL. */
  readonly seq: number;
  /** First document version that is not in the segments, and how many chunk versions there ever were up to there. */
  readonly nextDno: number;
  readonly nextVno: number;
  /** The latest commit time ever used: times rise even when the newest commits are gone. */
  readonly lastTime: number;
  readonly nextSegment: number;
  readonly spaces: readonly Space[];
  /** Ordinal of the space that searches use. */
  readonly space: number;
  readonly segments: readonly SegmentEntry[];
  readonly collections: readonly CollectionEntry[];
}

const SECTIONS = ['Mhdr', 'Spac', 'Segm', 'Coll'];
const HEAD_BYTES = 20;
const HEAD_MAGIC = 0x44485641; // "AVHD"

/** The manifest's bytes. */
export function encodeManifest(m: Manifest, crc: Crc): Uint8Array {
  const head = new ByteWriter()
    .bytes(unhex(m.databaseId))
    .varint(m.epoch)
    .varint(m.seq)
    .varint(m.nextDno)
    .varint(m.nextSegment)
    .varint(m.space)
    .varint(m.nextVno)
    .f64(m.lastTime);
  const spaces = new ByteWriter();
  for (const space of m.spaces)
    spaces.varint(space.ordinal).string(space.id).varint(space.dims).varint(space.inputRule);
  const body = [
    { tag: 'Mhdr', body: head.take() },
    { tag: 'Spac', body: spaces.take() },
    { tag: 'Segm', body: encodeSegments(m.segments) },
  ];
  if (m.collections.length > 0) body.push({ tag: 'Coll', body: encodeCollections(m.collections) });
  return writeEnvelope(KIND.manifest, body, crc);
}

/** Bytes of a Segm section. */
export function encodeSegments(segments: readonly SegmentEntry[]): Uint8Array {
  const out = new ByteWriter();
  for (const s of segments)
    out
      .varint(s.id)
      .varint(KINDS.indexOf(s.kind))
      .varint(s.collection ?? 0)
      .varint(s.space)
      .varint(s.bytes)
      .u32(s.sum);
  return out.take();
}

/** The entries of a Segm section. */
export function decodeSegments(section: Uint8Array): SegmentEntry[] {
  const reader = new ByteReader(section, 'Segm');
  const out: SegmentEntry[] = [];
  while (reader.left > 0) {
    const [id, kind, collection, space, bytes, sum] = [
      reader.varint(),
      KINDS[reader.varint()],
      reader.varint(),
      reader.varint(),
      reader.varint(),
      reader.u32(),
    ];
    if (kind === undefined)
      throw new AetherError(
        'AV_FORMAT_NEWER',
        `segment ${id} is of a kind this version does not know. Update the library.`,
      );
    out.push({ id, kind, ...(collection > 0 ? { collection } : {}), space, bytes, sum });
  }
  return out;
}

/** Reads a manifest; throws `AV_CORRUPT` or `AV_FORMAT_NEWER`. */
export function decodeManifest(bytes: Uint8Array, crc: Crc): Manifest {
  const sections = new Map(readEnvelope(bytes, KIND.manifest, SECTIONS, crc).map(({ tag, body }) => [tag, body]));
  const none = new Uint8Array(0);
  const head = new ByteReader(sections.get('Mhdr') ?? none, 'Mhdr');
  const [databaseId, epoch, seq, nextDno, nextSegment, space] = [
    hex(head.bytes(16)),
    head.varint(),
    head.varint(),
    head.varint(),
    head.varint(),
    head.varint(),
  ];
  // The first format ended here.
  const [nextVno, lastTime] = head.left > 0 ? [head.varint(), head.f64()] : [0, 0];
  const reader = new ByteReader(sections.get('Spac') ?? none, 'Spac');
  const spaces: Space[] = [];
  while (reader.left > 0)
    spaces.push({ ordinal: reader.varint(), id: reader.string(), dims: reader.varint(), inputRule: reader.varint() });
  return {
    databaseId,
    epoch,
    seq,
    nextDno,
    nextSegment,
    nextVno,
    lastTime,
    spaces,
    space,
    segments: decodeSegments(sections.get('Segm') ?? none),
    collections: decodeCollections(sections.get('Coll') ?? none),
  };
}

/** The space that searches use. */
export function activeSpace(manifest: Manifest): Space {
  const space = manifest.spaces.find(({ ordinal }) => ordinal === manifest.space);
  if (!space) throw new AetherError('AV_CORRUPT', `the manifest names space ${manifest.space}, which it does not list`);
  return space;
}

/** A head slot: magic, epoch (two words), CRC of the manifest, CRC of the slot. */
export function encodeHead(head: Head, crc: Crc): Uint8Array {
  const out = new ByteWriter()
    .u32(HEAD_MAGIC)
    .u32(head.epoch % 2 ** 32)
    .u32(Math.floor(head.epoch / 2 ** 32))
    .u32(head.manifestCrc);
  return out.u32(crc(out.take())).take();
}

/** A head slot's content; undefined when it is damaged. */
export function decodeHead(bytes: Uint8Array | undefined, crc: Crc): Head | undefined {
  if (bytes?.length !== HEAD_BYTES) return undefined;
  const reader = new ByteReader(bytes, 'head');
  const [magic, low, high, manifestCrc, sum] = [reader.u32(), reader.u32(), reader.u32(), reader.u32(), reader.u32()];
  if (magic !== HEAD_MAGIC || sum !== crc(bytes.subarray(0, HEAD_BYTES - 4))) return undefined;
  return { epoch: high * 2 ** 32 + low, manifestCrc };
}
