// Merges a commit into the branch: three ways, document by document, block by block; conflicts are data.

import { AetherError } from '../base/errors.ts';
import type { Doc } from '../model/document.ts';
import type { Conflict, MergeResult } from '../model/history.ts';
import type { WriteReport } from '../model/report.ts';
import type { DocSide } from '../version/document.ts';
import { sideOf } from '../version/side.ts';
import type { History, View } from '../version/history.ts';
import { mergeDocuments } from '../version/merge3.ts';
import { reading } from '../version/opening.ts';
import type { DocVersion } from '../version/record.ts';
import type { State } from '../version/state.ts';
import { changedDocuments, chunksOf, mergeBase } from '../version/compare.ts';
import { mergeItems, stageItems } from './merge-items.ts';
import { type Desk, stageDoc, write, type WritePlan } from './write.ts';

/** What to do where both sides changed the same. */
export type MergeStrategy = 'conflict' | 'ours' | 'theirs';

/** One document to merge. */
interface Case {
  readonly id: string;
  readonly base: readonly DocVersion[];
  readonly ours: readonly DocVersion[];
  readonly theirs: readonly DocVersion[];
}

/**
 * Merges the commit `from` into the checked-out branch as one commit with two parents. Only what changed on both sides
 * is looked into; a document that changed on one side is taken as it is. Nothing is committed while there are conflicts.
 *
 * @throws as `write`; `AV_REF_UNKNOWN` when the two share no commit.
 */
export async function merge(
  state: State,
  from: number,
  strategy: MergeStrategy,
  plan: WritePlan,
): Promise<MergeResult<WriteReport>> {
  const { history } = state;
  const base = mergeBase(history, history.headSeq, from);
  if (base === undefined)
    throw new AetherError('AV_REF_UNKNOWN', 'the two have no commit in common, so there is nothing to merge from');
  const merged = history.commits.get(from)?.id;
  if (base === from || merged === undefined) return { conflicts: [] };
  const [then, ours, theirs] = [history.view(base), history.head, history.view(from)];
  const cases = casesOf(history, then, ours, theirs);
  const contested = chunksOf(cases.filter(isContested).flatMap((each) => [...each.base, ...each.ours, ...each.theirs]));
  const settled = await reading(
    state,
    () => contested,
    () => cases.map((each) => settle(state, each, strategy)),
  );
  const items = await mergeItems(state, { base: then, ours, theirs }, strategy);
  const conflicts = [...settled.flatMap((each) => each.conflicts), ...items.conflicts];
  if (conflicts.length > 0 && strategy === 'conflict') return { conflicts };
  const commit = await write(state, { ...plan, merged }, async (desk) => {
    for (const { id, take, doc } of settled) {
      // The merged version is all there is then, whatever its valid time.
      if (doc) stageVersions(desk, id, []);
      if (doc) await stageDoc(desk, doc);
      else if (take) stageVersions(desk, id, take);
    }
    await stageItems(state, desk.draft, items.deltas);
  });
  return { commit, conflicts };
}

/** Makes versions that are stored already those of a document. */
export function stageVersions({ state, draft }: Desk, id: string, after: readonly DocVersion[]): void {
  draft.docs.set(id, { before: state.history.alive(id, state.history.head), after });
}

function casesOf(history: History, then: View, ours: View, theirs: View): Case[] {
  return changedDocuments(history, then, theirs).map((id) => ({
    id,
    base: history.alive(id, then),
    ours: history.alive(id, ours),
    theirs: history.alive(id, theirs),
  }));
}

const same = (a: readonly DocVersion[], b: readonly DocVersion[]): boolean =>
  a.length === b.length && a.every(({ versionId }) => b.some((other) => other.versionId === versionId));

const isContested = ({ base, ours, theirs }: Case): boolean => !same(ours, base) && !same(ours, theirs);

/** What becomes of a document: left alone, versions taken, or a merged text put. */
interface Settled {
  readonly id: string;
  readonly conflicts: readonly Conflict[];
  readonly take?: readonly DocVersion[];
  readonly doc?: Doc;
}

function settle(state: State, each: Case, strategy: MergeStrategy): Settled {
  const { id, base, ours, theirs } = each;
  if (same(ours, theirs)) return { id, conflicts: [] };
  if (same(ours, base)) return { id, conflicts: [], take: theirs };
  if (base.length > 1 || ours.length > 1 || theirs.length > 1) return settleTimes(each, strategy);
  const side = ([version]: readonly DocVersion[]): DocSide | undefined => version && sideOf(state, version);
  const { doc, conflicts } = mergeDocuments(side(base), side(ours), side(theirs), strategy);
  if (!doc) return { id, conflicts, take: [] };
  const { title, format, meta, valid } = doc.head;
  return { id, conflicts, doc: { id, text: doc.text, title, format, meta, valid } };
}

/** Several versions at different valid times on a side: the whole document is one side's or the other's. */
function settleTimes({ id, ours, theirs }: Case, strategy: MergeStrategy): Settled {
  const list = (versions: readonly DocVersion[]): string =>
    JSON.stringify(versions.map(({ validFrom, validTo }) => [validFrom ?? null, validTo ?? null]));
  const conflict: Conflict = { id, kind: 'field', field: 'valid', ours: list(ours), theirs: list(theirs) };
  return strategy === 'theirs' ? { id, conflicts: [conflict], take: theirs } : { id, conflicts: [conflict] };
}
