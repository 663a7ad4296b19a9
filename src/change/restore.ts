// Restores documents as they were: a new commit equal to an old one, never a rewrite of history.

import type { WriteReport } from '../model/report.ts';
import { changedDocuments, itemsBetween } from '../version/compare.ts';
import type { State } from '../version/state.ts';
import { stageVersions } from './merge.ts';
import { stageItems } from './merge-items.ts';
import { write, type WritePlan } from './write.ts';

/** Does a path name this document: itself, or a folder (ending in `/`) that it is in? */
export function isUnder(id: string, path: string | undefined): boolean {
  return path === undefined || id === path || (path.endsWith('/') && id.startsWith(path));
}

/** Commits the documents (of `path`), and without one the items of all collections, as they were at `seq`. Everything in it was stored before: nothing is embedded. */
export function restore(state: State, seq: number, path: string | undefined, plan: WritePlan): Promise<WriteReport> {
  const { history } = state;
  return write(state, plan, async (desk) => {
    const then = history.view(seq);
    for (const id of changedDocuments(history, then, history.head))
      if (isUnder(id, path)) stageVersions(desk, id, history.alive(id, then));
    // A path names documents.
    if (path === undefined) await stageItems(state, desk.draft, itemsBetween(history.head.items, then.items));
  });
}
