// An open database in Node: the real spines over the real engine, a disk of maps, a fixed clock and a counting embedder.

import type { Doc } from '../../src/model/document.ts';
import type { Hit } from '../../src/model/query.ts';
import type { WriteReport } from '../../src/model/report.ts';
import type { Embedder } from '../../src/ports/embedder.ts';
import { backfill, missing } from '../../src/change/backfill.ts';
import { write, type WritePlan } from '../../src/change/write.ts';
import { createIndex, createStage, hasher } from '../../src/index/shard.ts';
import { get } from '../../src/retrieve/reads.ts';
import { type Ask, search } from '../../src/retrieve/search.ts';
import { flush } from '../../src/upkeep/flush.ts';
import {
  create,
  emptyState,
  findManifest,
  firstManifest,
  recover,
  repair,
  type Seed,
} from '../../src/upkeep/recover.ts';
import { activeSpace } from '../../src/version/manifest.ts';
import type { State } from '../../src/version/state.ts';
import { type Disk, MemoryStore, type Fault } from './memory-store.ts';
import { Random } from './random.ts';

/** A model that hashes words into a vector: texts with words in common are alike. Counts what it was asked. */
export class HashEmbedder implements Embedder {
  readonly id: string;
  readonly dims: number;
  readonly weight = 0.5;
  texts: string[] = [];

  constructor(dims = 16, id = 'hash') {
    this.dims = dims;
    this.id = id;
  }

  async embed(texts: readonly string[]): Promise<Float32Array> {
    this.texts.push(...texts);
    const rows = new Float32Array(texts.length * this.dims);
    for (const [i, text] of texts.entries()) {
      const row = rows.subarray(i * this.dims, (i + 1) * this.dims);
      for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
        const direction = new Random([...word].reduce((sum, char) => sum * 31 + (char.codePointAt(0) ?? 0), 7));
        for (let d = 0; d < row.length; d++) row[d] = (row[d] ?? 0) + direction.signed();
      }
    }
    return rows;
  }
}

/** What differs from a plain open. */
export interface Opening {
  readonly fault?: Fault | undefined;
  readonly embedder?: HashEmbedder | undefined;
  /** Milliseconds since 1970; every write begins a second later. */
  readonly clock?: number;
}

/** A database that is open. */
export class Database {
  readonly state: State;
  readonly store: MemoryStore;
  readonly embedder: HashEmbedder;
  readonly dropped: number;
  readonly orphans: readonly number[];

  readonly clock: { ms: number };

  private constructor(state: State, of: Pick<Database, 'store' | 'embedder' | 'dropped' | 'orphans' | 'clock'>) {
    this.state = state;
    ({
      store: this.store,
      embedder: this.embedder,
      dropped: this.dropped,
      orphans: this.orphans,
      clock: this.clock,
    } = of);
  }

  /** Opens what lies on the disk, as `src/engine/compose.ts` does for a writer. */
  static async open(
    disk: Disk,
    { fault, embedder = new HashEmbedder(), clock = 1_700_000_000_000 }: Opening = {},
  ): Promise<Database> {
    const store = new MemoryStore(disk, fault);
    const at = { ms: clock };
    const chance = new Random(clock % 2 ** 32);
    const seed: Seed = {
      store,
      hasher,
      createStage,
      now: () => at.ms,
      newId: () => chance.bytes(16),
      onBroken: () => undefined,
      embedder: undefined,
    };
    const stored = await store.load();
    const found = findManifest(stored, hasher.crc32c);
    const state = emptyState(seed, found ?? firstManifest(seed.newId(), embedder), createIndex);
    const recovery = recover(state, stored);
    if (!found) await create(state);
    await repair(state, recovery, () => undefined);
    state.embedder = activeSpace(state.manifest).id === embedder.id ? embedder : undefined;
    return new Database(state, {
      store,
      embedder,
      dropped: recovery.droppedFrames,
      orphans: recovery.orphans,
      clock: at,
    });
  }

  put(docs: readonly Doc[], plan: Partial<WritePlan> = {}): Promise<WriteReport> {
    return this.#write([{ put: docs }], plan);
  }

  delete(...ids: string[]): Promise<WriteReport> {
    return this.#write([{ delete: ids }], {});
  }

  #write(
    batches: readonly { put?: readonly Doc[]; delete?: readonly string[] }[],
    plan: Partial<WritePlan>,
  ): Promise<WriteReport> {
    this.clock.ms += 1000;
    async function* pulled(): AsyncGenerator<(typeof batches)[number]> {
      yield* batches;
    }
    return write(
      this.state,
      { batches: pulled },
      {
        message: '',
        author: '',
        dense: true,
        durable: 'strict',
        signal: new AbortController().signal,
        onProgress: () => undefined,
        flush: () => flush(this.state),
        ...plan,
      },
    );
  }

  flush(): Promise<void> {
    return flush(this.state);
  }

  async backfill(): Promise<void> {
    while (missing(this.state).length > 0) await backfill(this.state, new AbortController().signal);
  }

  search(query: string | Float32Array, ask: Ask = {}): Promise<Hit[]> {
    return search(this.state, query, ask);
  }

  text(id: string, asOf?: Ask['asOf']): string | undefined {
    return get(this.state, id, asOf)?.text;
  }

  /** Everything a user could see at a point in history, for comparing two databases. */
  async picture(asOf?: Ask['asOf']): Promise<unknown> {
    const { history } = this.state;
    const view = history.view(history.resolve(asOf));
    const docs = [...view.docs].map((dno) => history.docs[dno]).filter((doc) => doc !== undefined);
    const ids = docs.map(({ id }) => id).sort();
    const asks: Ask[] = [{}, { mode: 'lexical', collapse: 'none' }, { collapse: 'document', k: 3 }];
    const hits: Hit[][] = [];
    for (const ask of view.seq === 0 && asOf !== undefined ? [] : asks)
      for (const query of ['module reload', 'history of the engine', '日本語'])
        hits.push(await this.search(query, { ...ask, asOf, explain: true }));
    return { docs: ids.map((id) => get(this.state, id, asOf)), commits: history.commits.slice(0, view.seq), hits };
  }

  /** The same disk in a new process: what was in memory is gone. */
  async reopen(opening: Opening = {}): Promise<Database> {
    this.store.close();
    this.state.index.free();
    return Database.open(this.store.disk, { embedder: this.embedder, clock: this.clock.ms, ...opening });
  }
}
