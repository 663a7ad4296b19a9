// A database as of one point in history: a value with the reading verbs, fixed to one commit.

import type { Doc, DocInfo } from '../model/document.ts';
import type {
  AsOf,
  FacetOptions,
  FacetValue,
  Hit,
  Query,
  SearchOptions,
  Suggestion,
  SuggestOptions,
} from '../model/query.ts';
import type { CommitInfo } from '../model/report.ts';

/** The verbs that read. */
export interface Reads {
  search(query: string | Float32Array | Query, options?: SearchOptions): Promise<Hit[]>;
  searchBatch(queries: readonly (string | Float32Array | Query)[], options?: SearchOptions): Promise<Hit[][]>;
  facets(query: string | Query, options: FacetOptions): Promise<Record<string, readonly FacetValue[]>>;
  suggest(text: string, options: SuggestOptions): Promise<Suggestion[]>;
  get(id: string, asOf?: AsOf): Promise<Doc | undefined>;
  has(id: string, asOf?: AsOf): Promise<boolean>;
  list(options: { asOf: AsOf }): AsyncIterable<DocInfo>;
  log(options: { asOf: AsOf }): AsyncIterable<CommitInfo>;
  unpin(pin: string): void;
}

/** What was asked for, and the commit that it meant when it was asked. */
interface Anchor {
  readonly asOf: AsOf;
  readonly pin: string;
  readonly commit: Promise<string | undefined>;
}

/** Lets the commits of views that nobody holds any more go. */
const forgotten = new FinalizationRegistry<() => void>((unpin) => unpin());

/** What `db.at(ref)` gives. */
export class View implements Disposable {
  readonly #db: Reads;
  readonly #anchor: Anchor;

  constructor(db: Reads, anchor: Anchor) {
    this.#db = db;
    this.#anchor = anchor;
    // It shows with the first read.
    anchor.commit.catch(() => undefined);
    const { pin } = anchor;
    forgotten.register(this, () => db.unpin(pin), this);
  }

  /** As `AetherV.search`, on what was there. */
  async search(query: string | Float32Array | Query, options: Omit<SearchOptions, 'asOf'> = {}): Promise<Hit[]> {
    return this.#db.search(query, { ...options, asOf: await this.#point() });
  }

  /** As `AetherV.searchBatch`, on what was there. */
  async searchBatch(
    queries: readonly (string | Float32Array | Query)[],
    options: Omit<SearchOptions, 'asOf'> = {},
  ): Promise<Hit[][]> {
    return this.#db.searchBatch(queries, { ...options, asOf: await this.#point() });
  }

  /** As `AetherV.facets`, over what was there. */
  async facets(
    query: string | Query,
    options: Omit<FacetOptions, 'asOf'>,
  ): Promise<Record<string, readonly FacetValue[]>> {
    return this.#db.facets(query, { ...options, asOf: await this.#point() });
  }

  /** As `AetherV.suggest`, from the words that were there. */
  async suggest(text: string, options: Omit<SuggestOptions, 'asOf'> = {}): Promise<Suggestion[]> {
    return this.#db.suggest(text, { ...options, asOf: await this.#point() });
  }

  /** The document as it was; undefined when it was not there. */
  async get(id: string): Promise<Doc | undefined> {
    return this.#db.get(id, await this.#point());
  }

  /** Was the document there? */
  async has(id: string): Promise<boolean> {
    return this.#db.has(id, await this.#point());
  }

  /** The documents that were there. */
  async *list(): AsyncIterable<DocInfo> {
    yield* this.#db.list({ asOf: await this.#point() });
  }

  /** The commits up to there, newest first. */
  async *log(): AsyncIterable<CommitInfo> {
    yield* this.#db.log({ asOf: await this.#point() });
  }

  /** Lets clean-up forget the commit, as it may once nobody holds the view. Reading goes on while it is kept anyway. */
  close(): void {
    forgotten.unregister(this);
    const unpin = (): void => this.#db.unpin(this.#anchor.pin);
    // It may not be pinned yet.
    this.#anchor.commit.then(unpin, unpin);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The commit instead of the name, so that the view stays what it was; both axes if both were asked for. */
  async #point(): Promise<AsOf> {
    const { asOf, commit } = this.#anchor;
    const system = (await commit) ?? asOf;
    const valid = typeof asOf === 'object' && !(asOf instanceof Date) ? asOf.valid : undefined;
    return valid === undefined || typeof system === 'object' ? system : { system, valid };
  }
}
