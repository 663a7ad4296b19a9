// The class a newcomer meets: open, put, search, ask again as of any earlier commit.
/// <reference lib="esnext.disposable" preserve="true" />

import { AetherError } from '../base/errors.ts';
import type { Doc, DocInfo } from '../model/document.ts';
import type { AsOf, Hit, SearchOptions } from '../model/query.ts';
import type { Capabilities, CommitInfo, DatabaseInfo, Info, Progress, Warning, WriteReport } from '../model/report.ts';
import type { Outcome, Page, WriteRequest } from '../protocol/engine.ts';
import type { GuardedWorker } from '../protocol/guard.ts';
import { deleteDatabase, listDatabases } from './databases.ts';
import { calmly, EngineClient } from './engine-client.ts';
import { checkName, checkOptions, type OpenOptions } from './options.ts';
import { Batches, countOf, type Docs } from './source.ts';
import { checkAsOf, checkQuery, checkSearch, oneOf } from './question.ts';
import { checkId, checkIds, checkKeys, checkMessage, invalid } from './validate.ts';
import { View } from './view.ts';

const DEADLINE_MS = 30_000;
const WRITE_OPTIONS = ['message', 'author', 'wait', 'signal', 'onProgress'];

/** Options of a write. */
export interface WriteOptions {
  /** The commit's message. Default empty. */
  readonly message?: string | undefined;
  /** Who wrote. Default empty. */
  readonly author?: string | undefined;
  /** `'dense'` (default): the vectors are in the commit; `'lexical'`: they follow, search is lexical for new text until then. */
  readonly wait?: 'dense' | 'lexical' | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Options of `list` and `log`. */
export interface ListOptions {
  /** What was there at that commit or time. Default: now. */
  readonly asOf?: AsOf | undefined;
}

/** What `on` tells about. */
export interface EventMap {
  /** This tab became the writer, or a reader. */
  status: { readonly role: 'writer' | 'reader' };
  /** A commit was made, here or in another tab. */
  change: CommitInfo;
  /** Something to know that no call failed over. */
  warning: Warning;
}

type Engine = GuardedWorker['remote'];
type Listeners = { [K in keyof EventMap]: Set<(event: EventMap[K]) => void> };

/**
 * A version-aware search database of the browser.
 *
 * @example
 * const db = await AetherV.open('notes');
 * await db.put({ id: 'guide.md', text: markdown });
 * const hits = await db.search('how do I turn on hot reload?', { k: 5 });
 */
export class AetherV implements AsyncDisposable {
  readonly #client: EngineClient;
  readonly #listeners: Listeners = { status: new Set(), change: new Set(), warning: new Set() };
  readonly #early: Warning[] = [];
  #closed = false;

