// Stub of merging documents.
import type { Conflict, DocHead } from '../model/history.ts';
import type { DocSide } from './document.ts';
export function mergeDocuments(
  _b: DocSide | undefined,
  o: DocSide | undefined,
  _t: DocSide | undefined,
  _s: string,
): { doc: { text: string; head: DocHead } | undefined; conflicts: Conflict[] } {
  return { doc: o && { text: o.pieces.map((p) => p.text).join(''), head: o.head }, conflicts: [] };
}
