// From a group that the index found to what the user gets: where it stands, its score, its text, what matched in it.

import { hex } from '../base/bytes.ts';
import { AetherError } from '../base/errors.ts';
import type { Hit, PlanRule } from '../model/query.ts';
import type { IndexAnswer, IndexClause, IndexHit, Shown } from '../ports/index.ts';
import type { View } from '../version/history.ts';
import type { DocVersion } from '../version/record.ts';
import type { State } from '../version/state.ts';
import { snippetOf } from './snippet.ts';

/** BM25 at which a lexical score is one half. */
const BM25_HALF = 10;

/** What all hits of one query have in common. */
export interface About {
  readonly handle: number;
  readonly clauses: readonly IndexClause[];
  /** The embedding space that answered, or `lexical`. */
  readonly space: string;
  /** What `why` says of the query; undefined when nobody asks. */
  readonly why: { readonly weight: number; readonly rules: readonly PlanRule[] } | undefined;
}

/** A group found, and where it stands. */
export interface Placed {
  readonly hit: IndexHit;
  readonly doc: DocVersion;
  readonly start: number;
  readonly versionId: string;
  /** The public score. */
  readonly score: number;
}

/**
 * Where a hit stands. Of several equal chunks in a section or document the first is shown: which of them the index
 * picked depends on how the text came about (D7).
 */
export function placed(state: State, view: View, valid: number, found: IndexHit, first: boolean): Placed {
  const { chunks } = state.history;
  const doc = state.history.holder(found.vno, view, valid);
  if (!doc) throw new AetherError('AV_INTERNAL', `chunk version ${found.vno} was found in no document of its view`);
  const versionId = hex(chunks.versionId(found.vno));
  let start = 0;
  for (const part of doc.parts) {
    if (typeof part === 'string') start += part.length;
    else if (part === found.vno || (first && chunks.isSameVersion(part, found.vno))) {
      return { hit: { ...found, vno: part }, doc, start, versionId, score: found.score };
    } else start += chunks.length(part);
  }
  return { hit: found, doc, start, versionId, score: found.score };
}

/** Decisions D7: score, version id, document id, position. */
export function byRank(a: Placed, b: Placed): number {
  const text = (x: string, y: string): number => (x < y ? -1 : x > y ? 1 : 0);
  return b.hit.score - a.hit.score || text(a.versionId, b.versionId) || text(a.doc.id, b.doc.id) || a.start - b.start;
}

/** The public score, 0..1, monotone in the raw one; formulas at `Hit.score`. */
export function publicScore(ranked: IndexAnswer['ranked'], { bm25, cosine, score }: IndexHit): number {
  if (ranked === 'lexical') return bm25 / (bm25 + BM25_HALF);
  return ranked === 'dense' ? Math.min(1, Math.max(0, (1 + cosine) / 2)) : Math.min(1, score);
}

/** Hits with their texts. */
export function toHits({ history, index }: State, view: View, found: readonly Placed[], about: About): Hit[] {
  const vnos = found.map(({ hit }) => hit.vno);
  const shown = index.shown(about.handle, vnos, about.clauses);
  return found.map((each, i) => toHit(history, view, each, shown[i] ?? { text: '', path: [], matches: [] }, about));
}

function toHit(
  history: State['history'],
  view: View,
  { hit, doc, start, versionId, score }: Placed,
  { text, path, matches }: Shown,
  about: About,
): Hit {
  const inDocument = ([from, to]: readonly [number, number]) => [start + from, start + to] as const;
  const { bm25, cosine, chunk, section, lexicalRank, cosineRank } = hit;
  return {
    id: doc.id,
    chunkId: hex(history.chunks.chunkId(hit.vno)),
    version: versionId,
    score,
    text,
    meta: doc.meta,
    path,
    range: [start, start + text.length],
    snippet: inDocument(snippetOf(text, matches)),
    highlights: matches.map(inDocument),
    space: about.space,
    interval: { system: history.life(hit.vno, view), valid: [doc.validFrom, doc.validTo] },
    ...(about.why ? { why: { bm25, cosine, chunk, section, lexicalRank, cosineRank, ...about.why } } : {}),
  };
}
