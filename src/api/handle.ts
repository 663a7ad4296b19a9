// What every verb of the facade stands on: the worker's client, guarded calls, pages, events.

import { AetherError } from '../base/errors.ts';
import type { AsOf } from '../model/query.ts';
import type { CommitInfo, Progress, Warning, WriteReport } from '../model/report.ts';
import type { CommitRequest, EngineContract, Outcome, Page, WriteRequest } from '../protocol/engine.ts';
import type { GuardedWorker } from '../protocol/guard.ts';
import { calmly, EngineClient } from './engine-client.ts';
import type { OpenOptions } from './options.ts';
import type { Pulls } from './source.ts';
import { checkMessage, invalid, oneOf } from './validate.ts';

const DEADLINE_MS = 30_000;

/** Options of everything that commits. */
export interface CommitOptions {
  /** The commit's message. Default empty. */
  readonly message?: string | undefined;
  /** Who wrote. Default empty. */
  readonly author?: string | undefined;
  /** `'dense'` (default): the vectors are in the commit; `'lexical'`: they follow, search is lexical for new text until then. */
  readonly wait?: 'dense' | 'lexical' | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Keys of {@link CommitOptions}. */
export const COMMIT_OPTIONS = ['message', 'author', 'wait', 'signal', 'onProgress'];

/** What `on` tells about. */
export interface EventMap {
  /** This tab became the writer, or a reader. */
  status: { readonly role: 'writer' | 'reader' };
  /**
   * A commit was made, here or in another tab, on whatever branch. Or what is seen here became another without one (checkout, reset, a
   * merge that only moves the branch, erase): then it is the commit where this handle stands.
   */
  change: CommitInfo;
  /** Something to know that no call failed over. */
  warning: Warning;
}

export type Engine = GuardedWorker['remote'];
type Listeners = { [K in keyof EventMap]: Set<(event: EventMap[K]) => void> };
export type Method = Exclude<keyof EngineContract, 'open' | 'cancel' | 'ping' | 'unpin'>;
export interface Guard {
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onDeath?: 'AV_OUTCOME_UNKNOWN';
}

/** An open database as the page holds it. */
export abstract class Handle {
  protected readonly client: EngineClient;
  protected readonly reranker: OpenOptions['reranker'];
  readonly #listeners: Listeners = { status: new Set(), change: new Set(), warning: new Set() };
  readonly #early: Warning[] = [];
  #closed = false;

  protected constructor(name: string | undefined, options: OpenOptions) {
    this.reranker = options.reranker;
    this.client = new EngineClient(name, options, {
      warning: (warning) => this.#warn(warning),
      status: (role) => this.#emit('status', { role }),
      change: (commit) => this.#emit('change', commit),
    });
  }

  /** Calls back on every event of a kind; returns what ends that. The first listener hears earlier warnings too. */
  on<K extends keyof EventMap>(event: K, listener: (event: EventMap[K]) => void): () => void {
    if (!Object.hasOwn(this.#listeners, event))
      throw invalid(`no event "${String(event)}"; there are ${Object.keys(this.#listeners).join(', ')}`);
    this.#listeners[event].add(listener);
    if (event === 'warning') for (const warning of this.#early.splice(0)) queueMicrotask(() => this.#warn(warning));
    return () => void this.#listeners[event].delete(listener);
  }

  /** Lets writes in flight finish and ends the worker. Calls after it fail with `AV_CLOSED`; closing twice is fine. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A call that changes nothing: it can be made again when the worker dies. */
  protected read<T>(
    method: Method,
    start: (engine: Engine, call: number) => Promise<Outcome<T>>,
    guard: Guard = { deadlineMs: DEADLINE_MS },
  ): Promise<T> {
    this.mustBeOpen();
    return this.client.call(method, start, { onDeath: 'AV_WORKER_LOST', ...guard });
  }

  /** A call that changes something, however long it takes. */
  protected change<T>(method: Method, start: (engine: Engine, call: number) => Promise<Outcome<T>>): Promise<T> {
    return this.read(method, start, { onDeath: 'AV_OUTCOME_UNKNOWN', deadlineMs: undefined });
  }

  /** A put or a delete. */
  protected write(
    request: Omit<WriteRequest, keyof CommitRequest>,
    options: CommitOptions,
    batches: Pulls | undefined,
  ): Promise<WriteReport> {
    return this.commits('write', options, (engine, call, base) => engine.write(call, { ...request, ...base }), batches);
  }

  /** A call that commits: it knows after an abort whether it took effect. */
  protected async commits<T>(
    method: Method,
    options: CommitOptions,
    start: (engine: Engine, call: number, request: CommitRequest) => Promise<Outcome<T>>,
    batches?: Pulls,
  ): Promise<T> {
    this.mustBeOpen();
    oneOf('wait', options.wait, ['dense', 'lexical']);
    const request: CommitRequest = {
      message: checkMessage(options.message ?? ''),
      author: checkMessage(options.author ?? ''),
      dense: options.wait !== 'lexical',
    };
    if (options.signal?.aborted)
      throw new AetherError('AV_ABORTED', 'the write was aborted before it began', { cause: options.signal.reason });
    const guard = { onDeath: 'AV_OUTCOME_UNKNOWN', signal: options.signal, abortByWorker: true } as const;
    return this.client.call(method, (engine, call) => start(engine, call, request), guard, {
      batches,
      onProgress: options.onProgress,
    });
  }

  /** Page after page of one moment, which is pinned meanwhile: what is committed or forgotten does not shift it. */
  protected async *pages<T>(
    method: 'list' | 'log' | 'listItems',
    asOf: AsOf | undefined,
    page: (engine: Engine, call: number, from: number, at: AsOf | undefined) => Promise<Outcome<Page<T>>>,
  ): AsyncGenerator<T> {
    const pin = crypto.randomUUID();
    const system = await this.read('pin', (engine, call) => engine.pin(call, pin, asOf));
    const valid = typeof asOf === 'object' && 'valid' in asOf ? asOf.valid : undefined;
    try {
      for (let from: number | undefined = 0; from !== undefined; ) {
        const start: number = from;
        const { items, next }: Page<T> = await this.read(method, (engine, call) =>
          page(engine, call, start, valid === undefined ? system : { system, valid }),
        );
        yield* items;
        from = next;
      }
    } finally {
      this.unpin(pin);
    }
  }

  /** Lets a pinned commit go. */
  unpin(pin: string): void {
    this.client.pins.delete(pin);
    if (!this.#closed) void this.client.tell((engine) => engine.unpin(pin));
  }

  protected mustBeOpen(): void {
    if (this.#closed) throw new AetherError('AV_CLOSED', 'the database is closed. Open it again.');
  }

  #warn(warning: Warning): void {
    this.#emit('warning', warning);
    if (this.#listeners.warning.size > 0) return;
    this.#early.push(warning);
    // Nobody listens yet, and what it says may explain all that follows.
    console.warn(`AetherV: ${warning.code}: ${warning.message}`);
  }

  #emit<K extends keyof EventMap>(event: K, value: EventMap[K]): void {
    for (const listener of [...this.#listeners[event]]) calmly(() => listener(value));
  }
}
