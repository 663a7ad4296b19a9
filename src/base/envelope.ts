// The envelope of every stored piece, written and read as wasm/crates/envelope/src/lib.rs does.

import { ByteReader, ByteWriter, utf8 } from './bytes.ts';
import { AetherError } from './errors.ts';

/** Kinds of pieces. */
export const KIND = {
  text: 1,
  vector: 2,
  history: 3,
  wal: 4,
  manifest: 5,
  packed: 6,
  items: 7,
  itemVectors: 8,
} as const;

/** The format version this build writes, and the latest it reads. */
export const FORMAT_VERSION = 7;

/** CRC-32C of bytes. */
export type Crc = (bytes: Uint8Array) => number;

/** A tagged section. Several may share a tag; they keep their order. */
export interface Section {
  readonly tag: string;
  readonly body: Uint8Array;
}

const HEADER_BYTES = 16;
const ENTRY_BYTES = 16;
const align = (at: number): number => Math.ceil(at / 16) * 16;

/** Writes one piece. */
export function writeEnvelope(kind: number, sections: readonly Section[], crc: Crc): Uint8Array<ArrayBuffer> {
  const directory = HEADER_BYTES + sections.length * ENTRY_BYTES + 4;
  const total = sections.reduce((end, section) => align(end) + section.body.length, directory);
  const head = new ByteWriter();
  head
    .bytes(utf8('AVDB'))
    .u32(FORMAT_VERSION | (kind << 16))
    .u32(sections.length << 16)
    .u32(total);
  const out = new Uint8Array(total);
  let end = directory;
  for (const { tag, body } of sections) {
    const start = align(end);
    head.bytes(utf8(tag)).u32(start).u32(body.length).u32(crc(body));
    out.set(body, start);
    end = start + body.length;
  }
  head.u32(crc(head.take()));
  out.set(head.take());
  return out;
}

/**
 * The checksum in a piece's header: it covers the directory, whose checksums cover the sections. Read, not computed; 0
 * when the piece is too short to have one.
 */
export function headerSum(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = bytes.length < HEADER_BYTES ? bytes.length : HEADER_BYTES + view.getUint16(10, true) * ENTRY_BYTES;
  return at + 4 <= bytes.length ? view.getUint32(at, true) : 0;
}

/** Bytes `from` to before `to` of a piece. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where a section lies, as the unverified directory of a piece says; undefined when it names none. */
export function sectionSpan(bytes: Uint8Array, tag: string): Span | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length < HEADER_BYTES ? 0 : view.getUint16(10, true);
  for (
    let at = HEADER_BYTES;
    at < HEADER_BYTES + count * ENTRY_BYTES && at + ENTRY_BYTES <= bytes.length;
    at += ENTRY_BYTES
  ) {
    const from = view.getUint32(at + 4, true);
    if (String.fromCharCode(...bytes.subarray(at, at + 4)) === tag)
      return { from, to: from + view.getUint32(at + 8, true) };
  }
  return undefined;
}

/** Verifies every checksum of a piece of whatever kind. Throws `AV_CORRUPT`, `AV_FORMAT_NEWER`. */
export function verifyEnvelope(bytes: Uint8Array, crc: Crc): void {
  if (bytes.length < HEADER_BYTES) throw new AetherError('AV_CORRUPT', 'a stored piece is damaged: its length');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tags = Array.from({ length: view.getUint16(10, true) }, (_, i) => HEADER_BYTES + i * ENTRY_BYTES).filter(
    (at) => at + 4 <= bytes.length,
  );
  const known = tags.map((at) => String.fromCharCode(...bytes.subarray(at, at + 4)));
  readEnvelope(bytes, view.getUint16(6, true), known, crc);
}

/**
 * Verifies a piece and returns its sections. Zeros after it (padding) are allowed.
 *
 * @throws `AV_CORRUPT` for anything damaged, `AV_FORMAT_NEWER` for a later version or an unknown required section.
 */
export function readEnvelope(bytes: Uint8Array, kind: number, known: readonly string[], crc: Crc): Section[] {
  const damaged = (what: string): AetherError => new AetherError('AV_CORRUPT', `a stored piece is damaged: ${what}`);
  const reader = new ByteReader(bytes, 'a stored piece');
  const magic = String.fromCharCode(...reader.bytes(4));
  const [versionAndKind, codecAndCount, total] = [reader.u32(), reader.u32(), reader.u32()];
  if (magic !== 'AVDB') throw damaged('it does not start with AVDB');
  const count = codecAndCount >>> 16;
  const directory = HEADER_BYTES + count * ENTRY_BYTES;
  if (directory + 4 > total || total > bytes.length) throw damaged('its length');
  if (crc(bytes.subarray(0, directory)) !== new ByteReader(bytes.subarray(directory), 'a stored piece').u32())
    throw damaged('its header');
  if ((versionAndKind & 0xffff) > FORMAT_VERSION) {
    throw new AetherError(
      'AV_FORMAT_NEWER',
      `format version ${versionAndKind & 0xffff} is later than ${FORMAT_VERSION}. Update the library.`,
    );
  }
  if ((codecAndCount & 0xffff) !== 0)
    throw new AetherError('AV_FORMAT_NEWER', `a stored piece has codec ${codecAndCount & 0xffff}. Update the library.`);
  if (versionAndKind >>> 16 !== kind) throw damaged(`kind ${versionAndKind >>> 16} instead of ${kind}`);
  return Array.from({ length: count }, () => {
    const tag = String.fromCharCode(...reader.bytes(4));
    const [start, length, sum] = [reader.u32(), reader.u32(), reader.u32()];
    if (/^[A-Z]/.test(tag) && !known.includes(tag)) {
      throw new AetherError(
        'AV_FORMAT_NEWER',
        `stored section ${tag} is not known to this version. Update the library.`,
      );
    }
    if (start + length > total) throw damaged(`section ${tag}`);
    const body = bytes.subarray(start, start + length);
    if (crc(body) !== sum) throw damaged(`checksum of section ${tag}`);
    return { tag, body };
  });
}
