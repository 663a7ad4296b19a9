// A database as of one point in history: a cheap value with the reading verbs.

import type { Doc, DocInfo } from '../model/document.ts';
import type { AsOf, Hit, SearchOptions } from '../model/query.ts';
import type { CommitInfo } from '../model/report.ts';

/** The verbs that read. */
export interface Reads {
  search(query: string | Float32Array, options?: SearchOptions): Promise<Hit[]>;
  get(id: string, asOf?: AsOf): Promise<Doc | undefined>;
  has(id: string, asOf?: AsOf): Promise<boolean>;
  list(options: { asOf: AsOf }): AsyncIterable<DocInfo>;
  log(options: { asOf: AsOf }): AsyncIterable<CommitInfo>;
}

/** What `db.at(ref)` gives. Nothing is read before a verb is called. */
export class View {
  readonly #db: Reads;
  readonly #asOf: AsOf;

  constructor(db: Reads, asOf: AsOf) {
    this.#db = db;
    this.#asOf = asOf;
  }

  /** As `AetherV.search`, on what was there. */
  search(query: string | Float32Array, options: Omit<SearchOptions, 'asOf'> = {}): Promise<Hit[]> {
    return this.#db.search(query, { ...options, asOf: this.#asOf });
  }

  /** The document as it was; undefined when it was not there. */
  get(id: string): Promise<Doc | undefined> {
    return this.#db.get(id, this.#asOf);
  }

  /** Was the document there? */
  has(id: string): Promise<boolean> {
    return this.#db.has(id, this.#asOf);
  }

  /** The documents that were there. */
  list(): AsyncIterable<DocInfo> {
    return this.#db.list({ asOf: this.#asOf });
  }

  /** The commits up to there, newest first. */
  log(): AsyncIterable<CommitInfo> {
    return this.#db.log({ asOf: this.#asOf });
  }
}
