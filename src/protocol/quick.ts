// Calls over a port: one message there, one back. A search takes less time than Comlink's listeners and names for it.

import type { Remote } from 'comlink';
import { AetherError, toWire } from '../base/errors.ts';
import type { EngineContract, Outcome } from './engine.ts';

/** From one call to the next of who asks for one after the other. */
const AWAKE_MS = 1;

type Call = readonly [call: number, method: string, ...args: readonly unknown[]];
type Reply = readonly [call: number, outcome: Outcome<unknown>];

/** The page's end: every method of the contract, but those that carry ports. */
export function quickRemote(port: MessagePort): Remote<EngineContract> {
  const waiting = new Map<number, (outcome: Outcome<unknown>) => void>();
  let calls = 0;
  port.onmessage = ({ data: [call, outcome] }: MessageEvent<Reply>) => {
    waiting.get(call)?.(outcome);
    waiting.delete(call);
  };
  const ask =
    (method: string) =>
    (...args: unknown[]): Promise<Outcome<unknown>> =>
      new Promise((resolve) => {
        const call = ++calls;
        port.postMessage([call, method, ...args] satisfies Call);
        waiting.set(call, resolve);
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
  const stayAwake = awake();
  port.onmessage = async ({ data: [call, method, ...args] }: MessageEvent<Call>) => {
    try {
      const answer = await methods[method]?.(...args);
      port.postMessage([call, answer] as Reply);
      stayAwake();
    } catch (cause) {
      const error = new AetherError('AV_INTERNAL', `the answer of ${method}() cannot be sent to the page`, { cause });
      port.postMessage([call, { error: toWire(error) }] satisfies Reply);
    }
  };
}

/** Keeps this thread from sleeping for a moment after a call: to be woken takes it as long as a small search. */
function awake(): () => void {
  const { port1, port2 } = new MessageChannel();
  let [until, isAwake] = [0, false];
  const turn = (): void => {
    isAwake = performance.now() < until;
    if (isAwake) port2.postMessage(undefined);
  };
  port1.onmessage = turn;
  return () => {
    until = performance.now() + AWAKE_MS;
    if (!isAwake) turn();
  };
}
