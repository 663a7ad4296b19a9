// The story of one query: the plan, the view, the query's vector, the index's answer, then texts for the hits only.

import { AetherError } from '../base/errors.ts';
import type { Field, Hit, SearchOptions } from '../model/query.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { IndexQuery, IndexTuning } from '../ports/index.ts';
import { embed, normalise } from '../version/space.ts';
import { spaceOf, type State } from '../version/state.ts';
import { byRank, type Placed, placed, publicScore, toHit } from './hit.ts';
import { checkLooking, type Looking, lookingAt } from './looking.ts';
import { draftOf, planOf, type Question } from './plan.ts';
import { byNewness, newnessOf } from './recency.ts';
import { sorted } from './sort.ts';

const K_DEFAULT = 10;
const WEIGHT_DEFAULT = 0.5;

/** Options of a search in the worker: the page keeps signal and deadline. */
export type Ask = Omit<SearchOptions, 'signal' | 'deadlineMs'>;

/**
 * Searches.
 *
 * @throws `AV_DIM_MISMATCH`, `AV_NON_FINITE`, `AV_FILTER`, `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_MODEL_UNAVAILABLE`.
 */
export async function search(state: State, question: Question, ask: Ask): Promise<Hit[]> {
  checkLooking(state, ask);
  const draft = draftOf(question);
  const mode = draft.query.vector !== undefined && !draft.words ? 'dense' : (ask.mode ?? 'hybrid');
  const vector = mode === 'lexical' || draft.dense === undefined ? undefined : await vectorOf(state, draft.dense, mode);
  const looking = await lookingAt(state, ask, vector !== undefined);
  const { clauses, rules } = planOf(draft, ask, state.index, looking.handle);
  const weight = ask.weight ?? draft.weight ?? weightOf(state.embedder, draft.text);
  const request = {
    view: looking.handle,
    mask: looking.mask,
    clauses,
    vector,
    lexical: mode !== 'dense',
    dense: vector !== undefined,
    weight,
    collapse: ask.collapse ?? 'section',
    ...settingsOf(ask),
  };
  const k = ask.k ?? K_DEFAULT;
  const hits = ask.sort
    ? sorted(state, looking, request, k, ask.sort)
    : byNewness(k, newness(state, looking, draft.text, ask), (most) => ranked(state, looking, { ...request, k: most }));
  const dense = vector?.some((value) => value !== 0) ?? false;
  const space = dense ? spaceOf(state).id : 'lexical';
  const about = { handle: looking.handle, clauses, space, why: ask.explain ? { weight, rules } : undefined };
  return hits.map((hit) => toHit(state, looking.view, hit, about));
}

/** Options that the index takes as they are. */
export function settingsOf(ask: Ask): Pick<IndexQuery, 'tuning' | 'byRank' | 'feedback' | 'diversity' | 'explain'> {
  const { boosts, fusion, feedback, mmr: diversity, explain } = ask;
  return { tuning: boosts && tuningOf(boosts), byRank: fusion === 'rank', feedback, diversity, explain };
}

function tuningOf({ title, headings, body, code }: Partial<Record<Field, number>>): IndexTuning {
  return { boosts: [title, headings, body, code] };
}

function newness({ history }: State, { view }: Looking, text: string, ask: Ask): ReturnType<typeof newnessOf> {
  // What is unlike the hits before it has its place by that.
  if (ask.mmr) return undefined;
  return newnessOf(ask.recency, text, (vno) => view.seq && history.timeOf(view.seq) - history.life(vno, view)[0]);
}

/** Weight of the words beside the vector: the more, the less of the query the model understands. */
export function weightOf(embedder: Embedder | undefined, text: string): number {
  return 1 - (1 - (embedder?.weight ?? WEIGHT_DEFAULT)) * (embedder?.trust?.(text) ?? 1);
}

/** The best `k` groups with their public scores. */
function ranked(state: State, { view, valid }: Looking, request: IndexQuery): Placed[] {
  const { ranked, hits } = state.index.search(request);
  const found = hits.map((hit) => placed(state, view, valid, hit, request.collapse !== 'none'));
  // With diversity the order is the index's.
  return (request.diversity ? found : found.sort(byRank))
    .slice(0, request.k)
    .map((each) => ({ ...each, score: publicScore(ranked, each.hit) }));
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
