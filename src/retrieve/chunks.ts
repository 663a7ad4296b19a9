// The versions of a chunk or a document, how they came of each other, and who wrote each sentence.

import { hex } from '../base/bytes.ts';
import { utf8Length } from '../base/text.ts';
import type { BlameLine, ChunkVersion, LineageEdge, LineageGraph, LineageKind, LineageNode } from '../model/history.ts';
import { NONE } from '../ports/index.ts';
import { Bitset } from '../version/bitset.ts';
import { blame as blameSide } from '../version/blame.ts';
import { chunksOf } from '../version/compare.ts';
import { diffDocuments } from '../version/diff.ts';
import type { DocSide } from '../version/document.ts';
import type { History, View } from '../version/history.ts';
import { archived, openArchives, openFor, reading } from '../version/opening.ts';
import { type DocVersion, vnosOf } from '../version/record.ts';
import { sideOf } from '../version/side.ts';
import type { State } from '../version/state.ts';

/** Chunk versions of a document, or of one chunk when `id` is a chunk's; archives that hold them are open after it. */
async function versionsOf(state: State, id: string): Promise<number[]> {
  const { history } = state;
  const ofDocument = async (name: string): Promise<number[]> => {
    const rows = chunksOf(history.versions(name));
    await openFor(state, rows);
    return [...rows];
  };
  if (history.versions(id).length > 0 || !/^[0-9a-f]{32}$/.test(id)) return ofDocument(id);
  const find = (): number | undefined => {
    for (let vno = 0; vno < history.chunks.size; vno++) if (hex(history.chunks.chunkId(vno)) === id) return vno;
    return undefined;
  };
  let vno = find();
  if (vno === undefined) {
    await openArchives(state, [...state.archives.all.keys()]);
    vno = find();
  }
  const doc = vno === undefined ? undefined : history.documentOf(vno);
  return doc ? (await ofDocument(doc.id)).filter((each) => hex(history.chunks.chunkId(each)) === id) : [];
}

/** The document version that first held a chunk version, the commit it came with, and where the chunk stood. */
interface Origin {
  readonly doc: DocVersion;
  readonly seq: number;
  readonly start: number;
  readonly before: string;
}

function originOf(state: State, vno: number): Origin | undefined {
  const { history, index } = state;
  const [seq] = history.chunkBirths(vno);
  const id = history.documentOf(vno)?.id;
  if (seq === undefined || id === undefined) return undefined;
  const doc = history.alive(id, history.view(seq)).find(({ parts }) => parts.includes(vno));
  if (!doc) return undefined;
  const parts = doc.parts.slice(0, doc.parts.indexOf(vno));
  const before = parts.map((part) => (typeof part === 'string' ? part : index.text(part))).join('');
  return { doc, seq, start: before.length, before };
}

/** Every version of a document's chunks, or of one chunk: one entry for each time it came to life, oldest first. */
export async function history(state: State, id: string): Promise<ChunkVersion[]> {
  const vnos = await versionsOf(state, id);
  const parents = (): number[] =>
    vnos.map((vno) => state.history.chunks.parent(vno)).filter((parent) => parent !== NONE);
  return reading(
    state,
    () => documentsAround(state, [...vnos, ...parents()]),
    () => versionsIn(state, vnos),
  );
}

function versionsIn(state: State, vnos: readonly number[]): ChunkVersion[] {
  const { history: all, index } = state;
  const out: ChunkVersion[] = [];
  for (const vno of vnos) {
    const origin = originOf(state, vno);
    if (!origin) continue;
    const text = index.text(vno);
    const parent = all.chunks.parent(vno);
    for (const seq of all.chunkBirths(vno)) {
      const view = all.view(seq);
      const { validFrom, validTo } = all.holder(vno, view) ?? origin.doc;
      out.push({
        id: origin.doc.id,
        chunkId: hex(all.chunks.chunkId(vno)),
        version: hex(all.chunks.versionId(vno)),
        parentVersion: parent !== NONE && all.chunks.has(parent) ? hex(all.chunks.versionId(parent)) : undefined,
        path: index.path(vno),
        text,
        range: [origin.start, origin.start + text.length],
        interval: { system: all.life(vno, view), valid: [validFrom, validTo] },
        commit: all.commits.get(seq)?.id ?? '',
        seq,
      });
    }
  }
  return out.sort((a, b) => a.seq - b.seq || a.range[0] - b.range[0]);
}

/** All chunk versions of the document versions that first held these. */
function documentsAround({ history }: State, vnos: readonly number[]): Bitset {
  const docs = vnos.flatMap((vno) => {
    const [seq] = history.chunkBirths(vno);
    const id = history.documentOf(vno)?.id;
    return seq === undefined || id === undefined ? [] : history.alive(id, history.view(seq));
  });
  return chunksOf(docs);
}

/** The sentences of a document where the handle stands, each with the commit that brought it. */
export async function blame(state: State, id: string): Promise<BlameLine[]> {
  return reading(
    state,
    () => everAs(state, id),
    () => blamed(state, id),
  );
}

/** All that was ever in a document, and in those that it was renamed from. */
function everAs({ history }: State, id: string): Bitset {
  const rows = new Bitset();
  const ids = new Set([id]);
  for (const name of ids) {
    for (const vno of chunksOf(history.versions(name))) {
      rows.add(vno);
      const parent = history.chunks.parent(vno);
      const origin = parent === NONE ? undefined : history.documentOf(parent);
      if (origin) ids.add(origin.id);
    }
  }
  return rows;
}

