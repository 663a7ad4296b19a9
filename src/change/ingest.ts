// The story of one document's change: detect, chunk, align with what was there, stage what is new.

import { ByteWriter, hex } from '../base/bytes.ts';
import { joinPath } from '../base/path.ts';
import type { Doc, DocFormat, MetaValue } from '../model/document.ts';
import { type Hasher, type Index, NONE } from '../ports/index.ts';
import type { History } from '../version/history.ts';
import type { DocVersion, Part } from '../version/record.ts';
import { align, similarity } from './align.ts';
import { CHUNKER_VERSION, type ChunkSpan, chunk } from './chunk.ts';
import { type Draft, vnosOf } from './draft.ts';

const ID_BYTES = 16;
const KIND_BLOCK = 0;

/** What staging reads. */
export interface IngestRoom {
  readonly history: History;
  readonly index: Index;
  readonly hasher: Hasher;
}

/** Stages a put of one document. Unchanged text and metadata cost one hash. */
export function stagePut(room: IngestRoom, draft: Draft, doc: Doc): void {
  const { history } = room;
  draft.restage(doc.id);
  const before = history.live(doc.id, history.head);
  const format = doc.format ?? formatOf(doc.id);
  const versionId = docVersionId(room.hasher, doc, format);
  if (before?.versionId === versionId) {
    draft.docs.set(doc.id, { fate: 'unchanged', version: before, before });
    return;
  }
  const known = history.versions(doc.id).find((version) => version.versionId === versionId);
  const version = known ?? newVersion(room, draft, doc, format, versionId, before);
  draft.docs.set(doc.id, { fate: before ? 'updated' : 'added', version, before });
}

/** Stages a delete; an id that is not there changes nothing. */
export function stageDelete(room: IngestRoom, draft: Draft, id: string): void {
  const before = room.history.live(id, room.history.head);
  if (before) draft.docs.set(id, { fate: 'deleted', version: undefined, before });
}

/** Markdown by its name, else text. */
export function formatOf(id: string): DocFormat {
  return /\.(md|markdown|mdx)$/i.test(id) ? 'markdown' : 'text';
}

/** When a document's statement holds, as numbers. */
function validTime(doc: Doc): { validFrom: number | undefined; validTo: number | undefined } {
  const at = (time: Date | number | undefined): number | undefined => (time === undefined ? undefined : Number(time));
  return { validFrom: at(doc.valid?.from), validTo: at(doc.valid?.to) };
}

function docVersionId(hasher: Hasher, doc: Doc, format: DocFormat): string {
  const { validFrom, validTo } = validTime(doc);
  const out = new ByteWriter()
    .string('document')
    .string(doc.id)
    .string(doc.title ?? '')
    .varint(doc.title === undefined ? 0 : 1);
  out
    .string(format)
    .string(canonicalJson(doc.meta ?? {}))
    .f64(validFrom ?? Number.NaN)
    .f64(validTo ?? Number.NaN)
    .string(doc.text);
  return hex(hasher.hashes(out.take(), Uint32Array.of(out.length)));
}

/** JSON with sorted keys: the order in which keys were written is no change. */
export function canonicalJson(value: MetaValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value as { readonly [key: string]: MetaValue }).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

function newVersion(
  room: IngestRoom,
  draft: Draft,
  doc: Doc,
  format: DocFormat,
  versionId: string,
  before: DocVersion | undefined,
): DocVersion {
  const spans = chunk(doc.text, { format, title: doc.title });
  const vnos = placeChunks(room, draft, doc, spans, before);
  const parts: Part[] = [];
  let end = 0;
  for (const [i, span] of spans.entries()) {
    if (span.start > end) parts.push(doc.text.slice(end, span.start));
    parts.push(vnos[i] ?? NONE);
    end = span.end;
  }
  if (end < doc.text.length) parts.push(doc.text.slice(end));
  const version = {
    dno: draft.nextDno++,
    id: doc.id,
    versionId,
    title: doc.title,
    format,
    meta: doc.meta ?? {},
    ...validTime(doc),
    parts,
  };
  draft.newDocs.push(version);
  return version;
}