  private constructor(name: string | undefined, options: OpenOptions) {
    this.#client = new EngineClient(name, options, {
      warning: (warning) => this.#warn(warning),
      status: (role) => this.#emit('status', { role }),
      change: (commit) => this.#emit('change', commit),
    });
  }

  /**
   * Opens a database, or creates it. Without a name it lives in memory and ends with the page.
   *
   * @param name 1 to 200 characters; a database of this origin in IndexedDB.
   * @throws `AV_INVALID`, `AV_LIMIT`, `AV_MODEL_MISMATCH`, `AV_CORRUPT`, `AV_FORMAT_NEWER`, `AV_STORAGE`, `AV_ABORTED`.
   */
  static async open(name?: string, options: OpenOptions = {}): Promise<AetherV> {
    if (name !== undefined) checkName(name);
    checkOptions(options);
    if (typeof Worker === 'undefined')
      throw new AetherError(
        'AV_STORAGE',
        'AetherV runs in a browser: this place has no web workers. Importing it is fine; open it in the page.',
      );
    const db = new AetherV(name, options);
    await db.#client.connect(options.signal);
    return db;
  }

  /** The databases of this origin. */
  static async list(): Promise<DatabaseInfo[]> {
    return (await listDatabases()).map((name) => ({ name }));
  }

  /**
   * Deletes a database with its whole history. Throws `AV_BUSY` while it is open, here or in another tab.
   */
  static async destroy(name: string): Promise<void> {
    checkName(name);
    await deleteDatabase(name);
  }

  /**
   * Stores documents as one commit: all of them or none. A document replaces the one of the same id whole, its metadata
   * and title included. Text that is the same as before costs one hash; of changed text only what is new is embedded.
   * Resolves when it is durable.
   *
   * @example await db.put({ id: 'guide.md', text: markdown, meta: { lang: 'en' } }, { message: 'first draft' });
   * @throws `AV_INVALID`, `AV_LIMIT`, `AV_TEXT_ENCODING`, `AV_ABORTED`, `AV_BUSY`, `AV_EMBEDDER`, `AV_QUOTA`,
   *   `AV_STORAGE`: nothing is changed. `AV_OUTCOME_UNKNOWN`: the worker died meanwhile. `AV_POISONED`: it
   *   is stored, and a new worker takes it from there. `AV_CLOSED`.
   */
  async put(docs: Docs, options: WriteOptions = {}): Promise<WriteReport> {
    return this.#write({ total: countOf(docs) }, options, new Batches(docs));
  }

  /**
   * Deletes documents as one commit; ids that are not there are passed over. History keeps them: see `at`.
   *
   * @throws as `put`.
   */
  async delete(ids: string | readonly string[], options: WriteOptions = {}): Promise<WriteReport> {
    return this.#write({ delete: checkIds(ids) }, options, undefined);
  }

  /**
   * The document, exactly as it was put; undefined when it is not there. Its valid time plays no part here, only in search.
   *
   * @throws `AV_INVALID`, `AV_LIMIT`, `AV_TEXT_ENCODING` for the id; `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_CLOSED`.
   */
  async get(id: string, asOf?: AsOf): Promise<Doc | undefined> {
    checkId(id);
    checkAsOf(asOf);
    return this.#read('get', (engine, call) => engine.get(call, id, asOf));
  }

  /** Is the document there? Throws as `get`. */
  async has(id: string, asOf?: AsOf): Promise<boolean> {
    checkId(id);
    checkAsOf(asOf);
    return this.#read('has', (engine, call) => engine.has(call, id, asOf));
  }

  /**
   * The documents there are, or were at `asOf`, in the order in which their versions were first committed. Commits made
   * while it runs do not change what it gives.
   *
   * @throws `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_CLOSED`.
   */
  list(options: ListOptions = {}): AsyncIterable<DocInfo> {
    return this.#pages('list', options, (engine, call, from, at) => engine.list(call, from, at));
  }

  /**
   * The commits, newest first; up to `asOf` if it is given.
   *
   * @example for await (const { seq, message, stats } of db.log()) console.log(seq, message, stats.embedded);
   * @throws `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_CLOSED`.
   */
  log(options: ListOptions = {}): AsyncIterable<CommitInfo> {
    return this.#pages('log', options, (engine, call, from, at) => engine.log(call, from, at));
  }

  /**
   * Searches what is there now, or as of an earlier point.
   *
   * @param query words, or a vector of the active space.
   * @throws `AV_INVALID`, `AV_LIMIT`, `AV_FILTER`, `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_DIM_MISMATCH`,
   *   `AV_NON_FINITE`, `AV_MODEL_UNAVAILABLE`, `AV_TIMEOUT`, `AV_ABORTED`.
   */
  async search(query: string | Float32Array, options: SearchOptions = {}): Promise<Hit[]> {
    const request = { query: checkQuery(query), ...checkSearch(options) };
    const guard = { deadlineMs: options.deadlineMs ?? DEADLINE_MS, signal: options.signal };
    const hits = await this.#read('search', (engine, call) => engine.search(call, request), guard);
    return [...hits];
  }

  /**
   * The database as of a commit or a time: a value to read from, made at no cost. Whether there is such a commit shows
   * with the first read.
   *
   * @example const before = await db.at('HEAD~1').get('guide.md');
   * @throws `AV_REF_UNKNOWN` for what can be no point in history.
   */
  at(asOf: AsOf): View {
    checkAsOf(asOf);
    return new View(this, asOf);
  }

  /** What is stored, how much, and in which role this tab is. */
  async info(): Promise<Info> {
    return this.#read('info', (engine, call) => engine.info(call));
  }

  /** Which engine build, storage, embedding space and adapter are used, and why. */
  capabilities(): Capabilities {
    this.#mustBeOpen();
    return this.#client.capabilities;
  }

  /** Moves the log into segments now; it happens by itself when the log has grown. */
  async flush(): Promise<void> {
    await this.#read('flush', (engine, call) => engine.flush(call), {
      onDeath: 'AV_OUTCOME_UNKNOWN',
      deadlineMs: undefined,
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
    await this.#client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #write(
    request: Pick<WriteRequest, 'delete' | 'total'>,
    options: WriteOptions,
    batches: Batches | undefined,
  ): Promise<WriteReport> {
    this.#mustBeOpen();
    checkKeys(options, WRITE_OPTIONS);
    oneOf('wait', options.wait, ['dense', 'lexical']);
    const full: WriteRequest = {
      ...request,
      message: checkMessage(options.message ?? ''),
      author: checkMessage(options.author ?? ''),
      dense: options.wait !== 'lexical',
    };
    if (options.signal?.aborted)
      throw new AetherError('AV_ABORTED', 'the write was aborted before it began', { cause: options.signal.reason });
    const guard = { onDeath: 'AV_OUTCOME_UNKNOWN', signal: options.signal, abortByWorker: true } as const;
    return this.#client.call('write', (engine, call) => engine.write(call, full), guard, {
      batches,
      onProgress: options.onProgress,
    });
  }

  #read<T>(
    method: 'get' | 'has' | 'search' | 'info' | 'flush' | 'list' | 'log',
    start: (engine: Engine, call: number) => Promise<Outcome<T>>,
    guard: { deadlineMs?: number | undefined; signal?: AbortSignal | undefined; onDeath?: 'AV_OUTCOME_UNKNOWN' } = {
      deadlineMs: DEADLINE_MS,
    },
  ): Promise<T> {
    this.#mustBeOpen();
    return this.#client.call(method, start, { onDeath: 'AV_WORKER_LOST', ...guard });
  }

  /** Page after page of one moment: commits made meanwhile do not shift it. */
  async *#pages<T>(
    method: 'list' | 'log',
    options: ListOptions,
    page: (engine: Engine, call: number, from: number, at: AsOf | undefined) => Promise<Outcome<Page<T>>>,
  ): AsyncGenerator<T> {
    checkKeys(options, ['asOf']);
    const { asOf } = options;
    checkAsOf(asOf);
    const at = await this.#read(method, (engine, call) => engine.resolve(call, asOf));
    for (let from: number | undefined = 0; from !== undefined; ) {
      const start: number = from;
      const { items, next }: Page<T> = await this.#read(method, (engine, call) => page(engine, call, start, at));
      yield* items;
      from = next;
    }
  }

  #mustBeOpen(): void {
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
    for (const listener of this.#listeners[event]) calmly(() => listener(value));
  }
}
