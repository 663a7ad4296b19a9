// The story of one query: the view, the query's vector, the index's answer, then texts for the hits only.

import { hex } from '../base/bytes.ts';
import { AetherError } from '../base/errors.ts';
import type { Hit, SearchOptions } from '../model/query.ts';
import type { IndexAnswer, IndexHit, IndexQuery } from '../ports/index.ts';
import type { View } from '../version/history.ts';
import type { DocVersion } from '../version/record.ts';
import { embed, normalise } from '../version/space.ts';
import { spaceOf, type State } from '../version/state.ts';
import { compileFilter, keyOf } from './filter.ts';
import { pointOf } from './point.ts';
import { byNewness, newnessOf } from './recency.ts';
import { ready } from './ready.ts';
import { viewsOf } from './views.ts';

const K_DEFAULT = 10;
const WEIGHT_DEFAULT = 0.5;
/** BM25 at which a lexical score is one half. */
const BM25_HALF = 10;

/** Options of a search in the worker: the page keeps signal and deadline. */
export type Ask = Omit<SearchOptions, 'signal' | 'deadlineMs'>;

/**
 * Searches.
 *
 * @throws `AV_DIM_MISMATCH`, `AV_NON_FINITE`, `AV_FILTER`, `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_MODEL_UNAVAILABLE`.
 */
export async function search(state: State, query: string | Float32Array, ask: Ask): Promise<Hit[]> {
  const fits = ask.filter === undefined ? undefined : { key: keyOf(ask.filter), fits: compileFilter(ask.filter) };
  pointOf(state.history, ask.asOf);
  const mode = typeof query === 'string' ? (ask.mode ?? 'hybrid') : 'dense';
  const vector = mode === 'lexical' ? undefined : await vectorOf(state, query, mode);
  // After each wait the point is looked up anew: index and history are those of one moment.
  let point = pointOf(state.history, ask.asOf);
  while (await ready(state, state.history.view(point.seq), vector !== undefined))
    point = pointOf(state.history, ask.asOf);
  const valid = point.valid ?? state.now();
  const { view, handle, mask } = viewsOf(state).lens(point.seq, valid, fits);
  const text = typeof query === 'string' ? query : '';
  const request = {
    view: handle,
    mask,
    text,
    vector,
    lexical: mode !== 'dense',
    dense: vector !== undefined,
    weight: ask.weight ?? state.embedder?.weight ?? WEIGHT_DEFAULT,
    collapse: ask.collapse ?? 'section',
  };
  const newness = newnessOf(
    ask.recency,
    text,
    (vno) => view.seq && state.history.timeOf(view.seq) - state.history.life(vno, view)[0],
  );
  const hits = byNewness(ask.k ?? K_DEFAULT, newness, (k) => ranked(state, view, valid, { ...request, k }));
  const dense = vector?.some((value) => value !== 0) ?? false;
  const about = { text, space: dense ? spaceOf(state).id : 'lexical', explain: ask.explain ?? false };
  return hits.map((hit) => toHit(state, view, hit, about));
}

/** The best `k` groups with their public scores. */
function ranked(state: State, view: View, valid: number, request: IndexQuery): Placed[] {
  const { ranked, hits } = state.index.search(request);
  return hits
    .map((hit) => placed(state, view, valid, hit, request.collapse !== 'none'))
    .sort(byRank)
    .slice(0, request.k)
    .map((found) => ({ ...found, score: publicScore(ranked, found.hit) }));
}

/** The vector of a query; undefined when the model cannot be had and the words will do. */
export async function vectorOf(
  state: State,
  query: string | Float32Array,
  mode: 'dense' | 'hybrid',
): Promise<Float32Array | undefined> {
  const { dims, id } = spaceOf(state);
  if (typeof query !== 'string') {
    if (query.length !== dims)
      throw new AetherError(
        'AV_DIM_MISMATCH',
        `the query vector has ${query.length} values, space "${id}" has ${dims}. Embed the query with the same model.`,
      );
    const copy = query.slice();
    normalise(copy, 'the query');
    return copy;
  }
  if (state.embedder) return embed(state.embedder, [query], 'query');
  if (mode === 'hybrid') return undefined;
  throw new AetherError(
    'AV_MODEL_UNAVAILABLE',
    `the model of space "${id}" could not be loaded, so a dense search is not possible. Search with mode 'lexical', or see the warning event.`,
  );
}

interface Placed {
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
function placed(state: State, view: View, valid: number, found: IndexHit, first: boolean): Placed {
  const { chunks } = state.history;
  const doc = state.history.holder(found.vno, view, valid);
  if (!doc) throw new AetherError('AV_INTERNAL', `chunk version ${found.vno} was found in no document of its view`);
  const versionId = hex(chunks.versionId(found.vno));
  let start = 0;
  for (const part of doc.parts) {
    if (typeof part === 'string') start += part.length;
    else if (part === found.vno || (first && hex(chunks.versionId(part)) === versionId)) {
      return { hit: { ...found, vno: part }, doc, start, versionId, score: found.score };
    } else start += chunks.length(part);
  }
  return { hit: found, doc, start, versionId, score: found.score };
}

/** Decisions D7: score, version id, document id, position. */
function byRank(a: Placed, b: Placed): number {
  const text = (x: string, y: string): number => (x < y ? -1 : x > y ? 1 : 0);
  return b.hit.score - a.hit.score || text(a.versionId, b.versionId) || text(a.doc.id, b.doc.id) || a.start - b.start;
}

/** The public score, 0..1, monotone in the raw one; formulas at `Hit.score`. */
export function publicScore(ranked: IndexAnswer['ranked'], { bm25, cosine, score }: IndexHit): number {
  if (ranked === 'lexical') return bm25 / (bm25 + BM25_HALF);
  return ranked === 'dense' ? Math.min(1, Math.max(0, (1 + cosine) / 2)) : Math.min(1, score);
}

function toHit(
  state: State,
  view: View,
  { hit, doc, start, versionId, score }: Placed,
  about: { text: string; space: string; explain: boolean },
): Hit {
  const { history, index } = state;
  const text = index.text(hit.vno);
  const offsets = about.text === '' ? new Uint32Array(0) : index.highlights(hit.vno, about.text);
  const highlights = Array.from(
    { length: offsets.length / 2 },
    (_, i) => [start + (offsets[2 * i] ?? 0), start + (offsets[2 * i + 1] ?? 0)] as const,
  );
  return {
    id: doc.id,
    chunkId: hex(history.chunks.chunkId(hit.vno)),
    version: versionId,
    score,
    text,
    meta: doc.meta,
    path: index.path(hit.vno),
    range: [start, start + text.length],
    highlights,
    space: about.space,
    interval: { system: history.life(hit.vno, view), valid: [doc.validFrom, doc.validTo] },
    ...(about.explain ? { why: { bm25: hit.bm25, cosine: hit.cosine } } : {}),
  };
}
