// The story of one document's change: detect, chunk, align with what was there, stage what is new.

import { ByteWriter, hex } from '../base/bytes.ts';
import { AetherError } from '../base/errors.ts';
import { joinPath } from '../base/path.ts';
import type { Doc, DocFormat, MetaValue } from '../model/document.ts';
import { type Hasher, type Index, NONE } from '../ports/index.ts';
import { type Archives, printOf } from '../version/archives.ts';
import { chunksOf } from '../version/compare.ts';
import type { History } from '../version/history.ts';
import { type DocVersion, type Part, vnosOf } from '../version/record.ts';
import { outside, overlap, type Span } from '../version/valid.ts';
import { align, similarity } from './align.ts';
import { CHUNKER_VERSION, type ChunkSpan, chunk } from './chunk.ts';
import type { Draft } from './draft.ts';
import { countTokens } from './embeddings.ts';

const ID_BYTES = 16;
const KIND_BLOCK = 0;

/** What staging reads. */
export interface IngestRoom {
  readonly history: History;
  readonly index: Index;
  readonly hasher: Hasher;
  readonly archives: Archives;
}

/**
 * Stages a put of one document: it replaces what held at its valid time. Unchanged text and metadata cost one hash.
 * Answers with archive segments that have to be opened first; then nothing is staged.
 */
export function stagePut(room: IngestRoom, draft: Draft, doc: Doc): readonly number[] {
  const { history } = room;
  const staged = draft.docs.get(doc.id);
  const before = staged?.before ?? history.alive(doc.id, history.head);
  const closedText = room.archives.all.size > 0 ? room.archives.closedWith(chunksOf(before)) : [];
  if (closedText.length > 0) return closedText;
  const current = staged?.after ?? before;
  const format = doc.format ?? formatOf(doc.id);
  const head = { id: doc.id, title: doc.title, format, meta: doc.meta ?? {}, ...validTime(doc) };
  const versionId = docVersionId(room.hasher, head, doc.text);
  if (current.some((version) => version.versionId === versionId)) {
    draft.docs.set(doc.id, { before, after: current });
    return [];
  }
  const kept = current.flatMap((version) => trimmed(room, draft, version, head));
  if (staged && kept.length === 0) draft.dropPending(doc.id);
  const known = history.versions(doc.id).find((version) => version.versionId === versionId);
  const parts = known
    ? []
    : partsOf(room, draft, doc, format, before.findLast((version) => overlap(version, head)) ?? before.at(-1));
  if (parts instanceof Set) return [...parts];
  const version = known ?? addVersion(draft, { ...head, versionId, parts }, doc.text);
  draft.docs.set(doc.id, { before, after: [...kept, version] });
  return [];
}

/** Stages a delete, of the whole or of a span of valid time; an id that is not there changes nothing. */
export function stageDelete(room: IngestRoom, draft: Draft, id: string, span: Span = EVER): void {
  const staged = draft.docs.get(id);
  const before = staged?.before ?? room.history.alive(id, room.history.head);
  const current = staged?.after ?? before;
  if (current.length === 0) return;
  const after = current.flatMap((version) => trimmed(room, draft, version, span));
  if (after.length === 0) {
    draft.dropPending(id);
    for (const doc of before)
      for (const vno of vnosOf(doc.parts)) draft.departed.set(hex(room.history.chunks.versionId(vno)), { vno, doc });
  }
  draft.docs.set(id, { before, after });
}

const EVER: Span = { validFrom: undefined, validTo: undefined };

/** What is left of a version outside a span of valid time: itself, or the same content with other ends. */
function trimmed(room: IngestRoom, draft: Draft, version: DocVersion, cut: Span): DocVersion[] {
  if (!overlap(version, cut)) return [version];
  const left = outside(version, cut);
  if (left.length === 0) return [];
  const text = textOf(room, draft, version);
  return left.map((span) => {
    const head = { ...version, ...span };
    const versionId = docVersionId(room.hasher, head, text);
    const known = room.history.versions(version.id).find((each) => each.versionId === versionId);
    return known ?? addVersion(draft, { ...head, versionId }, text);
  });
}

function textOf(room: IngestRoom, draft: Draft, { id, parts }: DocVersion): string {
  const chunkText = (vno: number): string => {
    if (room.history.chunks.has(vno)) return room.index.text(vno);
    const text = draft.pendingText(vno);
    if (text === undefined)
      throw new AetherError(
        'AV_INVALID',
        `"${id}" is put twice in one large write, with valid times that overlap in part. Put the second in a write of its own.`,
      );
    return text;
  };
  return parts.map((part) => (typeof part === 'string' ? part : chunkText(part))).join('');
}

function addVersion(draft: Draft, doc: Omit<DocVersion, 'dno'>, text: string): DocVersion {
  const version = { ...doc, dno: draft.nextDno++ };
  draft.newDocs.push(version);
  draft.words.set(version.dno, countTokens(text));
  return version;
}

