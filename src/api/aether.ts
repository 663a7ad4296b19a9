// The class a newcomer meets: open, put, search, ask again as of any earlier commit.
/// <reference lib="esnext.disposable" preserve="true" />

import { AetherError } from '../base/errors.ts';
import type { Doc, DocInfo, Meta, ValidTime } from '../model/document.ts';
import type { AsOf, Query, SearchOptions } from '../model/query.ts';
import type { Capabilities, CommitInfo, DatabaseInfo, Info, Metrics, WriteReport } from '../model/report.ts';
import type { VectorsOptions } from '../model/vectors.ts';
import { deleteDatabase, listDatabases } from './databases.ts';
import { COMMIT_OPTIONS, type CommitOptions } from './handle.ts';
import { LiveQuery } from './live.ts';
import { checkName, checkOptions, type OpenOptions } from './options.ts';
import { checkQuery } from './query.ts';
import { checkAsOf, checkSearch } from './question.ts';
import { Searches } from './searches.ts';
import { Batches, countOf, type Docs, withValid } from './source.ts';
import { checkId, checkIds, checkKeys, checkValid } from './validate.ts';
import { VectorCollection } from './vectors.ts';
import { View } from './view.ts';

/** Options of a write. */
export interface WriteOptions extends CommitOptions {
  /**
   * When it holds: documents without a valid time of their own get this one, and a delete removes only what holds within.
   * A put replaces what holds at its time; the rest of what was there stays.
   */
  readonly valid?: ValidTime | undefined;
}

/** Options of `put`. */
export interface PutOptions extends WriteOptions {
  /** Ids deleted in the same commit, before the documents are put: how a document is renamed. */
  readonly delete?: string | readonly string[] | undefined;
}

/** Options of `list` and `log`. */
export interface ListOptions {
  /** What was there at that commit or time. Default: where this handle stands. */
  readonly asOf?: AsOf | undefined;
}

/**
 * A version-aware search database of the browser.
 *
 * @example
 * const db = await AetherV.open('notes');
 * await db.put({ id: 'guide.md', text: markdown });
 * const hits = await db.search('how do I turn on hot reload?', { k: 5 });
 */
