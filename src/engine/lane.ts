// One after another: writes and upkeep take their turn here, reads never wait.

import { AetherError } from '../base/errors.ts';

/** A queue of one lane. */
export class Lane {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs when what came before is done. A call that is given up while it waits fails at once: it has not begun. */
  run<T>(start: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const aborted = (): AetherError => new AetherError('AV_ABORTED', 'the write was aborted before it began');
    let begun = false;
    const begin = (): Promise<T> => {
      begun = true;
      if (signal?.aborted) throw aborted();
      return start();
    };
    const next = this.#last.then(begin, begin);
    this.#last = next.catch(() => undefined);
    if (!signal) return next;
    const waiting = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => !begun && reject(aborted()), { once: true });
    });
    return Promise.race([next, waiting]);
  }

  /** Resolves when what is in it now is done. */
  async empty(): Promise<void> {
    await this.#last.catch(() => undefined);
  }
}