/** Markdown by its name, else text. */
export function formatOf(id: string): DocFormat {
  return /\.(md|markdown|mdx)$/i.test(id) ? 'markdown' : 'text';
}

/** When a document's statement holds, as numbers. */
function validTime(doc: Doc): Span {
  const at = (time: Date | number | undefined): number | undefined => (time === undefined ? undefined : Number(time));
  return { validFrom: at(doc.valid?.from), validTo: at(doc.valid?.to) };
}

/** hash(id, title, format, metadata, valid time, text). */
function docVersionId(hasher: Hasher, head: Omit<DocVersion, 'dno' | 'versionId' | 'parts'>, text: string): string {
  const { id, title, format, meta, validFrom, validTo } = head;
  const out = new ByteWriter()
    .string('document')
    .string(id)
    .string(title ?? '')
    .varint(title === undefined ? 0 : 1);
  out
    .string(format)
    .string(canonicalJson(meta))
    .f64(validFrom ?? Number.NaN)
    .f64(validTo ?? Number.NaN)
    .string(text);
  return hex(hasher.hashes(out.take(), Uint32Array.of(out.length)));
}

/** JSON with sorted keys: the order in which keys were written is no change. */
export function canonicalJson(value: MetaValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value as { readonly [key: string]: MetaValue }).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** The parts of a new version of a document, or the archive segments that may hold some of them. */
function partsOf(
  room: IngestRoom,
  draft: Draft,
  doc: Doc,
  format: DocFormat,
  before: DocVersion | undefined,
): Part[] | Set<number> {
  const spans = chunk(doc.text, { format, title: doc.title });
  const vnos = placeChunks(room, draft, doc, spans, before);
  if (vnos instanceof Set) return vnos;
  const parts: Part[] = [];
  let end = 0;
  for (const [i, span] of spans.entries()) {
    if (span.start > end) parts.push(doc.text.slice(end, span.start));
    parts.push(vnos[i] ?? NONE);
    end = span.end;
  }
  if (end < doc.text.length) parts.push(doc.text.slice(end));
  return parts;
}

/** The chunk version of each span: the one that was there, one that was there once, or a new one. */
function placeChunks(
  room: IngestRoom,
  draft: Draft,
  doc: Doc,
  spans: readonly ChunkSpan[],
  before: DocVersion | undefined,
): number[] | Set<number> {
  const table = room.history.chunks;
  const versions = versionIds(room.hasher, doc.text, spans);
  const origin = before ?? mostOf(draft, versions);
  const oldVnos = vnosOf(origin?.parts ?? []);
  const oldText = (i: number): string => room.index.text(oldVnos[i] ?? NONE);
  const textOf = (i: number): string => doc.text.slice(spans[i]?.start, spans[i]?.end);
  const same = align(
    oldVnos.map((vno) => hex(table.versionId(vno))),
    versions.map(hex),
    (o, n) => similarity(oldText(o), textOf(n)),
  );
  const keys = sectionKeys(room.hasher, doc.id, spans);
  // A chunk's slot belongs to its document: one that came from another gets a new slot, and its parent.
  const slotOf = (old: number | undefined): Uint8Array | undefined =>
    before && old !== undefined ? table.chunkId(old) : undefined;
  const taken = new Set(Array.from(same, (old) => hex(slotOf(oldVnos[old]) ?? new Uint8Array(0))));
  const born = chunkIdMaker(room.hasher, doc.id, taken);
  const places = spans.map((_, i) => {
    const versionId = versions[i] ?? new Uint8Array(ID_BYTES);
    const old = oldVnos[same[i] ?? -1];
    const chunkId = slotOf(old)?.slice() ?? born(versionId);
    return { versionId, chunkId, old, stored: table.find(chunkId, versionId) };
  });
  const unseen = places.filter(({ stored }) => stored === undefined);
  const closed = new Set(
    unseen.flatMap(({ chunkId, versionId }) => room.archives.closedWithPrint(printOf(chunkId, versionId))),
  );
  if (closed.size > 0) return closed;
  return spans.map((span, i) => {
    const { versionId, chunkId, old, stored } = places[i] ?? { versionId: new Uint8Array(), chunkId: new Uint8Array() };
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

/** The document deleted in this write that most of these chunk versions were in: it was renamed. */
function mostOf(draft: Draft, versions: readonly Uint8Array[]): DocVersion | undefined {
  const votes = new Map<DocVersion, number>();
  if (draft.departed.size === 0) return undefined;
  for (const version of versions) {
    const doc = draft.departed.get(hex(version))?.doc;
    if (doc) votes.set(doc, (votes.get(doc) ?? 0) + 1);
  }
  return [...votes].sort(([, a], [, b]) => b - a)[0]?.[0];
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