export class AetherV extends Searches implements AsyncDisposable {
  private constructor(name: string | undefined, options: OpenOptions) {
    super(name, options);
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
    await db.client.connect(options.signal);
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
  async put(docs: Docs, options: PutOptions = {}): Promise<WriteReport> {
    checkKeys(options, [...COMMIT_OPTIONS, 'valid', 'delete']);
    const valid = options.valid === undefined ? undefined : checkValid(options.valid, 'of the put');
    const request = {
      pulls: true,
      total: countOf(docs),
      delete: options.delete === undefined ? undefined : checkIds(options.delete),
    };
    return this.write(request, options, new Batches(docs, (doc) => withValid(doc, valid)));
  }

  /**
   * Deletes documents as one commit, whole or within a stretch of valid time; ids that are not there are passed over.
   * History keeps them: see `at`; `erase` does not.
   *
   * @throws as `put`.
   */
  async delete(ids: string | readonly string[], options: WriteOptions = {}): Promise<WriteReport> {
    checkKeys(options, [...COMMIT_OPTIONS, 'valid']);
    const within = options.valid === undefined ? undefined : checkValid(options.valid, 'of the delete');
    return this.write({ pulls: false, delete: checkIds(ids), within }, options, undefined);
  }

  /**
   * The document, exactly as it was put; undefined when it is not there. Its valid time plays no part here unless `asOf` names
   * one; of several versions that hold at different times, the one that holds now is given, else the newest.
   *
   * @throws `AV_INVALID`, `AV_LIMIT`, `AV_TEXT_ENCODING` for the id; `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_CLOSED`.
   */
  async get(id: string, asOf?: AsOf): Promise<Doc | undefined> {
    checkId(id);
    checkAsOf(asOf);
    return this.read('get', (engine, call) => engine.get(call, id, asOf));
  }

  /** Is the document there? Throws as `get`. */
  async has(id: string, asOf?: AsOf): Promise<boolean> {
    checkId(id);
    checkAsOf(asOf);
    return this.read('has', (engine, call) => engine.has(call, id, asOf));
  }

  /**
   * The documents there are, or were at `asOf`, in the order in which their versions were first committed. Commits made
   * while it runs do not change what it gives.
   *
   * @throws `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_CLOSED`.
   */
  list(options: ListOptions = {}): AsyncIterable<DocInfo> {
    checkKeys(options, ['asOf']);
    checkAsOf(options.asOf);
    return this.pages('list', options.asOf, (engine, call, from, at) => engine.list(call, from, at));
  }

  /**
   * The commits, newest first; up to `asOf` if it is given.
   *
   * @example for await (const { seq, message, stats } of db.log()) console.log(seq, message, stats.embedded);
   * @throws `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_CLOSED`.
   */
  log(options: ListOptions = {}): AsyncIterable<CommitInfo> {
    checkKeys(options, ['asOf']);
    checkAsOf(options.asOf);
    return this.pages('log', options.asOf, (engine, call, from, at) => engine.log(call, from, at));
  }

  /**
   * The database as of a commit, a time, or a point on both time axes: a value to read from. It means what it means now:
   * the commit is looked up and kept from clean-up until the view is closed or forgotten. Whether there is such a commit
   * shows with the first read.
   *
   * @example const before = await db.at('HEAD~1').get('guide.md');
   * @throws `AV_REF_UNKNOWN` for what can be no point in history.
   */
  at(asOf: AsOf): View {
    checkAsOf(asOf);
    this.mustBeOpen();
    const pin = crypto.randomUUID();
    const commit = this.read('pin', (engine, call) => engine.pin(call, pin, asOf));
    const kept = commit.then((id) => {
      if (id !== undefined) this.client.pins.set(pin, id);
      return id;
    });
    return new View(this, { asOf, pin, commit: kept });
  }

  /**
   * A search that stays up to date: its hits now, and what came and went with every commit where this handle stands.
   *
   * @example for await (const { hits, added, removed } of db.live('hot reload')) show(hits);
   */
  live(query: string | Query, options: Omit<SearchOptions, 'asOf' | 'signal'> = {}): LiveQuery {
    this.mustBeOpen();
    const checked = checkQuery(query) as string | Query;
    checkSearch(options);
    return new LiveQuery(this, checked, options);
  }

  /**
   * Vectors of your own under ids of yours, in this database's history. The collection comes to be with the first put.
   *
   * @example const images = db.vectors('images', { dims: 512 });
   * @throws `AV_INVALID`, `AV_LIMIT`. Its calls: `AV_DIM_MISMATCH`, `AV_INVALID` when the stored one is of another kind.
   */
  vectors<M extends Meta = Meta>(name: string, options: VectorsOptions): VectorCollection<M> {
    this.mustBeOpen();
    return new VectorCollection(
      {
        read: (method, start, guard) => this.read(method, start, guard),
        change: (method, start) => this.change(method, start),
        write: (request, how, batches) =>
          this.commits(
            'writeItems',
            how,
            // Items come with their vectors: no model is waited for.
            (engine, call, base) => engine.writeItems(call, { ...base, dense: false, ...request }),
            batches,
          ),
        pages: (asOf, page) => this.pages('listItems', asOf, page),
      },
      name,
      options,
    );
  }

  /** What is stored, how much, and in which role this tab is. */
  async info(): Promise<Info> {
    return this.read('info', (engine, call) => engine.info(call));
  }

  /** Counters of this handle's worker since it was opened, for a monitor: names that never change, with their units. */
  async metrics(): Promise<Metrics> {
    return this.read('metrics', (engine, call) => engine.metrics(call));
  }

  /** Which engine build, storage, embedding space and adapter are used, and why. */
  capabilities(): Capabilities {
    this.mustBeOpen();
    return this.client.capabilities;
  }

  /** Moves the log into segments now; it happens by itself when the log has grown. */
  async flush(): Promise<void> {
    await this.change('flush', (engine, call) => engine.flush(call));
  }
}
