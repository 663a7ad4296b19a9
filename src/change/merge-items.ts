// Items in a restore and in a merge: which item versions a collection shows after it. Nothing is stored anew, so no vector is touched.

import type { Conflict } from '../model/history.ts';
import { hex } from '../base/bytes.ts';
import { NONE } from '../ports/index.ts';
import type { VectorIndex } from '../ports/vectors.ts';
import { Bitset } from '../version/bitset.ts';
import { type Collection, openCollection } from '../version/collections.ts';
import type { ItemVersions } from '../version/commit.ts';
import { differing } from '../version/compare.ts';
import type { View } from '../version/history.ts';
import type { ItemsDelta } from '../version/items.ts';
import type { State } from '../version/state.ts';
import type { MergeStrategy } from './merge.ts';
import type { Draft } from './draft.ts';

const ID_BYTES = 16;

/** What a merge makes of items. */
export interface MergedItems {
  readonly deltas: readonly ItemsDelta[];
  readonly conflicts: readonly Conflict[];
}

/** Makes changes of items part of a write. */
export async function stageItems(state: State, draft: Draft, deltas: readonly ItemsDelta[]): Promise<void> {
  draft.items = deltas.filter(({ born, died }) => born.length + died.length > 0);
  const versions: ItemVersions[] = [];
  for (const { collection, born, died } of draft.items) {
    const known = state.collections.all.get(collection);
    const index = known && (await openCollection(state, known));
    if (index) {
      const of = (inos: readonly number[]): Uint8Array => index.versions(Uint32Array.from(inos));
      versions.push({ collection: known.def.name, born: of(born), died: of(died) });
    }
  }
  draft.itemVersions = versions;
}

/** Item by item: one that changed on one side is taken as it is, one that changed on both is a conflict. */
export async function mergeItems(
  state: State,
  views: { readonly base: View; readonly ours: View; readonly theirs: View },
  strategy: MergeStrategy,
): Promise<MergedItems> {
  const deltas: ItemsDelta[] = [];
  const conflicts: Conflict[] = [];
  for (const collection of state.collections.all.values()) {
    const { ordinal } = collection.def;
    const of = (view: View): Bitset => view.items.get(ordinal) ?? new Bitset();
    const changed = [...differing(of(views.base), of(views.theirs))];
    if (changed.length === 0) continue;
    const index = await openCollection(state, collection);
    const ids = [...new Set(index.describe(Uint32Array.from(changed), false).map(({ id }) => id))].sort();
    const at = (view: View): Uint32Array => index.find(ids, collection.handle(index, view));
    const [base, ours, theirs] = [at(views.base), at(views.ours), at(views.theirs)];
    const [born, died]: [number[], number[]] = [[], []];
    for (const [i, id] of ids.entries()) {
      const [was, mine, other] = [base[i] ?? NONE, ours[i] ?? NONE, theirs[i] ?? NONE];
      if (mine === other || same(index, mine, other)) continue;
      if (mine !== was) conflicts.push(conflictOf(collection, id, { base: was, ours: mine, theirs: other }));
      if (mine !== was && strategy !== 'theirs') continue;
      if (other !== NONE) born.push(other);
      if (mine !== NONE) died.push(mine);
    }
    const rising = (list: number[]): number[] => list.sort((a, b) => a - b);
    deltas.push({ collection: ordinal, born: rising(born), died: rising(died) });
  }
  return { deltas, conflicts };
}

function same(index: VectorIndex, a: number, b: number): boolean {
  if (a === NONE || b === NONE) return false;
  const versions = index.versions(Uint32Array.of(a, b));
  return hex(versions.subarray(0, ID_BYTES)) === hex(versions.subarray(ID_BYTES));
}

function conflictOf(
  { def, index }: Collection,
  id: string,
  sides: { readonly base: number; readonly ours: number; readonly theirs: number },
): Conflict {
  const text = (ino: number): string | undefined => {
    const [row] = ino === NONE ? [] : (index?.describe(Uint32Array.of(ino), false) ?? []);
    return row && JSON.stringify({ meta: JSON.parse(row.meta || '{}'), text: row.text });
  };
  const { base, ours, theirs } = sides;
  const kind = base === NONE ? 'add' : ours === NONE || theirs === NONE ? 'delete' : 'field';
  return { id, collection: def.name, kind, base: text(base), ours: text(ours), theirs: text(theirs) };
}
