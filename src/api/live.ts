// A search that stays up to date: the hits, then what each commit changed about them.

import type { Hit, Query, SearchOptions } from '../model/query.ts';
import type { CommitInfo } from '../model/report.ts';

/** Hits after a commit, and how they differ from those before. */
export interface LiveUpdate {
  /** All hits now, best first. */
  readonly hits: readonly Hit[];
  /** Hits that were not there, or whose text is another now; in the first update all of them. */
  readonly added: readonly Hit[];
  /** Hits that are gone, or whose text is another now. */
  readonly removed: readonly Hit[];
  /** Hits that stand at another place. */
  readonly moved: readonly Hit[];
  /** The commit; undefined in the first update. */
  readonly commit: CommitInfo | undefined;
}

/** What a live query needs of the database. */
interface Searches {
  search(query: string | Query, options: SearchOptions): Promise<Hit[]>;
  on(event: 'change', listener: (commit: CommitInfo) => void): () => void;
}

/** What `db.live(query)` gives: an async iterable of updates. It searches only when somebody waits for the next. */
export class LiveQuery implements AsyncIterable<LiveUpdate>, Disposable {
  readonly #db: Searches;
  readonly #query: string | Query;
  readonly #options: SearchOptions;
  readonly #stop: () => void;
  #hits: readonly Hit[] | undefined;
  #commit: CommitInfo | undefined;
  #stale = true;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(db: Searches, query: string | Query, options: SearchOptions) {
    this.#db = db;
    this.#query = query;
    this.#options = options;
    this.#stop = db.on('change', (commit) => {
      this.#commit = commit;
      this.#stale = true;
      this.#wake();
    });
  }

  /** The hits of the last update. */
  get hits(): readonly Hit[] {
    return this.#hits ?? [];
  }

  /** Ends it: whoever waits for the next update gets the end. */
  close(): void {
    this.#closed = true;
    this.#stop();
    this.#wake();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The first update at once, the others when a commit changes the hits; commits made while nobody waits are one. */
  async *[Symbol.asyncIterator](): AsyncGenerator<LiveUpdate> {
    try {
      while (!this.#closed) {
        const update = this.#stale ? await this.#look() : undefined;
        if (update) yield update;
        else if (!this.#stale && !this.#closed) {
          await new Promise<void>((wake) => {
            this.#wake = wake;
          });
        }
      }
    } finally {
      this.close();
    }
  }

  /** Searches again; undefined when nothing changed. */
  async #look(): Promise<LiveUpdate | undefined> {
    this.#stale = false;
    const before = this.#hits;
    const hits = await this.#db.search(this.#query, this.#options);
    // Of the hits: others may have been made since it was begun.
    const commit = this.#commit;
    this.#hits = hits;
    const [old, now] = [places(before ?? []), places(hits)];
    const added = hits.filter((hit) => !old.has(keyOf(hit)));
    const removed = (before ?? []).filter((hit) => !now.has(keyOf(hit)));
    const moved = hits.filter((hit) => old.has(keyOf(hit)) && old.get(keyOf(hit)) !== now.get(keyOf(hit)));
    const same = before && added.length + removed.length + moved.length === 0;
    return same ? undefined : { hits, added, removed, moved, commit: before && commit };
  }
}

const keyOf = ({ chunkId, version }: Hit): string => `${chunkId} ${version}`;
const places = (hits: readonly Hit[]): Map<string, number> => new Map(hits.map((hit, place) => [keyOf(hit), place]));
