// An open database in Node: the real spines over the real engine, a disk of maps, a fixed clock and a counting embedder.

import type { Doc } from '../../src/model/document.ts';
import type { Hit } from '../../src/model/query.ts';
import type { WriteReport } from '../../src/model/report.ts';
import type { Embedder } from '../../src/ports/embedder.ts';
import { backfill, missing } from '../../src/change/backfill.ts';
import { stageSource, write, type WritePlan } from '../../src/change/write.ts';
import { type ItemSource, writeItems } from '../../src/change/items.ts';
import { merge, type MergeStrategy } from '../../src/change/merge.ts';
import { restore } from '../../src/change/restore.ts';
import { upkeep } from '../../src/engine/upkeep.ts';
import type { ItemBatch } from '../../src/model/vectors.ts';
import type { Eagerness } from '../../src/upkeep/choose.ts';
import { compactItems } from '../../src/upkeep/compact-items.ts';
import { createIndex, createStage, hasher } from '../../src/index/shard.ts';
import { GpuScorer } from '../../src/gpu/scorer.ts';
import { testBuilder, testGuest, testStems } from './engine.ts';
import { listItems, searchItems } from '../../src/retrieve/items.ts';
import { viewAt } from '../../src/retrieve/point.ts';
import { get } from '../../src/retrieve/reads.ts';
import type { Question } from '../../src/retrieve/plan.ts';
import { type Ask, search, searchBatch } from '../../src/retrieve/search.ts';
import { flush } from '../../src/upkeep/flush.ts';
import {
  create,
  emptyState,
  findManifest,
  firstManifest,
  readingPlan,
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
  readonly deterministic: boolean;
  texts: string[] = [];

  constructor(dims = 16, id = 'hash', deterministic = false) {
    this.deterministic = deterministic;
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
  /** What collections may hold in memory; default all there is. */
  readonly memory?: State['memory'];
}

const ALL_IN_MEMORY = { budgetBytes: Number.MAX_SAFE_INTEGER, pagedFromBytes: Number.MAX_SAFE_INTEGER };

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
    { fault, embedder = new HashEmbedder(), clock = 1_700_000_000_000, memory = ALL_IN_MEMORY }: Opening = {},
  ): Promise<Database> {
    const store = new MemoryStore(disk, fault);
    const at = { ms: clock };
    const chance = new Random(clock % 2 ** 32);
    const seed: Seed = {
      store,
      hasher,
      createStage,
      stems: testStems,
      vectorGuest: testGuest,
      memory,
      scorer: new GpuScorer({
        mode: 'off',
        gpu: () => undefined,
        bytesMax: 0,
        now: () => 0,
        measure: async () => undefined,
      }),
      builder: testBuilder,
      now: () => at.ms,
      turn: () => new Promise((resolve) => setTimeout(resolve)),
      newId: () => chance.bytes(16),
      onBroken: () => undefined,
      embedder: undefined,
    };
    const stored = await store.load(readingPlan(hasher.crc32c));
    const found = findManifest(stored, hasher.crc32c);
    const state = emptyState(seed, found ?? firstManifest(seed.newId(), embedder), createIndex);
    const recovery = await recover(state, stored);
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

  put(docs: readonly Doc[], plan: Partial<WritePlan> = {}, remove: readonly string[] = []): Promise<WriteReport> {
    return this.#write(docs, remove, plan);
  }

  delete(...ids: string[]): Promise<WriteReport> {
    return this.#write([], ids, {});
  }

  #write(docs: readonly Doc[], remove: readonly string[], plan: Partial<WritePlan>): Promise<WriteReport> {
    async function* batches(): AsyncGenerator<readonly Doc[]> {
      yield docs;
    }
    return write(this.state, this.plan(plan), (desk) => stageSource(desk, { delete: remove, batches }));
  }

  /** How to write, a second after the write before. */
  plan(plan: Partial<WritePlan> = {}): WritePlan {
    this.clock.ms += 1000;
    return {
      message: '',
      author: '',
      dense: true,
      durable: 'strict',
      signal: new AbortController().signal,
      onProgress: () => undefined,
      flush: () => flush(this.state),
      ...plan,
    };
  }

  merge(from: string, strategy: MergeStrategy = 'conflict') {
    return merge(this.state, this.state.history.resolve(from), strategy, this.plan());
  }

  restore(ref: string, path?: string): Promise<WriteReport> {
    return restore(this.state, this.state.history.resolve(ref), path, this.plan());
  }

  /** Compacts as upkeep does by itself, or all there is. */
  compact(eager: Eagerness = 'now', pinned: ReadonlySet<number> = new Set()) {
    return upkeep(this.state, eager, async () => pinned);
  }

  /** Writes to a collection. */
  putItems(
    def: ItemSource['def'],
    batches: readonly ItemBatch[],
    remove: readonly string[] = [],
  ): Promise<WriteReport> {
    async function* each(): AsyncGenerator<ItemBatch> {
      yield* batches;
    }
    return writeItems(this.state, this.plan(), { def, delete: remove, batches: each });
  }

  /** Compacts collections, as upkeep does by itself, or all there is. */
  async tend(eager: Eagerness = 'now'): Promise<void> {
    const signal = new AbortController().signal;
    const tending = {
      eager,
      signal,
      pinned: async () => new Set<number>(),
      exclusively: <T>(run: () => Promise<T>) => run(),
    };
    for (const collection of this.state.collections.all.values())
      while (await compactItems(this.state, collection, tending));
  }

  flush(): Promise<void> {
    return flush(this.state);
  }

  async backfill(): Promise<void> {
    while (missing(this.state).length > 0) await backfill(this.state, new AbortController().signal);
  }

  search(query: Question, ask: Ask = {}): Promise<Hit[]> {
    return search(this.state, query, ask);
  }

  searchBatch(queries: readonly Question[], ask: Ask = {}, turn = async (_: string): Promise<void> => undefined) {
    return searchBatch(this.state, queries, ask, turn);
  }

  async text(id: string, asOf?: Ask['asOf']): Promise<string | undefined> {
    return (await get(this.state, id, asOf))?.text;
  }

  /** Everything a user could see at a point in history, for comparing two databases. */
  async picture(asOf?: Ask['asOf']): Promise<unknown> {
    const { history } = this.state;
    const { view } = viewAt(history, asOf);
    const docs = [...view.docs].map((dno) => history.docs[dno]).filter((doc) => doc !== undefined);
    const ids = docs.map(({ id }) => id).sort();
    const asks: Ask[] = [{}, { mode: 'lexical', collapse: 'none' }, { collapse: 'document', k: 3 }];
    const hits: Hit[][] = [];
    for (const ask of view.seq === 0 && asOf !== undefined ? [] : asks)
      for (const query of ['module reload', 'history of the engine', '日本語'])
        hits.push(await this.search(query, { ...ask, asOf, explain: true }));
    const texts = await Promise.all(ids.map((id) => get(this.state, id, asOf)));
    const commits = [...history.commits.values()].filter(({ seq }) => history.lines.has(view.seq, seq));
    return { docs: texts, commits, hits, items: await this.items(asOf) };
  }

  /** Every item of every collection, and the nearest to a query. */
  async items(asOf?: Ask['asOf']): Promise<unknown[]> {
    const all = [...this.state.collections.all.values()].map(({ def }) => def);
    return Promise.all(
      all.map(async (def) => {
        const { items } = await listItems(this.state, def.name, 0, 10_000, asOf);
        const query = new Float32Array(def.dims).fill(1);
        const hits = await searchItems(this.state, def, query, { k: 5, ef: 50, asOf });
        const plain = items.map(({ id, vector, meta }) => [id, [...vector], meta]);
        return { name: def.name, items: plain.sort(), hits: hits.ids.map((id, i) => [id, hits.scores[i]]) };
      }),
    );
  }

  /** The same disk in a new process: what was in memory is gone. */
  async reopen(opening: Opening = {}): Promise<Database> {
    this.store.close();
    this.state.index.free();
    return Database.open(this.store.disk, { embedder: this.embedder, clock: this.clock.ms, ...opening });
  }
}
