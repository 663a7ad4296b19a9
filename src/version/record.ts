// A commit as a value, and the bytes of its parts: sections Cmmt, Docs, Time, Vmap.

import { ByteReader, ByteWriter, hex, unhex } from '../base/bytes.ts';
import { AetherError } from '../base/errors.ts';
import type { DocFormat, Meta } from '../model/document.ts';
import type { CommitInfo } from '../model/report.ts';
import type { ItemsDelta } from './items.ts';

/** A piece of a document version: a chunk version, or literal text between chunks. */
export type Part = number | string;

/** One version of a document: everything but the texts of its chunks. */
export interface DocVersion {
  readonly dno: number;
  readonly id: string;
  /** Hash of id, title, format, metadata, valid time and text. */
  readonly versionId: string;
  readonly title: string | undefined;
  readonly format: DocFormat;
  readonly meta: Meta;
  readonly validFrom: number | undefined;
  readonly validTo: number | undefined;
  readonly parts: readonly Part[];
}

/**
 * What one commit changed: ordinals born and dead, each list rising, since the commit at `base` (its first parent, or the
 * nearest one that is kept); base 0 = since nothing, a key frame.
 */
export interface TimelineEntry {
  readonly seq: number;
  readonly base: number;
  readonly docsBorn: readonly number[];
  readonly docsDied: readonly number[];
  readonly chunksBorn: readonly number[];
  readonly chunksDied: readonly number[];
  /** Of the collections that it touched. */
  readonly items?: readonly ItemsDelta[] | undefined;
}

/** A commit with what it changed. `batch` names the write, so that a resend can be recognised. */
export interface CommitRecord {
  readonly info: CommitInfo;
  readonly batch: string;
  readonly entry: TimelineEntry;
  readonly docs: readonly DocVersion[];
}

/** The chunk versions among a document's parts, in order. */
export function vnosOf(parts: readonly Part[]): number[] {
  return parts.filter((part) => typeof part === 'number');
}

const FORMATS: readonly DocFormat[] = ['text', 'markdown'];
/** Document versions are stored as differences to the one before; every so many, whole. */
const KEY_FRAME_EVERY = 16;
/** The collection of documents; others will hold vectors. */
const DOCUMENTS = 0;

/** Bytes of a Cmt2 section. */
export function encodeCommits(commits: readonly { info: CommitInfo; batch: string }[]): Uint8Array {
  const out = new ByteWriter();
  for (const { info, batch } of commits) {
    out.varint(info.seq).bytes(unhex(info.id)).bytes(unhex(batch)).f64(info.time).varint(info.parents.length);
    for (const parent of info.parents) out.bytes(unhex(parent));
    out.string(info.message).string(info.author);
    const { added, updated, deleted, chunks, embedded, reused, tokensEmbedded, tokensReused } = info.stats;
    for (const count of [added, updated, deleted, chunks, embedded, reused, tokensEmbedded, tokensReused])
      out.varint(count);
  }
  return out.take();
}

/** The commits of a Cmt2 section, or of a Cmmt section: the first format counted no tokens. */
export function decodeCommits(tag: 'Cmmt' | 'Cmt2', section: Uint8Array): { info: CommitInfo; batch: string }[] {
  const reader = new ByteReader(section, tag);
  const tokens = (): number => (tag === 'Cmt2' ? reader.varint() : 0);
  const out: { info: CommitInfo; batch: string }[] = [];
  while (reader.left > 0) {
    const [seq, id, batch, time] = [reader.varint(), hex(reader.bytes(16)), hex(reader.bytes(16)), reader.f64()];
    const parents = Array.from({ length: reader.count() }, () => hex(reader.bytes(16)));
    const [message, author] = [reader.string(), reader.string()];
    const count = (): number => reader.varint();
    const stats = {
      added: count(),
      updated: count(),
      deleted: count(),
      chunks: count(),
      embedded: count(),
      reused: count(),
      tokensEmbedded: tokens(),
      tokensReused: tokens(),
    };
    out.push({ info: { id, seq, parents, message, author, time, stats }, batch });
  }
  return out;
}

/** Bytes of a Time section. */
export function encodeTimeline(entries: readonly TimelineEntry[]): Uint8Array {
  const out = new ByteWriter();
  for (const entry of entries) {
    out.varint(entry.base + 1).varint(entry.seq);
    out.rising(entry.docsBorn).rising(entry.docsDied).rising(entry.chunksBorn).rising(entry.chunksDied);
  }
  return out.take();
}

/** The entries of a Time section. */
export function decodeTimeline(section: Uint8Array): TimelineEntry[] {
  const reader = new ByteReader(section, 'Time');
  const out: TimelineEntry[] = [];
  while (reader.left > 0) {
    const [base, seq] = [reader.varint(), reader.varint()];
    out.push({
      seq,
      // The first format had one line of commits and wrote 0.
      base: base === 0 ? seq - 1 : base - 1,
      docsBorn: reader.rising(),
      docsDied: reader.rising(),
      chunksBorn: reader.rising(),
      chunksDied: reader.rising(),
    });
  }
  return out;
}

