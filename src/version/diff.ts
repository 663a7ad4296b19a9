// The deltas between two versions of a document, and of several documents: exact as a patch, told by chunks.

import type { Delta, DeltaSide, DocHead, EditClass, Origin } from '../model/history.ts';
import { type Edit, editOf } from './classify.ts';
import type { DocSide, Piece } from './document.ts';
import { gapsOf, type PieceGap } from './pieces.ts';
import { markSplits } from './splits.ts';

const COSMETIC: readonly EditClass[] = ['cosmetic'];

/** JSON with sorted keys: equal values give equal strings. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${sortedJson(one)}`).join()}}`;
}

function headJson(head: DocHead | undefined): string {
  if (head === undefined) return '';
  const { title, format, meta, valid } = head;
  const time = (at: Date | number | undefined): number | undefined => (at === undefined ? undefined : Number(at));
  const span = valid && { from: time(valid.from), to: time(valid.to) };
  // A valid time that is open at both ends says nothing.
  return sortedJson({
    title,
    format,
    meta,
    valid: span?.from === undefined && span?.to === undefined ? undefined : span,
  });
}

/** The delta that tells of the document itself, if there is anything to tell. */
function headDelta(id: string, from: DocHead | undefined, to: DocHead | undefined): Delta[] {
  const [before, after] = [headJson(from), headJson(to)];
  if (before === after) return [];
  const op = from === undefined ? 'add' : to === undefined ? 'delete' : 'modify';
  const { tokensChanged, impact } = editOf(before, after);
  return [{ op, id, classes: ['metadata'], tokensChanged, impact, head: { ...(from && { from }), ...(to && { to }) } }];
}

function sideOf({ version, path, start, end, text }: Piece): DeltaSide {
  return version === undefined ? { path, range: [start, end], text } : { version, path, range: [start, end], text };
}

/** What was edited: a chunk under other headings says something else, so they count when they differ. */
function edit(from: DeltaSide | undefined, to: DeltaSide | undefined): Edit {
  const [before, after] = [from?.text ?? '', to?.text ?? ''];
  const [above, below] = [from?.path.join('\n') ?? '', to?.path.join('\n') ?? ''];
  if (from === undefined || to === undefined || above === below) return editOf(before, after);
  return editOf(`${above}\n\n${before}`, `${below}\n\n${after}`);
}

/** The origin that a chunk's old side stands for. */
function originOf({ id, chunkId, from }: Delta): Origin[] {
  return chunkId === undefined || from?.version === undefined ? [] : [{ id, chunkId, version: from.version }];
}

function pieceDelta(id: string, old: Piece | undefined, now: Piece | undefined): Delta {
  const [from, to] = [old && sideOf(old), now && sideOf(now)];
  const chunkId = now?.chunkId ?? old?.chunkId;
  const { classes, tokensChanged, impact } = edit(from, to);
  const isMove =
    chunkId !== undefined &&
    old !== undefined &&
    old.text === now?.text &&
    (old.version === now.version || old.chunkId !== chunkId);
  const op = old === undefined ? 'add' : now === undefined ? 'delete' : isMove ? 'move' : 'modify';
  return {
    op,
    id,
    ...(chunkId !== undefined && { chunkId }),
    ...(from && { from }),
    ...(to && { to }),
    ...(isMove && { origins: originOf({ op, id, chunkId: old.chunkId, from, classes, tokensChanged, impact }) }),
    classes: chunkId === undefined || classes.length === 0 ? COSMETIC : classes,
    tokensChanged,
    impact,
  };
}

/** Pairs what is left over: pieces of the two lists with equal keys, each once, in order. */
function pairBy(
  partners: Map<Piece, Piece>,
  olds: readonly Piece[],
  news: readonly Piece[],
  keyOf: (piece: Piece) => string,
): void {
  const taken = new Set(partners.values());
  const free = new Map<string, Piece[]>();
  for (const old of olds) {
    if (taken.has(old)) continue;
    const same = free.get(keyOf(old));
    if (same === undefined) free.set(keyOf(old), [old]);
    else same.push(old);
  }
  for (const now of news) {
    const old = partners.has(now) ? undefined : free.get(keyOf(now))?.shift();
    if (old !== undefined) partners.set(now, old);
  }
}

