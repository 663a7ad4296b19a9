// The collection calls of the engine contract.

import { writeItems, collectionOf } from '../change/items.ts';
import type { CollectionInfo } from '../model/vectors.ts';
import type { CollectionKey, CollectionRequest, EngineContract } from '../protocol/engine.ts';
import { clusterItems } from '../retrieve/clusters.ts';
import { diffItems } from '../retrieve/diff-items.ts';
import { collectionInfo, countItems, getItem, listItems, searchItems, searchItemsBatch } from '../retrieve/items.ts';
import { neighbourPage } from '../retrieve/neighbours.ts';
import type { Turn } from '../retrieve/turns.ts';
import { dropCollection } from '../upkeep/drop.ts';
import { eraseItems } from '../upkeep/erase-items.ts';
import type { State } from '../version/state.ts';
import type { Engine } from './engine.ts';
import { withTurns } from './turns.ts';

type Verbs =
  | 'writeItems'
  | 'searchItems'
  | 'searchItemsBatch'
  | 'getItem'
  | 'listItems'
  | 'neighbours'
  | 'clusters'
  | 'countItems'
  | 'collectionInfo'
  | 'collections'
  | 'diffItems'
  | 'eraseItems'
  | 'dropCollection';

/** Items have their vectors with them: a page is small. */
const ITEMS_PER_PAGE = 256;

/** The calls, over the engine that owns the turns. */
export function collectionCalls(engine: Engine): Pick<EngineContract, Verbs> {
  const known = new Map<CollectionKey, CollectionRequest>();
  /** A read of a collection that must be what the page thinks it is. */
  const looking =
    <T>(of: CollectionKey, look: (state: State, def: CollectionRequest) => Promise<T>) =>
    async (state: State): Promise<T> => {
      const def = known.get(of) ?? (JSON.parse(of) as CollectionRequest);
      known.set(of, def);
      collectionOf(state, def);
      return look(state, def);
    };
  const read = <T>(of: CollectionKey, look: (state: State, def: CollectionRequest) => Promise<T>) =>
    engine.read(looking(of, look));
  /** The same over many turns. */
  const long = <T>(
    call: number,
    of: CollectionKey,
    look: (state: State, def: CollectionRequest, turn: Turn) => Promise<T>,
  ) => withTurns(engine, call, (turn) => engine.look(looking(of, (state, def) => look(state, def, turn))));
  return {
    writeItems: (call, request) =>
      engine.run(call, async (signal) => {
        const source = engine.side.items(call, request, signal);
        const report = await engine.commit(call, request, signal, (state, plan) => writeItems(state, plan, source));
        engine.tendItems();
        return report;
      }),
    searchItems: (_call, of, vector, ask) => read(of, (state, def) => searchItems(state, def, vector, ask)),
    searchItemsBatch: (call, of, vectors, ask) =>
      ask.mmr
        ? long(call, of, (state, def, turn) => searchItemsBatch(state, def, vectors, ask, turn))
        : read(of, (state, def) => searchItemsBatch(state, def, vectors, ask)),
    getItem: (_call, of, id, asOf) => read(of, (state, { name }) => getItem(state, name, id, asOf)),
    listItems: (_call, of, from, asOf) =>
      read(of, (state, { name }) => listItems(state, name, from, ITEMS_PER_PAGE, asOf)),
    neighbours: (_call, of, from, ask, asOf) =>
      read(of, (state, def) => neighbourPage(state, def, from, ITEMS_PER_PAGE, ask, asOf)),
    clusters: (call, of, ask) => long(call, of, (state, def, turn) => clusterItems(state, def, ask, turn)),
    countItems: (_call, of, filter, asOf) => read(of, (state, { name }) => countItems(state, name, filter, asOf)),
    collectionInfo: (_call, of, sampled) => read(of, (state, { name }) => collectionInfo(state, name, sampled)),
    diffItems: (_call, of, range) => read(of, (state, { name }) => diffItems(state, name, range)),
    eraseItems: (call, name, ids, reason) =>
      engine.run(call, async (signal) => {
        const { state } = engine.mustWrite();
        const erasure = { name, ids, reason, signal };
        const report = await engine.exclusively(() => eraseItems(state, erasure), signal);
        engine.announce(state);
        engine.standing.tell();
        return report;
      }),
    dropCollection: (call, name) =>
      engine.run(call, async (signal) => {
        const { state } = engine.mustWrite();
        await engine.exclusively(() => dropCollection(state, name), signal);
        engine.announce(state);
        return undefined;
      }),
    collections: () =>
      engine.read(async (state) => {
        const names = state.collections.entries().map(({ def }) => def.name);
        const infos = await Promise.all(names.sort().map((name) => collectionInfo(state, name)));
        return infos.filter((info): info is CollectionInfo => info !== undefined);
      }),
  };
}
