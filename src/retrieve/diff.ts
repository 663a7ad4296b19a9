// What differs between two points in history, and search over it.

import { hex } from '../base/bytes.ts';
import type { ChangeHit, Delta, DiffOptions } from '../model/history.ts';
import type { ChangesOptions, Instant, Query } from '../model/query.ts';
import { Bitset } from '../version/bitset.ts';
import { changedDocuments, chunksOf, differing } from '../version/compare.ts';
import { diffDocuments, diffSides } from '../version/diff.ts';
import type { View } from '../version/history.ts';
import { reading } from '../version/opening.ts';
import { stripTexts } from '../version/patch.ts';
import { sideOf } from '../version/side.ts';
import type { DocVersion } from '../version/record.ts';
import type { State } from '../version/state.ts';
import { readyRows } from './ready.ts';
import { publicScore } from './hit.ts';
import { draftOf, planOf } from './plan.ts';
import { settingsOf, vectorsOf, weightOf } from './search.ts';
import { viewsOf } from './views.ts';

const K_DEFAULT = 10;

/** Two points, the later one last. */
export interface Range {
  readonly from: Instant;
  readonly to?: Instant | undefined;
}

/** The deltas from one point to another, documents by id. */
export async function diff(state: State, range: Range, options: DiffOptions): Promise<Delta[]> {
  const { path, classes, mode } = options;
  const deltas = await reading(
    state,
    () =>
      chunksOf(
        pairsIn(state, range)
          .flatMap(({ before, after }) => [before, after])
          .filter((doc) => doc !== undefined),
      ),
    () =>
      diffSides(
        pairsIn(state, range).map(({ before, after }) => ({
          from: before && sideOf(state, before),
          to: after && sideOf(state, after),
        })),
      ),
  );
  return deltas
    .filter(({ id }) => path === undefined || id === path || (path.endsWith('/') && id.startsWith(path)))
    .filter((delta) => classes === undefined || delta.classes.some((each) => classes.includes(each)))
    .map((delta) => (mode === 'stat' ? stripTexts(delta) : delta));
}

/** The documents that differ, version by version. */
function pairsIn(state: State, range: Range) {
  const { history } = state;
  const [from, to] = viewsIn(state, range);
  return changedDocuments(history, from, to).flatMap((id) => paired(history.alive(id, from), history.alive(id, to)));
}

/** @throws `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`. */
export function viewsIn({ history }: State, { from, to }: Range): [View, View] {
  return [history.view(history.resolve(from)), history.view(history.resolve(to))];
}

/** Versions side by side; where a document has several at different valid times, those of the same time first. */
function paired(
  before: readonly DocVersion[],
  after: readonly DocVersion[],
): { before: DocVersion | undefined; after: DocVersion | undefined }[] {
  const [gone, come] = [before.filter((doc) => !after.includes(doc)), after.filter((doc) => !before.includes(doc))];
  const pairs = gone.map((doc) => {
    const at = come.findIndex(({ validFrom }) => validFrom === doc.validFrom);
    return { before: doc as DocVersion | undefined, after: come.splice(Math.max(0, at), 1)[0] };
  });
  return [...pairs, ...come.map((doc) => ({ before: undefined, after: doc }))];
}

/**
 * Searches what changed: rows that one side shows and the other does not are a view of their own, with its own
 * statistics, and each hit comes as the delta that it is part of, one per section.
 *
 * @throws as `search`.
 */
export async function changes(state: State, question: string | Query, range: ChangesOptions): Promise<ChangeHit[]> {
  const draft = draftOf(question);
  const [vector] = await vectorsOf(state, [draft], 'hybrid');
  const k = range.k ?? K_DEFAULT;
  let [from, to] = viewsIn(state, range);
  const needed = (): Bitset => {
    const docs = pairsIn(state, range).flatMap(({ before, after }) => [before, after]);
    return chunksOf(docs.filter((doc) => doc !== undefined));
  };
  while (await readyRows(state, needed(), vector !== undefined)) [from, to] = viewsIn(state, range);
  const rows = reworded(state, from, to);
  const view = viewsOf(state).of(`changes ${from.seq} ${to.seq}`, rows);
  const answer = state.index.search({
    view,
    clauses: planOf(draft, range, state.index, view).clauses,
    vector,
    lexical: true,
    dense: vector !== undefined,
    weight: range.weight ?? draft.weight ?? weightOf(state.embedder, draft.text),
    k,
    collapse: 'section',
    ...settingsOf(range),
  });
  const documents = new Map<string, Delta[]>();
  const found: ChangeHit[] = [];
  for (const hit of answer.hits.slice(0, k)) {
    const delta = deltaOf(state, hit.vno, from, to, documents);
    if (delta)
      found.push({ ...delta, before: delta.from?.text, after: delta.to?.text, score: publicScore(answer.ranked, hit) });
  }
  return found;
}

/** Rows of one side alone, without those whose text the other side has under another document or slot. */
function reworded({ history: { chunks } }: State, from: View, to: View): Bitset {
  const rows = differing(from.chunks, to.chunks);
  const sides = new Map<string, number>();
  const key = (vno: number): string => hex(chunks.versionId(vno));
  for (const vno of rows) sides.set(key(vno), (sides.get(key(vno)) ?? 0) | (to.chunks.has(vno) ? 2 : 1));
  const out = new Bitset();
  for (const vno of rows) if (sides.get(key(vno)) !== 3) out.add(vno);
  return out;
}

/** The delta that a changed row is part of. */
function deltaOf(state: State, vno: number, from: View, to: View, known: Map<string, Delta[]>): Delta | undefined {
  const { history } = state;
  const id = history.documentOf(vno)?.id;
  if (id === undefined) return undefined;
  const [before, after] = [history.alive(id, from), history.alive(id, to)];
  const deltas =
    known.get(id) ??
    paired(before, after).flatMap((pair) =>
      diffDocuments(pair.before && sideOf(state, pair.before), pair.after && sideOf(state, pair.after)),
    );
  known.set(id, deltas);
  const [chunkId, version] = [hex(history.chunks.chunkId(vno)), hex(history.chunks.versionId(vno))];
  return deltas.find(
    (delta) => delta.chunkId === chunkId && (delta.to?.version === version || delta.from?.version === version),
  );
}
