// What a chunk is embedded as (input rule 1): its heading path and its text; never its document's id.

import type { Index } from '../ports/index.ts';

/** Heading path joined by " > ", ". ", text. */
export function embeddingInput(path: readonly string[], text: string): string {
  return path.length === 0 ? text : `${path.join(' > ')}. ${text}`;
}

/** The embedding input of a chunk version that is in the index. */
export function chunkInput(index: Index, vno: number): string {
  return embeddingInput(index.path(vno), index.text(vno));
}