/** The chunk version of each span: the one that was there, one that was there once, or a new one. */
function placeChunks(
  room: IngestRoom,
  draft: Draft,
  doc: Doc,
  spans: readonly ChunkSpan[],
  before: DocVersion | undefined,
): number[] {
  const table = room.history.chunks;
  const versions = versionIds(room.hasher, doc.text, spans);
  const oldVnos = vnosOf(before?.parts ?? []);
  const oldText = (i: number): string => room.index.text(oldVnos[i] ?? NONE);
  const textOf = (i: number): string => doc.text.slice(spans[i]?.start, spans[i]?.end);
  const same = align(
    oldVnos.map((vno) => hex(table.versionId(vno))),
    versions.map(hex),
    (o, n) => similarity(oldText(o), textOf(n)),
  );
  const keys = sectionKeys(room.hasher, doc.id, spans);
  const taken = new Set(Array.from(same, (old) => (old < 0 ? '' : hex(table.chunkId(oldVnos[old] ?? NONE)))));
  const born = chunkIdMaker(room.hasher, doc.id, taken);
  return spans.map((span, i) => {
    const versionId = versions[i] ?? new Uint8Array(ID_BYTES);
    const old = oldVnos[same[i] ?? -1];
    if (old !== undefined && hex(table.versionId(old)) === hex(versionId)) return old;
    const chunkId = old !== undefined ? table.chunkId(old).slice() : born(versionId);
    const stored = table.find(chunkId, versionId);
    if (stored !== undefined) return stored;
    const vno = draft.nextVno++;
    draft.addChunk(doc.id, {
      vno,
      parent: old ?? NONE,
      path: span.path,
      text: textOf(i),
      versionId,
      chunkId,
      docKey: keys.doc,
      sectionKey: keys.section(span),
    });
    return vno;
  });
}

/** hash(chunker version, kind, heading path, text) of every span, in one call. */
function versionIds(hasher: Hasher, text: string, spans: readonly ChunkSpan[]): Uint8Array[] {
  const out = new ByteWriter();
  const ends = spans.map((span) => {
    out.varint(CHUNKER_VERSION).varint(KIND_BLOCK).string(joinPath(span.path)).raw(text.slice(span.start, span.end));
    return out.length;
  });
  return split(hasher.hashes(out.take(), Uint32Array.from(ends)));
}

/** hash(document id) and hash(document id, heading path). */
function sectionKeys(
  hasher: Hasher,
  id: string,
  spans: readonly ChunkSpan[],
): { doc: Uint8Array; section: (span: ChunkSpan) => Uint8Array } {
  const paths = [...new Set(spans.map((span) => joinPath(span.path)))];
  const out = new ByteWriter().string('doc').string(id);
  const ends = [out.length, ...paths.map((path) => out.string('section').string(id).string(path).length)];
  const [doc = new Uint8Array(ID_BYTES), ...sections] = split(hasher.hashes(out.take(), Uint32Array.from(ends)));
  const byPath = new Map(paths.map((path, i) => [path, sections[i]]));
  return { doc, section: (span) => byPath.get(joinPath(span.path)) ?? doc };
}

/**
 * Makes hash(document id, first version id, occurrence): the first occurrence that no chunk of the document has. Where
 * to look next is remembered, so that a text of a thousand equal chunks is no harder than any other.
 */
function chunkIdMaker(hasher: Hasher, id: string, taken: Set<string>): (versionId: Uint8Array) => Uint8Array {
  const next = new Map<string, number>();
  return (versionId) => {
    const version = hex(versionId);
    for (let occurrence = next.get(version) ?? 0; ; occurrence++) {
      const out = new ByteWriter().string('chunk').string(id).bytes(versionId).varint(occurrence);
      const chunkId = hasher.hashes(out.take(), Uint32Array.of(out.length));
      if (taken.has(hex(chunkId))) continue;
      taken.add(hex(chunkId));
      next.set(version, occurrence + 1);
      return chunkId;
    }
  };
}

function split(hashes: Uint8Array): Uint8Array[] {
  return Array.from({ length: hashes.length / ID_BYTES }, (_, i) => hashes.subarray(i * ID_BYTES, (i + 1) * ID_BYTES));
}
