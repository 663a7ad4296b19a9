// Calls over a port: one message there, one back. A search takes less time than Comlink's listeners and names for it.

import type { Remote } from 'comlink';
import { AetherError, toWire } from '../base/errors.ts';
import type { EngineContract, Outcome } from './engine.ts';

/** From one call to the next of who asks for one after the other. */
const AWAKE_MS = 1;
/** From a small call to its answer, at most, on a processor that has no other work; and how many in a row tell that it has none. */
const ANSWERED_MS = 1.5;
const SOON_MIN = 4;

type Call = readonly [call: number, method: string, ...args: readonly unknown[]];
type Reply = readonly [call: number, outcome: Outcome<unknown>];

/** One for all databases of a page: a channel is not collected while it is open. */
let waiter: ReturnType<typeof awake> | undefined;

/** The page's end: every method of the contract, but those that carry ports. */
export function quickRemote(port: MessagePort): Remote<EngineContract> {
  const waiting = new Map<number, (outcome: Outcome<unknown>) => void>();
  let calls = 0;
  waiter ??= awake(ANSWERED_MS);
  const { stay, rest } = waiter;
  // Only who is answered soon waits awake: where calls are large, or the processor has other work, that would be in the way.
  let [asked, soon] = [0, 0];
  port.onmessage = ({ data: [call, outcome] }: MessageEvent<Reply>) => {
    soon = performance.now() < asked + ANSWERED_MS ? soon + 1 : 0;
    waiting.get(call)?.(outcome);
    waiting.delete(call);
    if (waiting.size === 0) rest();
  };
  const ask =
    (method: string) =>
    (...args: unknown[]): Promise<Outcome<unknown>> =>
      new Promise((resolve) => {
        const call = ++calls;
        port.postMessage([call, method, ...args] satisfies Call);
        waiting.set(call, resolve);
        asked = performance.now();
        if (soon >= SOON_MIN) stay();
      });
  const asks = new Map<string, ReturnType<typeof ask>>();
  return new Proxy({} as Remote<EngineContract>, {
    get(_, method: string) {
      const known = asks.get(method) ?? ask(method);
      asks.set(method, known);
      return known;
    },
  });
}

/** The worker's end. */
export function serveQuick(port: MessagePort, contract: EngineContract): void {
  const methods = contract as unknown as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
  const { stay } = awake(AWAKE_MS);
  port.onmessage = async ({ data: [call, method, ...args] }: MessageEvent<Call>) => {
    try {
      const answer = await methods[method]?.(...args);
      port.postMessage([call, answer] as Reply);
      stay();
    } catch (cause) {
      const error = new AetherError('AV_INTERNAL', `the answer of ${method}() cannot be sent to the page`, { cause });
      port.postMessage([call, { error: toWire(error) }] satisfies Reply);
    }
  };
}

/** Keeps this thread from sleeping for a moment, or until it may rest: to be woken takes it as long as a small search. */
function awake(ms: number): { stay: () => void; rest: () => void } {
  const { port1, port2 } = new MessageChannel();
  let [until, isAwake] = [0, false];
  const turn = (): void => {
    isAwake = performance.now() < until;
    if (isAwake) port2.postMessage(undefined);
  };
  port1.onmessage = turn;
  const stay = (): void => {
    until = performance.now() + ms;
    if (!isAwake) turn();
  };
  const rest = (): void => {
    until = 0;
  };
  return { stay, rest };
}