/** For each new piece in a gap the old one that it came of. */
function partnersOf(old: readonly Piece[], now: readonly Piece[], gaps: readonly PieceGap[]): Map<Piece, Piece> {
  const partners = new Map<Piece, Piece>();
  const olds = gaps.flatMap(({ from, fromEnd }) => old.slice(from, fromEnd));
  const news = gaps.flatMap(({ to, toEnd }) => now.slice(to, toEnd));
  const chunks = (pieces: readonly Piece[]): Piece[] => pieces.filter(({ chunkId }) => chunkId !== undefined);
  const [oldChunks, newChunks] = [chunks(olds), chunks(news)];
  pairBy(partners, oldChunks, newChunks, ({ chunkId }) => chunkId ?? '');
  pairBy(partners, oldChunks, newChunks, ({ version }) => version ?? '');
  pairBy(partners, oldChunks, newChunks, ({ text }) => text);
  for (const { from, fromEnd, to, toEnd } of gaps) {
    const literals = old.slice(from, fromEnd).filter(({ chunkId }) => chunkId === undefined);
    for (const piece of now.slice(to, toEnd)) {
      const literal = piece.chunkId === undefined ? literals.shift() : undefined;
      if (literal !== undefined) partners.set(piece, literal);
    }
  }
  return partners;
}

/**
 * The deltas of one document, with texts; `undefined` where it is not there. First the one that tells of the document itself, then
 * its pieces from top to bottom, what is gone before what took its place. Text outside all `from` ranges equals, in order, text
 * outside all `to` ranges, so `applyPatch` rebuilds the one version from the other exactly.
 */
export function diffDocuments(from: DocSide | undefined, to: DocSide | undefined): Delta[] {
  const id = to?.id ?? from?.id ?? '';
  const some = ({ text }: Piece): boolean => text !== '';
  const [old, now] = [from?.pieces.filter(some) ?? [], to?.pieces.filter(some) ?? []];
  const gaps = gapsOf(old, now);
  const partners = partnersOf(old, now, gaps);
  const continued = new Set(partners.values());
  const byGap = gaps.map((gap) => [
    ...old
      .slice(gap.from, gap.fromEnd)
      .filter((piece) => !continued.has(piece))
      .map((piece) => pieceDelta(id, piece, undefined)),
    ...now.slice(gap.to, gap.toEnd).map((piece) => pieceDelta(id, partners.get(piece), piece)),
  ]);
  return [...headDelta(id, from?.head, to?.head), ...byGap.flatMap(markSplits)];
}

/** Moves between documents: what one got and another lost. The patch of each stays complete by itself. */
function markMoves(documents: readonly (readonly Delta[])[]): Delta[] {
  const lost = documents.flat().filter(({ op, chunkId, from }) => op === 'delete' && chunkId !== undefined && from);
  const moved = new Map<Delta, Delta>();
  const taken = new Set<Delta>();
  for (const keyOf of [(side?: DeltaSide) => side?.version ?? '', (side?: DeltaSide) => side?.text ?? '']) {
    const free = new Map<string, Delta[]>();
    for (const delta of lost) {
      const key = keyOf(delta.from);
      if (!taken.has(delta)) free.set(key, [...(free.get(key) ?? []), delta]);
    }
    for (const delta of documents.flat()) {
      if (delta.op !== 'add' || delta.chunkId === undefined || moved.has(delta)) continue;
      const sources = free.get(keyOf(delta.to)) ?? [];
      const at = sources.findIndex(({ id }) => id !== delta.id);
      const [source] = at < 0 ? [] : sources.splice(at, 1);
      if (source === undefined) continue;
      moved.set(delta, source);
      taken.add(source);
    }
  }
  return documents.flat().map((delta) => {
    const source = moved.get(delta);
    if (source === undefined) return delta;
    const { classes, tokensChanged, impact } = edit(source.from, delta.to);
    return {
      ...delta,
      op: 'move',
      origins: originOf(source),
      classes: classes.length === 0 ? COSMETIC : classes,
      tokensChanged,
      impact,
    };
  });
}

/**
 * The deltas of several documents, in order. A chunk that one document got and another lost, by its version or else by its text, is a
 * `move` with its origin where it came to; it has no `from` there, and stays a `delete` where it was.
 */
export function diffSides(
  pairs: readonly { readonly from?: DocSide | undefined; readonly to?: DocSide | undefined }[],
): Delta[] {
  return markMoves(pairs.map(({ from, to }) => diffDocuments(from, to)));
}
