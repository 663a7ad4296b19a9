// What both WASM guests need of their host: calls whose errors become ours, and pieces copied straight into their memory.

import { AetherError, asAether } from '../base/errors.ts';
import type { Piece } from '../ports/index.ts';

/**
 * Calls into a guest; what it throws (a `CODE: sentence` string, or a trap) becomes an AetherError. `onTrap` says what to do after a trap:
 * the guest's memory cannot be trusted any more, and it refuses every further call.
 */
export function guarded(guest: string): { call<T>(run: () => T): T; onTrap(callback: () => void): void } {
  let stop: () => void = () => undefined;
  return {
    call(run) {
      try {
        return run();
      } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError)) throw asAether(error);
        stop();
        const message = `${guest} stopped at a defect (${error.message}). Call again: a new one is started from what is stored.`;
        throw new AetherError('AV_POISONED', message, { cause: error });
      }
    },
    onTrap(callback) {
      stop = callback;
    },
  };
}

/** Fills the room of a guest frame by frame: no second copy in between. */
export function fill<P extends { address(): number }>(
  room: P,
  memory: () => ArrayBuffer,
  { frames, length }: Piece,
): P {
  const bytes = new Uint8Array(memory(), room.address(), length);
  let at = 0;
  for (const frame of frames) {
    bytes.set(frame.subarray(0, length - at), at);
    at += Math.min(frame.length, length - at);
  }
  return room;
}
