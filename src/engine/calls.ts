// Calls in flight: each has a signal that giving it up pulls, and answers with an outcome whatever happens.

import { toWire } from '../base/errors.ts';
import type { Outcome } from '../protocol/engine.ts';

/** What a call came to, as it crosses to the page. */
export async function outcome<T>(run: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: await run() };
  } catch (error) {
    return { error: toWire(error) };
  }
}

/** The calls of one page, by number. */
export class Calls {
  readonly #running = new Map<number, AbortController>();

  async run<T>(call: number, start: (signal: AbortSignal) => Promise<T>): Promise<Outcome<T>> {
    const controller = new AbortController();
    this.#running.set(call, controller);
    try {
      return await outcome(() => start(controller.signal));
    } finally {
      this.#running.delete(call);
    }
  }

  cancel(call: number): void {
    this.#running.get(call)?.abort();
  }

  cancelAll(): void {
    for (const controller of this.#running.values()) controller.abort();
  }
}
