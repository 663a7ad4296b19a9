// The story of a query, or of a batch of them: the plan, the view, the query's vector, the index's answer, then texts for the hits only.

import { AetherError, ofQuery } from '../base/errors.ts';
import type { Field, Hit, SearchMode, SearchOptions } from '../model/query.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { IndexQuery, IndexTuning, Proposed } from '../ports/index.ts';
import { embed, normalise } from '../version/space.ts';
import { spaceOf, type State } from '../version/state.ts';
import { byRank, type Placed, placed, publicScore, toHits } from './hit.ts';
import { checkLooking, type Looking, lookingAt } from './looking.ts';
import { type Draft, draftOf, planOf, type Question } from './plan.ts';
import { propose } from './propose.ts';
import { byNewness, newnessOf } from './recency.ts';
import { sorted } from './sort.ts';

const K_DEFAULT = 10;
const WEIGHT_DEFAULT = 0.5;
/** Queries of a batch that are answered before others have their turn. */
const QUERIES_A_TURN = 16;

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
  const [vector] = await vectorsOf(state, [draft], ask.mode);
  const looking = await lookingAt(state, ask, vector !== undefined);
  return found(state, looking, { draft, vector }, ask);
}

/**
 * The hits of each of several questions, all of the state at which the first is answered.
 *
 * @param turn lets others have theirs, and keeps the commit from being forgotten; what it throws ends the batch.
 * @throws as {@link search}; the message says of which question.
 */
export async function searchBatch(
  state: State,
  questions: readonly Question[],
  ask: Ask,
  turn: (commit: string) => Promise<void>,
): Promise<Hit[][]> {
  checkLooking(state, ask);
  const drafts = questions.map(draftOf);
  const vectors = await vectorsOf(state, drafts, ask.mode, ofQuery);
  const isDense = vectors.some((vector) => vector !== undefined);
  let looking = await lookingAt(state, ask, isDense);
  const { view, valid } = looking;
  const commit = state.history.commits.get(view.seq)?.id;
  // There is nothing to find, whatever is committed meanwhile.
  if (commit === undefined) return drafts.map(() => []);
  let near = await propose(state, looking, vectors, ask, () => turn(commit));
  const again = { ...ask, asOf: { system: commit, valid } };
  const all: Hit[][] = [];
  for (const [i, draft] of drafts.entries()) {
    if (i % QUERIES_A_TURN === 0) {
      if (i > 0) await turn(commit);
      looking = await lookingAt(state, again, isDense);
      near = near?.hold(looking) ? near : undefined;
    }
    const asked = { draft, vector: vectors[i], proposed: near?.of(i) };
    all.push(ofQuery(i, () => found(state, looking, asked, ask, () => near?.distrust())));
  }
  return all;
}

/** A question, read and embedded, and what is known of the rows near its vector. */
interface Asked {
  readonly draft: Draft;
  readonly vector: Float32Array | undefined;
  readonly proposed?: Proposed | undefined;
}

/** The hits of one question in what is looked at. */
function found(
  state: State,
  looking: Looking,
  { draft, vector, proposed }: Asked,
  ask: Ask,
  onWrong: () => void = () => undefined,
): Hit[] {
  const { clauses, rules } = planOf(draft, ask, state.index, looking.handle);
  // What the model understands counts beside a vector alone, and for who asks why.
  const trusted = (): number => (vector || ask.explain ? weightOf(state.embedder, draft.text) : WEIGHT_DEFAULT);
  const weight = ask.weight ?? draft.weight ?? trusted();
  const request = {
    view: looking.handle,
    mask: looking.mask,
    clauses,
    vector,
    lexical: modeOf(draft, ask.mode) !== 'dense',
    dense: vector !== undefined,
    weight,
    collapse: ask.collapse ?? 'section',
    proposed,
    ...settingsOf(ask),
  };
  const k = ask.k ?? K_DEFAULT;
  const hits = ask.sort
    ? sorted(state, looking, request, k, ask.sort)
    : byNewness(k, newness(state, looking, draft.text, ask), (most) =>
        ranked(state, looking, { ...request, k: most }, onWrong),
      );
  const dense = vector?.some((value) => value !== 0) ?? false;
  const space = dense ? spaceOf(state).id : 'lexical';
  const common = { handle: looking.handle, clauses, space, why: ask.explain ? { weight, rules } : undefined };
  return toHits(state, looking.view, hits, common);
}

/** A vector without words has no other channel. */
const modeOf = ({ query, words }: Draft, mode: SearchMode = 'hybrid'): SearchMode =>
  query.vector !== undefined && !words ? 'dense' : mode;

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
function ranked(state: State, { view, valid }: Looking, request: IndexQuery, onWrong: () => void): Placed[] {
  const { ranked, became, hits } = state.index.search(request);
  if (became === 'wrong') onWrong();
  const found = hits.map((hit) => placed(state, view, valid, hit, request.collapse !== 'none'));
  // With diversity the order is the index's.
  return (request.diversity ? found : found.sort(byRank))
    .slice(0, request.k)
    .map((each) => ({ ...each, score: publicScore(ranked, each.hit) }));
}

/**
 * What the dense channel of each question ranks by, all texts embedded in one call; undefined where it does not rank, or the model cannot be had
 * and the words will do.
 *
 * @param each runs what is of one question alone.
 */
export async function vectorsOf(
  state: State,
  drafts: readonly Draft[],
  mode: SearchMode | undefined,
  each: <T>(i: number, run: () => T) => T = (_, run) => run(),
): Promise<(Float32Array | undefined)[]> {
  const dense = drafts.map((draft) => (modeOf(draft, mode) === 'lexical' ? undefined : draft.dense));
  const given = dense.map((query, i) =>
    query === undefined || typeof query === 'string' ? undefined : each(i, () => unitOf(state, query)),
  );
  const texts = dense.filter((query) => typeof query === 'string');
  const rows = texts.length > 0 ? await embedded(state, texts, mode) : undefined;
  const { dims } = spaceOf(state);
  let at = 0;
  return dense.map((query, i) => (typeof query === 'string' ? rows?.subarray(dims * at, dims * ++at) : given[i]));
}

/** A copy of a vector that was given, of unit length. */
function unitOf(state: State, query: Float32Array): Float32Array {
  const { dims, id } = spaceOf(state);
  if (query.length !== dims)
    throw new AetherError(
      'AV_DIM_MISMATCH',
      `the query vector has ${query.length} values, space "${id}" has ${dims}. Embed the query with the same model.`,
    );
  const copy = query.slice();
  normalise(copy, 'the query');
  return copy;
}

async function embedded(
  state: State,
  texts: readonly string[],
  mode: SearchMode | undefined,
): Promise<Float32Array | undefined> {
  if (state.embedder) return embed(state.embedder, texts, 'query');
  if (mode !== 'dense') return undefined;
  throw new AetherError(
    'AV_MODEL_UNAVAILABLE',
    `the model of space "${spaceOf(state).id}" could not be loaded, so a dense search is not possible. Search with mode 'lexical', or see the warning event.`,
  );
}
