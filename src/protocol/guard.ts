// What plain Comlink lacks: every call settles, also when the worker dies, hangs or never loads, and errors come whole.

import { type Remote, wrap } from 'comlink';
import { AetherError, type ErrorCode, fromWire } from '../base/errors.ts';
import type { EngineContract, Outcome } from './engine.ts';

const PING_EVERY_MS = 2_000;
/** A worker that has not answered a ping by so many turns of the timer is stuck. Turns, not time: hidden pages run timers rarely. */
const UNANSWERED_TURNS_MAX = 10;
/** Timers run at once when asked to wait longer. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** How one call is guarded. */
export interface CallOptions {
  /** Fails with `AV_TIMEOUT` after so long; none for calls that last as long as their input. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What the caller learns when the worker dies during the call. */
  readonly onDeath: Extract<ErrorCode, 'AV_WORKER_LOST' | 'AV_OUTCOME_UNKNOWN'>;
  /** Wait for the worker's own answer after an abort: it knows whether the call took effect. */
  readonly abortByWorker?: boolean;
}

/** Calls of the contract that are guarded: those that answer with an Outcome. */
type Guarded = {
  [M in keyof EngineContract]: EngineContract[M] extends (...args: never) => Promise<Outcome<unknown>> ? M : never;
}[keyof EngineContract];
type Answer<M extends Guarded> = Awaited<ReturnType<EngineContract[M]>> extends Outcome<infer T> ? T : never;

/** A worker behind the guard. */
export class GuardedWorker {
  /** Comlink's, until there is a faster way. */
  remote: Remote<EngineContract>;
  readonly #worker: Worker;
  readonly #pending = new Set<(death: string, closed: boolean) => void>();
  readonly #onDeath: (why: string) => void;
  readonly #lock = new AbortController();
  /** What ends a call at its deadline, and when, by the page's clock. */
  readonly #deadlines = new Map<() => void, number>();
  #alarm: ReturnType<typeof setTimeout> | undefined;
  #wakes = Number.POSITIVE_INFINITY;
  #pinger: ReturnType<typeof setInterval> | undefined;
  #unanswered = 0;
  #dead: string | undefined;

  constructor(worker: Worker, onDeath: (why: string) => void) {
    this.#worker = worker;
    this.#onDeath = onDeath;
    this.remote = wrap<EngineContract>(worker);
    worker.addEventListener('error', (event) =>
      this.kill(event.message ? `it failed: ${event.message}` : 'its script could not be loaded'),
    );
    worker.addEventListener('messageerror', () => this.kill('a message could not be read'));
  }

  /** Once the worker holds its life lock: the lock comes to us when the worker dies, however it dies. */
  watch(lifeLock: string): void {
    const locks = (navigator as Partial<Navigator>).locks;
    locks
      ?.request(lifeLock, { signal: this.#lock.signal, mode: 'shared' }, () => this.kill('it was terminated'))
      .catch(() => undefined);
  }

  /** Terminates the worker and rejects every call in flight. */
  kill(why: string): void {
    if (this.#dead !== undefined) return;
    this.#dead = why;
    this.#stop();
    for (const reject of [...this.#pending]) reject(why, false);
    this.#onDeath(why);
  }

  /** Ends the worker; calls still in flight fail with `AV_CLOSED`. */
  retire(): void {
    this.#dead ??= 'it was closed';
    this.#stop();
    for (const reject of [...this.#pending]) reject(this.#dead, true);
  }

  #stop(): void {
    clearInterval(this.#pinger);
    clearTimeout(this.#alarm);
    this.#lock.abort();
    this.#worker.terminate();
  }

  /** Runs `start` and settles with its outcome, its deadline, its abort or the worker's death, whichever is first. */
  call<M extends Guarded>(
    method: M,
    start: (remote: Remote<EngineContract>) => Promise<Outcome<Answer<M>>>,
    cancel: () => void,
    options: CallOptions,
  ): Promise<Answer<M>> {
    return new Promise((resolve, reject) => {
      const { signal, deadlineMs } = options;
      const lost = (why: string): AetherError =>
        new AetherError(
          options.onDeath,
          `the engine worker died during ${method}(): ${why}. ${options.onDeath === 'AV_WORKER_LOST' ? 'Call again.' : 'Look with log() or has() whether the write took effect.'}`,
        );
      if (this.#dead !== undefined) return reject(lost(this.#dead));
      // Made when they are needed: an error costs as much as a small search.
      const gone = (): AetherError => new AetherError('AV_CLOSED', `the database was closed during ${method}()`);
      const onLost = (why: string, closed: boolean): void => settle(() => reject(closed ? gone() : lost(why)));
      const onAbort = (): void => {
        cancel();
        if (!options.abortByWorker)
          settle(() => reject(new AetherError('AV_ABORTED', `${method}() was aborted`, { cause: signal?.reason })));
      };
      const onDeadline = (): void => {
        cancel();
        settle(() => reject(new AetherError('AV_TIMEOUT', `${method}() did not finish in ${deadlineMs} ms`)));
      };
      const settle = (finish: () => void): void => {
        this.#deadlines.delete(onDeadline);
        signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(onLost);
        finish();
      };
      this.#pending.add(onLost);
      if (deadlineMs !== undefined && deadlineMs <= TIMER_MS_MAX)
        this.#expect(onDeadline, performance.now() + deadlineMs);
      this.#pinger ??= setInterval(() => this.#ping(), PING_EVERY_MS);
      signal?.addEventListener('abort', onAbort);
      start(this.remote).then(
        (outcome) => settle(() => ('error' in outcome ? reject(fromWire(outcome.error)) : resolve(outcome.ok))),
        (cause: unknown) =>
          settle(() =>
            reject(
              new AetherError('AV_INTERNAL', `${method}() could not reach the worker: ${String(cause)}`, { cause }),
            ),
          ),
      );
      if (signal?.aborted) onAbort();
    });
  }

  /** One timer for the nearest deadline of all calls: to set and clear one for each would cost more than a small search. */
  #expect(onDeadline: () => void, due: number): void {
    this.#deadlines.set(onDeadline, due);
    if (due >= this.#wakes) return;
    clearTimeout(this.#alarm);
    this.#wakes = due;
    this.#alarm = setTimeout(() => this.#wake(), due - performance.now());
  }

  #wake(): void {
    this.#wakes = Number.POSITIVE_INFINITY;
    // Timers count whole milliseconds: this one may be early by the clock.
    const now = performance.now() + 1;
    for (const [onDeadline, due] of [...this.#deadlines]) {
      if (due <= now) onDeadline();
      else this.#expect(onDeadline, due);
    }
  }

  /** The timer goes on after a call, as the next is likely near: to set it for each would cost more than the call. */
  #ping(): void {
    if (this.#pending.size === 0) {
      clearInterval(this.#pinger);
      this.#pinger = undefined;
      this.#unanswered = 0;
    } else if (this.#unanswered >= UNANSWERED_TURNS_MAX) {
      this.kill(`it gave no sign of life for ${(UNANSWERED_TURNS_MAX * PING_EVERY_MS) / 1000} s`);
    } else if (this.#unanswered++ === 0) {
      this.remote.ping().then(
        () => {
          this.#unanswered = 0;
        },
        () => undefined,
      );
    }
  }
}
