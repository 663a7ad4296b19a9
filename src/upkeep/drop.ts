// Drops a collection: every version of its items leaves the history and the store, in one manifest. Commits keep their ids.

import { AetherError } from '../base/errors.ts';
import { type Collection, isOf } from '../version/collections.ts';
import type { State } from '../version/state.ts';
import { shownRows, storedRows } from './compact.ts';
import { flush } from './flush.ts';
import { rebuilt } from './retention.ts';
import { rewrite } from './rewrite.ts';

/**
 * Removes a collection for good.
 *
 * @throws `AV_NOT_FOUND` when there is none of that name; `AV_QUOTA`, `AV_STORAGE`: nothing is changed then.
 */
export async function dropCollection(state: State, name: string): Promise<void> {
  const { collections } = state;
  const collection = collections.named(name);
  if (!collection)
    throw new AetherError(
      'AV_NOT_FOUND',
      `there is no collection "${name.slice(0, 60)}". collections() shows which there are.`,
    );
  await flush(state);
  const { history, manifest } = state;
  const { ordinal } = collection.def;
  const entries = [...history.timeline.values()].map(({ items, ...entry }) => {
    const left = items?.filter((delta) => delta.collection !== ordinal);
    return left?.length ? { ...entry, items: left } : entry;
  });
  const next = rebuilt(history, entries, history.refs.moves, () => true);
  const stored = storedRows(next);
  collections.all.delete(ordinal);
  collection.isDropped = true;
  try {
    await rewrite(state, {
      texts: [],
      archives: [],
      vectors: [],
      histories: manifest.segments.filter(({ kind }) => kind === 'history').map(({ id }) => id),
      dropped: manifest.segments.filter(isOf(collection)).map(({ id }) => id),
      history: next,
      shown: shownRows(next),
      stored,
      needed: stored,
    });
  } catch (error) {
    // Once published it is gone, even where its bytes are not yet.
    if (state.manifest !== manifest) close(collection);
    else {
      collections.all.set(ordinal, collection);
      collection.isDropped = false;
    }
    throw error;
  }
  close(collection);
}

/** Reads that wait for its vectors learn by this that they need none. */
function close(collection: Collection): void {
  collection.index?.free();
  collection.index = undefined;
}
