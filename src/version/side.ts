// A stored document version as one side of a comparison: its head, and its pieces with their texts and places.

import { hex } from '../base/bytes.ts';
import type { DocHead } from '../model/history.ts';
import type { DocSide, Piece } from './document.ts';
import type { DocVersion } from './record.ts';
import type { State } from './state.ts';

/** A chunk row that is staged and not in the index yet. */
interface StagedRow {
  readonly path: readonly string[];
  readonly text: string;
  readonly chunkId: string;
  readonly version: string;
}

/** Title, format, metadata and valid time of a version. */
export function headOf({ title, format, meta, validFrom: from, validTo: to }: DocVersion): DocHead {
  return { title, format, meta, ...(from === undefined && to === undefined ? {} : { valid: { from, to } }) };
}

/** The version's pieces. Its texts have to be open (`openFor`), or staged. */
export function sideOf(
  { index, history: { chunks } }: State,
  doc: DocVersion,
  staged: ReadonlyMap<number, StagedRow> = new Map(),
): DocSide {
  const pieces: Piece[] = [];
  let start = 0;
  for (const part of doc.parts) {
    const row = typeof part === 'number' ? staged.get(part) : undefined;
    const text = typeof part === 'string' ? part : (row?.text ?? index.text(part));
    const place = { text, start, end: start + text.length };
    start = place.end;
    if (typeof part === 'string') pieces.push({ ...place, path: [] });
    else {
      const path = row?.path ?? index.path(part);
      const chunkId = row?.chunkId ?? hex(chunks.chunkId(part));
      pieces.push({ ...place, path, vno: part, chunkId, version: row?.version ?? hex(chunks.versionId(part)) });
    }
  }
  return { id: doc.id, head: headOf(doc), pieces };
}
