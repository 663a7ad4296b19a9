// A WAL frame: whole commits with all they need, chained to the frame before (D12).

import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { type Crc, KIND, readEnvelope, type Section, writeEnvelope } from '../base/envelope.ts';
import { AetherError } from '../base/errors.ts';
import { type CollectionEntry, decodeCollections, encodeCollections, encodeItemTimeline, withItems } from './items.ts';
import { decodeSegments, encodeSegments, type SegmentEntry } from './manifest.ts';
import {
  decodeCommits,
  decodeDocs,
  decodeTimeline,
  encodeCommits,
  encodeDocs,
  encodeTimeline,
  type CommitRecord,
  type DocVersion,
} from './record.ts';
import { decodeRefs, encodeRefs, MAIN, type RefEdit } from './refs.ts';

/** Sections that go to an index: chunk rows, vectors, the map between them; items of collections. */
export type IndexTag = 'Chnk' | 'Vect' | 'Vmap' | 'Item';
const INDEX_TAGS: readonly string[] = ['Chnk', 'Vect', 'Vmap', 'Item'];

/** A section for the index. */
export interface IndexSection {
  readonly tag: IndexTag;
  readonly body: Uint8Array;
}

/** What one frame holds. A frame without a commit brings vectors for chunks that had none, or moves refs. */
export interface Frame {
  readonly record: CommitRecord | undefined;
  readonly refs: readonly RefEdit[];
  readonly sections: readonly IndexSection[];
  /** Segments written before this frame that it makes part of the database. */
  readonly segments: readonly SegmentEntry[];
  /** Collections that it makes. */
  readonly collections?: readonly CollectionEntry[] | undefined;
}

const KNOWN = ['Fhdr', 'Cmmt', 'Cmt2', 'Docs', 'Time', 'Refs', 'Chnk', 'Vect', 'Vmap', 'Segm', 'Coll', 'Item', 'Itim'];

/** The previous version of a document and how many there were; see `encodeDocs`. */
export type Previous = (doc: DocVersion) => { doc: DocVersion; depth: number } | undefined;

/** The frame's bytes. `chain` is the CRC of the frame before. */
export function encodeFrame(frame: Frame, chain: number, previous: Previous, crc: Crc): Uint8Array<ArrayBuffer> {
  const { record } = frame;
  const sections: Section[] = [
    {
      tag: 'Fhdr',
      body: new ByteWriter()
        .u32(chain)
        .varint(record?.info.seq ?? 0)
        .take(),
    },
  ];
  if (record) {
    sections.push({ tag: 'Cmt2', body: encodeCommits([record]) });
    sections.push({ tag: 'Docs', body: encodeDocs(record.docs, previous) });
    sections.push({ tag: 'Time', body: encodeTimeline([record.entry]) });
    if (record.entry.items?.length) sections.push({ tag: 'Itim', body: encodeItemTimeline([record.entry]) });
  }
  if (frame.refs.length > 0) sections.push({ tag: 'Refs', body: encodeRefs(frame.refs) });
  sections.push(...frame.sections);
  if (frame.collections) sections.push({ tag: 'Coll', body: encodeCollections(frame.collections) });
  if (frame.segments.length > 0) sections.push({ tag: 'Segm', body: encodeSegments(frame.segments) });
  return writeEnvelope(KIND.wal, sections, crc);
}

/** Reads a frame. Throws `AV_CORRUPT` when it is damaged or does not follow on `chain`. */
export function decodeFrame(
  bytes: Uint8Array,
  chain: number,
  known: (dno: number) => DocVersion | undefined,
  crc: Crc,
): Frame {
  const sections = readEnvelope(bytes, KIND.wal, KNOWN, crc);
  const one = (tag: string): Uint8Array => sections.find((section) => section.tag === tag)?.body ?? new Uint8Array(0);
  if (new ByteReader(one('Fhdr'), 'Fhdr').u32() !== chain)
    throw new AetherError('AV_CORRUPT', 'a WAL frame does not follow on the one before');
  const old = decodeCommits('Cmmt', one('Cmmt'));
  const [commit, second] = [...old, ...decodeCommits('Cmt2', one('Cmt2'))];
  if (second)
    throw new AetherError(
      'AV_FORMAT_NEWER',
      'a WAL frame holds several commits, which this version does not read. Update the library.',
    );
  const [entry] = decodeTimeline(one('Time'));
  const whole = entry && withItems([entry], one('Itim'))[0];
  const collections = decodeCollections(one('Coll'));
  return {
    record: commit && whole ? { ...commit, entry: whole, docs: decodeDocs(one('Docs'), known) } : undefined,
    // The first format had one branch, which every commit moved.
    refs: old[0] ? [{ kind: 'head', name: MAIN, seq: old[0].info.seq }] : decodeRefs(one('Refs')),
    sections: sections.filter((section): section is IndexSection => INDEX_TAGS.includes(section.tag)),
    segments: decodeSegments(one('Segm')),
    ...(collections.length > 0 ? { collections } : {}),
  };
}
