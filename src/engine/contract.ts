// The engine contract over an engine: one line a call.

import type { EngineContract } from '../protocol/engine.ts';
import { serveQuick } from '../protocol/quick.ts';
import { find, get, list, log } from '../retrieve/reads.ts';
import { outcome } from './calls.ts';
import { Engine } from './engine.ts';
import { collectionCalls } from './collections.ts';
import { searchCalls } from './searches.ts';
import { historyCalls } from './verbs.ts';

/** The engine's calls, in an object without a prototype: nothing else can be reached through Comlink. */
export function createEngine(): EngineContract {
  const engine = new Engine();
  const contract: EngineContract = {
    open: (request, side, calls) =>
      outcome(async () => {
        const reply = await engine.open(request, side);
        serveQuick(calls, sealed);
        return reply;
      }),
    write: (call, request) => engine.run(call, (signal) => engine.write(call, request, signal)),
    ...searchCalls(engine),
    get: (_call, id, asOf) => engine.read((state) => get(state, id, asOf)),
    has: (call, id, asOf) => engine.run(call, async () => find(engine.state, id, asOf) !== undefined),
    list: (call, from, asOf) => engine.run(call, async () => list(engine.state, from, asOf)),
    log: (call, from, asOf) => engine.run(call, async () => log(engine.state, from, asOf)),
    pin: (call, pin, asOf) => engine.run(call, () => engine.standing.pin(pin, asOf)),
    unpin: (pin) => engine.standing.unpin(pin),
    stage: (call, request) => engine.run(call, (signal) => engine.stage(call, request, signal)),
    ...historyCalls(engine),
    ...collectionCalls(engine),
    info: (call) => engine.run(call, async () => engine.info()),
    metrics: (call) => engine.run(call, async () => engine.state.scorer.metrics),
    flush: (call) => engine.run(call, () => engine.flush()),
    close: (call) => engine.run(call, () => engine.close()),
    cancel: (call) => engine.cancel(call),
    ping: async () => true,
  };
  const sealed = Object.freeze(Object.assign(Object.create(null) as EngineContract, contract));
  return sealed;
}
