// The story of one query: the view, the query's vector, the index's answer, then texts for the hits only.

import { hex } from '../base/bytes.ts';
import { AetherError } from '../base/errors.ts';
import type { Hit, SearchOptions } from '../model/query.ts';
import type { IndexHit } from '../ports/index.ts';
import type { View } from '../version/history.ts';
import type { DocVersion } from '../version/record.ts';
import { embed, normalise } from '../version/space.ts';
import { spaceOf, type State } from '../version/state.ts';
import { compileFilter, keyOf } from './filter.ts';
import { Views } from './views.ts';

const K_DEFAULT = 10;
const WEIGHT_DEFAULT = 0.5;
/** BM25 at which a lexical score is one half. */
const BM25_HALF = 10;

const viewsOf = new WeakMap<object, Views>();

/** Options of a search in the worker: the page keeps signal and deadline. */
export type Ask = Omit<SearchOptions, 'signal' | 'deadlineMs'>;

/**
 * Searches.
 *
 * @throws `AV_DIM_MISMATCH`, `AV_NON_FINITE`, `AV_FILTER`, `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_MODEL_UNAVAILABLE`.
 */
export async function search(state: State, query: string | Float32Array, ask: Ask): Promise<Hit[]> {
  const fits = ask.filter === undefined ? undefined : { key: keyOf(ask.filter), fits: compileFilter(ask.filter) };
  state.history.resolve(ask.asOf);
  const mode = typeof query === 'string' ? (ask.mode ?? 'hybrid') : 'dense';
  const vector = mode === 'lexical' ? undefined : await vectorOf(state, query, mode);
  // From here on nothing is awaited: index and history are those of one moment.
  const seq = state.history.resolve(ask.asOf);
  const views = viewsOf.get(state.index) ?? new Views(state.history, state.index);
  viewsOf.set(state.index, views);
  const { view, handle, mask } = views.lens(seq, state.now(), fits);
  const text = typeof query === 'string' ? query : '';
  const k = ask.k ?? K_DEFAULT;
  const weight = ask.weight ?? state.embedder?.weight ?? WEIGHT_DEFAULT;
  const request = {
    view: handle,
    mask,
    text,
    vector,
    lexical: mode !== 'dense',
    dense: vector !== undefined,
    weight,
    k,
    collapse: ask.collapse ?? 'section',
  };
  const { ranked, hits } = state.index.search(request);
  const found = hits.map((hit) => placed(state, view, hit, request.collapse !== 'none'));
  const dense = vector?.some((value) => value !== 0) ?? false;
  const space = dense ? spaceOf(state).id : 'lexical';
  const score = SCORE[ranked];
  return found
    .sort(byRank)
    .slice(0, k)
    .map((hit) => toHit(state, view, hit, { text, space, score: score(hit), explain: ask.explain ?? false }));
}

async function vectorOf(
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
}

/**
 * Where a hit stands. Of several equal chunks in a section or document the first is shown: which of them the index
 * picked depends on how the text came about (D7).
 */
function placed(state: State, view: View, found: IndexHit, first: boolean): Placed {
  const { chunks } = state.history;
  const doc = state.history.holder(found.vno, view);
  if (!doc) throw new AetherError('AV_INTERNAL', `chunk version ${found.vno} was found in no document of its view`);
  const versionId = hex(chunks.versionId(found.vno));
  let start = 0;
  for (const part of doc.parts) {
    if (typeof part === 'string') start += part.length;
    else if (part === found.vno || (first && hex(chunks.versionId(part)) === versionId)) {
      return { hit: { ...found, vno: part }, doc, start, versionId };
    } else start += chunks.length(part);
  }
  return { hit: found, doc, start, versionId };
}

/** Decisions D7: score, version id, document id, position. */
function byRank(a: Placed, b: Placed): number {
  const text = (x: string, y: string): number => (x < y ? -1 : x > y ? 1 : 0);
  return b.hit.score - a.hit.score || text(a.versionId, b.versionId) || text(a.doc.id, b.doc.id) || a.start - b.start;
}

/** The public score, 0..1, monotone in the raw one; formulas at `Hit.score`. */
const SCORE = {
  lexical: ({ hit }: Placed) => hit.bm25 / (hit.bm25 + BM25_HALF),
  dense: ({ hit }: Placed) => Math.min(1, Math.max(0, (1 + hit.cosine) / 2)),
  both: ({ hit }: Placed) => Math.min(1, hit.score),
};

function toHit(
  state: State,
  view: View,
  { hit, doc, start, versionId }: Placed,
  about: { text: string; space: string; score: number; explain: boolean },
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
    score: about.score,
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
