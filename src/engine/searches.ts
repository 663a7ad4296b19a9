// The calls of the engine contract that ask.

import type { SearchMode } from '../model/query.ts';
import type { EngineContract } from '../protocol/engine.ts';
import { packHits } from '../protocol/hits.ts';
import { facets } from '../retrieve/facets.ts';
import { search, searchBatch } from '../retrieve/search.ts';
import { suggest } from '../retrieve/suggest.ts';
import type { State } from '../version/state.ts';
import type { Engine } from './engine.ts';
import { withTurns } from './turns.ts';

/** The calls, over an open database. */
export function searchCalls(engine: Engine): Pick<EngineContract, 'search' | 'searchBatch' | 'facets' | 'suggest'> {
  /** The state once the model is there, if it is asked. */
  const settled = async (mode: SearchMode | undefined): Promise<State> => {
    const room = engine.must();
    if (mode !== 'lexical') await room.model();
    return room.state;
  };
  return {
    search: (_call, { query, ...ask }) =>
      engine.read(async () => packHits(await search(await settled(ask.mode), query, ask))),
    searchBatch: (call, { queries, ...ask }) =>
      withTurns(engine, call, (turn) =>
        engine.look(async () => (await searchBatch(await settled(ask.mode), queries, ask, turn)).map(packHits)),
      ),
    facets: (_call, query, options) => engine.read((state) => facets(state, query, options)),
    suggest: (_call, text, options) => engine.read((state) => suggest(state, text, options)),
  };
}
