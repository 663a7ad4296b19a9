// The collection calls of the engine contract.

import { writeItems, collectionOf } from '../change/items.ts';
import type { CollectionInfo } from '../model/vectors.ts';
import type { CollectionKey, CollectionRequest, EngineContract } from '../protocol/engine.ts';
import { collectionInfo, countItems, getItem, listItems, searchItems, searchItemsBatch } from '../retrieve/items.ts';
import type { State } from '../version/state.ts';
import type { Engine } from './engine.ts';

type Verbs =
  | 'writeItems'
  | 'searchItems'
  | 'searchItemsBatch'
  | 'getItem'
  | 'listItems'
  | 'countItems'
  | 'collectionInfo'
  | 'collections';

/** Items have their vectors with them: a page is small. */
const ITEMS_PER_PAGE = 256;

/** The calls, over the engine that owns the turns. */
export function collectionCalls(engine: Engine): Pick<EngineContract, Verbs> {
  const known = new Map<CollectionKey, CollectionRequest>();
  /** A read of a collection that must be what the page thinks it is. */
  const read = <T>(call: number, of: CollectionKey, look: (state: State, def: CollectionRequest) => Promise<T>) =>
    engine.read(call, async (state) => {
      const def = known.get(of) ?? (JSON.parse(of) as CollectionRequest);
      known.set(of, def);
      collectionOf(state, def);
      return look(state, def);
    });
  return {
    writeItems: (call, request) =>
      engine.run(call, async (signal) => {
        const source = engine.side.items(call, request, signal);
        const report = await engine.commit(call, request, signal, (state, plan) => writeItems(state, plan, source));
        engine.tendItems();
        return report;
      }),
    searchItems: (call, of, vector, ask) => read(call, of, (state, def) => searchItems(state, def, vector, ask)),
    searchItemsBatch: (call, of, vectors, ask) =>
      read(call, of, (state, def) => searchItemsBatch(state, def, vectors, ask)),
    getItem: (call, of, id, asOf) => read(call, of, (state, { name }) => getItem(state, name, id, asOf)),
    listItems: (call, of, from, asOf) =>
      read(call, of, (state, { name }) => listItems(state, name, from, ITEMS_PER_PAGE, asOf)),
    countItems: (call, of, filter, asOf) => read(call, of, (state, { name }) => countItems(state, name, filter, asOf)),
    collectionInfo: (call, of) => read(call, of, (state, { name }) => collectionInfo(state, name)),
    collections: (call) =>
      engine.read(call, async (state) => {
        const names = state.collections.entries().map(({ def }) => def.name);
        const infos = await Promise.all(names.sort().map((name) => collectionInfo(state, name)));
        return infos.filter((info): info is CollectionInfo => info !== undefined);
      }),
  };
}
