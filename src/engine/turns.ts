// Calls that take many turns: between two of them others have theirs, while the commit that they read stays.

import { AetherError } from '../base/errors.ts';
import type { Outcome } from '../protocol/engine.ts';
import type { Turn } from '../retrieve/turns.ts';
import type { Engine } from './engine.ts';

/** Resolves after the tasks that wait now. By a message: timers that set each other wait for four milliseconds, as long as some turns take. */
function othersFirst(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Runs a call that may be given up at each turn. */
export function withTurns<T>(engine: Engine, call: number, run: (turn: Turn) => Promise<T>): Promise<Outcome<T>> {
  return engine.run(call, async (signal) => {
    const pin = `call ${call}`;
    let pinned: string | undefined;
    const turn = async (commit: string): Promise<void> => {
      if (commit !== pinned) await engine.standing.pin(pin, commit);
      pinned = commit;
      await othersFirst();
      if (signal.aborted) throw new AetherError('AV_ABORTED', 'the call was given up');
    };
    try {
      return await run(turn);
    } finally {
      engine.standing.unpin(pin);
    }
  });
}
