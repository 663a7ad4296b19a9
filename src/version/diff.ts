// Stub of the difference of two documents.
import type { Delta } from '../model/history.ts';
import type { DocSide } from './document.ts';
export function diffDocuments(_from: DocSide | undefined, _to: DocSide | undefined): Delta[] {
  return [];
}
export function diffSides(_pairs: readonly { from?: DocSide | undefined; to?: DocSide | undefined }[]): Delta[] {
  return [];
}
