// Removes items from every version of their collection for good: segments that hold any row or vector of them are written anew without.
//
// Views that the guest knows and reads under way still name their versions. They show only what a segment holds, and numbers are not used again.

import { AetherError } from '../base/errors.ts';
import type { ItemErasureReport } from '../model/vectors.ts';
import type { VectorIndex } from '../ports/vectors.ts';
import { Bitset } from '../version/bitset.ts';
import { type Collection, isOf, openCollection } from '../version/collections.ts';
import type { TimelineEntry } from '../version/record.ts';
import type { State } from '../version/state.ts';
import { shownRows, storedRows } from './compact.ts';
import { buildAnew, rowsOfVectors, shownItems, storedItems } from './compact-items.ts';
import { flush } from './flush.ts';
import { rebuilt } from './retention.ts';
import { type ItemPiece, rewrite } from './rewrite.ts';

/** Item versions that are looked through at once. */
const IDS_AT_ONCE = 16_384;

/** What is to go. */
export interface Erasure {
  readonly name: string;
  readonly ids: readonly string[];
  readonly reason: string;
  readonly signal: AbortSignal;
}

/**
 * Removes items from every commit and every stored byte; other items and all commit ids stay.
 *
 * @throws `AV_NOT_FOUND` for an id no stored version has; `AV_QUOTA`, `AV_STORAGE`, `AV_WORKER_LOST`, `AV_ABORTED`: nothing is changed then.
 */
export async function eraseItems(state: State, { name, ids, reason, signal }: Erasure): Promise<ItemErasureReport> {
  const collection = state.collections.named(name);
  if (!collection) throw unknown(name, ids);
  const { frames } = state.wal;
  await flush(state);
  const index = await openCollection(state, collection);
  const { history, manifest } = state;
  const { ordinal } = collection.def;
  const gone = versionsOf(index, collection, ids);
  const entries = [...history.timeline.values()].map((entry) => without(entry, ordinal, gone));
  const next = rebuilt(history, entries, history.refs.moves, () => true);
  const touched = entries.filter((entry) => entry !== history.timeline.get(entry.seq));
  const [shown, stored] = [shownItems(next, ordinal), storedItems(next, ordinal)];
  const own = manifest.segments.filter(isOf(collection));
  const rowsIn = new Map(index.info().parts.map(({ id, rows }) => [id, rows]));
  const items = own
    .filter(({ kind, id }) => kind === 'items' && index.itemsKept(id, stored.words) < (rowsIn.get(id) ?? 0))
    .map(({ id }) => id);
  const vectors = rowsOfVectors(index, own, shown, stored).filter(
    ({ entry, kept }) => new Bitset(kept).count() < (rowsIn.get(entry.id) ?? 0),
  );
  const pieces: ItemPiece[] = [{ kind: 'items', bytes: index.resealItems(items, stored.words), archive: false }];
  for (const each of vectors) {
    const { live, archive } = await buildAnew(state, collection.def, [each], signal);
    pieces.push({ kind: 'item-vectors', bytes: live, archive: false });
    pieces.push({ kind: 'item-vectors', bytes: archive, archive: true });
  }
  const { contents } = index.info();
  const rows = storedRows(next);
  const report = await rewrite(state, {
    texts: [],
    archives: [],
    vectors: [],
    histories: manifest.segments.filter(({ kind }) => kind === 'history').map(({ id }) => id),
    dropped: [...items, ...vectors.map(({ entry }) => entry.id)],
    items: { collection: ordinal, index, pieces },
    history: next,
    shown: shownRows(next),
    stored: rows,
    needed: rows,
  });
  return {
    ids: [...new Set(ids)],
    itemVersions: gone.size,
    vectors: contents - index.info().contents,
    commits: touched.length,
    segments: report.merged,
    frames,
    reason,
    time: state.now(),
  };
}

function unknown(name: string, [id = '']: readonly string[]): AetherError {
  const item = `an item "${id.slice(0, 60)}" of collection "${name.slice(0, 60)}"`;
  return new AetherError(
    'AV_NOT_FOUND',
    `no version of ${item} is stored. list() shows the items there are, with asOf those there were.`,
  );
}

/** Every version of the items that a segment holds, also those that no commit shows any more. */
function versionsOf(index: VectorIndex, { def, nextIno }: Collection, ids: readonly string[]): Set<number> {
  const wanted = new Set(ids);
  const found = new Set<string>();
  const out = new Set<number>();
  const all = index.addView(new Uint32Array(Math.ceil(nextIno / 32)).fill(0xffff_ffff));
  try {
    for (let from = 0; ; ) {
      const inos = index.list(all, from, IDS_AT_ONCE);
      for (const [i, id] of index.ids(inos).entries()) {
        if (!wanted.has(id)) continue;
        found.add(id);
        out.add(inos[i] ?? 0);
      }
      const last = inos.at(-1);
      if (last === undefined || inos.length < IDS_AT_ONCE) break;
      from = last + 1;
    }
  } finally {
    index.dropView(all);
  }
  const missing = ids.filter((id) => !found.has(id));
  if (missing.length > 0) throw unknown(def.name, missing);
  return out;
}

/** The same entry when it has none of them. */
function without(entry: TimelineEntry, collection: number, gone: ReadonlySet<number>): TimelineEntry {
  const isGone = (ino: number): boolean => gone.has(ino);
  const holds = entry.items?.some(
    (delta) => delta.collection === collection && [...delta.born, ...delta.died].some(isGone),
  );
  if (!entry.items || !holds) return entry;
  const left = entry.items.map((delta) => {
    if (delta.collection !== collection) return delta;
    const stay = (list: readonly number[]): number[] => list.filter((ino) => !isGone(ino));
    return { collection, born: stay(delta.born), died: stay(delta.died) };
  });
  const items = left.filter(({ born, died }) => born.length + died.length > 0);
  const { items: _, ...rest } = entry;
  return items.length > 0 ? { ...rest, items } : rest;
}