/**
 * Bytes of a Docs section: all strings as one, then numbers; a string is its length in the one. Read at every opening,
 * and one long string is read far faster than many short ones. `previous` gives the version before of the same document
 * and how many versions there were.
 */
export function encodeDocs(
  docs: readonly DocVersion[],
  previous: (doc: DocVersion) => { doc: DocVersion; depth: number } | undefined,
): Uint8Array {
  const pool: string[] = [];
  const out = new ByteWriter();
  const text = (value: string): void => {
    pool.push(value);
    out.varint(value.length);
  };
  for (const doc of docs) {
    const base = previous(doc);
    const from = base && base.depth % KEY_FRAME_EVERY !== 0 ? base.doc : undefined;
    const { title, validFrom, validTo } = doc;
    const flags = FORMATS.indexOf(doc.format) | (title === undefined ? 0 : 2);
    out.varint(doc.dno).varint(DOCUMENTS).bytes(unhex(doc.versionId));
    out.varint(flags | (validFrom === undefined ? 0 : 4) | (validTo === undefined ? 0 : 8));
    text(doc.id);
    if (title !== undefined) text(title);
    text(JSON.stringify(doc.meta));
    if (validFrom !== undefined) out.f64(validFrom);
    if (validTo !== undefined) out.f64(validTo);
    out.varint(from ? from.dno + 1 : 0);
    encodeParts(out, text, doc.parts, from?.parts ?? []);
  }
  return new ByteWriter().string(pool.join('')).bytes(out.take()).take();
}

/** The document versions of a Docs section; `known` resolves the version a difference is taken from. */
export function decodeDocs(section: Uint8Array, known: (dno: number) => DocVersion | undefined): DocVersion[] {
  const reader = new ByteReader(section, 'Docs');
  const text = stringPool(reader);
  const out: DocVersion[] = [];
  const byDno: DocVersion[] = [];
  while (reader.left > 0) {
    const dno = reader.varint();
    const collection = reader.varint();
    if (collection !== DOCUMENTS)
      throw new AetherError(
        'AV_FORMAT_NEWER',
        `collection ${collection} is not known to this version. Update the library.`,
      );
    const versionId = reader.hex(16);
    const flags = reader.varint();
    if (flags > 15)
      throw new AetherError(
        'AV_FORMAT_NEWER',
        `document version ${dno} has flags this version does not know. Update the library.`,
      );
    const id = text();
    const title = flags & 2 ? text() : undefined;
    const meta = parseMeta(text());
    const validFrom = flags & 4 ? reader.f64() : undefined;
    const validTo = flags & 8 ? reader.f64() : undefined;
    const from = reader.varint();
    const base = from === 0 ? undefined : (byDno[from - 1] ?? known(from - 1));
    if (from !== 0 && !base)
      throw new AetherError('AV_CORRUPT', `document version ${dno} builds on ${from - 1}, which is not there`);
    const parts = decodeParts(reader, text, base?.parts);
    const format = FORMATS[flags & 1] ?? 'text';
    const doc = { dno, id, versionId, title, format, meta, validFrom, validTo, parts };
    byDno[dno] = doc;
    out.push(doc);
  }
  return out;
}

/** Hands out the strings of a section one after another; their lengths stand among its numbers. */
function stringPool(reader: ByteReader): () => string {
  const pool = reader.string();
  let at = 0;
  return () => {
    const end = at + reader.varint();
    if (end > pool.length) throw new AetherError('AV_CORRUPT', 'Docs claims more text than it holds');
    const text = pool.slice(at, end);
    at = end;
    return text;
  };
}

function parseMeta(json: string): Meta {
  if (json === '{}') return {};
  try {
    return JSON.parse(json) as Meta;
  } catch (cause) {
    throw new AetherError('AV_CORRUPT', 'the metadata of a document version is not JSON', { cause });
  }
}

/** Parts as a difference: how many of the base stay at the front, how many at the back, and all between. */
function encodeParts(
  out: ByteWriter,
  text: (value: string) => void,
  parts: readonly Part[],
  base: readonly Part[],
): void {
  const most = Math.min(parts.length, base.length);
  let front = 0;
  while (front < most && parts[front] === base[front]) front++;
  let back = 0;
  while (back < most - front && parts[parts.length - 1 - back] === base[base.length - 1 - back]) back++;
  const middle = parts.slice(front, parts.length - back);
  out.varint(front).varint(back).varint(middle.length);
  for (const part of middle) {
    if (typeof part === 'number') out.varint(part + 1);
    else {
      out.varint(0);
      text(part);
    }
  }
}

function decodeParts(reader: ByteReader, text: () => string, base: readonly Part[] = []): Part[] {
  const front = reader.varint();
  const back = reader.varint();
  if (front + back > base.length)
    throw new AetherError('AV_CORRUPT', 'a document version keeps more parts than there were');
  const parts: Part[] = [];
  for (let at = 0; at < front; at++) parts.push(base[at] ?? 0);
  for (let left = reader.count(); left > 0; left--) {
    const tag = reader.varint();
    parts.push(tag === 0 ? text() : tag - 1);
  }
  for (let at = base.length - back; at < base.length; at++) parts.push(base[at] ?? 0);
  return parts;
}