function blamed(state: State, id: string): BlameLine[] {
  const { history } = state;
  const doc = history.live(id, history.head, state.now());
  if (!doc) return [];
  const lines = blameSide(sideOf(state, doc), history.bornAt(doc.dno, history.head), (seq: number, side) =>
    parentsOf(state, seq, side),
  );
  return lines.map(({ start, end, piece, by: seq }) => {
    const info = history.commits.get(seq);
    return {
      text: sliceOf(piece, start, end),
      range: [start, end],
      chunkId: piece.chunkId ?? '',
      version: piece.version ?? '',
      commit: info?.id ?? '',
      seq,
      time: info?.time ?? 0,
      author: info?.author ?? '',
      message: info?.message ?? '',
    };
  });
}

const sliceOf = (piece: { text: string; start: number }, start: number, end: number): string =>
  piece.text.slice(start - piece.start, end - piece.start);

/** The document in the commits before the one that brought this version; a renamed one under its old name. */
function parentsOf(state: State, seq: number, { id }: DocSide) {
  const { history } = state;
  return history.parents(seq).flatMap((parent) => {
    const view = history.view(parent);
    const doc = history.live(id, view) ?? renamedFrom(history, id, history.view(seq), view);
    return doc ? [{ commit: history.bornAt(doc.dno, view), side: sideOf(state, doc) }] : [];
  });
}

function renamedFrom(history: History, id: string, now: View, before: View): DocVersion | undefined {
  for (const vno of vnosOf(history.live(id, now)?.parts ?? [])) {
    const parent = history.chunks.parent(vno);
    const doc = parent === NONE ? undefined : history.documentOf(parent);
    if (doc && doc.id !== id) return history.live(doc.id, before);
  }
  return undefined;
}

/** How chunk versions came of each other, from a document or a chunk upwards (older), downwards, or both. */
export async function lineage(state: State, id: string, direction: 'up' | 'down' | 'both'): Promise<LineageGraph> {
  const start = await versionsOf(state, id);
  // How others came of it is known only of what is open.
  return reading(
    state,
    () => archived(state),
    () => graphOf(state, start, direction),
  );
}

function graphOf(state: State, start: readonly number[], direction: 'up' | 'down' | 'both'): LineageGraph {
  const { chunks } = state.history;
  const children = new Map<number, number[]>();
  for (let vno = 0; vno < chunks.size; vno++) {
    const parent = chunks.has(vno) ? chunks.parent(vno) : NONE;
    if (parent !== NONE) children.set(parent, [...(children.get(parent) ?? []), vno]);
  }
  const seen = new Set(start);
  const walk = (next: (vno: number) => readonly number[]): void => {
    for (const queue = [...start]; queue.length > 0; ) {
      for (const vno of next(queue.pop() ?? NONE)) {
        if (seen.has(vno) || !chunks.has(vno)) continue;
        seen.add(vno);
        queue.push(vno);
      }
    }
  };
  if (direction !== 'down') walk((vno) => [chunks.parent(vno)].filter((parent) => parent !== NONE));
  if (direction !== 'up') walk((vno) => children.get(vno) ?? []);
  const nodes = [...seen].flatMap((vno) => nodeOf(state, vno) ?? []);
  const keys = new Set(nodes.map(({ key }) => key));
  const edges = [...seen]
    .flatMap((vno) => edgesTo(state, vno))
    .filter(({ from, to }) => keys.has(from) && keys.has(to));
  return { nodes: nodes.sort((a, b) => a.seq - b.seq || a.range[0] - b.range[0]), edges };
}

const keyOf = ({ history: { chunks } }: State, vno: number): string =>
  `${hex(chunks.chunkId(vno))}:${hex(chunks.versionId(vno))}`;

function nodeOf(state: State, vno: number): LineageNode | undefined {
  const origin = originOf(state, vno);
  if (!origin) return undefined;
  const { doc, seq, start, before } = origin;
  const text = state.index.text(vno);
  const from = utf8Length(before);
  const [chunkId = '', version = ''] = keyOf(state, vno).split(':');
  return {
    key: `${chunkId}:${version}`,
    chunkId,
    version,
    id: doc.id,
    documentVersion: doc.versionId,
    range: [start, start + text.length],
    bytes: [from, from + utf8Length(text)],
    commit: state.history.commits.get(seq)?.id ?? '',
    seq,
  };
}

/** The edge from its parent, and from the others that it was split from or merged of. */
function edgesTo(state: State, vno: number): LineageEdge[] {
  const { history } = state;
  const origin = originOf(state, vno);
  if (!origin) return [];
  const to = keyOf(state, vno);
  const parent = history.chunks.parent(vno);
  const edges: LineageEdge[] = [];
  if (parent !== NONE && history.chunks.has(parent)) {
    const elsewhere = history.documentOf(parent)?.id !== origin.doc.id;
    const stays = history.view(origin.seq).chunks.has(parent);
    const kind: LineageKind = !elsewhere ? 'edit' : stays ? 'copy' : 'move';
    edges.push({ from: keyOf(state, parent), to, kind });
  }
  const base = history.timeline.get(origin.seq)?.base ?? 0;
  const before = base > 0 ? history.live(origin.doc.id, history.view(base)) : undefined;
  if (!before) return edges;
  for (const delta of diffDocuments(sideOf(state, before), sideOf(state, origin.doc))) {
    if (`${delta.chunkId}:${delta.to?.version}` !== to || (delta.op !== 'split' && delta.op !== 'merge')) continue;
    for (const { chunkId, version } of delta.origins ?? []) {
      const from = `${chunkId}:${version}`;
      const known = edges.findIndex((edge) => edge.from === from);
      const edge = { from, to, kind: delta.op } as const;
      if (known < 0) edges.push(edge);
      else edges[known] = edge;
    }
  }
  return edges;
}
