// Stub of blaming sentences on commits.
import type { DocSide, Piece } from './document.ts';
export function blame<C>(
  _side: DocSide,
  _at: C,
  _p: (at: C, side: DocSide) => readonly { commit: C; side: DocSide }[],
): { start: number; end: number; piece: Piece; by: C }[] {
  return [];
}
